import assert from "node:assert/strict";
import { test } from "node:test";
import { HOUR_MS } from "../../std/time.ts";
import { computeClock, measureWait } from "./clock.ts";
import type { Calendar, ClockTerms, Party, VoteRequirement } from "./types.ts";

/** Mon-Fri 09:00 to 17:00 in Berlin: 07:00Z to 15:00Z in summer. */
const BERLIN: Calendar = {
  timeZone: "Europe/Berlin",
  open: [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", until: "17:00" }],
  holidays: [{ day: "2026-06-22", name: "a Monday off" }],
};
const WORKING: ClockTerms = {
  counts: "working-hours",
  remindAfterHours: 2,
  answerWithinHours: 4,
  escalate: [
    { to: "desk", withinHours: 1 },
    { to: "deputies", withinHours: 6 },
  ],
  atEnd: "expire",
};
/** Friday 15:00 in Berlin. */
const ASKED = "2026-06-19T13:00:00.000Z";

function party(clock: ClockTerms, calendar = BERLIN): Party {
  const owner = { name: "Head", email: "head@finance.example.com" };
  return { department: "finance", owner, deputies: [], groups: {}, calendar, clock };
}

const vote: VoteRequirement = { party: "finance", quorum: 1, from: ["owner", "desk"] };

test("each stage begins as the one before ends, and all count in working hours", () => {
  assert.deepEqual(computeClock(party(WORKING), vote, ASKED), {
    // The two hours are over as the office closes, not as it opens again.
    remindAt: "2026-06-19T15:00:00.000Z",
    stages: [
      { seats: ["owner", "desk"], from: ASKED, dueAt: "2026-06-23T09:00:00.000Z" },
      { seats: ["desk"], from: "2026-06-23T09:00:00.000Z", dueAt: "2026-06-23T10:00:00.000Z" },
      { seats: ["deputies"], from: "2026-06-23T10:00:00.000Z", dueAt: "2026-06-24T08:00:00.000Z" },
    ],
  });
});

test("a clock of all hours does not look at the calendar", () => {
  const { remindAt, stages } = computeClock(
    party({ ...WORKING, counts: "all-hours" }),
    vote,
    ASKED,
  );
  assert.deepEqual(
    [remindAt, ...stages.map(({ dueAt }) => dueAt)],
    [
      "2026-06-19T15:00:00.000Z",
      "2026-06-19T17:00:00.000Z",
      "2026-06-19T18:00:00.000Z",
      "2026-06-20T00:00:00.000Z",
    ],
  );
});

test("the clock of a vote goes before its party's", () => {
  const own: ClockTerms = { ...WORKING, answerWithinHours: 1, escalate: [] };
  const { stages } = computeClock(party(WORKING), { ...vote, clock: own }, ASKED);
  assert.deepEqual(
    stages.map(({ dueAt }) => dueAt),
    ["2026-06-19T14:00:00.000Z"],
  );
});

test("the silence of a party that never opens again still ends", () => {
  const { stages } = computeClock(party(WORKING, { ...BERLIN, open: [] }), vote, ASKED);
  assert.equal(stages[0]?.dueAt, "2027-07-24T13:00:00.000Z", "400 days later");
});

test("a wait is all of the time, and the part of it that the party was at work", () => {
  assert.deepEqual(measureWait(party(WORKING), ASKED, "2026-06-23T08:30:00.000Z"), {
    waitedMs: 91.5 * HOUR_MS,
    waitedOpenMs: 3.5 * HOUR_MS,
  });
});
