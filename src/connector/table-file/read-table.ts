/**
 * A table from a file that anyone may have: a header that names the columns, then one row a line.
 *
 * Most lines hold no quote, and are cut at the delimiter; `csv-parse` reads the others. A quoted cell may
 * run over a few lines when what comes out is one row of the header's width; else the quote is a slip
 * and costs its own line. What cannot be read is handed over as a fault with its line, and the rest is
 * read: no row is lost in silence.
 *
 * The delimiter is the one of comma, semicolon, tab and bar that cuts the header into most columns.
 * What cells mean (numbers, dates) is the reader's business.
 */
import path from "node:path";
import { CsvError, parse } from "csv-parse/sync";
import { LINE_CHARACTERS_MAX, detectKind, readLines, unreadable } from "./lines.ts";

export const TABLE_FAULTS = [
  "missing-cells",
  "too-many-cells",
  "broken-quotes",
  "not-utf-8",
  "line-too-long",
] as const;
export type TableFaultCode = (typeof TABLE_FAULTS)[number];

/** A line that is no row; `line` counts from 1, the header's. */
export type TableFault = {
  readonly line: number;
  readonly code: TableFaultCode;
  readonly message: string;
};

export type TableRow = { readonly line: number; readonly cells: ReadonlyArray<string> };

export type Table = {
  readonly fileName: string;
  readonly header: ReadonlyArray<string>;
  readonly rows: ReadonlyArray<TableRow>;
  readonly faults: ReadonlyArray<TableFault>;
};

export type TableSink = {
  /** Once, before any row; names are trimmed. */
  header(names: ReadonlyArray<string>): void;
  /** `cells` are trimmed and as many as the header has. */
  row(cells: ReadonlyArray<string>, line: number): void;
  fault(fault: TableFault): void;
};

const DELIMITERS = [",", ";", "\t", "|"];
/** A quoted cell (an address, a note) may run over so many lines. */
const RECORD_LINES_MAX = 8;

/** The whole table at once: about 150 bytes of memory a cell. Larger files are scanned. */
export async function readTable(file: string): Promise<Table> {
  let header: ReadonlyArray<string> = [];
  const rows: TableRow[] = [];
  const faults: TableFault[] = [];
  await scanTable(file, {
    header: (names) => (header = names),
    row: (cells, line) => rows.push({ line, cells }),
    fault: (fault) => faults.push(fault),
  });
  return { fileName: path.basename(file), header, rows, faults };
}

/** Row by row, keeping none. */
export async function scanTable(file: string, sink: TableSink): Promise<void> {
  const fileName = path.basename(file);
  const kind = await detectKind(file, fileName);
  if (kind === "parquet") throw unreadable(fileName, "is a Parquet file", "save it as CSV");
  let width = 0;
  let delimiter = ",";
  let line = 0;
  /** Lines of a quoted cell that is still open, the first of them at `openLine`. */
  let open: string[] = [];
  let openLine = 0;

  await readLines(file, fileName, kind, (text, isCut) => {
    line += 1;
    if (isCut) {
      giveUp();
      const message = `the line is longer than ${LINE_CHARACTERS_MAX} characters`;
      sink.fault({ line, code: "line-too-long", message });
      return;
    }
    take(text, line);
  });
  giveUp();
  if (width === 0) throw unreadable(fileName, "has no header");

  function take(text: string, at: number): void {
    if (open.length > 0) return follow(text);
    if (text.trim() === "") return;
    if (width === 0) return takeHeader(text, at);
    if (!text.includes('"')) return give(text.split(delimiter), at);
    const cells = parseRecord(text, delimiter);
    if (cells !== undefined) return give(cells, at);
    open = [text];
    openLine = at;
  }

  function follow(text: string): void {
    open.push(text);
    const cells = text.includes('"') ? parseRecord(open.join("\n"), delimiter) : undefined;
    if (cells?.length === width) {
      open = [];
      give(cells, openLine);
    } else if (open.length >= RECORD_LINES_MAX) giveUp();
  }

  /** The quote was a slip: its line is lost, the lines after it are read again as rows. */
  function giveUp(): void {
    while (open.length > 0) {
      const [, ...others] = open;
      const at = openLine;
      open = [];
      const message = "a quote stands inside a cell, or opens and does not close";
      sink.fault({ line: at, code: "broken-quotes", message });
      others.forEach((text, i) => take(text, at + 1 + i));
    }
  }

  function takeHeader(text: string, at: number): void {
    if (text.includes("\r")) throw unreadable(fileName, "has lines that end in a lone CR");
    delimiter = chooseDelimiter(text);
    const names = (parseRecord(text, delimiter) ?? []).map((name) => name.trim());
    if (names.length === 0)
      throw unreadable(fileName, `has no header that can be read: line ${at}`);
    if (text.includes("\ufffd") || text.includes("\0")) throw unreadable(fileName, "is not text");
    width = names.length;
    sink.header(names);
  }

  function give(cells: ReadonlyArray<string>, at: number): void {
    if (cells.length !== width) {
      const code = cells.length < width ? "missing-cells" : "too-many-cells";
      const message = `the row has ${cells.length} cells, the header has ${width}`;
      return sink.fault({ line: at, code, message });
    }
    const trimmed = cells.map((cell) => cell.trim());
    if (trimmed.some((cell) => cell.includes("\ufffd"))) {
      const message = "a byte of the row is not UTF-8";
      return sink.fault({ line: at, code: "not-utf-8", message });
    }
    sink.row(trimmed, at);
  }
}

function chooseDelimiter(header: string): string {
  const counts = DELIMITERS.map((delimiter) => header.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))] ?? ",";
}

/** The one record that the text is, or undefined. */
function parseRecord(text: string, delimiter: string): ReadonlyArray<string> | undefined {
  try {
    const records = parse(text, { delimiter, relax_column_count: true });
    return records.length === 1 ? records[0] : undefined;
  } catch (error) {
    if (error instanceof CsvError) return undefined;
    throw error;
  }
}
