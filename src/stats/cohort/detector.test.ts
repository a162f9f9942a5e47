import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createSellerDays, foldSeller, SELLER } from "./cohort.fixture.ts";
import { CohortDetector } from "./detector.ts";
import { COHORT_STATUSES } from "./feed.ts";

const findingsOf = (folded: ReturnType<typeof foldSeller>) =>
  folded.readings.flatMap(({ findings }) => findings);
const kindsOf = (folded: ReturnType<typeof foldSeller>) =>
  folded.readings.map(({ lanes }) => lanes.get("courier")!.kind);

describe("what must raise nothing", () => {
  test("a sale at 2.5 times the orders, followed by weeks of immature cohorts", () => {
    const folded = foldSeller({
      ordersOf: (_, day) => (day >= 70 && day < 77 ? 50 : SELLER.ordersPerDay),
    });
    assert.deepEqual(findingsOf(folded), []);
    assert.ok(
      kindsOf(folded)
        .slice(60)
        .every((kind) => kind === "as-learned"),
    );
    // They were judged all the while.
    assert.equal(folded.readings[80]!.statuses["not-fired"], SELLER.subjects);
  });

  for (const tellsAge of [true, false]) {
    const told = tellsAge ? "with its true ages" : "without a word of when it happened";
    test(`a feed that is silent for five days and then tells all at once, ${told}`, () => {
      const folded = foldSeller({ isSilent: (day) => day >= 80 && day < 85, tellsAge });
      assert.deepEqual(findingsOf(folded), []);
      const kinds = kindsOf(folded);
      assert.deepEqual(kinds.slice(80, 85), Array(5).fill("silent"));
      assert.equal(folded.readings[82]!.statuses["delays-changed"], SELLER.subjects);
      // The day after, everything is judged again.
      assert.ok(kinds.slice(85).every((kind) => kind === "as-learned"));
    });
  }

  test("a courier that takes 1.4 times as long from one day on, until its new pace is learned", () => {
    const folded = foldSeller({ days: 160, paceOf: (day) => (day >= 80 ? 1.4 : 1) });
    assert.deepEqual(findingsOf(folded), []);
    const kinds = kindsOf(folded);
    const first = kinds.indexOf("changed");
    assert.ok(first >= 81 && first <= 88, `found on day ${first}`);
    assert.equal(kinds[100], "changed");
    assert.equal(kinds.at(-1), "as-learned");
    const laws = folded.detector.lawsOf("courier")!;
    assert.ok(laws.good[4]! < 0.35, "the new law is of the new pace");
  });

  test("a bad fortnight for everyone, such as after a festival", () => {
    const isFestive = (day: number) => day >= 75 && day < 89;
    const folded = foldSeller({ rateOf: (_, day) => (isFestive(day) ? 0.34 : 0.18) });
    assert.deepEqual(findingsOf(folded), []);
  });
});

describe("what must be found", () => {
  const rateOf = (subject: number, day: number) => (subject === 7 && day >= 70 ? 0.38 : 0.18);

  test("a lasting rise in one subject, weeks before its cohorts are over", () => {
    const folded = foldSeller({ rateOf });
    const [finding, ...others] = findingsOf(folded);
    assert.ok(finding);
    assert.deepEqual(others, []);
    assert.equal(finding.subject, "s7");
    assert.ok(finding.day >= 75 && finding.day <= 85, `found on day ${finding.day}`);
    assert.ok(Math.abs(finding.changeDay - 70) <= 3, `dated ${finding.changeDay}`);
    assert.ok(finding.rate.low < 0.38 && finding.rate.high > 0.38);
    assert.ok(finding.baseline.low < 0.18 && finding.baseline.high > 0.18);
    assert.ok(finding.size.mean > 0.08 && finding.size.low > 0.03);
    assert.ok(finding.maturity >= 0.4 && finding.maturity < 0.9);
    assert.ok(Math.abs(finding.knownShare - finding.maturity) < 0.15);
    assert.ok(finding.evidence >= finding.bar && finding.confidence > 0.8);
    assert.equal(folded.detector.statusOf("s7"), "standing");
  });

  test("nothing is said below the maturity that is asked for, and it is said why", () => {
    const asked = foldSeller({ rateOf }, { maturityMin: 0.75 });
    const [finding] = findingsOf(asked);
    const [sooner] = findingsOf(foldSeller({ rateOf }));
    assert.ok(finding !== undefined && sooner !== undefined);
    assert.ok(finding.maturity >= 0.75 && finding.day > sooner.day);
    assert.equal(asked.readings[sooner.day]!.statuses["too-young"], 1);
  });

  test("an alarm ends when the rate is back, and a second rise is a second alarm", () => {
    const folded = foldSeller({
      days: 190,
      rateOf: (subject, day) =>
        subject === 7 && ((day >= 70 && day < 95) || day >= 145) ? 0.4 : 0.18,
    });
    const endDay = folded.readings.findIndex(({ ended }) => ended.includes("s7"));
    assert.ok(endDay > 95 && endDay < 140, `ended on day ${endDay}`);
    assert.deepEqual(
      findingsOf(folded).map(({ subject, day }) => [subject, day > 145]),
      [
        ["s7", false],
        ["s7", true],
      ],
    );
  });

  test("while delays are not as learned a rise is still found from cohorts that are over", () => {
    const folded = foldSeller({ days: 140, rateOf, paceOf: (day) => (day >= 60 ? 0.6 : 1) });
    const kinds = kindsOf(folded);
    const [finding] = findingsOf(folded);
    assert.ok(finding);
    assert.equal(finding.subject, "s7");
    if (kinds[finding.day] === "changed") assert.equal(finding.maturity, 1);
  });
});

