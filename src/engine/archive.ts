/**
 * Moves whole months out of the database, the oldest first, once somebody has them in safe keeping.
 *
 *   plan    which months are over for long enough, what goes with each, and what keeps one back
 *   seal    the ledger says that a month was written down, and a head is signed over that
 *   drop    what was sealed leaves, in one transaction, if it is still the very same
 *
 * Between seal and drop whoever writes the files reads them back. A crash anywhere before the drop leaves
 * everything here, and one more entry that says what was written; after it, everything there.
 *
 * Kept back: what an open case may still be measured on, and every month after it; and what a witness has
 * not seen, because it could not be shown to it later.
 */
import {
  type ArchiveSeal,
  type ArchiveStatement,
  hashStatement,
  sealOf,
  SEALED_KIND,
  STANDING_KINDS,
} from "../core/ledger/archive.ts";
import { listReadsBelow, proveConsistency, proveInclusion } from "../core/ledger/proof.ts";
import { computeRoot, type Tree } from "../core/ledger/tree.ts";
import { canonicalJson } from "../std/canonical-json.ts";
import { InterlockError } from "../std/errors.ts";
import { addMonths, addMs, DAY_MS, type Month, monthOf, startOf } from "../std/time.ts";
import type { Driver, Tx } from "../store/driver/driver.ts";
import {
  dropCases,
  dropEntries,
  dropHeads,
  dropObservations,
  findLastBefore,
  findOldestMonths,
  findOpenCaseBefore,
  findSeal,
  insertArchivedMonth,
  listKeptHeadSizes,
  listLeanedOn,
  lockObservations,
  type Mark,
  markCases,
  markObservations,
  replaceKept,
} from "../store/table/archive.ts";
import {
  appendLedger,
  enterSlips,
  findArchivedEnd,
  getLedgerHead,
  readTree,
  readTreeAt,
} from "../store/table/ledger.ts";
import { lockHeads } from "../store/table/signed-head.ts";
import type { Heads } from "./heads.ts";
import type { EngineContext } from "./wiring.ts";

/** Logs of thirteen months: a whole year, and the month that is compared with it. */
export const MONTHS_KEPT_USUAL = 13;
/** Less would take away what outcomes, lessons and the limits of a week are read from. */
export const MONTHS_KEPT_LEAST = 7;
/** Days before its opening on which a case may be measured: its change, and the window before that. */
const CASE_REACH_DAYS = 180;

/** One month as it would leave. */
export type MonthPlan = {
  readonly month: Month;
  readonly after: Tree;
  readonly until: Tree;
  readonly cases: Mark;
  readonly observations: Mark;
};

export type ArchivePlan = {
  /** The last month that is archived; null where none is. */
  readonly archivedTo: Month | null;
  /** The oldest month that is due; null where none is. */
  readonly next: MonthPlan | null;
  /** The last month that is due, whether there is anything of it or not. */
  readonly dueTo: Month | null;
  /** Why no later one is. */
  readonly keptBack: string | null;
};

/** Months that are over before `before`; at most all that leave the fewest months that must stay. */
export async function planArchive(context: EngineContext, before: Month): Promise<ArchivePlan> {
  const { driver, clock } = context;
  await enterSlips(driver);
  const latest = addMonths(monthOf(clock.now()), -MONTHS_KEPT_LEAST);
  if (before > latest) {
    throw new InterlockError("archive/held", `months from ${latest} on stay in the database`, {
      help: `name ${latest} or an earlier month: ${MONTHS_KEPT_LEAST} months are needed for measuring`,
    });
  }
  const archived = await findArchivedEnd(driver);
  const archivedTo = archived?.month ?? null;
  const nothing = { archivedTo, next: null, dueTo: null };
  const month = await findOldest(driver, archived);
  if (month === undefined || month >= before) return { ...nothing, keptBack: null };
  const held = await findHold(driver, month);
  if (held !== undefined) return { ...nothing, keptBack: held };
  let dueTo = month;
  let keptBack: string | null = null;
  for (let later = addMonths(month, 1); later < before; later = addMonths(later, 1)) {
    keptBack = (await findHold(driver, later)) ?? null;
    if (keptBack !== null) break;
    dueTo = later;
  }
  return { archivedTo, next: await planMonth(driver, month, archived?.n ?? 0), dueTo, keptBack };
}

/** The oldest month of which there is anything; never one that is archived already. */
async function findOldest(
  tx: Tx,
  archived: { readonly n: number; readonly month: Month } | undefined,
): Promise<Month | undefined> {
  const oldest = await findOldestMonths(tx, archived?.n ?? 0);
  const [first] = [oldest.entry, oldest.observation].filter((month) => month !== null).sort();
  const next = archived === undefined ? undefined : addMonths(archived.month, 1);
  return first !== undefined && next !== undefined && first < next ? next : first;
}

