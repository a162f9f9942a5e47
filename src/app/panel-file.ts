/**
 * A table of units over times (one value a row) as a panel. Rows that cannot be used are counted by
 * reason, with the first few shown; two values for one cell are refused, because which of them is
 * meant cannot be known.
 */
import path from "node:path";
import { scanTable, type TableFault } from "../connector/table-file/index.ts";
import { findNearest } from "../core/problem.ts";
import { InterlockError } from "../std/errors.ts";
import type { UnitPanel } from "../stats/outcome/unit-panel.ts";
import { chooseTimeFormat, TIME_FORMATS, type TimeFormat } from "./time-axis.ts";

export type PanelColumns = {
  readonly unit: string;
  readonly time: string;
  readonly value: string;
};

export type PanelRows = {
  readonly read: number;
  readonly used: number;
  /** Rows whose value is empty, NA, NaN or null: a hole, no fault. */
  readonly empty: number;
  readonly rejected: number;
  readonly byCode: Readonly<Record<string, number>>;
  readonly examples: ReadonlyArray<{
    readonly line: number;
    readonly code: string;
    readonly message: string;
  }>;
};

export type PanelFile = {
  readonly panel: UnitPanel;
  /** Times as the file writes them, in order; times as numbers beside them. */
  readonly labels: ReadonlyArray<string>;
  readonly numbers: ReadonlyArray<number>;
  readonly timeFormat: TimeFormat;
  readonly rows: PanelRows;
};

const EXAMPLES_SHOWN = 5;
const NAMES_SHOWN = 30;
export const CELLS_MAX = 20_000_000;
const EMPTY = new Set(["", "na", "n/a", "nan", "null", "none", "-"]);

type Row = { readonly unit: number; readonly time: number; readonly line: number };

export async function readPanel(file: string, columns: PanelColumns): Promise<PanelFile> {
  const fileName = path.basename(file);
  const faults = createFaults();
  const units = createIndex();
  const labels = createIndex();
  const rows: Row[] = [];
  const values: number[] = [];
  let positions = { unit: 0, time: 0, value: 0 };
  let [read, empty] = [0, 0];
  await scanTable(file, {
    header(names) {
      positions = {
        unit: locate(names, columns.unit, fileName),
        time: locate(names, columns.time, fileName),
        value: locate(names, columns.value, fileName),
      };
    },
    row(cells, line) {
      read += 1;
      const [unit = "", time = ""] = [cells[positions.unit], cells[positions.time]];
      const text = cells[positions.value] ?? "";
      if (unit === "" || time === "") {
        const what = unit === "" ? columns.unit : columns.time;
        return faults.add({ line, code: "empty-cell", message: `\`${what}\` is empty` });
      }
      const isEmpty = EMPTY.has(text.toLowerCase());
      const value = isEmpty ? NaN : parseNumber(text);
      if (value === undefined) {
        const message = `\`${columns.value}\` is \`${text.slice(0, 40)}\`, which is no number`;
        return faults.add({ line, code: "not-a-number", message });
      }
      if (isEmpty) empty += 1;
      rows.push({ unit: units.of(unit), time: labels.of(time), line });
      values.push(value);
    },
    fault(fault) {
      read += 1;
      faults.add(fault);
    },
  });
  const timeFormat = chooseTimeFormat(labels.names);
  if (timeFormat === undefined) throw unreadableTimes(fileName, columns.time, labels.names);

  const numbers = labels.names.map((label) => timeFormat.parse(label));
  const sorted = [...new Set(numbers.filter((n) => n !== undefined))].sort((a, b) => a - b);
  if (sorted.length * units.names.length > CELLS_MAX) {
    throw new InterlockError(
      "outcome/too-little-data",
      `file \`${fileName}\` has ${units.names.length} units x ${sorted.length} times, ` +
        `more than ${CELLS_MAX} cells`,
      { help: "sum days to weeks, or small units to larger ones" },
    );
  }
  const columnOf = new Map(sorted.map((number, i) => [number, i]));
  const cells = units.names.map(() => new Float64Array(sorted.length).fill(NaN));
  const lines = units.names.map(() => new Uint32Array(sorted.length));
  let used = 0;
  rows.forEach(({ unit, time, line }, i) => {
    const column = columnOf.get(numbers[time] ?? NaN);
    if (column === undefined) {
      const message = `\`${labels.names[time]?.slice(0, 40)}\` is no time as ${timeFormat.name}`;
      return faults.add({ line, code: "unreadable-time", message });
    }
    const earlier = lines[unit]?.[column] ?? 0;
    if (earlier > 0) {
      throw new InterlockError(
        "outcome/duplicate-cell",
        `\`${units.names[unit]}\` has two values for \`${labels.names[time]}\`, ` +
          `on lines ${earlier} and ${line}`,
        { path: `${fileName}:${line}`, help: "a row per unit and time: sum them, or drop one" },
      );
    }
    (lines[unit] ?? [])[column] = line;
    (cells[unit] ?? [])[column] = values[i] ?? NaN;
    if (!Number.isNaN(values[i])) used += 1;
  });
  const step = medianStep(sorted);
  const isDaily = timeFormat.isDay && step === 1;
  const labelOf = new Map(numbers.map((number, i) => [number, labels.names[i] ?? ""]));
  return {
    panel: {
      units: units.names.map((id, i) => ({ id, values: cells[i] ?? new Float64Array() })),
      times: sorted.map((number) => (isDaily ? number : (number - (sorted[0] ?? 0)) / step)),
      isDaily,
    },
    labels: sorted.map((number) => labelOf.get(number) ?? String(number)),
    numbers: sorted,
    timeFormat,
    rows: { read, used, empty, ...faults.report() },
  };
}

