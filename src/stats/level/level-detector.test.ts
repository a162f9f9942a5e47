import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { normal, randomFrom } from "../../std/random.ts";
import { COUNTS, type Family, NUMBERS } from "./family.ts";
import type { LevelFinding } from "./finding.ts";
import { LevelDetector } from "./level-detector.ts";

const START = 20_000;
const WEEK = [1, 0.9, 0.95, 1, 1.05, 1.4, 1.2];

/** Counts around `meanOf`, rounded from a normal of the same variance: enough for tests. */
function run(
  meanOf: (unit: number, day: number) => number | undefined,
  options: {
    units?: number;
    days?: number;
    parents?: number[];
    family?: Family;
    seed?: number;
  } = {},
): { readonly findings: ReadonlyArray<LevelFinding>; readonly ended: string[] } {
  const units = options.units ?? 12;
  const family = options.family ?? COUNTS;
  const parents = options.parents ?? Array.from({ length: units }, () => -1);
  const detector = new LevelDetector(family, parents);
  const findings: LevelFinding[] = [];
  const ended: string[] = [];
  for (let day = START; day < START + (options.days ?? 120); day++) {
    const values: Array<number | undefined> = Array.from({ length: units }, (_, unit) => {
      const mean = meanOf(unit, day);
      if (mean === undefined) return undefined;
      const random = randomFrom(options.seed ?? 1, unit, day);
      if (family.name !== "counts") return mean + 10 * normal(random);
      return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
    });
    for (let above = units; above < parents.length; above++) {
      const parts = values.filter((_, unit) => parents[unit] === above);
      values.push(parts.reduce<number>((sum, part) => sum + (part ?? 0), 0));
    }
    const reading = detector.fold(day, values);
    findings.push(...reading.findings);
    ended.push(...reading.ended.map(({ unit, direction, how }) => `${unit} ${direction} ${how}`));
  }
  return { findings, ended };
}

const told = (findings: ReadonlyArray<LevelFinding>) =>
  findings.map(({ unit, direction }) => `${unit} ${direction}`);
const weekly = (unit: number, day: number) => (20 + 3 * unit) * WEEK[day % 7]!;
const CHANGE = START + 70;

test("a level that doubles and one that halves are found, once each, dated and sized", () => {
  const { findings } = run(
    (unit, day) => weekly(unit, day) * (day < CHANGE ? 1 : unit === 3 ? 2 : unit === 5 ? 0.5 : 1),
  );
  assert.deepEqual(told(findings).sort(), ["3 up", "5 down"]);
  for (const { direction, changeDay, day, baseline, level } of findings) {
    assert.ok(Math.abs(changeDay - CHANGE) <= 3 && day - CHANGE <= 14);
    const truth = baseline * (direction === "up" ? 2 : 0.5);
    assert.ok(
      level.low <= truth && truth <= level.high,
      `${truth} in ${level.low} to ${level.high}`,
    );
  }
});

test("numbers are watched as counts are", () => {
  const { findings } = run(
    (unit, day) => 100 * WEEK[day % 7]! + (unit === 2 && day >= CHANGE ? 25 : 0),
    { family: NUMBERS },
  );
  assert.deepEqual(told(findings), ["2 up"]);
});

test("the week's own course, a festival of everybody and a drift of three in a hundred a month are no changes", () => {
  const { findings } = run(
    (unit, day) =>
      weekly(unit, day) *
      (day >= CHANGE && day < CHANGE + 4 ? 1.6 : 1) *
      Math.exp((unit % 2 === 0 ? 0.03 : -0.03) * ((day - START) / 30)),
  );
  assert.deepEqual(told(findings), []);
});

test("no two days of any values alarm a state at rest", () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.nat(100_000), (first, second) => {
      const detector = new LevelDetector(COUNTS, [-1, -1, -1]);
      for (let day = START; day < START + 60; day++) {
        const random = randomFrom(7, day);
        const usual = () => 20 + Math.round(4 * normal(random));
        const value = day === START + 58 ? first : day === START + 59 ? second : usual();
        const { findings } = detector.fold(day, [value, usual(), usual()]);
        assert.deepEqual(findings, []);
      }
    }),
    { numRuns: 200 },
  );
});

test("a change that goes away has ended, and a later one is told again", () => {
  const { findings, ended } = run(
    (unit, day) => {
      const isOff = (day >= CHANGE && day < CHANGE + 25) || day >= CHANGE + 70;
      return weekly(unit, day) * (unit === 4 && isOff ? 1.9 : 1);
    },
    { days: 170 },
  );
  assert.deepEqual(told(findings), ["4 up", "4 up"]);
  assert.deepEqual(ended, ["4 up back"]);
});

test("a sum whose parts all changed speaks for them; one part that changed alone speaks for itself", () => {
  const parents = [...Array.from({ length: 12 }, (_, unit) => 12 + (unit % 3)), 15, 15, 15, -1];
  const together = run(
    (unit, day) => 12 * WEEK[day % 7]! * (unit % 3 === 1 && day >= CHANGE ? 1.5 : 1),
    {
      parents,
    },
  );
  assert.deepEqual(told(together.findings)[0], "13 up");
  const alone = run((unit, day) => 12 * WEEK[day % 7]! * (unit === 1 && day >= CHANGE ? 2.5 : 1), {
    parents,
  });
  assert.deepEqual(told(alone.findings), ["1 up"]);
});

test("days without data change nothing, and a unit that comes late is judged after its own warm-up", () => {
  const { findings } = run((unit, day) => {
    if (day >= START + 40 && day < START + 52) return undefined;
    if (unit === 7 && day < START + 80) return undefined;
    return weekly(unit, day);
  });
  assert.deepEqual(told(findings), []);
});

test("the same days give the same findings", () => {
  const world = (unit: number, day: number) =>
    weekly(unit, day) * (unit === 3 && day >= CHANGE ? 2 : 1);
  assert.deepEqual(run(world).findings, run(world).findings);
});
