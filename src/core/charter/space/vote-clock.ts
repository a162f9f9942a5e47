/**
 * Votes that cannot come in time: nobody is at work before the clock ends, or the signal is over before
 * the vote needs to be.
 *
 * A party may be asked at any moment. Of a clock that always runs, the worst moment is the beginning of
 * the longest time that the office is closed; of one that runs in working hours, the moment at which the
 * office closes. So only those moments are looked at, every one of them while the charter is in force.
 */
import { canonicalJson } from "../../../std/canonical-json.ts";
import {
  addDays,
  addMs,
  DAY_MS,
  diffMs,
  HOUR_MS,
  instantFromMs,
  type Instant,
} from "../../../std/time.ts";
import { dayIn, instantToText, startOfDay } from "../../../std/zone.ts";
import type { Contract } from "../../contract/types.ts";
import { listWords, quote } from "../../problem.ts";
import { CLOSED_DAYS_MAX, findLongestClosure, openStretches } from "../calendar.ts";
import { clockTermsOf } from "../seat.ts";
import type { Calendar, Charter, ClockTerms } from "../types.ts";
import { hours } from "../words.ts";
import type { Asked } from "./approver.ts";
import type { GapFinding } from "./finding.ts";

type Wait = { readonly askedAt: Instant; readonly endsAt: Instant };

export function findLateVotes(
  charter: Charter,
  asked: ReadonlyArray<Asked>,
  contract?: Contract,
): ReadonlyArray<GapFinding> {
  const known = new Map<string, Wait | undefined>();
  return asked.flatMap(({ vote, rules, path }): ReadonlyArray<GapFinding> => {
    const party = charter.parties.find(({ department }) => department === vote.party);
    if (party === undefined) return [];
    const terms = clockTermsOf(party, vote);
    const total = totalHours(terms);
    const asks = rules.length === 1 ? "asks" : "ask";
    const who = `${listWords(rules.map(quote), "and")} ${asks} ${vote.party}`;
    const say = (at: Instant): string => instantToText(at, charter.timeZone);
    const find = (
      message: string,
      help: string,
      severity: GapFinding["severity"] = "warning",
    ): GapFinding => ({
      kind: "clock",
      severity,
      path,
      message,
      help,
      rules,
    });
    const findings: GapFinding[] = [];
    if (terms.counts === "all-hours") {
      const closure = closureOf(charter, party.calendar);
      if (closure !== undefined && diffMs(closure.until, closure.from) >= total * HOUR_MS) {
        const message =
          `${who}, whose clock ends after ${hours(total)} and may find nobody at work: closed from ` +
          `${say(closure.from)} to ${say(closure.until)}`;
        findings.push(find(message, "count working hours, or give more time"));
      }
    }
    if (contract === undefined) return findings;
    const key = canonicalJson([party.calendar, terms.counts, total]);
    if (!known.has(key)) known.set(key, findLongestWait(charter, party.calendar, terms));
    const wait = known.get(key);
    const { afterHours } = contract.expiry;
    if (wait === undefined || diffMs(wait.endsAt, wait.askedAt) <= afterHours * HOUR_MS) {
      return findings;
    }
    const message =
      terms.counts === "all-hours"
        ? `${who} with ${hours(total)} to answer, but a signal ends after ${hours(afterHours)}`
        : `${who} with ${hours(total, "working ")} to answer, but a signal ends after ${hours(afterHours)}: asked at ` +
          `${say(wait.askedAt)}, the clock ends at ${say(wait.endsAt)}`;
    // On most days it is in time, unless the hours alone are too many.
    const severity = total > afterHours ? "warning" : "advice";
    const help = "a vote that comes after the signal's end decides nothing";
    return [...findings, find(message, help, severity)];
  });
}

/** To the end of the last who is asked. */
export function totalHours({ answerWithinHours, escalate }: ClockTerms): number {
  return escalate.reduce((sum, { withinHours }) => sum + withinHours, answerWithinHours);
}

function forceOf({ effective, timeZone }: Charter): { from: Instant; until: Instant } {
  return {
    from: startOfDay(effective.from, timeZone),
    until: startOfDay(effective.until, timeZone),
  };
}

function closureOf(charter: Charter, calendar: Calendar): ReturnType<typeof findLongestClosure> {
  const { from, until } = forceOf(charter);
  return findLongestClosure(calendar, from, until);
}

/** From being asked to the end of the clock, at the worst moment. */
function findLongestWait(
  charter: Charter,
  calendar: Calendar,
  terms: ClockTerms,
): Wait | undefined {
  const { from, until } = forceOf(charter);
  const ms = totalHours(terms) * HOUR_MS;
  if (terms.counts === "all-hours") return { askedAt: from, endsAt: addMs(from, ms) };
  const stretches = listStretches(calendar, from, until, ms);
  let longest: { asked: number; ends: number } | undefined;
  const start = Date.parse(from);
  for (let i = -1; i < stretches.length; i++) {
    const asked = i === -1 ? start : (stretches[i]?.until ?? 0);
    if (asked < start) continue;
    if (asked >= Date.parse(until)) break;
    let left = ms;
    let ends = asked + CLOSED_DAYS_MAX * DAY_MS;
    for (let j = i + 1; j < stretches.length; j++) {
      const stretch = stretches[j];
      if (stretch === undefined || stretch.until <= asked) continue;
      const begins = Math.max(stretch.from, asked);
      if (left <= stretch.until - begins) {
        ends = begins + left;
        break;
      }
      left -= stretch.until - begins;
    }
    if (longest === undefined || ends - asked > longest.ends - longest.asked) {
      longest = { asked, ends };
    }
  }
  if (longest === undefined) return undefined;
  return { askedAt: instantFromMs(longest.asked), endsAt: instantFromMs(longest.ends) };
}

/** Open stretches of the time in force, and of as long after it as a clock that began then may need. */
function listStretches(
  calendar: Calendar,
  from: Instant,
  until: Instant,
  ms: number,
): ReadonlyArray<{ readonly from: number; readonly until: number }> {
  const stretches: Array<{ from: number; until: number }> = [];
  let left = ms;
  let closedDays = 0;
  let day = dayIn(from, calendar.timeZone);
  while (left > 0 && closedDays < CLOSED_DAYS_MAX) {
    const open = openStretches(calendar, day);
    closedDays = open.length === 0 ? closedDays + 1 : 0;
    for (const stretch of open) {
      const [begin, end] = [Date.parse(stretch.from), Date.parse(stretch.until)];
      stretches.push({ from: begin, until: end });
      if (stretch.from >= until) left -= end - begin;
    }
    day = addDays(day, 1);
  }
  return stretches;
}
