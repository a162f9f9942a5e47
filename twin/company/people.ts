/** How people answer: within office hours, after a while, mostly yes, sometimes no, sometimes never. */
import { integerBetween, normal, randomFrom } from "../../src/std/random.ts";
import {
  addDays,
  addMs,
  dayOf,
  diffMs,
  type Instant,
  instantOn,
  MINUTE_MS,
  weekdayOf,
} from "../../src/std/time.ts";

const INDIA_OFFSET_MINUTES = 330;
const OFFICE_OPENS_MINUTE = 9 * 60 + 30;
const OFFICE_CLOSES_MINUTE = 19 * 60;
const SUNDAY = 6;
const NEVER_SHARE = 0.05;
const REJECT_SHARE = 0.05;
/** Half of the answers come within this much office time; log-normal with this spread. */
const MEDIAN_MINUTES = 55;
const SPREAD = 1.0;

export type HumanVote = {
  readonly at: Instant;
  readonly choice: "agree" | "reject";
  readonly reason: string;
};

/** When and how a party answers a request for its vote; undefined when nobody does. */
export function answerVote(
  seed: number,
  caseId: string,
  party: string,
  askedAt: Instant,
): HumanVote | undefined {
  const random = randomFrom(seed, "vote", caseId, party);
  if (random.next() < NEVER_SHARE) return undefined;
  const rejects = random.next() < REJECT_SHARE;
  const minutes = MEDIAN_MINUTES * Math.exp(SPREAD * normal(random));
  return {
    at: addOfficeMinutes(askedAt, Math.round(minutes)),
    choice: rejects ? "reject" : "agree",
    reason: rejects
      ? "a campaign there must not be touched this week"
      : "the evidence is convincing",
  };
}

/** The same hand-off between people: days from the finding to the change, 5 to 14. */
export function humanHandOffDays(seed: number, caseId: string): number {
  return integerBetween(randomFrom(seed, "hand-off", caseId), 5, 15);
}

/** The instant after `minutes` of office time from `at`; nights and Sundays do not count. */
function addOfficeMinutes(at: Instant, minutes: number): Instant {
  let leftMs = minutes * MINUTE_MS;
  let day = dayOf(at, INDIA_OFFSET_MINUTES);
  for (;;) {
    const opens = instantOn(day, OFFICE_OPENS_MINUTE, INDIA_OFFSET_MINUTES);
    const closes = instantOn(day, OFFICE_CLOSES_MINUTE, INDIA_OFFSET_MINUTES);
    const begins = at > opens ? at : opens;
    if (weekdayOf(day) !== SUNDAY && begins < closes) {
      const officeMs = diffMs(closes, begins);
      if (leftMs < officeMs) return addMs(begins, leftMs);
      leftMs -= officeMs;
    }
    day = addDays(day, 1);
  }
}
