/**
 * Daily figures of subjects from a file: `subject,date,n,k` or `subject,date,value`, with `parent` and
 * `stratum` if there are any.
 *
 * A row that cannot be used is counted with its line and its fault; the others are read. Two rows of the
 * same subject and day are one too many unless strata tell them apart; the first one counts.
 */
import path from "node:path";
import { detectKind, scanParquet, scanTable } from "../connector/table-file/index.ts";
import { quote, suggestion } from "../core/problem.ts";
import type { SeriesTable } from "../stats/watch/table.ts";
import { InterlockError } from "../std/errors.ts";
import { dayOf, dayToNumber, instantFromMs, isDay } from "../std/time.ts";

export type SeriesFault = { readonly line: number; readonly message: string };

export type SeriesFile = {
  readonly table: SeriesTable;
  readonly rows: { readonly read: number; readonly used: number; readonly faulty: number };
  /** The first of them. */
  readonly faults: ReadonlyArray<SeriesFault>;
};

const FAULTS_SHOWN = 20;
const SUBJECTS_MAX = 1_000_000;

export async function readSeriesFile(file: string): Promise<SeriesFile> {
  const fileName = path.basename(file);
  const builder = new SeriesBuilder(fileName);
  if ((await detectKind(file, fileName)) === "parquet") {
    await scanParquet(
      file,
      (header) => builder.choose(header),
      ({ columns, rows, firstRow }) => {
        for (let row = 0; row < rows; row++) builder.add((at) => columns[at]![row], firstRow + row);
      },
    );
  } else {
    let places: ReadonlyArray<number> = [];
    await scanTable(file, {
      header: (names) => {
        places = builder.choose(names).map((name) => names.indexOf(name));
      },
      row: (cells, line) => builder.add((at) => cells[places[at]!], line),
      fault: ({ line, message }) => builder.refuse(line, message),
    });
  }
  return builder.finish();
}

type Kind = SeriesTable["kind"];
const NEEDED: { readonly [K in Kind]: ReadonlyArray<string> } = {
  rates: ["subject", "date", "n", "k"],
  levels: ["subject", "date", "value"],
};
const OPTIONAL = ["parent", "stratum"];

/** Columns that grow by doubling. */
class Grown {
  values = new Float64Array(1024);
  length = 0;

  push(value: number): void {
    if (this.length === this.values.length) {
      const larger = new Float64Array(this.length * 2);
      larger.set(this.values);
      this.values = larger;
    }
    this.values[this.length] = value;
    this.length += 1;
  }
}

class SeriesBuilder {
  readonly #fileName: string;
  #kind: Kind = "rates";
  #names: ReadonlyArray<string> = [];
  readonly #subjects = new Names();
  readonly #strata = new Names();
  readonly #parents: number[] = [];
  readonly #subject = new Grown();
  readonly #day = new Grown();
  readonly #stratum = new Grown();
  readonly #first = new Grown();
  readonly #second = new Grown();
  readonly #days = new Map<unknown, number>();
  readonly #line = new Grown();
  readonly #faults: SeriesFault[] = [];
  #read = 0;
  #faulty = 0;

  constructor(fileName: string) {
    this.#fileName = fileName;
  }

