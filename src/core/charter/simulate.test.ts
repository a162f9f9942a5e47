import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { goodProposal, referenceCharter } from "../../../test/kit/reference-loop.ts";
import { addMs, DAY_MS, HOUR_MS } from "../../std/time.ts";
import { type PastCase, simulateCharter } from "./simulate.ts";
import type { Charter } from "./types.ts";

const charter = referenceCharter();
/** A Monday, 11:30 in India. */
const START = "2026-03-02T06:00:00.000Z";

function past(n: number, change: Partial<PastCase> = {}): PastCase {
  return {
    case: `case-${n}`,
    at: addMs(START, n * HOUR_MS),
    loop: charter.loop,
    subject: `IN-${560_000 + n}`,
    proposal: goodProposal({ resource: `ads:x/geo/${n}` }),
    confidence: 0.9,
    confidenceToAct: 0.7,
    reversible: true,
    then: { kind: "auto", rule: "small-and-reversible" },
    answers: [],
    ...change,
  };
}

const large = (n: number) =>
  goodProposal({
    resource: `ads:x/geo/${n}`,
    valueAtStake: { amountMinor: 60_000_000, currency: "INR" },
  });
const fatesOf = (history: ReadonlyArray<PastCase>, under: Charter = charter) =>
  simulateCharter(under, "h", history).cases.map(({ fate, rule }) => `${fate} ${rule}`);

test("under the charter of then, everything is decided as it was", () => {
  const report = simulateCharter(charter, "h", [past(0), past(1)]);
  assert.deepEqual(report.fates, { ran: 2, agreed: 0, rejected: 0, expired: 0, forbidden: 0 });
  assert.deepEqual(
    report.cases.flatMap(({ changed }) => changed ?? []),
    [],
  );
  assert.equal(report.valueByItselfMinor, 2 * 1_240_000);
});

test("a tighter cap forbids what comes after it, that day and not the next", () => {
  const { guardrails } = charter;
  const tight = {
    ...charter,
    guardrails: { ...guardrails, perDay: { ...guardrails.perDay, actions: 1 } },
  };
  assert.deepEqual(fatesOf([past(0), past(1), past(24)], tight), [
    "ran small-and-reversible",
    "forbidden actions-per-day",
    "ran small-and-reversible",
  ]);
});

test("the same place rests, and a resource that is held collides", () => {
  const again = { subject: "IN-560000", proposal: goodProposal({ resource: "ads:x/geo/other" }) };
  const within = { proposal: goodProposal({ resource: "ads:x/geo/0/part" }) };
  const report = simulateCharter(charter, "h", [past(0), past(1, again), past(2, within)]);
  assert.deepEqual(
    report.cases.map(({ rule }) => rule),
    ["small-and-reversible", "cool-down", "one-case-at-a-time"],
  );
  assert.deepEqual(report.collisions, [{ case: "case-2", with: "case-0" }]);
});

test("people answer as they did then, or as their department usually did, and silence ends it", () => {
  const hour = (party: string, choice: "agree" | "reject" = "agree", hours = 1) => ({
    party,
    choice,
    waitedMs: hours * HOUR_MS,
  });
  const both = [hour("logistics"), hour("marketing", "agree", 2)];
  const history = [
    past(0, { proposal: large(0), answers: both }),
    past(24, { proposal: large(24), answers: [hour("logistics"), hour("marketing", "reject")] }),
    past(48, { proposal: large(48), answers: [hour("logistics"), hour("marketing", "agree", 90)] }),
    past(72, { proposal: large(72) }),
  ];
  const report = simulateCharter(charter, "h", history);
  assert.deepEqual(
    report.cases.map(({ fate }) => fate),
    ["agreed", "rejected", "expired", "agreed"],
  );
  assert.equal(report.cases[0]?.actedAt, addMs(START, 2 * HOUR_MS));
  assert.deepEqual(
    report.answers.map(({ party, from }) => [party, from]),
    [
      ["logistics", 3],
      ["marketing", 3],
    ],
  );
});

test("each person's requests are counted by the hour of their own day, and outside their hours", () => {
  const night = past(0, { proposal: large(0), at: "2026-03-02T20:15:00.000Z" });
  const report = simulateCharter(charter, "h", [past(1, { proposal: large(1) }), night]);
  const head = report.approvals.find(({ person }) => person === "head@marketing.example.com");
  assert.deepEqual([head?.asked, head?.outsideHours], [2, 1]);
  assert.deepEqual([head?.byHour[12], head?.byHour[1]], [1, 1]);
  const desk = report.approvals.find(({ person }) => person === "lead-ndr@logistics.example.com");
  assert.equal(desk?.asked, 2, "both seats that are asked first");
});

test("whatever the history, every case has one fate, and the order it comes in does not matter", () => {
  const drawn = fc.array(
    fc.record({
      hours: fc.integer({ min: 0, max: 400 }),
      place: fc.integer({ min: 0, max: 5 }),
      amountMinor: fc.constantFrom(100, 10_000_000, 60_000_000),
      standingDays: fc.integer({ min: 1, max: 28 }),
    }),
    { maxLength: 30 },
  );
  fc.assert(
    fc.property(drawn, (draws) => {
      const history = draws.map(({ hours, place, amountMinor, standingDays }, n) =>
        past(n, {
          at: addMs(START, hours * HOUR_MS),
          subject: `IN-56000${place}`,
          proposal: goodProposal({
            resource: `ads:x/geo/${place}`,
            valueAtStake: { amountMinor, currency: "INR" },
            standingDays,
          }),
        }),
      );
      const report = simulateCharter(charter, "h", history);
      const sum = Object.values(report.fates).reduce((a, b) => a + b, 0);
      assert.equal(sum, history.length);
      const forbidden = Object.values(report.forbiddenBy).reduce((a, b) => a + b, 0);
      assert.equal(forbidden, report.fates.forbidden);
      assert.deepEqual(simulateCharter(charter, "h", [...history].reverse()), report);
      // Nothing stands twice on one place.
      const acts = report.cases.filter(({ actedAt }) => actedAt !== undefined);
      for (const act of acts) assert(act.actedAt! >= act.at && act.actedAt! < addMs(act.at, 30 * DAY_MS)); // prettier-ignore
    }),
    { numRuns: 200 },
  );
});
