/**
 * The public shipment file, read as the product reads it and twice more: with its young cohorts,
 * and with the orders that have no outcome yet. The file is not ours to give away; where it is not
 * there everything that needs it is left out.
 */
import { existsSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { Observation, Subject } from "../../src/core/port/types.ts";
import {
  loadMapping,
  type Mapping,
  readShipments,
  type ShipmentImport,
} from "../../src/connector/shipment-file/index.ts";
import { dayToNumber } from "../../src/std/time.ts";

const FILE = "data/amazon-india-2022.csv.gz";
const MAPPING = "amazon-india";

/** The file, or `undefined`: in `INTERLOCK_SHARED`, or in `../shared` beside the repository. */
export function findShipmentFile(): string | undefined {
  const beside = fileURLToPath(new URL("../../../shared/", import.meta.url));
  const file = path.join(process.env["INTERLOCK_SHARED"] ?? beside, FILE);
  return existsSync(file) ? file : undefined;
}

/** One cohort of one state as of the file's last day. */
export type StateCohort = {
  readonly state: string;
  readonly age: number;
  readonly bad: number;
  readonly good: number;
  readonly open: number;
};

export type RealFile = {
  /** As the product reads it: mature cohorts only. */
  readonly shipments: ShipmentImport;
  readonly subjects: ReadonlyMap<string, Subject>;
  readonly stateCohorts: ReadonlyArray<StateCohort>;
  /** Days of the mature cohorts, in order, with their rows. */
  readonly days: ReadonlyArray<{
    readonly day: number;
    readonly rows: ReadonlyArray<Observation>;
  }>;
};

export async function readRealFile(file: string): Promise<RealFile> {
  const mapping = await loadMapping(MAPPING);
  const shipments = await readShipments(file, mapping);
  const withYoung = await readShipments(file, { ...mapping, maturityDays: 0 });
  const withOpen = await readShipments(file, countOpen({ ...mapping, maturityDays: 0 }));
  const subjects = new Map(withOpen.subjects.map((subject) => [subject.id, subject]));
  return {
    shipments,
    subjects,
    stateCohorts: listStateCohorts(withYoung, withOpen, subjects),
    days: shipments.cohorts.map(({ day, batch }) => ({
      day: dayToNumber(day),
      rows: batch.observations,
    })),
  };
}

/** The same mapping, by which an order without an outcome is a trial too. */
function countOpen(mapping: Mapping): Mapping {
  const statuses = Object.fromEntries(
    Object.entries(mapping.statuses).map(([status, meaning]) => [
      status,
      meaning.outcome === "unknown" ? { ...meaning, outcome: "delivered" as const } : meaning,
    ]),
  );
  return { ...mapping, statuses };
}

function listStateCohorts(
  known: ShipmentImport,
  all: ShipmentImport,
  subjects: ReadonlyMap<string, Subject>,
): StateCohort[] {
  const last = dayToNumber(all.snapshotDay!);
  const cohorts = new Map<string, { bad: number; good: number; all: number }>();
  const visit = (from: ShipmentImport, isAll: boolean) => {
    for (const { day, batch } of from.cohorts) {
      for (const { subject, n, k } of batch.observations) {
        const key = `${last - dayToNumber(day)}\n${stateOf(subject, subjects) ?? ""}`;
        const cohort = cohorts.get(key) ?? { bad: 0, good: 0, all: 0 };
        if (isAll) {
          cohort.all += n;
        } else {
          cohort.bad += k;
          cohort.good += n - k;
        }
        cohorts.set(key, cohort);
      }
    }
  };
  visit(all, true);
  visit(known, false);
  return [...cohorts].map(([key, { bad, good, all: orders }]) => {
    const [age = "", state = ""] = key.split("\n");
    return { state, age: Number(age), bad, good, open: orders - bad - good };
  });
}

/** The state that a place lies in; `undefined` for the country and for a place unknown. */
export function stateOf(
  subject: string,
  subjects: ReadonlyMap<string, Subject>,
): string | undefined {
  let at = subjects.get(subject);
  while (at !== undefined && at.level !== "state") {
    at = at.parent === null ? undefined : subjects.get(at.parent);
  }
  return at?.id;
}