  /** Which columns are wanted; says what is missing. */
  choose(header: ReadonlyArray<string>): ReadonlyArray<string> {
    const lower = header.map((name) => name.toLowerCase());
    const find = (name: string) => header[lower.indexOf(name)];
    this.#kind = lower.includes("value") && !lower.includes("k") ? "levels" : "rates";
    const needed = NEEDED[this.#kind].map((name) => {
      const found = find(name);
      if (found !== undefined) return found;
      throw new InterlockError(
        "import/missing-column",
        `file ${quote(this.#fileName)} has no column \`${name}\`${suggestion(name, header)}`,
        {
          help:
            "the first line names the columns: subject,date,n,k for events in trials, or " +
            `subject,date,value for levels; this one has ${header.map(quote).join(", ")}`,
        },
      );
    });
    const optional = OPTIONAL.map(find).filter((name) => name !== undefined);
    this.#names = [...needed, ...optional].map((name) => name.toLowerCase());
    return [...needed, ...optional];
  }

  add(cell: (at: number) => unknown, line: number): void {
    this.#read += 1;
    const fault = this.#take(cell, line);
    if (fault !== undefined) this.#note(line, fault);
  }

  refuse(line: number, message: string): void {
    this.#read += 1;
    this.#note(line, message);
  }

  finish(): SeriesFile {
    const used = this.#subject.length;
    if (used === 0) {
      const [first] = this.#faults;
      throw new InterlockError(
        "import/no-usable-row",
        `no row of file ${quote(this.#fileName)} could be used` +
          (first === undefined ? "" : `; line ${first.line}: ${first.message}`),
        { help: "rows are subject,date,n,k or subject,date,value with dates as 2026-03-31" },
      );
    }
    const kept = this.#dropRepeated();
    const ints = ({ values }: Grown) => Int32Array.from(kept, (row) => values[row]!);
    const rest = ({ values }: Grown) => Float64Array.from(kept, (row) => values[row]!);
    const shared = {
      subjects: this.#subjects.list,
      parents: this.#parents,
      strata: this.#strata.list,
      subject: ints(this.#subject),
      day: ints(this.#day),
      stratum: ints(this.#stratum),
    };
    return {
      table:
        this.#kind === "rates"
          ? { ...shared, kind: "rates", n: rest(this.#first), k: rest(this.#second) }
          : { ...shared, kind: "levels", value: rest(this.#first) },
      rows: { read: this.#read, used: kept.length, faulty: this.#faulty },
      faults: this.#faults.toSorted((a, b) => a.line - b.line),
    };
  }

  /** Row numbers of all but the second and later of a subject, day and stratum. */
  #dropRepeated(): Uint32Array {
    const rows = this.#subject.length;
    const strata = this.#strata.list.length + 1;
    const order = Uint32Array.from({ length: rows }, (_, row) => row);
    const days = this.#day.values;
    // Most files come by day; one pass tells, and then nothing need be sorted.
    if (order.some((row) => row > 0 && days[row]! < days[row - 1]!)) {
      order.sort((a, b) => days[a]! - days[b]! || a - b);
    }
    const seenOn = new Float64Array(this.#subjects.list.length * strata).fill(-Infinity);
    const kept = new Uint32Array(rows);
    let count = 0;
    for (const row of order) {
      const cell = this.#subject.values[row]! * strata + this.#stratum.values[row]! + 1;
      if (seenOn[cell] === days[row]) {
        this.#note(this.#line.values[row]!, "the subject has a row for that day already");
        continue;
      }
      seenOn[cell] = days[row]!;
      kept[count] = row;
      count += 1;
    }
    return kept.subarray(0, count);
  }

  /** What is wrong with the row, if anything is. */
  #take(cell: (at: number) => unknown, line: number): string | undefined {
    const at = (name: string) => this.#names.indexOf(name);
    const text = (name: string) => (at(name) === -1 ? "" : textOf(cell(at(name))));
    const subject = textOf(cell(0));
    if (subject === "") return "the subject is empty";
    const day = this.#dayOf(cell(1));
    if (day === undefined) return `${quote(textOf(cell(1)))} is not a day such as 2026-03-31`;
    const [first, second] = [numberOf(cell(2)), this.#kind === "rates" ? numberOf(cell(3)) : 0];
    if (this.#kind === "levels" && first === undefined) {
      return `${quote(textOf(cell(2)))} is not a number`;
    }
    if (this.#kind === "rates") {
      if (!isCount(first)) return `n is ${quote(textOf(cell(2)))}, not a whole number from 0`;
      if (!isCount(second)) return `k is ${quote(textOf(cell(3)))}, not a whole number from 0`;
      if (second > first) return `k is ${second}, more than the ${first} of n`;
    }
    const of = this.#subjects.indexOf(subject);
    if (of >= SUBJECTS_MAX) return `there are more than ${SUBJECTS_MAX} subjects`;
    const wrong = this.#setParent(of, text("parent"));
    if (wrong !== undefined) return wrong;
    const named = text("stratum");
    const stratum = named === "" ? -1 : this.#strata.indexOf(named);
    this.#subject.push(of);
    this.#day.push(day);
    this.#stratum.push(stratum);
    this.#first.push(first!);
    this.#second.push(second!);
    this.#line.push(line);
    return undefined;
  }

  #setParent(of: number, parent: string): string | undefined {
    const above = parent === "" ? NO_PARENT : this.#subjects.indexOf(parent);
    while (this.#parents.length < this.#subjects.list.length) this.#parents.push(NO_PARENT);
    const known = this.#parents[of]!;
    if (above === NO_PARENT || above === known) return undefined;
    if (above === of) return "the subject is its own parent";
    if (known !== NO_PARENT) {
      return `the parent is ${quote(parent)}; an earlier row says ${quote(this.#subjects.list[known]!)}`;
    }
    this.#parents[of] = above;
    return undefined;
  }

  #dayOf(cell: unknown): number | undefined {
    if (cell instanceof Date) {
      return Number.isNaN(cell.getTime())
        ? undefined
        : dayToNumber(dayOf(instantFromMs(cell.getTime()), 0));
    }
    const known = this.#days.get(cell);
    if (known !== undefined) return known;
    const text = textOf(cell);
    if (!isDay(text)) return undefined;
    const day = dayToNumber(text);
    this.#days.set(cell, day);
    return day;
  }

  #note(line: number, message: string): void {
    this.#faulty += 1;
    if (this.#faults.length < FAULTS_SHOWN) this.#faults.push({ line, message });
  }
}

const NO_PARENT = -1;

class Names {
  readonly list: string[] = [];
  readonly #indexByName = new Map<string, number>();

  indexOf(name: string): number {
    const known = this.#indexByName.get(name);
    if (known !== undefined) return known;
    this.#indexByName.set(name, this.list.length);
    this.list.push(name);
    return this.list.length - 1;
  }
}

function textOf(cell: unknown): string {
  if (typeof cell === "string") return cell;
  if (typeof cell === "number" || typeof cell === "bigint" || typeof cell === "boolean") {
    return String(cell);
  }
  return cell instanceof Date ? cell.toISOString().slice(0, 10) : "";
}

function numberOf(cell: unknown): number | undefined {
  const number =
    typeof cell === "string" ? (cell.trim() === "" ? Number.NaN : Number(cell)) : Number(cell);
  return cell === null || cell === undefined || !Number.isFinite(number) ? undefined : number;
}

function isCount(value: number | undefined): value is number {
  return value !== undefined && Number.isInteger(value) && value >= 0 && value <= 2 ** 31;
}
