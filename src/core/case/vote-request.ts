/**
 * What a party is asked for in words: by when, in whose hours, how to answer, and how long it let wait.
 *
 * A reader's own wall clock is used, with its zone named, because the two sides may sit in two.
 */
import { diffMs, type Instant, MINUTE_MS } from "../../std/time.ts";
import { instantToText } from "../../std/zone.ts";
import { openMsBetween } from "../charter/calendar.ts";
import { clockTermsOf } from "../charter/seat.ts";
import type { Party } from "../charter/types.ts";
import { hours } from "../charter/words.ts";
import { listWords } from "../problem.ts";
import type { Case, Letter, PartyClock, Terms } from "./types.ts";

/** Where a letter has its link and its token; they are made as it is sent, and kept nowhere. */
export const LINK_PLACE = "{{your-link}}";
export const TOKEN_PLACE = "{{your-token}}";
/** A line of its own: how to reply, where replies are taken in. */
export const REPLY_PLACE = "{{how-to-reply}}";
export const REPLY_WORDS =
  "Away? Reply `away until 2026-12-05` or `delegate to deputy@example.com`; a reply never votes.";
/** A line of its own: the evidence by day, as it is when the letter is sent. */
export const PICTURE_PLACE = "{{the-evidence-by-day}}";

/** How the vote that is wanted is given; `deadlineOf` says by when. */
export function answerLines(of: Case): ReadonlyArray<string> {
  return [
    `To answer: ${LINK_PLACE}`,
    `Or: interlock case vote ${of.id} --agree --token ${TOKEN_PLACE}`,
    "This letter is for you alone: whoever has it votes as you, once, on exactly the change below.",
  ];
}

/** Counted as the clock counts it, `4 working hours`. */
export function timeLeft(of: Case, party: Party, at: Instant, dueAt: Instant): string {
  const asked = of.verdict?.votes.find((vote) => vote.party === party.department);
  return asked === undefined || clockTermsOf(party, asked).counts === "all-hours"
    ? spanToText(diffMs(dueAt, at))
    : spanToText(openMsBetween(party.calendar, at, dueAt), "working ");
}

/** What the link of such a letter is for; it counts to the end of the party's clock. */
export function linkOf(of: Case, party: string): Letter["asks"] {
  const clock = of.clocks.find((one) => one.party === party);
  const expires = clock?.stages.at(-1)?.dueAt;
  if (of.digest === undefined || expires === undefined) return undefined;
  return { party, digest: of.digest, expires };
}

/** Each side's wait by itself, while it lasts and after it. */
export function waitLines(of: Case, { charter }: Terms): ReadonlyArray<string> {
  return of.clocks.map((clock) => {
    const party = charter.parties.find(({ department }) => department === clock.party);
    const zone = party?.calendar.timeZone ?? charter.timeZone;
    return `${clock.party}: asked ${instantToText(clock.askedAt, zone)}, ${waitOf(clock, zone)}.`;
  });
}

function waitOf(clock: PartyClock, zone: string): string {
  const { stages, answeredAt, waitedMs, waitedOpenMs } = clock;
  if (waitedMs === undefined || waitedOpenMs === undefined) {
    const turns = stages.map(
      ({ seats, dueAt }) => `${listWords(seats, "and")} until ${instantToText(dueAt, zone)}`,
    );
    return turns.join(", then ");
  }
  const waited = `${spanToText(waitedMs)}, of which ${spanToText(waitedOpenMs)} at work`;
  return answeredAt === undefined ? `no answer after ${waited}` : `answered after ${waited}`;
}

/** To the minute: `20 minutes`, `4 working hours`, `1 hour 30 minutes`. */
function spanToText(ms: number, kind = ""): string {
  const minutes = Math.round(ms / MINUTE_MS);
  const [whole, rest] = [Math.floor(minutes / 60), minutes % 60];
  const restText = `${rest} ${whole === 0 ? kind : ""}minute${rest === 1 ? "" : "s"}`;
  if (whole === 0) return restText;
  return rest === 0 ? hours(whole, kind) : `${hours(whole, kind)} ${restText}`;
}
