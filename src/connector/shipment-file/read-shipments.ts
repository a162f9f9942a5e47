/**
 * Reads a file of shipments into observations: day by day, place by place, so many orders whose
 * outcome is known, so many of them not delivered.
 *
 * A file is a snapshot. A cohort (the orders of one day) younger than the mapping's `maturityDays` at
 * the snapshot is held back, because its outcomes are still arriving and the early ones mislead.
 * Every row is accounted for, broken rows are named exactly and cost nobody else.
 *
 * Left out: attempts and outcome times. A file that has them wants another reader, not this one.
 */
import { basename } from "node:path";
import { assert } from "../../std/assert.ts";
import { hashJson } from "../../std/hash.ts";
import type { Day } from "../../std/time.ts";
import { createAccount, type Account } from "./account.ts";
import { detectFormat, hashFile, readText } from "./bytes.ts";
import { createCsvRows, type RowSink } from "./csv-rows.ts";
import { openParquet } from "./parquet-rows.ts";
import { createRowJudge, type RowJudge } from "./row.ts";
import type { Damage, Mapping, Progress, ShipmentCohort, ShipmentImport } from "./types.ts";

export const REJECTS_MAX = 1000;

export type ReadOptions = {
  readonly onProgress?: (progress: Progress) => void;
  /** How many rejects are kept in full; all are counted. */
  readonly rejectsMax?: number;
};

/** Throws `import/unreadable-file` or `import/invalid-mapping` when nothing of the file can be read. */
export async function readShipments(
  file: string,
  mapping: Mapping,
  options: ReadOptions = {},
): Promise<ShipmentImport> {
  const name = basename(file);
  const onProgress = options.onProgress ?? (() => undefined);
  const { format, bytes } = await detectFormat(file, name);
  const account = createAccount(mapping, options.rejectsMax ?? REJECTS_MAX);
  let hash: string;
  let damage: Damage | null = null;
  if (format === "parquet") {
    const parquet = await openParquet(file, name, mapping);
    const judge = createRowJudge(mapping, parquet.dates);
    const sink = {
      ...createSink(account, judge),
      rejectRows: (rows: number, message: string) =>
        account.reject({ line: null, code: "damaged-row-group", message, excerpt: "" }, rows),
    };
    await parquet.read(judge, sink, onProgress);
    hash = await hashFile(file);
    const lost = account.counts().byCode["damaged-row-group"];
    if (lost !== undefined) damage = lostRowGroups(lost, bytes);
  } else {
    const judge = createRowJudge(mapping, "text");
    const rows = createCsvRows(mapping, judge, name, createSink(account, judge));
    const reading = await readText(file, name, format, (chunk, bytesRead) => {
      rows.push(chunk);
      onProgress({ bytesRead, bytesTotal: bytes, rows: account.totals.read });
    });
    ({ hash, damage } = reading);
    rows.end(damage !== null);
  }
  return resultOf({ name, format, bytes, hash }, mapping, account, damage);
}

function createSink(account: Account, judge: RowJudge): RowSink {
  return {
    row: (cells, line, excerpt) => account.enter(judge.judge(cells), line, excerpt),
    reject: (reject) => account.reject(reject),
    blank: () => account.blank(),
  };
}

function lostRowGroups(rows: number, bytes: number): Damage {
  const message = `${rows} rows lie in row groups that cannot be decoded`;
  return { kind: "corrupt", message, bytesRead: bytes, bytesDecoded: bytes };
}

function resultOf(
  file: ShipmentImport["file"],
  mapping: Mapping,
  account: Account,
  damage: Damage | null,
): ShipmentImport {
  const { totals } = account;
  const counts = account.counts();
  const mappingHash = hashJson(mapping);
  // The mapping is part of the id: the same file read by a mended mapping is another statement.
  const batchIdPrefix = `${file.hash}/${mappingHash.slice(0, 12)}`;
  const source = `shipment-file/${mapping.name}`;
  const closed = account.close(source, batchIdPrefix, damage === null);
  const skippedRows = Object.values(counts.skipped).reduce((sum, rows) => sum + rows, 0);
  assert(totals.read === totals.used + skippedRows, "every row is used or skipped under a reason");
  const levels = (level: string): number =>
    closed.subjects.filter((subject) => subject.level === level).length;
  return {
    file,
    mapping: { name: mapping.name, metric: mapping.metric, hash: mappingHash },
    rows: { read: totals.read, used: totals.used, skipped: counts.skipped },
    blankLines: totals.blankLines,
    passedFilters: totals.passedFilters,
    knownOutcome: totals.used,
    notDelivered: totals.failed,
    dateFormats: counts.dateFormats,
    rejected: {
      total: Object.values(counts.byCode).reduce((sum, rows) => sum + rows, 0),
      byCode: counts.byCode,
    },
    rejects: account.rejects,
    places: {
      pincodes: levels("pincode"),
      districts: levels("district"),
      states: levels("state"),
      rowsWithoutPostalCode: totals.rowsWithoutPostalCode,
      stateSpellings: counts.stateSpellings,
      stateNames: closed.subjects
        .filter((subject) => subject.level === "state")
        .map((subject) => subject.name),
      unknownStates: counts.unknownStates,
    },
    amount: {
      amountMinor: totals.amountMinor,
      currency: mapping.currency,
      rows: totals.amountRows,
    },
    days: closed.days,
    snapshotDay: closed.snapshotDay,
    maturityDays: mapping.maturityDays,
    immature: closed.immature,
    damage,
    subjects: closed.subjects,
    cohorts: closed.cohorts,
  };
}

/** True when the cohort of `day` was old enough at the file's snapshot to be read at all. */
export function isMature(shipments: ShipmentImport, day: Day): boolean {
  return shipments.cohorts.some((cohort) => cohort.day === day);
}

/**
 * Cohorts whose maturity had been reached by `asOfDay`, oldest first; `after` leaves out those due on
 * or before it, so a replay asks `cohortsDue(file, { after: yesterday, until: today })` each day.
 */
export function cohortsDue(
  shipments: ShipmentImport,
  range: { readonly after?: Day; readonly until: Day },
): ReadonlyArray<ShipmentCohort> {
  return shipments.cohorts.filter(
    ({ dueDay }) => dueDay <= range.until && (range.after === undefined || dueDay > range.after),
  );
}
