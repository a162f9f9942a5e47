/** The sentences of a verdict, checked with a pencil: the figures as printed must make them true. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { goodFacts, goodProposal, referenceCharter } from "../../../test/kit/reference-loop.ts";
import { writeMoney } from "./money-text.ts";
import type { RuleConditions } from "./types.ts";
import { computeVerdict } from "./verdict.ts";
import { describeVote, describeWindows, readConditions } from "./words.ts";

const charter = referenceCharter();

/** `Rs 12,34,567.50`, `9.999%` or `0.79999` as the number that a reader takes it for. */
function numberIn(figure: string): number {
  return Number(figure.replace(/^Rs |,|%$/g, ""));
}

const FIGURE = String.raw`((?:Rs )?[0-9][0-9,.e-]*%?)`;
const SENTENCES: ReadonlyArray<[RegExp, (value: number, ...bounds: number[]) => boolean]> = [
  [
    new RegExp(`${FIGURE},? is at least ${FIGURE} and below ${FIGURE}$`),
    (value, low = NaN, high = NaN) => value >= low && value < high,
  ],
  [new RegExp(`${FIGURE},? is at least ${FIGURE}$`), (value, low = NaN) => value >= low],
  [new RegExp(`${FIGURE},? is not below ${FIGURE}$`), (value, high = NaN) => value >= high],
  [new RegExp(`${FIGURE},? is below ${FIGURE}$`), (value, high = NaN) => value < high],
];

function isTrueAsPrinted(words: string): boolean {
  for (const [pattern, isTrue] of SENTENCES) {
    const [, value, ...bounds] = pattern.exec(words) ?? [];
    if (value !== undefined) {
      // The comma that closes an apposition is not part of the figure.
      return isTrue(numberIn(value.replace(/,$/, "")), ...bounds.map(numberIn));
    }
  }
  return false;
}

test("every sentence about a figure is true of the figures as they are printed", () => {
  // Values at a bound, the next double on each side, and close enough to round to it.
  const nearly = (bound: number): fc.Arbitrary<number> =>
    fc.constantFrom(
      bound,
      bound * (1 - Number.EPSILON),
      bound * (1 + Number.EPSILON),
      bound - 1e-9,
      bound + 1e-9,
      bound - 1e-5,
      bound + 1e-5,
      bound - 0.0004,
    );
  const share = fc.constantFrom(0.01, 0.02, 0.1, 0.33, 0.5).chain(nearly);
  const money = fc.constantFrom(7_500_000, 50_000_000).chain((bound) =>
    fc.constantFrom(bound, bound - 1, bound + 1, bound - 49, bound + 50),
  ); // prettier-ignore
  const bounds = fc.record({ atLeast: share, below: share });
  const drawn = fc.record({
    value: money,
    low: money,
    high: money,
    shares: fc.array(share, { minLength: 3, maxLength: 3 }),
    ranges: fc.array(bounds, { minLength: 3, maxLength: 3 }),
    sides: fc.constantFrom("atLeast", "below", "both"),
  });
  let clear = 0;
  fc.assert(
    fc.property(drawn, ({ value, low, high, shares, ranges, sides }) => {
      const range = <T>({ atLeast, below }: { atLeast: T; below: T }) => ({
        ...(sides === "below" ? {} : { atLeast }),
        ...(sides === "atLeast" ? {} : { below }),
      });
      const inr = (amountMinor: number) => writeMoney({ amountMinor, currency: "INR" });
      const [one = 0, two = 0, three = 0] = shares;
      const [first, second, third] = ranges;
      assert(first && second && third);
      const when: RuleConditions = {
        valueAtStake: range({ atLeast: inr(low), below: inr(high) }),
        confidence: range(first),
        shareOfOrders: range(second),
        shareOfSpend: range(third),
      };
      const proposal = goodProposal({
        valueAtStake: { amountMinor: value, currency: "INR" },
        blastRadius: { subjects: 1, shareOfOrders: two, shareOfSpend: three },
      });
      const facts = goodFacts({ confidence: one });
      for (const { words } of readConditions(when, charter, proposal, facts)) {
        assert(isTrueAsPrinted(words), words);
        clear += 1;
      }
    }),
    { numRuns: 5_000 },
  );
  assert(clear >= 20_000);
});

test("a cap that is passed is passed by the figures as they are printed", () => {
  const amount = fc.integer({ min: 0, max: 200_000_000 });
  fc.assert(
    fc.property(amount, fc.integer({ min: 0, max: 300 }), (used, over) => {
      const stake = Math.max(0, 100_000_000 - used + over - 100);
      const verdict = computeVerdict(
        charter,
        "h",
        goodProposal({ valueAtStake: { amountMinor: stake, currency: "INR" } }),
        goodFacts({ usedToday: { actions: 0, subjects: 0, valueMinor: used } }),
      );
      const isOver = used + stake > 100_000_000;
      assert.equal(verdict.rule === "value-per-day", isOver);
      if (!isOver) return;
      const [atStake = NaN, more = NaN, limit = NaN] = [
        ...(verdict.reasons[0] ?? "").matchAll(/Rs ([0-9,]+(?:\.\d\d)?)/g),
      ].map(([, figure = ""]) => numberIn(figure));
      // In paise, so that the sum is exact.
      const paise = (rupees: number): number => Math.round(rupees * 100);
      assert(paise(atStake) + paise(more) > paise(limit), verdict.reasons[0]);
    }),
    { numRuns: 2_000 },
  );
});

test("who votes is said with seats, hours, and what silence comes to", () => {
  const [logistics] = charter.parties;
  assert(logistics);
  const ask = { party: "logistics", quorum: 2, from: ["owner", "ndr-desk"] };
  assert.equal(
    describeVote(charter, ask),
    "logistics: 2 votes of different people of owner, ndr-desk or deputies within 4 working hours; " +
      "without an answer then deputies 4 working hours more, then nothing is done",
  );
  const clock = {
    counts: "all-hours",
    remindAfterHours: 0.5,
    answerWithinHours: 1,
    escalate: [],
    atEnd: "decline",
  } as const;
  assert.equal(
    describeVote(charter, { party: "logistics", quorum: 1, from: ["owner"], clock }),
    "logistics: one vote of owner or deputies within 1 hour; without an answer it counts as a no",
  );
});

test("windows are told by their days, runs of three or more as a span", () => {
  const windows = [
    { days: ["wed", "mon", "tue", "sat"], from: "09:30", until: "18:30" },
    { days: ["sat", "sun"], from: "22:00", until: "24:00" },
  ] as const;
  assert.equal(describeWindows(windows), "Mon-Wed Sat 09:30-18:30, Sat Sun 22:00-24:00");
});