function createIndex() {
  const places = new Map<string, number>();
  const names: string[] = [];
  return {
    names: names as ReadonlyArray<string>,
    of(name: string): number {
      const known = places.get(name);
      if (known !== undefined) return known;
      places.set(name, names.length);
      names.push(name);
      return names.length - 1;
    },
  };
}

function createFaults() {
  const byCode: Record<string, number> = {};
  const examples: { line: number; code: string; message: string }[] = [];
  let rejected = 0;
  return {
    add({ line, code, message }: Omit<TableFault, "code"> & { readonly code: string }): void {
      rejected += 1;
      byCode[code] = (byCode[code] ?? 0) + 1;
      if (examples.length < EXAMPLES_SHOWN) examples.push({ line, code, message });
    },
    report: () => ({ rejected, byCode, examples }),
  };
}

/** `1,234.5` is read as people write it; `1,5` is not, because it may be one and a half. */
function parseNumber(text: string): number | undefined {
  const plain = /^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(text) ? text.replaceAll(",", "") : text;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(plain)) return undefined;
  const value = Number(plain);
  return Number.isFinite(value) ? value : undefined;
}

function locate(names: ReadonlyArray<string>, wanted: string, fileName: string): number {
  const at = names.indexOf(wanted.trim());
  const twice = at >= 0 && names.includes(wanted.trim(), at + 1);
  if (at >= 0 && !twice) return at;
  const nearest = findNearest(wanted, names);
  const shown = names.slice(0, NAMES_SHOWN).map((name) => `\`${name}\``);
  throw new InterlockError(
    "outcome/missing-column",
    twice
      ? `file \`${fileName}\` has column \`${wanted}\` twice`
      : `file \`${fileName}\` has no column \`${wanted}\`; it has ${shown.join(", ")}`,
    {
      path: `${fileName}:1`,
      ...(nearest === undefined || twice ? {} : { help: `did you mean \`${nearest}\`?` }),
    },
  );
}

function unreadableTimes(
  fileName: string,
  column: string,
  labels: ReadonlyArray<string>,
): InterlockError {
  const [first] = labels;
  return new InterlockError(
    "outcome/unreadable-time",
    first === undefined
      ? `file \`${fileName}\` has no rows that can be read`
      : `times such as \`${first.slice(0, 40)}\` in column \`${column}\` of file \`${fileName}\` ` +
          "cannot be put in order without doubt",
    { help: `write them all as one of ${TIME_FORMATS.map(({ name }) => name).join(", ")}` },
  );
}

function medianStep(numbers: ReadonlyArray<number>): number {
  const steps = numbers.slice(1).map((number, i) => number - (numbers[i] ?? 0));
  steps.sort((a, b) => a - b);
  return steps[Math.floor(steps.length / 2)] ?? 1;
}
