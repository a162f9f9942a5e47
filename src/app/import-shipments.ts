/** Imports a file of shipments into a data directory: mature cohorts become observations, once. */
import {
  loadMapping,
  readShipments,
  type ShipmentImport,
} from "../connector/shipment-file/index.ts";
import { InterlockError } from "../std/errors.ts";
import type { Workspace } from "./workspace.ts";

export type ImportSummary = Pick<
  ShipmentImport,
  | "rows"
  | "knownOutcome"
  | "notDelivered"
  | "rejects"
  | "rejected"
  | "dateFormats"
  | "damage"
  | "days"
> & {
  readonly file: { readonly name: string; readonly format: string; readonly hash: string };
  readonly mapping: string;
  readonly places: ShipmentImport["places"];
  readonly immature: { readonly days: number; readonly rows: number };
  readonly matureDays: number;
};

export type ImportReport = ImportSummary & {
  /** Batches by what became of them; a repeated one changed nothing. */
  readonly batches: { readonly new: number; readonly repeated: number };
};

export async function importShipments(
  workspace: Pick<Workspace, "receive" | "tend">,
  options: {
    readonly file: string;
    readonly mapping: string;
    onProgress?(label: string, done: number, total: number): void;
  },
): Promise<ImportReport> {
  const shipments = await readShipments(options.file, await loadMapping(options.mapping), {
    onProgress: ({ bytesRead, bytesTotal }) =>
      options.onProgress?.("bytes read", bytesRead, bytesTotal),
  });
  const batches = { new: 0, repeated: 0 };
  for (const [index, { batch }] of shipments.cohorts.entries()) {
    const withSubjects = index === 0 ? { ...batch, subjects: shipments.subjects } : batch;
    const receipt = await workspace.receive(withSubjects);
    if (receipt === "conflicting") {
      throw new InterlockError(
        "import/unreadable-file",
        `batch \`${batch.id}\` was received before with other content`,
        { help: "import into a new data directory, or restore the file as it was" },
      );
    }
    batches[receipt] += 1;
    options.onProgress?.("days stored", index + 1, shipments.cohorts.length);
  }
  await workspace.tend();
  return { ...summariseImport(shipments), batches };
}

export function summariseImport(shipments: ShipmentImport): ImportSummary {
  const { file, mapping, immature, cohorts } = shipments;
  return {
    file: { name: file.name, format: file.format, hash: file.hash },
    mapping: mapping.name,
    rows: shipments.rows,
    knownOutcome: shipments.knownOutcome,
    notDelivered: shipments.notDelivered,
    rejects: shipments.rejects,
    rejected: shipments.rejected,
    dateFormats: shipments.dateFormats,
    damage: shipments.damage,
    days: shipments.days,
    places: shipments.places,
    immature: { days: immature.days.length, rows: immature.rows },
    matureDays: cohorts.length,
  };
}
