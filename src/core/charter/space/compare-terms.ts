/**
 * What two versions of a charter say besides their rules, compared field by field, in words: who speaks
 * for a party and when it works, what may be done at most, who is told, how far the loop goes by itself.
 */
import { listWords, quote } from "../../problem.ts";
import { amountOf } from "../money-text.ts";
import type { Calendar, Charter, ClockTerms, Party, Person } from "../types.ts";
import { describeWindows, hours } from "../words.ts";
import type { CharterChange } from "./compare.ts";
import { exactMoney } from "./region-words.ts";

type Direction = CharterChange["direction"];

export function compareTerms(before: Charter, after: Charter): ReadonlyArray<CharterChange> {
  const changes: CharterChange[] = [];
  const tell: Tell = (what, was, is, direction = "other") => {
    if (was === is) return;
    const message =
      was === ""
        ? `${what}: ${is}, which is new`
        : is === ""
          ? `${what}: no longer ${was}`
          : `${what}: ${was} before, ${is} now`;
    changes.push({ kind: "terms", direction, message });
  };
  compareOptions(before, after, tell);
  compareGuardrails(before, after, tell);
  compareAutonomy(before, after, tell);
  compareParties(before, after, tell);
  compareRest(before, after, tell);
  return changes;
}

/** Says nothing when both are the same; an empty text is what is not there. */
type Tell = (what: string, before: string, after: string, direction?: Direction) => void;

/** For a number of which more lets more happen. */
function moreIsEasier(before: number, after: number): Direction {
  return after > before ? "easier" : "harder";
}

function fewerIsEasier(before: number, after: number): Direction {
  return after < before ? "easier" : "harder";
}

/** One line for what came and one for what went. */
function tellItems(
  tell: Tell,
  what: string,
  before: ReadonlyArray<string>,
  after: ReadonlyArray<string>,
  [whenAdded, whenGone]: readonly [Direction, Direction] = ["other", "other"],
): void {
  const added = after.filter((item) => !before.includes(item));
  const gone = before.filter((item) => !after.includes(item));
  if (added.length > 0) tell(what, "", listWords(added, "and"), whenAdded);
  if (gone.length > 0) tell(what, listWords(gone, "and"), "", whenGone);
}

function compareOptions(before: Charter, after: Charter, tell: Tell): void {
  const [was, is] = [before.options.map(quote), after.options.map(quote)];
  tellItems(tell, "options covered", was, is, ["easier", "harder"]);
}

function compareGuardrails(before: Charter, after: Charter, tell: Tell): void {
  const [was, is] = [before.guardrails, after.guardrails];
  for (const [span, words] of [
    ["perDay", "a day"],
    ["perWeek", "in seven days"],
  ] as const) {
    for (const field of ["actions", "subjects"] as const) {
      const [a, b] = [was[span][field], is[span][field]];
      tell(`most ${field} ${words}`, String(a), String(b), moreIsEasier(a, b));
    }
    const [a, b] = [amountOf(was[span].value), amountOf(is[span].value)];
    const [textA, textB] = [
      exactMoney({ amountMinor: a, currency: before.currency }),
      exactMoney({ amountMinor: b, currency: after.currency }),
    ];
    tell(`most value at stake ${words}`, textA, textB, moreIsEasier(a, b));
  }
  const days = (count: number): string => `${count} day${count === 1 ? "" : "s"}`;
  const [rest, restNow] = [was.coolDownDays, is.coolDownDays];
  tell("rest after an action", days(rest), days(restNow), fewerIsEasier(rest, restNow));
  const [stand, standNow] = [was.standingDaysMax, is.standingDaysMax];
  tell("longest standing", days(stand), days(standNow), moreIsEasier(stand, standNow));
  const freezes = ({ freezes: list }: Charter["guardrails"]): ReadonlyArray<string> =>
    list.map(({ from, until }) => `${from} until ${until}`);
  tellItems(tell, "freeze", freezes(was), freezes(is), ["harder", "easier"]);
}

function compareAutonomy(before: Charter, after: Charter, tell: Tell): void {
  const levels = ["shadow", "advise", "act"];
  const [was, is] = [before.autonomy, after.autonomy];
  const start = moreIsEasier(levels.indexOf(was.start), levels.indexOf(is.start));
  tell("the loop starts at", quote(was.start), quote(is.start), start);
  const { promote: up, demote: down } = was;
  const { promote: upNow, demote: downNow } = is;
  const outcomes = (count: number): string => `${count} outcomes`;
  tell(
    "a step up needs",
    outcomes(up.matured),
    outcomes(upNow.matured),
    fewerIsEasier(up.matured, upNow.matured),
  );
  const share = (part: number): string => `${Number((part * 100).toPrecision(15))}%`;
  tell(
    "a step up needs that helped",
    share(up.helpedShareAtLeast),
    share(upNow.helpedShareAtLeast),
    fewerIsEasier(up.helpedShareAtLeast, upNow.helpedShareAtLeast),
  );
  tell(
    "a step up allows that harmed",
    String(up.harmedAtMost),
    String(upNow.harmedAtMost),
    moreIsEasier(up.harmedAtMost, upNow.harmedAtMost),
  );
  tell(
    "a step down at",
    `${down.harmed} harmed within ${down.withinDays} days`,
    `${downNow.harmed} harmed within ${downNow.withinDays} days`,
    downNow.harmed >= down.harmed && downNow.withinDays <= down.withinDays
      ? "easier"
      : downNow.harmed <= down.harmed && downNow.withinDays >= down.withinDays
        ? "harder"
        : "other",
  );
  const [glass, glassNow] = [before.breakGlass, after.breakGlass];
  const [most, mostNow] = [glass?.hoursMax ?? 0, glassNow?.hoursMax ?? 0];
  const text = (count: number): string => (count === 0 ? "" : `for ${hours(count)}`);
  tell("an owner may break the glass", text(most), text(mostNow), moreIsEasier(most, mostNow));
  const lifts = (list: ReadonlyArray<string> = []): ReadonlyArray<string> => list.map(quote);
  tellItems(tell, "broken glass lifts", lifts(glass?.lifts), lifts(glassNow?.lifts), [
    "easier",
    "harder",
  ]);
}

