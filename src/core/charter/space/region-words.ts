/**
 * Regions and points in the words of a department: "`exclude_geo` with value at stake from Rs 75,000 to
 * below Rs 5,00,000, touching 2 places or more, outside Mon-Fri 09:00-18:00".
 *
 * Bounds are exact: a rounded one would name another region.
 */
import { type Money, moneyToText } from "../../../std/money.ts";
import { MINUTES_A_DAY, type Point } from "../condition.ts";
import { listWords, quote } from "../../problem.ts";
import { type Range, WEEKDAYS } from "../types.ts";
import { describeDays, describeWindows, moneyToExactText } from "../words.ts";
import type { Where } from "./region.ts";
import type { Action } from "./space.ts";
import { minuteToText, otherMinutes, windowsOf } from "./week.ts";

/** `possible` is every action there is, so that "any option" can be said. */
export function describeRegion(
  where: Where,
  possible: ReadonlyArray<Action>,
  currency: string,
): string {
  const parts = describeMeasures(where, currency);
  return [describeActions(where.actions, possible), parts.join(", ")].filter(Boolean).join(" ");
}

/** One entry for each dimension that is named. */
function describeMeasures(where: Where, currency: string): ReadonlyArray<string> {
  const parts: string[] = [];
  const add = (
    stretches: ReadonlyArray<Range> | undefined,
    say: (stretch: Range) => string,
    before: string,
  ): void => {
    if (stretches !== undefined) parts.push(`${before} ${stretches.map(say).join(" or ")}`);
  };
  add(
    where.valueAtStake,
    (stretch) => describeStretchOfMoney(stretch, currency),
    "with value at stake",
  );
  add(where.confidence, (stretch) => describeStretch(stretch, String), "with confidence");
  add(where.subjects, describeCount, "touching");
  add(where.shareOfOrders, (stretch) => describeShare(stretch, "all orders"), "touching");
  add(where.shareOfSpend, (stretch) => describeShare(stretch, "all ad spend"), "touching");
  if (where.time !== undefined) parts.push(describeTime(where.time));
  return parts;
}

export function describeTime(stretches: ReadonlyArray<Range>): string {
  const inside = windowsOf(stretches);
  const outside = windowsOf(otherMinutes(stretches));
  return inside.length <= outside.length
    ? `within ${describeWindows(inside)}`
    : `outside ${describeWindows(outside)}`;
}

function describeStretch({ atLeast, below }: Range, print: (bound: number) => string): string {
  if (below === undefined) return atLeast === 1 ? print(1) : `${print(atLeast ?? 0)} or more`;
  if (atLeast === undefined) return `below ${print(below)}`;
  return `from ${print(atLeast)} to below ${print(below)}`;
}

/** A bound of a cap and one paisa more is said as "more than" the cap, "up to" it. */
export function describeStretchOfMoney(stretch: Range, currency: string): string {
  const { atLeast, below } = stretch;
  const print = (amountMinor: number): string => exactMoney({ amountMinor, currency });
  const isJustOver = (bound: number | undefined): bound is number =>
    bound !== undefined && bound % 100 === 1;
  const from = isJustOver(atLeast) ? `more than ${print(atLeast - 1)}` : undefined;
  const until = isJustOver(below) ? `up to ${print(below - 1)}` : undefined;
  if (from === undefined && until === undefined) return describeStretch(stretch, print);
  const low = from ?? (atLeast === undefined ? undefined : `from ${print(atLeast)}`);
  const high = until ?? (below === undefined ? undefined : `below ${print(below)}`);
  return [low, high].filter((part) => part !== undefined).join(from === undefined ? " " : " and ");
}

function describeShare({ atLeast, below }: Range, whole: string): string {
  if (below === undefined) {
    return atLeast === 1 ? whole : `${percent(atLeast ?? 0)} or more of ${whole}`;
  }
  if (atLeast === undefined) return `less than ${percent(below)} of ${whole}`;
  return `from ${percent(atLeast)} to below ${percent(below)} of ${whole}`;
}

/** Whole numbers, so that both ends can be named. */
function describeCount({ atLeast, below }: Range): string {
  if (below === undefined) return `${atLeast ?? 1} places or more`;
  const [least, most] = [atLeast ?? 1, below - 1];
  if (least === most) return least === 1 ? "1 place" : `${least} places`;
  return atLeast === undefined ? `up to ${most} places` : `${least} to ${most} places`;
}

/** Without a rounding that could make two bounds look alike. */
export function exactMoney(money: Money): string {
  return money.amountMinor % 100 === 0 ? moneyToText(money) : moneyToExactText(money);
}

export function percent(share: number): string {
  return `${Number((share * 100).toPrecision(15))}%`;
}

/** Options that are alike in being undone or not stand together. */
export function describeActions(
  actions: ReadonlyArray<Action>,
  possible: ReadonlyArray<Action>,
): string {
  const namesBySuffix = new Map<string, string[]>();
  const options = [...new Set(actions.map(({ option }) => option))];
  for (const option of options) {
    const all = possible.filter((action) => action.option === option);
    const here = actions.filter((action) => action.option === option);
    const suffix =
      here.length === all.length
        ? ""
        : here[0]?.reversible === true
          ? " where it can be undone"
          : " where it cannot be undone";
    namesBySuffix.set(suffix, [...(namesBySuffix.get(suffix) ?? []), quote(option)]);
  }
  const isAny = options.length === new Set(possible.map(({ option }) => option)).size;
  if (isAny && options.length > 1 && namesBySuffix.size === 1) {
    return `any option${[...namesBySuffix.keys()].join()}`;
  }
  // What needs no addition stands first, or it would seem to share one.
  const groups = [...namesBySuffix].sort(([a], [b]) => a.length - b.length);
  return groups.map(([suffix, names]) => `${listWords(names)}${suffix}`).join(", or ");
}

/** Everything that a charter can ask about one proposal; `asked` leaves out what nothing asks about. */
export function describePoint(
  point: Point,
  currency: string,
  asked: (name: string) => boolean = () => true,
): string {
  const { option, reversible, valueAtStake, confidence, subjects, time } = point;
  const parts = [
    quote(option),
    asked("reversible") ? (reversible ? "can be undone" : "cannot be undone") : "",
    asked("valueAtStake")
      ? `value at stake ${exactMoney({ amountMinor: valueAtStake, currency })}`
      : "",
    asked("confidence") ? `confidence ${confidence}` : "",
    asked("subjects") ? `${subjects} place${subjects === 1 ? "" : "s"}` : "",
    asked("shareOfOrders") ? `${percent(point.shareOfOrders)} of all orders` : "",
    asked("shareOfSpend") ? `${percent(point.shareOfSpend)} of all ad spend` : "",
    asked("time") ? describeMinute(time) : "",
  ];
  return parts.filter(Boolean).join(", ");
}

/** "Mon 09:30" */
export function describeMinute(minuteOfWeek: number): string {
  const weekday = WEEKDAYS[Math.floor(minuteOfWeek / MINUTES_A_DAY)] ?? "mon";
  return `${describeDays([weekday])} ${minuteToText(minuteOfWeek % MINUTES_A_DAY)}`;
}
