import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { describeDelays, readDelays } from "./delays.ts";
import type { LaneCohort } from "./delays.ts";
import { readLaw, stretchLaw } from "./laws.ts";
import type { DelayLaws } from "./laws.ts";

/** Rising from `from` to `to`, evenly. */
const law = (from: number, to: number) =>
  Array.from({ length: 29 }, (_, age) => Math.min(1, Math.max(0, (age - from + 1) / (to - from))));
const LAWS: DelayLaws = { bad: law(4, 16), good: law(1, 8) };
const RATE = 0.18;

type Lane = {
  readonly orders?: number;
  readonly rate?: number;
  readonly laws?: DelayLaws;
  /** Cohorts of this age and younger are the ones that the laws and the rate above are of. */
  readonly until?: number;
};

/** A lane exactly as expected, but for its youngest cohorts. */
function createLane({ orders = 200, rate = RATE, laws = LAWS, until = 14 }: Lane): LaneCohort[] {
  return Array.from({ length: 15 }, (_, age) => {
    const own = age <= until ? { rate, laws } : { rate: RATE, laws: LAWS };
    const count = (share: number, of: ReadonlyArray<number>) =>
      Array.from({ length: 29 }, (_, x) =>
        x > age ? 0 : orders * share * (readLaw(of, x) - readLaw(of, x - 1)),
      );
    const ended = [count(own.rate, own.laws.bad), count(1 - own.rate, own.laws.good)];
    const known = ended.flat().reduce((sum, value) => sum + value, 0);
    const today = ended[0]![age]! + ended[1]![age]!;
    return { age, orders, known, today, ended };
  });
}

const slower = (factor: number): DelayLaws => ({
  bad: stretchLaw(LAWS.bad, factor),
  good: stretchLaw(LAWS.good, factor),
});

describe("delays of a lane", () => {
  test("as expected they are as learned; before anything is learned nothing is said", () => {
    assert.deepEqual(readDelays(createLane({}), LAWS, RATE), { kind: "as-learned" });
    assert.deepEqual(readDelays(createLane({}), undefined, RATE), { kind: "not-learned" });
  });

  test("a true rise, from any cohort on and of any size, is no change of delays", () => {
    for (const rate of [0.23, 0.28, 0.33, 0.43]) {
      for (const until of [4, 9, 14]) {
        const reading = readDelays(createLane({ rate, until }), LAWS, RATE);
        assert.equal(reading.kind, "as-learned", `${rate} since ${until} days`);
      }
    }
  });

  test("a sale of any size is no change of delays", () => {
    const lane = createLane({}).map((cohort) =>
      cohort.age > 5
        ? cohort
        : {
            ...cohort,
            orders: cohort.orders * 2.5,
            known: cohort.known * 2.5,
            today: cohort.today * 2.5,
            ended: cohort.ended!.map((ends) => Array.from(ends, (count) => count * 2.5)),
          },
    );
    assert.equal(readDelays(lane, LAWS, RATE).kind, "as-learned");
  });

  test("a courier that gets slower with the last eight cohorts is found, with its factor", () => {
    const reading = readDelays(createLane({ laws: slower(1.4), until: 8 }), LAWS, RATE);
    assert.deepEqual(reading, { kind: "changed", outcome: "good", factor: 1.4, fromAge: 8 });
    assert.equal(
      describeDelays(reading),
      "not evaluated: delays have changed, deliveries take 1.4 times as long as they did",
    );
  });

  test("a courier that gets faster is found too", () => {
    const reading = readDelays(createLane({ laws: slower(0.7), until: 10 }), LAWS, RATE);
    assert.ok(reading.kind === "changed" && reading.factor === 0.7);
  });

  test("failures alone that are told of sooner are found: they would look like a rise", () => {
    const laws = { bad: stretchLaw(LAWS.bad, 0.5), good: LAWS.good };
    const reading = readDelays(createLane({ laws }), LAWS, RATE);
    assert.ok(reading.kind === "changed" && reading.outcome === "bad" && reading.factor < 1);
  });

  test("a day that brings next to nothing is silent; with few orders it says nothing", () => {
    const silence = (orders: number) =>
      createLane({ orders }).map((cohort) => ({
        ...cohort,
        known: cohort.known - cohort.today,
        today: 0,
      }));
    const reading = readDelays(silence(200), LAWS, RATE);
    assert.equal(reading.kind, "silent");
    assert.match(describeDelays(reading)!, /feed is silent, 0 came where 1\d\d were due/);
    assert.equal(readDelays(silence(10), LAWS, RATE).kind, "as-learned");
  });

  test("outcomes missing beyond what any rise explains are behind, though each day brings some", () => {
    const lane = createLane({}).map((cohort) => ({
      ...cohort,
      known: cohort.known * 0.7,
      today: cohort.today * 0.7,
    }));
    assert.equal(readDelays(lane, LAWS, RATE).kind, "behind");
  });

  test("outcomes whose age is not known say nothing of the pace", () => {
    const lane = createLane({ laws: slower(1.4), until: 8 }).map((cohort) => ({
      ...cohort,
      ended: undefined,
    }));
    assert.notEqual(readDelays(lane, LAWS, RATE).kind, "changed");
  });
});
