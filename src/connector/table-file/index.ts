/** Tables from files (CSV, CSV.gz). */
export {
  readTable,
  scanTable,
  type Table,
  type TableFault,
  type TableRow,
  type TableSink,
} from "./read-table.ts";
