/** A Parquet file, written a row group at a time: the other half of `scanParquet`. */
import { fileWriter, ParquetWriter } from "hyparquet-writer";
import { closeSync, fsyncSync, openSync } from "node:fs";

/** Whole numbers up to 2^53, or text; nothing where `isOptional` says so. */
export type ParquetColumn = {
  readonly name: string;
  readonly type: "text" | "whole";
  readonly isOptional?: boolean;
};

export type ParquetRow = { readonly [column: string]: string | number | null };

export class ParquetFile {
  readonly #file: string;
  readonly #columns: ReadonlyArray<ParquetColumn>;
  readonly #writer: ParquetWriter;
  #rows = 0;

  constructor(file: string, columns: ReadonlyArray<ParquetColumn>) {
    this.#file = file;
    this.#columns = columns;
    this.#writer = new ParquetWriter({
      writer: fileWriter(file),
      schema: [
        { name: "root", num_children: columns.length },
        ...columns.map(({ name, type, isOptional }) => ({
          name,
          repetition_type: isOptional === true ? ("OPTIONAL" as const) : ("REQUIRED" as const),
          ...(type === "whole"
            ? { type: "INT64" as const }
            : { type: "BYTE_ARRAY" as const, converted_type: "UTF8" as const }),
        })),
      ],
    });
  }

  get rows(): number {
    return this.#rows;
  }

  /** One row group. */
  async append(rows: ReadonlyArray<ParquetRow>): Promise<void> {
    if (rows.length === 0) return;
    const columnData = this.#columns.map(({ name, type }) => ({
      name,
      data: rows.map((row) => {
        const value = row[name] ?? null;
        return type === "whole" && value !== null ? BigInt(value) : value;
      }),
    }));
    await this.#writer.write({ columnData, rowGroupSize: rows.length });
    this.#rows += rows.length;
  }

  /** On the disk, whatever happens next. */
  async finish(): Promise<void> {
    await this.#writer.finish();
    const written = openSync(this.#file, "r");
    try {
      fsyncSync(written);
    } finally {
      closeSync(written);
    }
  }
}
