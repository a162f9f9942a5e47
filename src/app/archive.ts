/**
 * Archives the months that are due: written, read back, and only then gone from the database.
 *
 * What a crash left is taken up where it stopped. A month that stands in the archive and still in the
 * database was never dropped: if it is still what is here it is dropped now, and otherwise written anew.
 */
import { join, resolve } from "node:path";
import { type ArchiveManifest, hashStatement } from "../core/ledger/archive.ts";
import type { KnownRoots } from "../core/ledger/verify.ts";
import { readPublicKey } from "../core/sign/ssh-key.ts";
import { type MonthPlan, MONTHS_KEPT_USUAL } from "../engine/archive.ts";
import { archiveDrop, archiveList, archivePlan } from "../operation/archive.ts";
import type { CallOperation } from "../operation/operation.ts";
import { canonicalJson } from "../std/canonical-json.ts";
import { InterlockError } from "../std/errors.ts";
import { addMonths, type Instant, type Month, monthOf } from "../std/time.ts";
import { findManifest, writeMonth } from "./archive-month.ts";
import { listHeadPages } from "./head-pages.ts";
import { type ArchiveCheck, verifyArchive, verifyMonth } from "./verify-archive.ts";

export type MonthReport = {
  readonly month: Month;
  readonly entries: number;
  readonly cases: number;
  readonly observations: number;
};

export type ArchiveReport = {
  readonly to: string;
  /** What left the database, or would. */
  readonly months: ReadonlyArray<MonthReport>;
  /** In a dry run: the last month that is due. */
  readonly dueTo: Month | null;
  readonly keptBack: string | null;
  readonly dryRun: boolean;
};

export type ArchiveWish = {
  readonly to: string;
  readonly before: Month;
  readonly dryRun?: boolean;
  readonly onProgress?: (label: string, done: number, total: number) => void;
};

/** The month before which everything goes if so many whole months stay beside the one that runs. */
export function monthsBefore(now: Instant, months: number = MONTHS_KEPT_USUAL): Month {
  return addMonths(monthOf(now), -months);
}

export async function archiveMonths(
  call: CallOperation,
  { to, before, dryRun = false, onProgress = () => undefined }: ArchiveWish,
): Promise<ArchiveReport> {
  const directory = resolve(to);
  const months: MonthReport[] = [];
  await refuseOther(call, directory);
  for (;;) {
    const { next, dueTo, keptBack } = await call(archivePlan, { before });
    const report = { to: directory, months, dueTo, keptBack, dryRun };
    if (next === null) return report;
    if (!dryRun) await archiveMonth(call, directory, next, onProgress);
    months.push(reportOf(next));
    if (dryRun) return report;
  }
}

/** One ledger has one archive: its months are verified one after the other. */
async function refuseOther(call: CallOperation, directory: string): Promise<void> {
  const last = (await call(archiveList, {})).months.at(-1);
  if (last === undefined) return;
  const found = findManifest(directory, last.month);
  if (found !== undefined && hashStatement(found.statement) === last.statement) return;
  throw new InterlockError(
    "archive/bad-file",
    `\`${directory}\` does not hold ${last.month}, the last month that was archived`,
    { help: "name the directory that does: one ledger has one archive" },
  );
}

async function archiveMonth(
  call: CallOperation,
  directory: string,
  plan: MonthPlan,
  onProgress: (label: string, done: number, total: number) => void,
): Promise<void> {
  const { month } = plan;
  const found = findManifest(directory, month);
  const { statement } =
    found !== undefined && isOf(found, plan)
      ? found
      : await writeMonth(call, directory, plan, (done, total) => onProgress(month, done, total));
  const keys = await listKeys(call);
  const read = await verifyMonth(directory, month, plan.after, keys, new Map(), () => undefined);
  if ("fault" in read) {
    const { file = "", why } = read.fault;
    throw new InterlockError("archive/bad-file", `${join(directory, month, file)}: ${why}`, {
      help: "nothing left the database: find out what changed the file, remove it, archive again",
    });
  }
  await call(archiveDrop, { statement });
}

function isOf({ statement }: ArchiveManifest, plan: MonthPlan): boolean {
  const marks = { cases: plan.cases.mark, observations: plan.observations.mark };
  return (
    canonicalJson([statement.month, statement.after, statement.until, statement.marks]) ===
    canonicalJson([plan.month, plan.after, plan.until, marks])
  );
}

function reportOf({ month, after, until, cases, observations }: MonthPlan): MonthReport {
  return {
    ...{ month, entries: until.n - after.n },
    ...{ cases: cases.rows, observations: observations.rows },
  };
}

/** An archive against the system that it is of: its keys, and what it has on record as archived. */
export async function verifyAgainst(
  call: CallOperation,
  directory: string,
  onPage: (done: number) => void,
  known: KnownRoots = new Map(),
): Promise<ArchiveCheck> {
  const check = await verifyArchive(directory, await listKeys(call), known, onPage);
  if (check.firstBad !== null) return check;
  for (const { month, statement } of (await call(archiveList, {})).months) {
    const found = check.months.find((one) => one.month === month);
    if (found?.statement === statement) continue;
    const why = found === undefined ? "it is missing" : "it is not the month that left the ledger";
    return { ...check, verified: false, firstBad: { month, why } };
  }
  return check;
}

/** Every key that signed heads of this ledger. */
async function listKeys(call: CallOperation) {
  const lines = new Set<string>();
  for await (const { key, heads } of listHeadPages(call)) {
    lines.add(key);
    for (const head of heads) lines.add(head.key);
  }
  return [...lines].map(readPublicKey);
}
