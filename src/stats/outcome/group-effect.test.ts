import assert from "node:assert/strict";
import { test } from "node:test";
import { normal, randomFrom } from "../../std/random.ts";
import { estimateGroupEffect, type GroupEffect, type GroupEffectInput } from "./group-effect.ts";
import { computeStudentQuantile } from "./student.ts";

type World = {
  readonly units: number;
  readonly times: number;
  readonly start: number;
  readonly treated: number;
  /** Value of a unit at a time without an action. */
  readonly value: (unit: number, time: number) => number;
  readonly lift?: number;
};

function ask(world: World, changes: Partial<GroupEffectInput> = {}): GroupEffectInput {
  const { units, times, start, treated, value, lift = 0 } = world;
  return {
    panel: {
      units: Array.from({ length: units }, (_, i) => ({
        id: `u${i}`,
        values: Float64Array.from(
          { length: times },
          (__, t) => value(i, t) * (i < treated && t >= start ? 1 + lift : 1),
        ),
      })),
      times: Array.from({ length: times }, (_, t) => t),
      isDaily: true,
    },
    question: {
      treated: Array.from({ length: treated }, (_, i) => `u${i}`),
      start,
      end: times,
    },
    betterWhen: "higher",
    margin: 0.025,
    ...changes,
  };
}

function estimate(input: GroupEffectInput): GroupEffect {
  const effect = estimateGroupEffect(input);
  assert.ok(!("missing" in effect), "missing" in effect ? effect.missing : "");
  return effect;
}

/** Sizes that differ, a shared week, noise; the same seed draws the same. */
function cities(seed: number, noise = 0.05): World["value"] {
  const random = randomFrom(seed, "cities");
  const sizes = Array.from({ length: 200 }, () => 500 * Math.exp(normal(random)));
  const strays = Array.from({ length: 200 }, () =>
    Array.from({ length: 200 }, () => Math.exp(noise * normal(random))),
  );
  return (unit, time) =>
    (sizes[unit] ?? 1) * (1 + 0.2 * Math.sin(time)) * (strays[unit]?.[time] ?? 1);
}

const CITIES = { units: 30, times: 80, start: 60, treated: 2 };

test("units, sizes and currency of the data change the absolute effect and nothing else", () => {
  const value = cities(1);
  const one = estimate(ask({ ...CITIES, value, lift: 0.06 }));
  const other = estimate(ask({ ...CITIES, value: (i, t) => 100 * value(i, t), lift: 0.06 }));
  const near = (a = NaN, b = NaN) => assert.ok(Math.abs(a / b - 1) < 1e-9, `${a} ${b}`);
  near(other.absolute.estimate, 100 * one.absolute.estimate);
  near(other.relative?.interval[0], one.relative?.interval[0]);
  near(other.pValue, one.pValue);
  assert.equal(other.verdict, one.verdict);
});

test("what the treated did after the start moves the estimate alone: interval and setting stay", () => {
  const value = cities(2);
  const [none, plain] = [0, 0.1].map((lift) => estimate(ask({ ...CITIES, value, lift })));
  assert.ok(none !== undefined && plain !== undefined);
  assert.equal(none.method, plain.method);
  assert.deepEqual(none.controls.heaviest, plain.controls.heaviest);
  const added = (1 + (plain.relative?.estimate ?? 0)) / (1 + (none.relative?.estimate ?? 0));
  assert.ok(Math.abs(added - 1.1) < 1e-3, String(added));
});

test("a lift far above the noise helped, a fall harmed, and calm without either is no effect", () => {
  const value = cities(3, 0.02);
  const verdicts = [0.05, -0.05, 0].map(
    (lift) => estimate(ask({ ...CITIES, value, lift })).verdict,
  );
  assert.deepEqual(verdicts, ["helped", "harmed", "no-effect"]);
  const lower = estimate(ask({ ...CITIES, value, lift: 0.05 }, { betterWhen: "lower" }));
  assert.equal(lower.verdict, "harmed");
});

test("no effect is never said without an interval inside the margin", () => {
  const value = cities(3, 0.02);
  const narrow = estimate(ask({ ...CITIES, value }, { margin: 0.001 }));
  assert.equal(narrow.verdict, "undetermined");
  const [low, high] = estimate(ask({ ...CITIES, value })).relative?.interval ?? [NaN, NaN];
  assert.ok(low > -0.025 && high < 0.025);
});

test("noise hides a small lift, and the report says what it could have seen", () => {
  const effect = estimate(ask({ ...CITIES, value: cities(4, 0.3), lift: 0.02 }));
  assert.equal(effect.verdict, "undetermined");
  assert.ok((effect.power.detectable.relative ?? 0) > 0.05);
  assert.ok(effect.power.atMargin < 0.3);
});

