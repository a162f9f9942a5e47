/** Tables from files: CSV and CSV.gz row by row, Parquet by columns. */
export {
  readTable,
  scanTable,
  type Table,
  type TableFault,
  type TableRow,
  type TableSink,
} from "./read-table.ts";
export { type ColumnBatch, scanParquet } from "./parquet-columns.ts";
export { type ParquetColumn, ParquetFile, type ParquetRow } from "./write-parquet.ts";
export { detectKind } from "./lines.ts";
