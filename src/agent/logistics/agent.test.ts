import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { parseContract } from "../../core/contract/parse.ts";
import { createSignalValidator } from "../../core/contract/signal.ts";
import type { Observation } from "../../core/port/types.ts";
import { randomFrom } from "../../std/random.ts";
import { addDays, dayToNumber, instantOn } from "../../std/time.ts";
import type { Day } from "../../std/time.ts";
import { createNetwork } from "../../stats/detect/network.fixture.ts";
import type { Network } from "../../stats/detect/network.fixture.ts";
import { createLogisticsAgent } from "./agent.ts";
import type { GeoRiskPayload } from "./payload.ts";

const FIRST: Day = "2026-01-01";
const BREAK = addDays(FIRST, 70);
const COURIERS = ["bluedart", "delhivery", "ekart"];
const PAYMENTS = ["cod", "prepaid"];

/** What a delivery attempt is like: its chance to fail and what the courier would then report. */
type Attempt = { readonly pin: string; readonly courier: string; readonly payment: string };
type World = (
  attempt: Attempt,
  day: Day,
) => { readonly rate: number; readonly reasons: ReadonlyArray<string> };

const USUAL_REASONS = ["customer_unavailable", "refused", "address_issue", "courier_no_attempt"];
const usualRate = ({ payment }: Attempt) => (payment === "cod" ? 0.22 : 0.08);
const calm: World = (attempt) => ({ rate: usualRate(attempt), reasons: USUAL_REASONS });

/** The world in which, at one pincode from BREAK on, `changed` holds. */
function breaking(pin: string, changed: World): World {
  return (attempt, day) =>
    attempt.pin === pin && day >= BREAK ? changed(attempt, day) : calm(attempt, day);
}

function setup() {
  return createNetwork({ pins: 18, districts: 6, states: 2 }, () => ({
    ordersPerDay: 48,
    rate: 0,
  }));
}

function observe(network: Network, world: World, day: Day): Observation[] {
  return network.pins.flatMap(({ id: pin }) =>
    COURIERS.flatMap((courier) =>
      PAYMENTS.map((payment) => {
        const random = randomFrom(7, day, pin, courier, payment);
        const attempt = { pin, courier, payment };
        const { rate, reasons } = world(attempt, day);
        const n = (payment === "cod" ? 8 : 4) + Math.floor(random.next() * 5);
        const split: Record<string, number> = {};
        let k = 0;
        for (let i = 0; i < n; i++) {
          if (random.next() >= rate) continue;
          k += 1;
          const reason = reasons[Math.floor(random.next() * reasons.length)]!;
          split[reason] = (split[reason] ?? 0) + 1;
        }
        const stratum = `courier=${courier}|payment=${payment}`;
        return { metric: "ndr_rate", subject: pin, day, stratum, n, k, reasons: split };
      }),
    ),
  );
}

function run(
  world: World,
  days: number,
  options: {
    agent?: ReturnType<typeof createLogisticsAgent>;
    from?: number;
    acted?: ReadonlySet<string>;
    knownShareOn?: (day: Day) => number;
  } = {},
) {
  const network = setup();
  const agent = options.agent ?? createLogisticsAgent();
  const readings = [];
  for (let at = options.from ?? 0; at < days; at++) {
    const day = addDays(FIRST, at);
    readings.push(
      agent.foldDay({
        day,
        now: instantOn(addDays(day, 1), 360, 330),
        subjects: network.subjects,
        observations: observe(network, world, day),
        acted: options.acted ?? new Set(),
        ...(options.knownShareOn === undefined ? {} : { knownShare: options.knownShareOn(day) }),
      }),
    );
  }
  const signals = readings.flatMap((reading) => reading.signals);
  return { agent, readings, signals };
}

function payloadOf(signal: { readonly payload: unknown }): GeoRiskPayload {
  return signal.payload as GeoRiskPayload;
}

const PIN = "IN-100005";