async function findHold(tx: Tx, month: Month): Promise<string | undefined> {
  const over = startOf(addMonths(month, 1));
  const open = await findOpenCaseBefore(tx, addMs(over, CASE_REACH_DAYS * DAY_MS));
  if (open === undefined) return undefined;
  return `${month} and what follows stay: ${open.id}, opened at ${open.opened_at}, is still open`;
}

async function planMonth(tx: Tx, month: Month, after: number): Promise<MonthPlan> {
  const { n } = await getLedgerHead(tx);
  const until = await findLastBefore(tx, { after, until: n }, startOf(addMonths(month, 1)));
  return {
    month,
    after: await readTreeAt(tx, after),
    until: await readTreeAt(tx, until),
    cases: await markCases(tx, { month, until }),
    observations: await markObservations(tx, month),
  };
}

/** Writes into the ledger that a month was written down, and proves it under a signed head. */
export async function sealMonth(
  context: EngineContext,
  heads: Heads,
  statement: ArchiveStatement,
): Promise<ArchiveSeal> {
  const { driver, clock } = context;
  await refuseUnlessSame(driver, statement);
  const about = { loop: null, case: null, actor: "interlock", body: sealOf(statement) };
  await driver.transaction((tx) =>
    appendLedger(tx, [{ at: clock.now(), kind: SEALED_KIND, ...about }]),
  );
  for (const { name, size, dispute, error } of await heads.ask()) {
    if (dispute === null && size !== null && size >= statement.until.n) continue;
    throw new InterlockError(
      "archive/held",
      `the witness ${name} has not agreed to what would go: ${dispute ?? error ?? "it saw nothing"}`,
      { help: "`ledger witness check` asks it again; `ledger witness remove` lets it go" },
    );
  }
  const signed = await heads.sign();
  const seal = await findSeal(driver, hashStatement(statement), statement.until.n);
  if (signed === undefined || seal === undefined || seal.n > signed.size) {
    throw new InterlockError("archive/changed", "the seal is not under a signed head yet", {
      retry: "later",
      help: "archive again",
    });
  }
  return readTree(driver, (reader, hasher) => ({
    entry: { ...seal, path: proveInclusion(seal.n, signed.size, reader, hasher) },
    head: signed.envelope,
    path: proveConsistency(statement.until.n, signed.size, reader, hasher),
  }));
}

/** What was sealed leaves. Throws `archive/changed` where it is no longer what is here. */
export async function dropMonth(
  context: EngineContext,
  statement: ArchiveStatement,
): Promise<void> {
  const { driver, clock } = context;
  await enterSlips(driver);
  await driver.transaction(async (tx) => {
    await lockHeads(tx);
    await lockObservations(tx);
    const plan = await refuseUnlessSame(tx, statement);
    const { month, until, after } = statement;
    const end = { month, until: until.n };
    await insertArchivedMonth(tx, {
      month,
      until_n: until.n,
      root: computeRoot(until),
      statement: hashStatement(statement),
      entries: until.n - after.n,
      cases: plan.cases.rows,
      observations: plan.observations.rows,
      archived_at: clock.now(),
    });
    if ((await dropCases(tx, end)) !== plan.cases.rows) throw changed(month);
    await dropObservations(tx, month);
    await dropHeads(tx, until.n);
    await keepLeanedOn(tx, until.n);
    await dropEntries(tx);
  });
}

/** Entries of the archive that stay at hand, and the hashes that proofs of them and of kept heads need. */
async function keepLeanedOn(tx: Tx, until: number): Promise<void> {
  const entries = await listLeanedOn(tx, until, STANDING_KINDS);
  const sizes = await listKeptHeadSizes(tx, until);
  const hashes = listReadsBelow(until, entries, sizes);
  await replaceKept(tx, entries, [...hashes]);
}

async function refuseUnlessSame(tx: Driver | Tx, statement: ArchiveStatement): Promise<MonthPlan> {
  const archived = await findArchivedEnd(tx);
  const month = await findOldest(tx, archived);
  if (month !== statement.month || (archived?.n ?? 0) !== statement.after.n) {
    throw new InterlockError(
      "archive/changed",
      `${statement.month} is not the next month to be archived`,
      { help: `the next one is ${month ?? "not there yet"}` },
    );
  }
  const plan = await planMonth(tx, month, statement.after.n);
  const marks = { cases: plan.cases.mark, observations: plan.observations.mark };
  const same =
    canonicalJson([plan.after, plan.until, marks]) ===
    canonicalJson([statement.after, statement.until, statement.marks]);
  if (same) return plan;
  throw changed(month);
}

function changed(month: Month): InterlockError {
  return new InterlockError(
    "archive/changed",
    `what would go with ${month} is no longer what was written`,
    { help: "archive again: what was written is written anew" },
  );
}
