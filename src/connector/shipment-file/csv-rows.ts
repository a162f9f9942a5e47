/**
 * Records of a CSV file as cells of the columns that the mapping wants.
 *
 * `csv-parse` does the parsing. Records go to it some hundreds at a time, because most are sound; when
 * it refuses a batch, each record of it goes alone, so that one broken row names itself and its
 * neighbours are read. The first record is the header.
 */
import { isUtf8 } from "node:buffer";
import { CsvError, parse, type Options } from "csv-parse/sync";
import { InterlockError } from "../../std/errors.ts";
import { locateColumns } from "./columns.ts";
import { createCsvLines, LINE_BYTES_MAX, RECORD_LINES_MAX } from "./csv-lines.ts";
import { excerptOf } from "./excerpt.ts";
import type { RowJudge } from "./row.ts";
import { firstStrayByte } from "./stray-byte.ts";
import type { Mapping, Reject } from "./types.ts";

const BATCH_RECORDS_MAX = 500;

/** Where rows go, whatever the file's format. */
export type RowSink = {
  row(cells: ReadonlyArray<string>, line: number | null, excerpt: () => string): void;
  reject(reject: Omit<Reject, "row">): void;
  blank(): void;
};

/** One record parsed alone: its fields, or what is wrong with it. */
type Alone =
  | { readonly fields: ReadonlyArray<string> }
  | { readonly fault: Pick<Reject, "code" | "message" | "column"> };

export type CsvRows = {
  push(chunk: Buffer): void;
  /** `isCut`: the bytes broke off, so the last line cannot be trusted even if it parses. */
  end(isCut: boolean): void;
};

