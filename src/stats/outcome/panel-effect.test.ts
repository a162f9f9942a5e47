import assert from "node:assert/strict";
import { test } from "node:test";
import { normal, type Random, randomFrom } from "../../std/random.ts";
import { addDays, type Day } from "../../std/time.ts";
import { computeChange, levelPoints, type Series } from "./panel.ts";
import {
  computeTQuantile95,
  estimatePanelEffect,
  fitError,
  PANEL_CONTROLS_MIN,
  type PanelEffectInput,
} from "./panel-effect.ts";

const START: Day = "2026-01-01";
const DAYS = 70;
/** The change begins on day 28, is acted on on day 42, and outcomes are known to day 70. */
const CHANGE = 28;
const ACTION = 42;
const WINDOWS = {
  before: { from: START, until: addDays(START, CHANGE) },
  after: { from: addDays(START, ACTION), until: addDays(START, DAYS) },
};

type Place = {
  readonly orders: number;
  readonly rate: number;
  /** Added to the rate from the change on, and from the action on. */
  readonly rise?: number;
  readonly effect?: number;
};

/** Failed deliveries per ordinary order, with a day's noise common to all and one of the place's own. */
function series(random: Random, id: string, place: Place, season: ReadonlyArray<number>): Series {
  const days = Array.from({ length: DAYS }, (_, t) => {
    const rate =
      place.rate +
      (t >= CHANGE ? (place.rise ?? 0) : 0) +
      (t >= ACTION ? (place.effect ?? 0) : 0) +
      (season[t] ?? 0);
    const mean = place.orders * Math.max(0.01, rate);
    const value = Math.max(0, Math.round(mean + Math.sqrt(mean * 1.3) * normal(random)));
    return { day: addDays(START, t), value };
  });
  return { id, points: levelPoints(days, place.orders) };
}

function world(
  seed: number,
  treated: Partial<Place>,
  options: { readonly controls?: number; readonly controlRise?: number } = {},
): Pick<PanelEffectInput, "treated" | "controls"> {
  const random = randomFrom(seed, "panel");
  let level = 0;
  const season = Array.from({ length: DAYS }, () => (level += 0.003 * normal(random)));
  const place = (): Place => ({
    orders: 8 * Math.exp(0.6 * normal(random)),
    rate: 0.18 + 0.04 * normal(random),
  });
  return {
    treated: [series(random, "treated", { ...place(), ...treated }, season)],
    controls: Array.from({ length: options.controls ?? 30 }, (_, i) =>
      series(random, `c${i}`, { ...place(), rise: options.controlRise ?? 0 }, season),
    ),
  };
}

const SETTINGS = {
  ...WINDOWS,
  controlsAre: "similar",
  unit: "failed deliveries per ordinary order",
  betterWhen: "lower",
  margin: 0.02,
} as const;

test("the effect and its error agree with a slow, obvious computation", () => {
  const input = { ...SETTINGS, ...world(5, { effect: -0.08 }) };
  const result = estimatePanelEffect(input);
  const changeOf = (of: Series) => {
    let [n0, d0, n1, d1] = [0, 0, 0, 0];
    for (const { day, numerator, denominator } of of.points) {
      if (day >= input.before.from && day < input.before.until)
        [n0, d0] = [n0 + numerator, d0 + denominator];
      if (day >= input.after.from && day < input.after.until)
        [n1, d1] = [n1 + numerator, d1 + denominator];
    }
    return { change: n1 / d1 - n0 / d0, noise: 1 / d0 + 1 / d1 };
  };
  const controls = input.controls.map(changeOf);
  const volumes = controls.map(({ noise }) => 1 / noise);
  const median = [...volumes].sort((a, b) => a - b)[Math.floor(volumes.length / 2)] ?? 0;
  const compare = (own: { change: number; noise: number }, others: number[]) => {
    let [whole, change, noise] = [0, 0, 0];
    for (const j of others) whole += Math.min(volumes[j] ?? 0, 3 * median);
    for (const j of others) {
      const weight = Math.min(volumes[j] ?? 0, 3 * median) / whole;
      change += weight * (controls[j]?.change ?? 0);
      noise += weight * weight * (controls[j]?.noise ?? 0);
    }
    return { effect: own.change - change, noise: own.noise + noise };
  };
  const all = controls.map((_, j) => j);
  const real = compare(changeOf(input.treated[0]!), all);
  const placebos = controls.map((own, i) =>
    compare(
      own,
      all.filter((j) => j !== i),
    ),
  );
  const { fixed, perNoise } = fitError(placebos);
  assert(Math.abs((result.effect?.estimate ?? 0) - real.effect) < 1e-12);
  const error = Math.sqrt(fixed + perNoise * real.noise);
  assert(Math.abs((result.standardError ?? 0) - error) < 1e-12);
});