function compareParties(before: Charter, after: Charter, tell: Tell): void {
  const names = ({ parties }: Charter): ReadonlyArray<string> =>
    parties.map(({ department }) => department);
  tellItems(tell, "parties", names(before), names(after));
  for (const party of after.parties) {
    const was = before.parties.find(({ department }) => department === party.department);
    if (was !== undefined) compareParty(was, party, tell);
  }
}

function compareParty(was: Party, is: Party, tell: Tell): void {
  const { department } = is;
  tell(`owner of ${department}`, personToText(was.owner), personToText(is.owner));
  const people = (list: ReadonlyArray<Person> | undefined): ReadonlyArray<string> =>
    (list ?? []).map(personToText);
  tellItems(tell, `deputies of ${department}`, people(was.deputies), people(is.deputies));
  for (const group of new Set([...Object.keys(was.groups), ...Object.keys(is.groups)])) {
    const [a, b] = [people(was.groups[group]), people(is.groups[group])];
    tellItems(tell, `${quote(group)} of ${department}`, a, b);
  }
  compareCalendar(department, was.calendar, is.calendar, tell);
  const [clock, clockNow] = [describeClock(was.clock), describeClock(is.clock)];
  tell(`clock of ${department}`, clock, clockNow);
}

function personToText({ name, email, from, until }: Person): string {
  const term = [from && ` from ${from}`, until && ` until ${until}`].filter(Boolean).join("");
  return `${name} (${email})${term}`;
}

function compareCalendar(department: string, was: Calendar, is: Calendar, tell: Tell): void {
  tell(`time zone of ${department}`, was.timeZone, is.timeZone);
  tell(`working hours of ${department}`, describeWindows(was.open), describeWindows(is.open));
  const days = ({ holidays }: Calendar): ReadonlyArray<string> =>
    holidays.map(({ day, name }) => `${day} (${name})`);
  tellItems(tell, `holidays of ${department}`, days(was), days(is));
}

function describeClock(clock: ClockTerms): string {
  const { counts, remindAfterHours, answerWithinHours, escalate, atEnd } = clock;
  const kind = counts === "working-hours" ? "working " : "";
  const asks = escalate.map(({ to, withinHours }) => `, then ${to} ${hours(withinHours, kind)}`);
  return (
    `reminded after ${hours(remindAfterHours, kind)}, ${hours(answerWithinHours, kind)} to ` +
    `answer${asks.join("")}, then ${atEnd}`
  );
}

function compareRest(before: Charter, after: Charter, tell: Tell): void {
  const targets = ({ notify }: Charter): ReadonlyArray<string> =>
    notify.map(
      ({ department, address, on }) =>
        `${address} for ${department}${on === undefined ? "" : ` of ${listWords([...on].sort(), "and")}`}`,
    );
  tellItems(tell, "told", targets(before), targets(after));
  const { over = [], yieldsTo = [] } = before.precedence ?? {};
  const { over: overNow = [], yieldsTo: yieldsNow = [] } = after.precedence ?? {};
  tellItems(tell, "comes before", over, overNow, ["easier", "harder"]);
  tellItems(tell, "gives way to", yieldsTo, yieldsNow, ["harder", "easier"]);
  const yes = (is: boolean): string => (is ? "yes" : "no");
  const [undo, undoNow] = [before.rollback, after.rollback];
  tellItems(tell, "may undo", undo.by, undoNow.by, ["harder", "easier"]);
  const onHarm = undoNow.onHarm ? "harder" : "easier";
  tell("harm undoes itself", yes(undo.onHarm), yes(undoNow.onHarm), onHarm);
  const onRecovery = undoNow.onRecovery ? "harder" : "easier";
  tell("recovery undoes itself", yes(undo.onRecovery), yes(undoNow.onRecovery), onRecovery);
  tell("open cases", before.openCases, after.openCases);
  const [outcome, outcomeNow] = [before.outcome, after.outcome];
  const days = (count: number): string => `${count} days`;
  tell("outcome read after", days(outcome.maturityDays), days(outcomeNow.maturityDays));
  const accepts = ({ acceptUndetermined }: Charter["outcome"]): string =>
    yes(acceptUndetermined === true);
  tell("`cannot tell` is accepted", accepts(outcome), accepts(outcomeNow));
  const waits = ({ holdout }: Charter["outcome"]): string =>
    holdout === undefined ? "none" : `${holdout.share} (${holdout.because})`;
  tell("share that waits by lot", waits(outcome), waits(outcomeNow));
  tell("in force from", before.effective.from, after.effective.from);
  tell("in force until", before.effective.until, after.effective.until);
  tell("looked at again on", before.effective.review, after.effective.review);
  tell("time zone", before.timeZone, after.timeZone);
  tell("currency", before.currency, after.currency);
  tell("loop", before.loop, after.loop);
  tell("title", before.title, after.title);
}