test("a signal says what the contract promises", () => {
  const world = breaking(PIN, (attempt) => ({
    rate: usualRate(attempt) + 0.2,
    reasons: ["customer_unavailable"],
  }));
  const { signals } = run(world, 100);
  assert.equal(signals.length, 1);
  const signal = signals[0]!;
  const payload = payloadOf(signal);
  assert.equal(signal.subject, PIN);
  assert.equal(signal.source, "logistics/geo-risk-detector");
  assert.equal(`${signal.contract} ${signal.version}`, "logistics.geo-risk 1.0.0");
  assert.equal(signal.asOf, instantOn(addDays(payload.measure.to, 1), 0, 330));
  assert.equal(signal.sentAt, instantOn(addDays(payload.measure.to, 1), 360, 330));
  assert.equal(Date.parse(signal.expiresAt) - Date.parse(signal.sentAt), 72 * 3_600_000);
  assert.ok(signal.confidence > 0.8 && signal.confidence <= 1);
  assert.equal(payload.level, "pincode");
  assert.ok(Math.abs(dayToNumber(payload.change.onDay) - dayToNumber(BREAK)) <= 3);
  assert.ok(payload.change.low < 0.2 && payload.change.high > 0.2);
  assert.ok(Math.abs(payload.baseline.rate - 0.18) < 0.04);
  assert.ok(payload.evidence.log10 >= payload.evidence.threshold);
  assert.equal(payload.measure.from, payload.change.onDay);
  assert.ok(
    Math.abs(payload.measure.rate - payload.measure.events / payload.measure.trials) < 1e-4,
  );
  assert.ok(Math.abs(payload.exposure.ordersPerDay - 48) < 3);
  assert.ok(Math.abs(payload.exposure.codShare - 10 / 16) < 0.03);
  assert.equal(payload.exposure.subjects, 1);
  assert.equal(payload.maturity, 0.95);
});

test("maturity is the share of the outcomes since the change that is known, not of those before", () => {
  const world = breaking(PIN, (attempt) => ({
    rate: usualRate(attempt) + 0.2,
    reasons: ["customer_unavailable"],
  }));
  const isSince = (day: Day) => day >= BREAK;
  const knownShareOn = (day: Day) => (isSince(day) ? 0.8 : 1);
  const { signals } = run(world, 100, { knownShareOn });
  const { maturity } = payloadOf(signals[0]!);
  // A quiet day or two before the change may be under suspicion with it.
  assert.ok(maturity >= 0.8 && maturity < 0.9, String(maturity));
  assert.equal(payloadOf(run(world, 100, { knownShareOn: () => 0.8 }).signals[0]!).maturity, 0.8);
  // It is the same after a restart in the middle of the suspicion.
  const cut = dayToNumber(BREAK) - dayToNumber(FIRST) + 2;
  const agent = createLogisticsAgent();
  agent.restore(run(world, cut, { knownShareOn }).agent.save());
  assert.deepEqual(run(world, 100, { agent, from: cut, knownShareOn }).signals, signals);
  assert.throws(() => run(world, 3, { knownShareOn: () => 0 }));
});

test("more failed doors at every courier are the customers' doing", () => {
  const world = breaking(PIN, (attempt) => ({
    rate: usualRate(attempt) + 0.2,
    reasons: ["customer_unavailable"],
  }));
  const { signals } = run(world, 100);
  const { cause } = payloadOf(signals[0]!);
  assert.equal(cause.owner, "demand");
  assert.deepEqual(signals[0]!.options, [
    "exclude_geo",
    "lower_bid",
    "prepaid_only",
    "confirm_orders",
    "hand_back",
    "do_nothing",
  ]);
  for (const dimension of ["courier", "payment"]) {
    const rows = cause.split.filter((row) => row.dimension === dimension);
    const sum = rows.reduce((total, row) => total + row.shareOfExcess, 0);
    assert.ok(Math.abs(sum - 1) < 0.25, `${dimension} shares sum to ${sum}`);
  }
});

