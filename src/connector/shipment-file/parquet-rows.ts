/**
 * Rows of a Parquet file as cells of the columns that the mapping wants. `hyparquet` reads; only the
 * wanted columns are decoded, one row group at a time. A row group that cannot be decoded is reported
 * with all its rows, and the others are read.
 */
import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
  parquetSchema,
  type FileMetaData,
  type SchemaElement,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import { InterlockError } from "../../std/errors.ts";
import { unreadable } from "./bytes.ts";
import { locateColumns } from "./columns.ts";
import type { RowSink } from "./csv-rows.ts";
import { dayOfDate } from "./date-format.ts";
import { excerptOfText } from "./excerpt.ts";
import type { RowJudge } from "./row.ts";
import type { Mapping, Progress } from "./types.ts";

export type ParquetFile = {
  /** `typed` when the order date is a DATE or TIMESTAMP column. */
  readonly dates: "text" | "typed";
  read(judge: RowJudge, sink: ParquetSink, onProgress: (progress: Progress) => void): Promise<void>;
};

export type ParquetSink = RowSink & {
  /** A row group that is lost as a whole. */
  rejectRows(rows: number, message: string): void;
};

export async function openParquet(
  file: string,
  fileName: string,
  mapping: Mapping,
): Promise<ParquetFile> {
  const buffer = await asyncBufferFromFile(file);
  let metadata: FileMetaData;
  try {
    metadata = await parquetMetadataAsync(buffer);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw unreadable(fileName, `is not a whole Parquet file: ${excerptOfText(why)}`);
  }
  const elements = parquetSchema(metadata).children.map((child) => child.element);
  const names = elements.map((element) => element.name);
  const dateElement = elements.find((element) => element.name === mapping.columns.orderDate);

  async function read(
    judge: RowJudge,
    sink: ParquetSink,
    onProgress: (progress: Progress) => void,
  ): Promise<void> {
    const positions = locateColumns(names, judge.columns, mapping, fileName);
    const wanted = positions.map((position) => elements[position] as SchemaElement);
    for (const { name, num_children: children } of wanted) {
      if (children === undefined || children === 0) continue;
      throw new InterlockError(
        "import/invalid-mapping",
        `column \`${name}\` of file \`${fileName}\` is nested; a mapping reads plain columns`,
      );
    }
    const columns = [...new Set(wanted.map((element) => element.name))];
    const offsets = wanted.map((element) => offsetOf(element, mapping.utcOffsetMinutes));
    let rowStart = 0;
    let bytesRead = 0;
    for (const [i, group] of metadata.row_groups.entries()) {
      const rowEnd = rowStart + Number(group.num_rows);
      const range = { file: buffer, metadata, columns, rowStart, rowEnd, compressors };
      try {
        const rows = await parquetReadObjects(range);
        if (rows.length !== rowEnd - rowStart) throw new Error(`only ${rows.length} rows came out`);
        for (const row of rows) {
          const cells = wanted.map((element, at) => cellOf(row[element.name], offsets[at] ?? 0));
          giveRow(cells, columns, sink);
        }
      } catch (error) {
        if (error instanceof InterlockError) throw error;
        const why = excerptOfText(error instanceof Error ? error.message : String(error));
        const span = `rows ${rowStart + 1} to ${rowEnd}`;
        sink.rejectRows(
          rowEnd - rowStart,
          `row group ${i + 1} (${span}) cannot be decoded: ${why}`,
        );
      }
      rowStart = rowEnd;
      bytesRead += Number(group.total_compressed_size ?? group.total_byte_size);
      onProgress({ bytesRead, bytesTotal: buffer.byteLength, rows: rowStart });
    }
  }

  return { dates: dateElement !== undefined && isTyped(dateElement) ? "typed" : "text", read };
}

function giveRow(
  cells: ReadonlyArray<string>,
  columns: ReadonlyArray<string>,
  sink: ParquetSink,
): void {
  const excerpt = (): string => excerptOfText(cells.join(","));
  const damaged = cells.findIndex((cell) => cell.includes("\0") || cell.includes("\ufffd"));
  if (damaged < 0) return sink.row(cells, null, excerpt);
  const isNul = cells[damaged]?.includes("\0") === true;
  const column = columns[damaged];
  sink.reject({
    line: null,
    ...(column === undefined ? {} : { column }),
    code: isNul ? "nul-byte" : "not-utf-8",
    message: isNul ? "the text holds a NUL" : "the text holds bytes that are not UTF-8",
    excerpt: excerpt(),
  });
}

function isTyped(element: SchemaElement): boolean {
  const logical = element.logical_type?.type;
  const converted = element.converted_type ?? "";
  return (
    logical === "DATE" ||
    logical === "TIMESTAMP" ||
    converted === "DATE" ||
    converted.startsWith("TIMESTAMP") ||
    element.type === "INT96"
  );
}

/** Minutes to add before the day is read: only true instants move, plain dates and local times not. */
function offsetOf(element: SchemaElement, utcOffsetMinutes: number): number {
  const logical = element.logical_type;
  if (logical?.type === "TIMESTAMP") return logical.isAdjustedToUTC ? utcOffsetMinutes : 0;
  const isInstant = element.converted_type?.startsWith("TIMESTAMP") === true;
  return logical === undefined && isInstant ? utcOffsetMinutes : 0;
}

function cellOf(value: unknown, offsetMinutes: number): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return value;
  if (value instanceof Date) return dayOfDate(value, offsetMinutes) ?? "";
  if (typeof value === "number" || typeof value === "bigint") return String(value);
  return typeof value === "boolean" ? String(value) : JSON.stringify(value);
}
