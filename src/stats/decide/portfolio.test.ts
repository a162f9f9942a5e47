import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { randomFrom } from "../../std/random.ts";
import { choosePortfolio, type PortfolioCap, type PortfolioPlace } from "./portfolio.ts";

/** The best value within the caps, by trying everything. */
function tryEverything(
  places: ReadonlyArray<PortfolioPlace>,
  caps: ReadonlyArray<PortfolioCap>,
  at = 0,
  used: ReadonlyArray<number> = caps.map(() => 0),
): number {
  const place = places[at];
  if (place === undefined) return 0;
  let best = tryEverything(places, caps, at + 1, used);
  for (const { value, uses } of place.options) {
    const next = used.map((sum, cap) => sum + uses[cap]!);
    if (next.some((sum, cap) => sum > caps[cap]!.most)) continue;
    best = Math.max(best, value + tryEverything(places, caps, at + 1, next));
  }
  return best;
}

const whole = (max: number) => fc.integer({ min: 0, max });
const problem = fc.integer({ min: 1, max: 3 }).chain((size) =>
  fc.record({
    places: fc
      .array(
        fc.array(
          fc.record({
            value: fc.integer({ min: -5, max: 40 }),
            uses: fc.array(whole(12), { minLength: size, maxLength: size }),
          }),
          { maxLength: 4 },
        ),
        { maxLength: 6 },
      )
      .map((all) =>
        all.map((options, at) => ({
          id: `P${at}`,
          options: options.map((option, i) => ({ ...option, name: `option-${i}` })),
        })),
      ),
    caps: fc
      .array(whole(30), { minLength: size, maxLength: size })
      .map((all) => all.map((most, at) => ({ name: `cap ${at}`, most }))),
  }),
);

test("it is worth as much as the best of all choices within the caps, and says so", () => {
  fc.assert(
    fc.property(problem, ({ places, caps }) => {
      const portfolio = choosePortfolio(places, caps);
      const best = tryEverything(places, caps);
      assert.ok(portfolio.isOptimal);
      assert.ok(Math.abs(portfolio.value - best) < 1e-6, `${portfolio.value} and ${best}`);
      assert.ok(portfolio.used.every((sum, cap) => sum <= caps[cap]!.most + 1e-6));
    }),
    { numRuns: 600 },
  );
});

test("two thousand places under three caps: the gap to the bound is told and below one in a hundred", () => {
  const random = randomFrom(5, "places");
  const places = Array.from({ length: 2_000 }, (_, at) => ({
    id: `P${at}`,
    options: Array.from({ length: 4 }, (_option, i) => ({
      name: `option-${i}`,
      value: 1_000 * random.next() ** 2,
      uses: [500 * random.next(), 1, random.next()],
    })),
  }));
  const caps = [
    { name: "money moved", most: 60_000 },
    { name: "actions", most: 300 },
    { name: "share of orders", most: 120 },
  ];
  const { value, bound, used } = choosePortfolio(places, caps);
  assert.ok(used.every((sum, cap) => sum <= caps[cap]!.most + 1e-6));
  assert.ok(value <= bound && bound - value < 0.01 * bound, `${value} of ${bound}`);
});

test("it says of each place why this and why not the others", () => {
  const places = [
    {
      id: "A",
      options: [
        { name: "cut", value: 10, uses: [5] },
        { name: "trim", value: 4, uses: [1] },
      ],
    },
    { id: "B", options: [{ name: "cut", value: 9, uses: [5] }] },
    { id: "C", options: [{ name: "cut", value: -2, uses: [1] }] },
  ];
  const { choices, value } = choosePortfolio(places, [{ name: "money moved", most: 6 }]);
  assert.equal(value, 13);
  assert.deepEqual(
    choices.map(({ option }) => option),
    ["trim", "cut", undefined],
  );
  assert.match(
    choices[0]!.others[0]!.reason,
    /^what it takes of money moved gains more elsewhere$/,
  );
  assert.equal(choices[2]!.reason, "nothing gains here");
  assert.equal(choices[2]!.others[0]!.reason, "gains nothing");
});

test("the same problem has the same answer, and a cap below nothing is our own mistake", () => {
  const places = [{ id: "A", options: [{ name: "cut", value: 1, uses: [1] }] }];
  const caps = [{ name: "actions", most: 1 }];
  assert.deepEqual(choosePortfolio(places, caps), choosePortfolio(places, caps));
  assert.throws(
    () => choosePortfolio(places, [{ name: "actions", most: -1 }]),
    /a cap is a number/,
  );
});