test("the error model finds the part that shrinks with volume and the part that does not", () => {
  const random = randomFrom("error");
  const placebos = Array.from({ length: 20_000 }, (_, i) => {
    const noise = 0.01 * (1 + (i % 10));
    return { noise, effect: Math.sqrt(0.004 + 0.3 * noise) * normal(random) };
  });
  const { fixed, perNoise } = fitError(placebos);
  assert(Math.abs(fixed - 0.004) < 0.0005, `fixed ${fixed}`);
  assert(Math.abs(perNoise - 0.3) < 0.02, `per noise ${perNoise}`);
  const same = placebos.map(({ effect }) => ({ effect, noise: 0.02 }));
  assert.equal(fitError(same).fixed, 0);
});

test("when nothing was done, help and harm are each claimed in at most a few of a hundred runs", () => {
  const runs = 500;
  const count = { helped: 0, harmed: 0, covered: 0 };
  for (let seed = 0; seed < runs; seed++) {
    const { verdict, effect } = estimatePanelEffect({ ...SETTINGS, ...world(seed, {}) });
    assert(effect);
    if (verdict === "helped") count.helped += 1;
    if (verdict === "harmed") count.harmed += 1;
    if (effect.low <= 0 && effect.high >= 0) count.covered += 1;
  }
  assert(count.helped <= 0.07 * runs, `false help ${count.helped / runs}`);
  assert(count.harmed <= 0.07 * runs, `false harm ${count.harmed / runs}`);
  assert(count.covered >= 0.86 * runs && count.covered <= 0.96 * runs, `covered ${count.covered}`);
});

test("an action that takes away half of the failures is found, with its size", () => {
  const runs = 200;
  let helped = 0;
  let covered = 0;
  for (let seed = 0; seed < runs; seed++) {
    const input = { ...SETTINGS, ...world(seed, { orders: 15, rate: 0.2, effect: -0.1 }) };
    const { verdict, effect } = estimatePanelEffect(input);
    if (verdict === "helped") helped += 1;
    if (effect && effect.low <= -0.1 && effect.high >= -0.1) covered += 1;
  }
  assert(helped >= 0.8 * runs, `power ${helped / runs}`);
  assert(covered >= 0.84 * runs, `coverage ${covered / runs}`);
});

test("a subject picked for its worst days looks helped before against after, and not here", () => {
  const runs = 150;
  let naive = 0;
  let helped = 0;
  for (let seed = 0; seed < runs; seed++) {
    // The worst of sixty untouched places over the two weeks before the "action".
    const { controls } = world(seed, {}, { controls: 60 });
    const alarm = { from: addDays(START, CHANGE), until: addDays(START, ACTION) };
    const rateOf = (of: Series, from: Day, until: Day) => {
      const points = of.points.filter(({ day }) => day >= from && day < until);
      return (
        points.reduce((sum, { numerator }) => sum + numerator, 0) /
        points.reduce((sum, { denominator }) => sum + denominator, 0)
      );
    };
    const excess = (of: Series) =>
      rateOf(of, alarm.from, alarm.until) - rateOf(of, WINDOWS.before.from, WINDOWS.before.until);
    const [worst, ...rest] = [...controls].sort((a, b) => excess(b) - excess(a));
    const input = { ...SETTINGS, treated: [worst!], controls: rest };
    if (estimatePanelEffect({ ...input, before: alarm }).verdict === "helped") naive += 1;
    if (estimatePanelEffect(input).verdict === "helped") helped += 1;
  }
  assert(naive >= 0.3 * runs, `before against after claims help in ${naive / runs}`);
  assert(helped <= 0.12 * runs, `this claims help in ${helped / runs}`);
});

