import assert from "node:assert/strict";
import { test } from "node:test";
import { integerBetween, randomFrom } from "../../std/random.ts";
import { type Count, DayCounts } from "./day-counts.ts";
import { Detector } from "./detector.ts";
import { readMix } from "./mix.ts";
import { createNetwork } from "./network.fixture.ts";
import { DETECTOR_DEFAULTS } from "./settings.ts";
import { NONE, Units } from "./units.ts";

const START = 20_000;
const CHANGE = START + 75;
const CASH = "payment=cod";
const PREPAID = "payment=prepaid";
/** Logits of the two kinds around the place's own. */
const EFFECTS = { [CASH]: 0.5, [PREPAID]: -1.4 };

const sigma = (x: number) => 1 / (1 + Math.exp(-x));

const network = createNetwork({ pins: 24, districts: 6, states: 2 }, (index) => ({
  ordersPerDay: 60,
  rate: -1.6 + 0.05 * (index % 7),
}));

/** `cashShareOf` and `moreOf` (logits) bend the mix and the rate of a place. */
function run(
  cashShareOf: (id: string, day: number) => number,
  moreOf: (id: string, day: number) => number = () => 0,
  withStrata = true,
) {
  const detector = new Detector();
  const findings: string[] = [];
  for (let day = START; day < START + 130; day++) {
    const counts: Count[] = [];
    for (const pin of network.pins) {
      const random = randomFrom(3, pin.id, day);
      const n = pin.ordersPerDay + integerBetween(random, -9, 10);
      let cash = 0;
      for (let i = 0; i < n; i++) if (random.next() < cashShareOf(pin.id, day)) cash += 1;
      for (const [stratum, trials] of [
        [CASH, cash],
        [PREPAID, n - cash],
      ] as const) {
        const rate = sigma(pin.rate + EFFECTS[stratum] + moreOf(pin.id, day));
        let k = 0;
        for (let i = 0; i < trials; i++) if (random.next() < rate) k += 1;
        counts.push({ subject: pin.id, n: trials, k, ...(withStrata ? { stratum } : {}) });
      }
    }
    const lookup = (id: string) => network.subjects.get(id);
    const reading = detector.fold({ day, counts, lookup, acted: new Set() });
    findings.push(...reading.findings.map(({ subject }) => subject));
  }
  return { detector, findings };
}

const usual = () => 0.6;
const moreCash = (id: string, day: number) =>
  day >= CHANGE && network.subjects.get(id)!.parent === "IN-D-1" ? 0.92 : 0.6;

test("a district whose share of cash orders rises is not said to have got worse", () => {
  assert.deepEqual(run(moreCash).findings, []);
});

test("without the strata the same days do raise a signal, so the mix is what keeps it quiet", () => {
  assert.notDeepEqual(run(moreCash, () => 0, false).findings, []);
});

test("a rise among the same shift of the mix is found all the same", () => {
  const worse = (id: string, day: number) => (id === "IN-100001" && day >= CHANGE ? 0.9 : 0);
  const { findings } = run((id, day) => moreCash(id, day), worse);
  assert.equal(findings[0], "IN-100001");
});

test("the effects of the strata are learned to a tenth of a logit, and survive a restart", () => {
  const { detector } = run(usual);
  const restored = new Detector();
  restored.restore(detector.save());
  const day = START + 130;
  const lookup = (id: string) => network.subjects.get(id);
  // One day of cash orders alone, and one of prepaid alone, everywhere: what is then expected differs by
  // the difference of the two effects.
  const expectOf = (stratum: string) => {
    const twin = new Detector();
    twin.restore(restored.save());
    const counts = network.pins.map(({ id }) => ({ subject: id, n: 60, k: 10, stratum }));
    twin.fold({ day, counts, lookup, acted: new Set() });
    const row = twin.units.indexOf("IN-100003")!;
    return twin.lastDayCounts.mix[row]!;
  };
  const gap = expectOf(CASH) - expectOf(PREPAID);
  assert.ok(Math.abs(gap - (EFFECTS[CASH] - EFFECTS[PREPAID])) < 0.1, `the gap is ${gap}`);
});

test("the offset of a place is what its orders would have done, and a district's is the mean over orders", () => {
  const units = new Units(DETECTOR_DEFAULTS);
  const lookup = (id: string) => network.subjects.get(id);
  const pins = network.pins.filter(({ id }) => network.subjects.get(id)!.parent === "IN-D-1");
  const rows = pins.flatMap(({ id }, at) => {
    const unit = units.ensure(id, START, lookup)!;
    return [
      { unit, n: 10 + 20 * at, k: 3, stratum: 0 },
      { unit, n: 40, k: 3, stratum: 1 },
      { unit, n: 5, k: 1, stratum: NONE },
    ];
  });
  const counts = new DayCounts();
  counts.begin(START, units.count, []);
  for (const { unit, n, k } of rows) counts.add(units, unit, n, k);
  counts.rate.fill(0.2);
  const l = Math.log(0.2 / 0.8);
  readMix(units, counts, rows, { names: ["a", "b"], effects: [0.7, -1.1], weights: [1, 1] });
  let [weighted, all] = [0, 0];
  pins.forEach(({ id }, at) => {
    const offset = counts.mix[units.indexOf(id)!]!;
    const n = 55 + 20 * at;
    const expected = ((10 + 20 * at) * sigma(l + 0.7) + 40 * sigma(l - 1.1) + 5 * 0.2) / n;
    assert.ok(Math.abs(offset - (Math.log(expected / (1 - expected)) - l)) < 1e-12);
    weighted += n * offset;
    all += n;
  });
  assert.ok(Math.abs(counts.mix[units.indexOf("IN-D-1")!]! - weighted / all) < 1e-12);
});