export function createCsvRows(
  mapping: Mapping,
  judge: RowJudge,
  fileName: string,
  sink: RowSink,
): CsvRows {
  const options: Options = {
    delimiter: mapping.delimiter,
    record_delimiter: ["\r\n", "\n"],
    relax_column_count: true,
  };
  let header: ReadonlyArray<string> | null = null;
  let positions: ReadonlyArray<number> = [];
  let records: Buffer[] = [];
  let firstLine = 0;

  const lines = createCsvLines(mapping.delimiter, {
    record(bytes, line) {
      if (header === null) return readHeader(bytes, line);
      if (records.length === 0) firstLine = line;
      records.push(bytes);
      if (records.length >= BATCH_RECORDS_MAX) flush();
    },
    tooLong(head, length, line) {
      if (header === null) throw unreadableHeader(`line ${line} is ${length} bytes long`);
      const message = `the line is ${length} bytes long, the limit is ${LINE_BYTES_MAX}`;
      sink.reject({ line, code: "line-too-long", message, excerpt: excerptOf(head) });
    },
    unclosedQuote(bytes, line) {
      if (header === null) throw unreadableHeader(`a quote opens on line ${line} and never closes`);
      const message =
        "a quoted field opens on this line and does not close before another row begins, " +
        `or within ${RECORD_LINES_MAX} lines`;
      sink.reject({ line, code: "unclosed-quote", message, excerpt: excerptOf(bytes) });
    },
    blank: () => sink.blank(),
    flush,
    isRow(bytes) {
      if (header === null) return false;
      const alone = parseAlone(bytes);
      if (!("fields" in alone) || alone.fields.length !== header.length) return false;
      return judge.isRow(pick(alone.fields));
    },
  });

  function readHeader(bytes: Buffer, line: number): void {
    const alone = parseAlone(bytes);
    if ("fault" in alone) throw unreadableHeader(`line ${line}: ${alone.fault.message}`);
    const { fields } = alone;
    if (fields.some((field) => field.trim().includes("\r"))) {
      throw unreadableHeader(
        "its lines end in a lone CR",
        "save the file with LF or CRLF line ends",
      );
    }
    positions = locateColumns(fields, judge.columns, mapping, fileName);
    header = fields;
  }

  function flush(): void {
    const [first] = records;
    const last = records.at(-1);
    if (first === undefined || last === undefined) return;
    const batch = records;
    records = [];
    // The records lie one behind the other in one buffer: anything between them flushes first.
    const length = last.byteOffset + last.length - first.byteOffset;
    const bytes = Buffer.from(first.buffer, first.byteOffset, length);
    const rows = isUtf8(bytes) && !bytes.includes(0) ? tryParse(bytes) : null;
    for (const [i, record] of batch.entries()) {
      const line = firstLine + i;
      if (rows?.length === batch.length) take(rows[i] ?? [], record, line);
      else takeAlone(record, line);
    }
  }

  function takeAlone(record: Buffer, line: number): void {
    const alone = parseAlone(record);
    if ("fields" in alone) take(alone.fields, record, line);
    else sink.reject({ ...alone.fault, line, excerpt: excerptOf(record) });
  }

  function take(fields: ReadonlyArray<string>, record: Buffer, line: number): void {
    const columns = header?.length ?? 0;
    if (fields.length === columns) {
      if (isRepeatedHeader(fields)) {
        const message = "the header stands here again; two files may have been joined";
        return sink.reject({ line, code: "repeated-header", message, excerpt: excerptOf(record) });
      }
      return sink.row(pick(fields), line, () => excerptOf(record));
    }
    const message = `the row has ${fields.length} of ${columns} columns`;
    const absent = header?.[fields.length]?.trim();
    if (fields.length < columns) {
      const column = absent === undefined ? {} : { column: absent };
      sink.reject({
        line,
        code: "missing-columns",
        ...column,
        message,
        excerpt: excerptOf(record),
      });
    } else {
      const counted = `the row has ${fields.length} columns, the header has ${columns}`;
      sink.reject({ line, code: "too-many-columns", message: counted, excerpt: excerptOf(record) });
    }
  }

  function isRepeatedHeader(fields: ReadonlyArray<string>): boolean {
    return (
      fields[positions[0] ?? 0] === header?.[positions[0] ?? 0] && sameTexts(fields, header ?? [])
    );
  }

  function pick(fields: ReadonlyArray<string>): ReadonlyArray<string> {
    return positions.map((position) => fields[position] ?? "");
  }

  function tryParse(bytes: Buffer): ReadonlyArray<ReadonlyArray<string>> | null {
    try {
      return parse(bytes, options);
    } catch (error) {
      if (error instanceof CsvError) return null;
      throw error;
    }
  }

  function parseAlone(record: Buffer): Alone {
    if (!isUtf8(record) || record.includes(0)) return { fault: damagedText(record) };
    try {
      const rows = parse(record, options) as unknown as ReadonlyArray<ReadonlyArray<string>>;
      if (rows.length === 1 && rows[0] !== undefined) return { fields: rows[0] };
      return {
        fault: { code: "broken-quotes", message: `the line reads as ${rows.length} rows` },
      };
    } catch (error) {
      if (!(error instanceof CsvError)) throw error;
      const code = error.code === "CSV_QUOTE_NOT_CLOSED" ? "unclosed-quote" : "broken-quotes";
      const index = (error as { readonly column?: unknown }).column;
      const column = typeof index === "number" ? header?.[index]?.trim() : undefined;
      const message =
        code === "unclosed-quote"
          ? "a quoted field opens and never closes"
          : "a quote stands inside a field, where the CSV rules allow none";
      return { fault: { code, message, ...(column === undefined ? {} : { column }) } };
    }
  }

  /** Which byte, in which column: read as Latin-1, where every byte is a character. */
  function damagedText(record: Buffer): Pick<Reject, "code" | "message" | "column"> {
    const nul = record.indexOf(0);
    const code = nul >= 0 ? "nul-byte" : "not-utf-8";
    const at = nul >= 0 ? nul : firstStrayByte(record);
    const name = columnAt(record, at);
    const hex = (record[at] ?? 0).toString(16).padStart(2, "0");
    const message =
      code === "nul-byte"
        ? `byte ${at + 1} of the row is NUL`
        : `byte ${at + 1} of the row, 0x${hex}, is not UTF-8`;
    return { code, message, ...(name === undefined ? {} : { column: name }) };
  }

  function columnAt(record: Buffer, at: number): string | undefined {
    const before = tryParse(Buffer.from(record.subarray(0, at).toString("latin1"), "utf8"));
    const index = (before?.[0]?.length ?? 1) - 1;
    return before === null ? undefined : header?.[index]?.trim();
  }

  function unreadableHeader(why: string, help?: string): InterlockError {
    return new InterlockError(
      "import/unreadable-file",
      `file \`${fileName}\` has no header that can be read: ${why}`,
      { help: help ?? "the first line must name the columns, as CSV text in UTF-8" },
    );
  }

  return {
    push: (chunk) => lines.push(chunk),
    end(isCut) {
      const cut = lines.end(isCut);
      if (header === null) {
        throw unreadableHeader(isCut ? "the file breaks off inside it" : "the file is empty");
      }
      if (cut === null) return;
      const message = "the file breaks off inside this row, so what is left of it is not trusted";
      sink.reject({ line: cut.line, code: "cut-short", message, excerpt: excerptOf(cut.bytes) });
    },
  };
}

function sameTexts(a: ReadonlyArray<string>, b: ReadonlyArray<string>): boolean {
  return a.length === b.length && a.every((text, i) => text === b[i]);
}
