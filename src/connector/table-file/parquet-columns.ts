/** Columns of a Parquet file, a row group at a time, as arrays: no object is made of a row. */
import { asyncBufferFromFile, parquetMetadataAsync, parquetRead, parquetSchema } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import path from "node:path";
import { unreadable } from "./lines.ts";

export type ColumnBatch = {
  /** In the order asked for; each as long as `rows`. */
  readonly columns: ReadonlyArray<ArrayLike<unknown>>;
  readonly rows: number;
  /** The first of them, counted from 1. */
  readonly firstRow: number;
};

/**
 * `choose` gets the file's column names and says which are wanted. Times are local or UTC as stored.
 * Throws `import/unreadable-file` for what is no whole Parquet file.
 */
export async function scanParquet(
  file: string,
  choose: (header: ReadonlyArray<string>) => ReadonlyArray<string>,
  onBatch: (batch: ColumnBatch) => void,
): Promise<void> {
  const fileName = path.basename(file);
  try {
    const buffer = await asyncBufferFromFile(file);
    const metadata = await parquetMetadataAsync(buffer);
    const columns = [
      ...choose(parquetSchema(metadata).children.map(({ element }) => element.name)),
    ];
    let rowStart = 0;
    for (const group of metadata.row_groups) {
      const rowEnd = rowStart + Number(group.num_rows);
      const parts = new Map<string, unknown[]>(columns.map((name) => [name, []]));
      await parquetRead({
        file: buffer,
        metadata,
        columns,
        rowStart,
        rowEnd,
        compressors,
        onChunk: ({ columnName, columnData }) => {
          const part = parts.get(columnName)!;
          for (let i = 0; i < columnData.length; i++) part.push(columnData[i]);
        },
      });
      const rows = rowEnd - rowStart;
      const found = columns.map((name) => parts.get(name)!);
      if (found.some((part) => part.length !== rows)) throw new Error("a column is too short");
      onBatch({ columns: found, rows, firstRow: rowStart + 1 });
      rowStart = rowEnd;
    }
  } catch (error) {
    if (error instanceof Error && "code" in error && String(error.code).startsWith("import/")) {
      throw error;
    }
    const why = error instanceof Error ? error.message : String(error);
    throw unreadable(fileName, `cannot be read as Parquet: ${why.slice(0, 120)}`);
  }
}
