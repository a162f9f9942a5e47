/**
 * Labels of times as numbers that can be compared: one format for a whole table, found by trying.
 *
 * What sorts without doubt is taken: days, ISO weeks, months, quarters, whole numbers. A day written
 * as 05/06/2026 is two days to two readers, so it is refused.
 */
import { dayToNumber, isDay } from "../std/time.ts";

export type TimeFormat = {
  readonly name: string;
  /** Undefined when the label is not of this format. */
  readonly parse: (label: string) => number | undefined;
  readonly isDay: boolean;
};

const MIDNIGHT = /[T ]00:00(:00(\.0+)?)?(Z|[+-]00:?00)?$/;

/** In the order of trying: eight figures are a day before they are a number. */
export const TIME_FORMATS: ReadonlyArray<TimeFormat> = [
  {
    name: "YYYY-MM-DD",
    isDay: true,
    parse: (label) => parseDay(label.replace(MIDNIGHT, "").replaceAll("/", "-")),
  },
  {
    name: "YYYYMMDD",
    isDay: true,
    parse: (label) =>
      /^(19|20)\d{6}$/.test(label)
        ? parseDay(`${label.slice(0, 4)}-${label.slice(4, 6)}-${label.slice(6)}`)
        : undefined,
  },
  {
    name: "YYYY-Www",
    isDay: false,
    parse: (label) => {
      const [, year, week] = /^(\d{4})-?W(\d{2})$/i.exec(label) ?? [];
      return year === undefined ? undefined : parseWeek(Number(year), Number(week));
    },
  },
  {
    name: "YYYY-MM",
    isDay: false,
    parse: (label) => {
      const [, year, month] = /^(\d{4})-(\d{2})$/.exec(label) ?? [];
      const isMonth = Number(month) >= 1 && Number(month) <= 12;
      return isMonth ? Number(year) * 12 + Number(month) - 1 : undefined;
    },
  },
  {
    name: "YYYY-Qn",
    isDay: false,
    parse: (label) => {
      const [, year, quarter] = /^(\d{4})-?Q([1-4])$/i.exec(label) ?? [];
      return year === undefined ? undefined : Number(year) * 4 + Number(quarter) - 1;
    },
  },
  {
    name: "whole numbers",
    isDay: false,
    parse: (label) =>
      /^-?\d{1,15}$/.test(label) && Number.isSafeInteger(Number(label)) ? Number(label) : undefined,
  },
];

function parseDay(label: string): number | undefined {
  return isDay(label) ? dayToNumber(label) : undefined;
}

/** Weeks since the one of 1970-01-01; week 1 has the year's first Thursday (ISO 8601). */
function parseWeek(year: number, week: number): number | undefined {
  const mondayOf = (y: number) => {
    const fourth = dayToNumber(`${y}-01-04`);
    return fourth - ((((fourth + 3) % 7) + 7) % 7);
  };
  const weeks = (mondayOf(year + 1) - mondayOf(year)) / 7;
  if (week < 1 || week > weeks) return undefined;
  return (mondayOf(year) + 3) / 7 + week - 1;
}

/** The format that reads most of the labels, if it reads nearly all. */
export function chooseTimeFormat(labels: ReadonlyArray<string>): TimeFormat | undefined {
  const READ_SHARE_MIN = 0.9;
  let best: { readonly format: TimeFormat; readonly read: number } | undefined;
  for (const format of TIME_FORMATS) {
    const read = labels.filter((label) => format.parse(label) !== undefined).length;
    if (read > (best?.read ?? 0)) best = { format, read };
  }
  return best !== undefined && best.read >= READ_SHARE_MIN * labels.length
    ? best.format
    : undefined;
}
