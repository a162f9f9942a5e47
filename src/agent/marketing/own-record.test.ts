import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeOwnRecord } from "../../core/loop/own-record.ts";
import type { MarketingFactsSource, Subject } from "../../core/port/types.ts";
import { type Random, randomFrom } from "../../std/random.ts";
import { dayOf, dayToNumber } from "../../std/time.ts";
import { predictOrders } from "./own-record.ts";

const NOW = "2026-06-01T03:00:00.000Z";
const TODAY = dayToNumber(dayOf(NOW, 0));

const PLACES: ReadonlyArray<Subject> = Array.from({ length: 400 }, (_, n) => ({
  id: `IN-${400001 + n}`,
  kind: "geography",
  level: "pincode",
  name: `Place ${n}`,
  parent: "IN",
}));

/** Orders of a place per fortnight, `back` fortnights ago, drawn by how busy it is and by `swing`. */
type Shop = {
  readonly swing: number;
  /** Multiplies the last fortnight of every second place, or of all, as a sale does. */
  readonly lastFactor?: number;
  readonly saleFactor?: number;
};

function createFacts(shop: Shop, reads: string[] = []): MarketingFactsSource {
  return {
    async readFacts(subject, asOf, lookbackDays = 28) {
      const back = (TODAY - dayToNumber(dayOf(asOf, 0))) / 14;
      reads.push(`${subject} ${back} ${lookbackDays}`);
      const place = Number(subject.slice(3));
      const rate = 4 + 40 * randomFrom("busy", place).next() ** 3;
      const random = randomFrom("orders", place, back);
      const factor = random.next() < 0.5 ? 1 - shop.swing : 1 + shop.swing;
      const sale = back === 0 ? (shop.saleFactor ?? 1) : 1;
      const change = back === 0 && place % 2 === 0 ? (shop.lastFactor ?? 1) : 1;
      const orders = drawPoisson(random, rate * factor * change * sale);
      const nothing = { amountMinor: 0, currency: "INR" };
      return {
        subject,
        spendPerDay: nothing,
        spendPerDayAll: nothing,
        ordersPerDay: orders / lookbackDays,
        ordersPerDayAll: 1_000 * sale,
        lookbackDays,
      };
    },
  };
}

function drawPoisson(random: Random, mean: number): number {
  let waited = 0;
  for (let k = 0; ; k++) {
    waited -= Math.log(1 - random.next());
    if (waited > mean) return k;
  }
}

test("the record covers as often as it claims, whether places swing or not", async () => {
  for (const swing of [0, 0.3]) {
    const record = await predictOrders(createFacts({ swing }), { now: NOW, subjects: PLACES });
    assert.equal(record.predictions, 150);
    const share = record.covered / record.predictions;
    const band = 2.5 * Math.sqrt((record.nominal * (1 - record.nominal)) / record.predictions);
    assert.ok(Math.abs(share - record.nominal) < band, `${share} beside ${record.nominal}`);
    assert.ok(record.nominal >= 0.8 && record.nominal < 0.9, String(record.nominal));
    assert.match(
      record.words,
      new RegExp(`^orders of the last 14 days in 150 places.*${record.covered}`),
    );
  }
});

test("places that grew apart overnight show an agent that does not know its domain", async () => {
  const record = await predictOrders(createFacts({ swing: 0, lastFactor: 2 }), {
    now: NOW,
    subjects: PLACES,
  });
  assert.equal(judgeOwnRecord(record).ok, false, record.words);
});

test("a sale that lifts every place alike says nothing against the agent", async () => {
  const record = await predictOrders(createFacts({ swing: 0.1, saleFactor: 1.6 }), {
    now: NOW,
    subjects: PLACES,
  });
  assert.equal(judgeOwnRecord(record).ok, true, record.words);
});

test("nothing of the fortnight that is predicted is used to predict it", async () => {
  const input = { now: NOW, subjects: PLACES };
  const usual = await predictOrders(createFacts({ swing: 0.2 }), input);
  const other = await predictOrders(createFacts({ swing: 0.2, lastFactor: 3 }), input);
  assert.equal(other.nominal, usual.nominal, "the intervals are the same");
  assert.notEqual(other.covered, usual.covered);
});

test("the same question has the same record, in whatever order the places come", async () => {
  const facts = createFacts({ swing: 0.2 });
  const one = await predictOrders(facts, { now: NOW, subjects: PLACES });
  const two = await predictOrders(facts, { now: NOW, subjects: PLACES.toReversed() });
  assert.deepEqual(two, one);
});

test("only pincodes are predicted, from five fortnights that do not overlap", async () => {
  const reads: string[] = [];
  const state: Subject = { ...PLACES[0]!, id: "IN-S-x", level: "state" };
  await predictOrders(createFacts({ swing: 0 }, reads), {
    now: NOW,
    subjects: [state, ...PLACES.slice(0, 2)],
  });
  assert.deepEqual(
    reads.sort(),
    ["IN-400001", "IN-400002"].flatMap((id) => [0, 1, 2, 3, 4].map((back) => `${id} ${back} 14`)),
  );
});

test("places without orders, or unknown to the shop, are no predictions", async () => {
  const silent: MarketingFactsSource = { readFacts: async () => undefined };
  const none = await predictOrders(silent, { now: NOW, subjects: PLACES });
  assert.deepEqual([none.predictions, none.covered], [0, 0]);
  const empty = createFacts({ swing: 0 });
  const idle: MarketingFactsSource = {
    async readFacts(subject, asOf, days) {
      const read = await empty.readFacts(subject, asOf, days);
      return read && { ...read, ordersPerDay: 0 };
    },
  };
  assert.equal((await predictOrders(idle, { now: NOW, subjects: PLACES })).predictions, 0);
});