describe("the books", () => {
  test("the same outcomes in another order, or in more and smaller lines, give the same reading", () => {
    const given = {
      subjects: 6,
      days: 100,
      rateOf: (s: number, d: number) => (s === 1 && d > 60 ? 0.5 : 0.2),
    };
    const plain = new CohortDetector();
    const shuffled = new CohortDetector();
    for (const day of createSellerDays(given)) {
      const split = day.resolved
        .flatMap((line) => [
          { ...line, good: 0 },
          { ...line, bad: 0 },
        ])
        .reverse();
      const [a, b] = [plain.fold(day), shuffled.fold({ ...day, resolved: split })];
      assert.deepEqual(b, a);
    }
  });

  test("every subject has one status a day, and their sum is the number of subjects", () => {
    const { readings } = foldSeller({ subjects: 5, days: 80 });
    for (const { statuses } of readings) {
      assert.equal(
        COHORT_STATUSES.reduce((sum, status) => sum + statuses[status], 0),
        5,
      );
    }
    assert.equal(readings[10]!.statuses["delays-not-learned"], 5);
  });

  test("outcomes without a cohort are counted, not believed", () => {
    const detector = new CohortDetector();
    const shipped = [{ subject: "a", lane: "l", cohortDay: 10, orders: 3 }];
    const line = { subject: "a", cohortDay: 10, bad: 1, good: 1 };
    assert.equal(detector.fold({ day: 10, shipped, resolved: [line] }).unplaced, 0);
    const resolved = [line, { ...line, subject: "stranger" }, { ...line, cohortDay: 12 }];
    // One order is left open, so of the same two told again neither is believed.
    assert.equal(detector.fold({ day: 11, shipped: [], resolved }).unplaced, 6);
    assert.equal(detector.fold({ day: 60, shipped: [], resolved: [line] }).unplaced, 2);
  });

  test("orders withdrawn under way are as if they had never been shipped", () => {
    const detector = new CohortDetector();
    const shipped = [{ subject: "a", lane: "l", cohortDay: 1, orders: 3 }];
    detector.fold({ day: 1, shipped, resolved: [] });
    const withdrawn = { subject: "a", cohortDay: 1, bad: 0, good: 0, withdrawn: 2 };
    assert.equal(detector.fold({ day: 2, shipped: [], resolved: [withdrawn] }).unplaced, 0);
    const late = { subject: "a", cohortDay: 1, bad: 0, good: 2 };
    assert.equal(detector.fold({ day: 3, shipped: [], resolved: [late] }).unplaced, 2);
    assert.equal(
      detector.fold({ day: 4, shipped: [], resolved: [{ ...late, good: 1 }] }).unplaced,
      0,
    );
  });

  test("days run forwards, a cohort begins on its day or later, a subject keeps its lane", () => {
    const detector = new CohortDetector();
    const ship = (lane: string, cohortDay: number) => [
      { subject: "a", lane, cohortDay, orders: 1 },
    ];
    detector.fold({ day: 5, shipped: ship("l", 5), resolved: [] });
    assert.throws(() => detector.fold({ day: 5, shipped: [], resolved: [] }));
    assert.throws(() => detector.fold({ day: 6, shipped: ship("l", 7), resolved: [] }));
    assert.throws(() => detector.fold({ day: 7, shipped: ship("m", 7), resolved: [] }));
  });
});
