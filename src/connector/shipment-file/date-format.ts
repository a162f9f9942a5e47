/**
 * Dates as files write them: `MM-DD-YY`, `DD/MM/YYYY`, `D MMM YYYY`, `YYYY-MM-DDTHH:mm:ss`.
 *
 * A mapping may list several formats for one column, but no text may mean two days: `MM-DD-YY` beside
 * `DD-MM-YY` is refused when the mapping is read, not guessed when a row is. Times of day are checked
 * and dropped: the day is the one written. Zones are left out; a file that has them is to be exported
 * in business time. `YY` is 2000 to 2099.
 */
import { addDays, dayFromNumber, dayToNumber, isDay, type Day } from "../../std/time.ts";

export type DateFormat = {
  readonly text: string;
  parse(text: string): Day | undefined;
  /** The day written in this format, midnight where it has a time. */
  write(day: Day): string;
};

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

const TOKENS: Readonly<Record<string, { readonly pattern: string; readonly part: string }>> = {
  YYYY: { pattern: "(\\d{4})", part: "year" },
  YY: { pattern: "(\\d{2})", part: "shortYear" },
  MMM: { pattern: "([A-Za-z]{3})", part: "monthName" },
  MM: { pattern: "(\\d{2})", part: "month" },
  M: { pattern: "(\\d{1,2})", part: "month" },
  DD: { pattern: "(\\d{2})", part: "day" },
  D: { pattern: "(\\d{1,2})", part: "day" },
  HH: { pattern: "([01]\\d|2[0-3])", part: "time" },
  mm: { pattern: "([0-5]\\d)", part: "time" },
  ss: { pattern: "([0-5]\\d)", part: "time" },
};
const TOKEN_OR_CHARACTER = /YYYY|YY|MMM|MM|M|DD|D|HH|mm|ss|[^]/gu;

/** The format, or a sentence that says what is wrong with it. */
export function compileDateFormat(text: string): DateFormat | string {
  const pieces = text.match(TOKEN_OR_CHARACTER) ?? [];
  const parts: string[] = [];
  let pattern = "";
  let previous = "";
  for (const piece of pieces) {
    const token = TOKENS[piece];
    if (token === undefined) {
      if (/[A-Za-z0-9]/.test(piece) && piece !== "T") {
        return `\`${piece}\` in date format \`${text}\` has no meaning`;
      }
      pattern += piece.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");
    } else {
      if (
        (piece.length === 1 || previous.length === 1) &&
        previous in TOKENS &&
        ![piece, previous].includes("MMM")
      ) {
        return `\`${previous}${piece}\` in date format \`${text}\` does not say where one ends`;
      }
      pattern += token.pattern;
      parts.push(token.part);
    }
    previous = piece;
  }
  const years = parts.filter((part) => part === "year" || part === "shortYear").length;
  const months = parts.filter((part) => part === "month" || part === "monthName").length;
  const days = parts.filter((part) => part === "day").length;
  if (years !== 1 || months !== 1 || days !== 1) {
    return `date format \`${text}\` needs one year, one month and one day`;
  }
  const regex = new RegExp(`^${pattern}$`);
  return {
    text,
    parse: (written) => readDay(regex.exec(written), parts),
    write: (day) => pieces.map((piece) => writePiece(piece, day)).join(""),
  };
}

function readDay(match: RegExpExecArray | null, parts: ReadonlyArray<string>): Day | undefined {
  if (match === null) return undefined;
  let year = "";
  let month = 0;
  let day = "";
  for (const [i, part] of parts.entries()) {
    const text = match[i + 1] ?? "";
    if (part === "year") year = text;
    else if (part === "shortYear") year = `20${text}`;
    else if (part === "month") month = Number(text);
    else if (part === "monthName") month = MONTHS.indexOf(text.toLowerCase()) + 1;
    else if (part === "day") day = text;
  }
  const written = `${year}-${String(month).padStart(2, "0")}-${day.padStart(2, "0")}`;
  return isDay(written) ? written : undefined;
}

function writePiece(piece: string, day: Day): string {
  const [year = "", month = "", ofMonth = ""] = day.split("-");
  switch (piece) {
    case "YYYY":
      return year;
    case "YY":
      return year.slice(2);
    case "MMM":
      return MONTHS[Number(month) - 1] ?? "";
    case "MM":
      return month;
    case "M":
      return String(Number(month));
    case "DD":
      return ofMonth;
    case "D":
      return String(Number(ofMonth));
    case "HH":
    case "mm":
    case "ss":
      return "00";
    default:
      return piece;
  }
}

export type Ambiguity = {
  readonly a: string;
  readonly b: string;
  readonly text: string;
  readonly dayA: Day;
  readonly dayB: Day;
};

/** Every thirteenth day of 24 years: days, months and years up to 24 in every order. */
const PROBES = Array.from({ length: 675 }, (_, i) => addDays("2001-01-01", 13 * i));

/** A text that two of the formats read as different days, if there is one. */
export function findAmbiguity(formats: ReadonlyArray<DateFormat>): Ambiguity | undefined {
  for (const a of formats) {
    for (const b of formats) {
      if (a === b) continue;
      for (const dayA of PROBES) {
        const text = a.write(dayA);
        const dayB = b.parse(text);
        if (dayB !== undefined && dayB !== dayA) return { a: a.text, b: b.text, text, dayA, dayB };
      }
    }
  }
  return undefined;
}

/** Reads a text by the first format that fits; texts repeat in a file, so answers are remembered. */
export function createDateReader(
  formats: ReadonlyArray<DateFormat>,
): (text: string) => { readonly day: Day; readonly format: string } | undefined {
  const REMEMBERED_MAX = 10_000;
  const remembered = new Map<string, { readonly day: Day; readonly format: string }>();
  return (text) => {
    const known = remembered.get(text);
    if (known !== undefined) return known;
    for (const format of formats) {
      const day = format.parse(text);
      if (day === undefined) continue;
      const answer = { day, format: format.text };
      if (remembered.size < REMEMBERED_MAX) remembered.set(text, answer);
      return answer;
    }
    return undefined;
  };
}

/** The day of an instant on a wall clock `offsetMinutes` east of UTC. */
export function dayOfDate(date: Date, offsetMinutes: number): Day | undefined {
  const ms = date.getTime() + offsetMinutes * 60_000;
  if (Number.isNaN(ms)) return undefined;
  const day = dayFromNumber(Math.floor(ms / 86_400_000));
  return isDay(day) && dayToNumber(day) === Math.floor(ms / 86_400_000) ? day : undefined;
}