test("a rise at one courier alone is the courier's, and excluding the geography is not offered", () => {
  const world = breaking(PIN, (attempt) =>
    attempt.courier === "ekart"
      ? { rate: usualRate(attempt) + 0.55, reasons: ["customer_unavailable"] }
      : calm(attempt, BREAK),
  );
  const { signals } = run(world, 100);
  assert.equal(signals.length, 1);
  const { cause } = payloadOf(signals[0]!);
  assert.equal(cause.owner, "courier");
  assert.equal(cause.split[0]!.value, "ekart");
  assert.ok(cause.split[0]!.shareOfExcess > 0.8);
  assert.deepEqual(signals[0]!.options, ["lower_bid", "hand_back", "do_nothing"]);
});

test("visits that were never made are the courier's even when all couriers skip them", () => {
  const world = breaking(PIN, (attempt) => ({
    rate: usualRate(attempt) + 0.2,
    reasons: ["courier_no_attempt"],
  }));
  assert.equal(payloadOf(run(world, 100).signals[0]!).cause.owner, "courier");
});

test("refusals of cash on delivery alone are the checkout's", () => {
  const world = breaking(PIN, (attempt) =>
    attempt.payment === "cod"
      ? {
          rate: usualRate(attempt) + 0.3,
          reasons: ["refused", "payment_not_ready", "customer_unavailable"],
        }
      : calm(attempt, BREAK),
  );
  assert.equal(payloadOf(run(world, 100).signals[0]!).cause.owner, "checkout");
});

test("addresses that cannot be found are the address's", () => {
  const world = breaking(PIN, (attempt) => ({
    rate: usualRate(attempt) + 0.2,
    reasons: ["address_issue"],
  }));
  assert.equal(payloadOf(run(world, 100).signals[0]!).cause.owner, "address");
});

test("a rise that every reason shares has no owner", () => {
  const world = breaking(PIN, (attempt) => ({
    rate: usualRate(attempt) + 0.2,
    reasons: ["weather_or_strike", "unknown", "address_issue"],
  }));
  assert.equal(payloadOf(run(world, 100).signals[0]!).cause.owner, "unknown");
});

test("a district that rises as a whole is one signal that counts its pincodes", () => {
  const world: World = (attempt, day) =>
    Number(attempt.pin.slice(3)) % 6 === 100_002 % 6 && day >= BREAK
      ? { rate: usualRate(attempt) + 0.2, reasons: ["refused"] }
      : calm(attempt, day);
  const { signals } = run(world, 100);
  assert.deepEqual(
    signals.map(({ subject }) => subject),
    ["IN-D-2"],
  );
  assert.equal(payloadOf(signals[0]!).exposure.subjects, 3);
  assert.equal(payloadOf(signals[0]!).level, "district");
});

test("a calm world sends nothing, and every unit is accounted for on every day", () => {
  const { signals, readings } = run(calm, 90);
  assert.deepEqual(signals, []);
  for (const { evaluated, notEvaluated } of readings) {
    const rest = notEvaluated.reduce((sum, row) => sum + row.subjects, 0);
    assert.equal(evaluated + rest, 18 + 6 + 2 + 1);
  }
  assert.equal(readings[10]!.evaluated, 0);
  assert.deepEqual(readings[10]!.notEvaluated, [{ reason: "warming-up", subjects: 27 }]);
  assert.equal(readings.at(-1)!.evaluated, 27);
});

test("a geography under an action of ours is not signalled", () => {
  const world = breaking(PIN, (attempt) => ({
    rate: usualRate(attempt) + 0.3,
    reasons: ["refused"],
  }));
  const { signals, readings } = run(world, 110, { acted: new Set([PIN]) });
  assert.deepEqual(signals, []);
  assert.ok(readings.at(-1)!.notEvaluated.some(({ reason }) => reason === "under-action"));
});

