/** Shipment files (CSV, CSV.gz, Parquet) as observations. */
export { listBundledMappings, loadMapping, parseMapping } from "./mapping.ts";
export { cohortsDue, isMature, readShipments, type ReadOptions } from "./read-shipments.ts";
export { REJECT_CODES } from "./types.ts";
export type {
  Damage,
  Mapping,
  Progress,
  Reject,
  RejectCode,
  ShipmentCohort,
  ShipmentImport,
} from "./types.ts";
