import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { randomFrom } from "../std/random.ts";
import { compareRates, type Counted, sumWindow } from "./rate-change.ts";

const counted = fc
  .tuple(fc.integer({ min: 1, max: 5_000 }), fc.double({ min: 0, max: 1, noNaN: true }))
  .map(([n, share]): Counted => ({ n, k: Math.round(n * share) }));

test("the interval holds the difference, within what rates can differ by, and turns with its sides", () => {
  fc.assert(
    fc.property(counted, counted, (now, usual) => {
      const there = compareRates(now, usual);
      const back = compareRates(usual, now);
      assert(there && back);
      assert(there.low <= there.points && there.points <= there.high);
      assert(there.low >= -1 && there.high <= 1);
      assert(Math.abs(there.points + back.points) < 1e-12);
      assert(Math.abs(there.low + back.high) < 1e-12);
    }),
  );
});

test("by hand: 60 of 200 against 100 of 1,000", () => {
  // (61/202 - 101/1002) +- 3 sqrt(.302 * .698 / 202 + .1008 * .8992 / 1002)
  const change = compareRates({ n: 200, k: 60 }, { n: 1_000, k: 100 });
  assert(change);
  assert(Math.abs(change.points - 0.2) < 1e-12);
  assert(Math.abs(change.low - 0.1002) < 5e-4, `${change.low}`);
  assert(Math.abs(change.high - 0.3021) < 5e-4, `${change.high}`);
});

test("of places that are as ever, one of 200 at most is shown as changed", () => {
  const random = randomFrom("places as ever");
  const draw = (n: number, rate: number): Counted => {
    let k = 0;
    for (let trial = 0; trial < n; trial++) k += random.next() < rate ? 1 : 0;
    return { n, k };
  };
  let changed = 0;
  const places = 6_000;
  for (let place = 0; place < places; place++) {
    const rate = 0.05 + 0.3 * random.next();
    const change = compareRates(draw(60, rate), draw(240, rate));
    if (change !== undefined && (change.low > 0 || change.high < 0)) changed += 1;
  }
  assert(changed / places < 1 / 200, `${changed}`);
  assert(changed > 0, "the check can see one");
});

test("nothing is said where one side was never tried", () => {
  assert.equal(compareRates({ n: 0, k: 0 }, { n: 9, k: 1 }), undefined);
  assert.equal(compareRates({ n: 9, k: 1 }, { n: 0, k: 0 }), undefined);
});

test("a window before the first day is as long as there are days", () => {
  const days = { n: [1, 2, 3, 4], k: [0, 1, 0, 1] };
  assert.deepEqual(sumWindow(days, -5, 2), { n: 3, k: 1 });
  assert.deepEqual(sumWindow(days, 2, 9), { n: 7, k: 1 });
});