test("a group that follows hidden factors beyond all others is foretold, where comparing all alike fails", () => {
  const random = randomFrom(5, "factor");
  const walk: number[] = [];
  for (let t = 0; t < 80; t++) walk.push(0.9 * (walk.at(-1) ?? 0) + 0.05 * normal(random));
  const strays = cities(5, 0.01);
  // Loads run from 0 to 1; the treated have 1.5.
  const value = (unit: number, time: number) => {
    const load = unit < 2 ? 1.5 : unit / 30;
    const shape = strays(unit, time) / (1 + 0.2 * Math.sin(time));
    return shape * Math.exp(load * (walk[time] ?? 0) + (time >= 60 ? 0.2 * load : 0));
  };
  // From day 20 on the factor swings as widely as it does after the start.
  const swung = (unit: number, time: number) =>
    value(unit, time) *
    Math.exp((time >= 20 && time < 40 ? 0.2 : 0) * (unit < 2 ? 1.5 : unit / 30));
  const { relative, controls } = estimate(ask({ ...CITIES, value: swung }));
  assert.ok(Math.abs(relative?.estimate ?? 1) < 0.03, String(relative?.estimate));
  assert.ok(controls.effective < 28);
});

test("a control with a shock of its own is dropped by name and changes little", () => {
  const value = cities(6);
  const shocked = (i: number, t: number) => value(i, t) * (i === 7 && t >= 60 ? 0.6 : 1);
  const [clean, dirty] = [value, shocked].map((v) =>
    estimate(ask({ ...CITIES, value: v, lift: 0.05 })),
  );
  assert.deepEqual(
    dirty?.controls.dropped.map(({ unit }) => unit),
    ["u7"],
  );
  const off = (dirty?.relative?.estimate ?? 1) - (clean?.relative?.estimate ?? 0);
  assert.ok(Math.abs(off) < 0.005, String(off));
});

test("lost cells and an idle unit cost little and are said", () => {
  const value = cities(7);
  const random = randomFrom(7, "lost");
  const holed = (i: number, t: number) => {
    if (i === 20) return 0;
    return i === 21 || random.next() < 0.1 ? NaN : value(i, t);
  };
  const effect = estimate(ask({ ...CITIES, value: holed, lift: 0.08 }));
  assert.equal(effect.verdict, "helped");
  assert.deepEqual(
    effect.controls.dropped.map(({ unit, reason }) => `${unit}: ${reason}`),
    [
      "u20: nothing above zero before the start",
      "u21: only 0 of 60 times before and 0 of 20 after",
    ],
  );
});

test("values around zero are told in their own units, without a share", () => {
  const random = randomFrom(8, "balance");
  const value = () => normal(random);
  const input = ask({ ...CITIES, value });
  const raised = {
    ...input,
    panel: {
      ...input.panel,
      units: input.panel.units.map(({ id, values }, i) => ({
        id,
        values: values.map((v, t) => v + (i < 2 && t >= 60 ? 3 : 0)),
      })),
    },
  };
  const effect = estimate(raised);
  assert.ok(Math.abs(effect.absolute.estimate - 3) < 0.6);
  assert.equal(effect.verdict, "helped");
  assert.match(effect.method, /values as they are/);
});

test("alike controls without memory give the textbook interval, but for what choosing costs", () => {
  const random = randomFrom(9, "white");
  const values = Array.from({ length: 21 }, () =>
    Array.from({ length: 30 }, () => 100 + normal(random)),
  );
  const world = { units: 21, times: 30, start: 20, treated: 1 };
  const effect = estimate(ask({ ...world, value: (i, t) => values[i]?.[t] ?? 0 }));
  const mean = (list: ReadonlyArray<number>) => list.reduce((sum, v) => sum + v, 0) / list.length;
  const changes = values.map((row) => mean(row.slice(20)) - mean(row.slice(0, 20)));
  const [own = 0, ...others] = changes;
  const usual = mean(others);
  const spread = Math.sqrt(others.reduce((sum, c) => sum + (c - usual) ** 2, 0) / 19);
  const reach = computeStudentQuantile(0.95, 19) * spread * Math.sqrt(1 + 1 / 20);
  assert.ok(Math.abs(effect.absolute.estimate - (own - usual)) < 0.15 * reach);
  const [low, high] = effect.absolute.interval;
  const ratio = (high - low) / 2 / reach;
  assert.ok(ratio > 0.75 && ratio < 1.35, String(ratio));
});

test("too few controls, or too little before, is said and never guessed", () => {
  const value = cities(10);
  const few = estimateGroupEffect(ask({ ...CITIES, units: 5, value }));
  assert.ok("missing" in few && /3 untouched units/.test(few.missing));
  const short = estimateGroupEffect(ask({ ...CITIES, start: 4, value }));
  assert.ok("missing" in short && /4 times before/.test(short.missing));
});