test("a rise that the action only softened is help against alarmed controls, or once subtracted", () => {
  const treated = { orders: 25, rate: 0.18, rise: 0.14, effect: -0.1 };
  const alarmed = world(3, treated, { controlRise: 0.14 });
  const similar = world(3, treated);
  const rise = { earlierRise: { mean: 0.14, deviation: 0.02 } };
  assert.equal(
    estimatePanelEffect({ ...SETTINGS, ...alarmed, controlsAre: "alarmed" }).verdict,
    "helped",
  );
  assert.equal(estimatePanelEffect({ ...SETTINGS, ...similar, ...rise }).verdict, "helped");
  assert.notEqual(estimatePanelEffect({ ...SETTINGS, ...similar }).verdict, "helped");
  assert.throws(() =>
    estimatePanelEffect({ ...SETTINGS, ...alarmed, ...rise, controlsAre: "alarmed" }),
  );
});

test("not knowing the earlier rise well widens the interval by just that", () => {
  const input = { ...SETTINGS, ...world(3, { orders: 25, rise: 0.14 }) };
  const errorWith = (deviation: number) =>
    estimatePanelEffect({ ...input, earlierRise: { mean: 0.14, deviation } }).standardError ?? 0;
  assert(Math.abs(errorWith(0.03) ** 2 - errorWith(0) ** 2 - 0.03 ** 2) < 1e-12);
});

test("no effect is said only when the whole interval lies within the margin", () => {
  const input = { ...SETTINGS, ...world(11, { orders: 60 }, { controls: 60 }) };
  const wide = estimatePanelEffect({ ...input, margin: 0.2 });
  const narrow = estimatePanelEffect({ ...input, margin: 0.001 });
  assert.equal(wide.verdict, "no-effect");
  assert.notEqual(narrow.verdict, "no-effect");
});

test("too few controls, days or no data at all are undetermined, with the reason", () => {
  const { treated, controls } = world(2, { effect: -0.15, orders: 40 });
  const input = { ...SETTINGS, treated, controls };
  assert.equal(estimatePanelEffect(input).verdict, "helped");
  const few = estimatePanelEffect({
    ...input,
    controls: controls.slice(0, PANEL_CONTROLS_MIN - 1),
  });
  const short = estimatePanelEffect({
    ...input,
    after: { from: WINDOWS.after.from, until: addDays(WINDOWS.after.from, 5) },
  });
  const empty = estimatePanelEffect({ ...input, treated: [{ id: "t", points: [] }] });
  for (const result of [few, short, empty]) {
    assert.equal(result.verdict, "undetermined");
    assert.equal(result.effect, undefined);
  }
  assert.match(few.reasons[0] ?? "", /only 7 untouched subjects/);
  assert.match(short.reasons[0] ?? "", /5 after the action/);
  assert.match(empty.reasons[0] ?? "", /no data/);
});

test("where more is better, the same fall is harm", () => {
  const input = { ...SETTINGS, ...world(2, { effect: -0.15, orders: 40 }) };
  assert.equal(estimatePanelEffect({ ...input, betterWhen: "higher" }).verdict, "harmed");
});

test("a missing day is left out and does not count as a day without failures", () => {
  const full: Series = {
    id: "a",
    points: levelPoints(
      Array.from({ length: DAYS }, (_, t) => ({ day: addDays(START, t), value: 3 })),
      10,
    ),
  };
  const gaps: Series = { id: "b", points: full.points.filter((_, t) => t % 3 !== 0) };
  const change = computeChange([gaps], WINDOWS.before, WINDOWS.after);
  assert(change);
  assert(Math.abs(change.before - 0.3) < 1e-12 && Math.abs(change.after - 0.3) < 1e-12);
  assert(change.daysBefore < CHANGE);
});

test("the t quantile agrees with tables", () => {
  for (const [degrees, quantile] of [
    [7, 1.8946],
    [10, 1.8125],
    [30, 1.6973],
    [120, 1.6577],
  ] as const) {
    assert(Math.abs(computeTQuantile95(degrees) - quantile) < 0.001, `${degrees}`);
  }
});

test("the words say what was seen, what was to be expected, and that selection flatters", () => {
  const input = { ...SETTINGS, ...world(2, { effect: -0.15, orders: 40 }) };
  const { reasons, label } = estimatePanelEffect(input);
  assert.equal(label, "observational");
  assert.match(reasons.join("\n"), /were to be expected without it/);
  assert.match(reasons.join("\n"), /looks better later by itself/);
});