test("the same days give the same signals, word for word, also across a restart", () => {
  const world = breaking(PIN, (attempt) => ({
    rate: usualRate(attempt) + 0.2,
    reasons: ["refused"],
  }));
  const whole = run(world, 95);
  assert.equal(whole.signals.length, 1);
  for (const stop of [3, 60, 73]) {
    const before = run(world, stop);
    const agent = createLogisticsAgent();
    agent.restore(before.agent.save());
    const after = run(world, 95, { agent, from: stop });
    assert.deepEqual(after.readings, whole.readings.slice(stop));
    assert.deepEqual(agent.save(), whole.agent.save());
  }
});

test("observations of other metrics and of subjects that nobody knows are left out, the latter visibly", () => {
  const network = setup();
  const agent = createLogisticsAgent();
  const stranger = { subject: "IN-999999", stratum: "", n: 5, k: 1 };
  const reading = agent.foldDay({
    day: FIRST,
    now: instantOn(FIRST, 1_400, 330),
    subjects: network.subjects,
    observations: [
      { ...stranger, metric: "ndr_rate", day: FIRST },
      { ...stranger, metric: "rto_rate", day: FIRST, subject: "IN-100000", n: 50, k: 51 },
    ],
    acted: new Set(),
  });
  assert.equal(reading.evaluated, 0);
  assert.deepEqual(reading.notEvaluated, [{ reason: "unknown-subject", subjects: 1 }]);
});

test("what happens under an action of ours does not become the usual split of those above", () => {
  const world = breaking(PIN, () => ({ rate: 0.95, reasons: ["refused"] }));
  const split = (acted: ReadonlySet<string>) => {
    // Its state rises as a whole, much later, which asks for the state's split.
    const risen: World = (attempt, day) => {
      const inState = Number(attempt.pin.slice(3)) % 2 === Number(PIN.slice(3)) % 2;
      const late = inState && attempt.pin !== PIN && day >= addDays(BREAK, 25);
      return late ? { rate: usualRate(attempt) + 0.2, reasons: ["refused"] } : world(attempt, day);
    };
    const { signals } = run(risen, 112, { acted });
    const state = signals.find(({ subject }) => subject === "IN-S-1");
    return payloadOf(state!).cause.split.find(({ value }) => value === "refused")!;
  };
  const row = split(new Set([PIN]));
  // A quarter of 17% is what refusals usually are.
  assert.ok(Math.abs(row.baselineRate - 0.044) < 0.015, `${row.baselineRate}`);
});

test("signals keep the reference loop's contract", () => {
  const file = new URL("../../../loops/logistics-marketing/contract.yaml", import.meta.url);
  const contract = parseContract(parse(readFileSync(file, "utf8")));
  const validate = createSignalValidator(contract);
  for (const courier of [...COURIERS, undefined]) {
    const world = breaking(PIN, (attempt) =>
      courier === undefined || attempt.courier === courier
        ? {
            rate: Math.min(1, usualRate(attempt) + (courier === undefined ? 0.2 : 0.6)),
            reasons: USUAL_REASONS,
          }
        : calm(attempt, BREAK),
    );
    const { signals } = run(world, 100);
    assert.equal(signals.length, 1);
    const signal = JSON.parse(JSON.stringify(signals[0]!)) as (typeof signals)[number];
    assert.deepEqual(validate(signal, { now: signal.sentAt }), { ok: true, signal });
  }
});

test("after an alarm is over its days do not count as usual", () => {
  const world: World = (attempt, day) => {
    const first = day >= BREAK && day < addDays(BREAK, 20);
    const second = day >= addDays(BREAK, 45);
    return attempt.pin === PIN && (first || second)
      ? { rate: usualRate(attempt) + 0.3, reasons: ["customer_unavailable"] }
      : calm(attempt, day);
  };
  const { signals } = run(world, 140);
  assert.equal(signals.length, 2);
  const row = payloadOf(signals[1]!).cause.split.find(
    ({ value }) => value === "customer_unavailable",
  );
  assert.ok(Math.abs(row!.baselineRate - 0.044) < 0.015, `${row!.baselineRate}`);
});
