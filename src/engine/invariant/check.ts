/** Works through the list: every sentence looked up in one snapshot, the ledger read once for all. */
import type { Driver, Tx } from "../../store/driver/driver.ts";
import { getLedgerHead, listLedger, listSlips } from "../../store/table/ledger.ts";
import { ACTION_INVARIANTS } from "./action.ts";
import { AUTHORITY_INVARIANTS } from "./authority.ts";
import { History, type HistoryLine } from "./history.ts";
import {
  type Cost,
  type HistoryInvariant,
  type Invariant,
  type Look,
  type RowInvariant,
  type Violation,
  VIOLATIONS_MAX,
} from "./invariant.ts";
import { LEDGER_INVARIANTS } from "./ledger.ts";
import { LIVENESS_INVARIANTS } from "./liveness.ts";
import { OUTSIDE_INVARIANTS } from "./outside.ts";
import { SIGNAL_INVARIANTS } from "./signal.ts";

export const INVARIANTS: ReadonlyArray<Invariant> = [
  ...SIGNAL_INVARIANTS,
  ...AUTHORITY_INVARIANTS,
  ...ACTION_INVARIANTS,
  ...OUTSIDE_INVARIANTS,
  ...LEDGER_INVARIANTS,
  ...LIVENESS_INVARIANTS,
];

export type Checked = {
  readonly invariant: Invariant;
  /** The rows that break it, at most so many; empty when it holds. */
  readonly violations: ReadonlyArray<Violation>;
  /** Those read off the ledger share one reading, whose time stands at each of them. */
  readonly ms: number;
};

export type CheckOptions = Omit<Look, "tx"> & {
  /** Only what costs at most this. */
  readonly cost?: Cost;
  readonly names?: ReadonlyArray<string>;
  readonly onProgress?: (label: string, done: number, total: number) => void;
};

/** Entries read at a time. */
const PAGE_ENTRIES = 2_000;
const COSTS: ReadonlyArray<Cost> = ["open", "cases", "ledger"];

/** The invariants that would be looked up, in the order of the list. */
export function selectInvariants(
  options: Pick<CheckOptions, "cost" | "names" | "outside">,
): ReadonlyArray<Invariant> {
  const most = COSTS.indexOf(options.cost ?? "ledger");
  return INVARIANTS.filter(
    ({ name, cost, needsOutside }) =>
      COSTS.indexOf(cost) <= most &&
      (needsOutside !== true || options.outside !== undefined) &&
      (options.names?.includes(name) ?? true),
  );
}

/** Looks them all up in the transaction it is given, which should be one snapshot. */
export async function checkInvariants(
  tx: Tx,
  options: CheckOptions,
): Promise<ReadonlyArray<Checked>> {
  const look: Look = { ...options, tx };
  const chosen = selectInvariants(options);
  const rows = chosen.filter((one): one is RowInvariant => "find" in one);
  const histories = chosen.filter((one): one is HistoryInvariant => "begin" in one);
  const checked = new Map<Invariant, Checked>();
  for (const [index, invariant] of rows.entries()) {
    options.onProgress?.(invariant.name, index, chosen.length);
    const from = performance.now();
    const violations = await invariant.find(look);
    checked.set(invariant, { invariant, violations, ms: performance.now() - from });
  }
  for (const one of await readHistory(look, histories, options.onProgress)) {
    checked.set(one.invariant, one);
  }
  return chosen.flatMap((invariant) => checked.get(invariant) ?? []);
}

/** One snapshot that only reads, so that a live system can be looked at while it works. */
export function checkSnapshot(
  driver: Driver,
  options: CheckOptions,
): Promise<ReadonlyArray<Checked>> {
  return driver.transaction(async (tx) => {
    await tx.exec("set transaction isolation level repeatable read, read only");
    return checkInvariants(tx, options);
  });
}

async function readHistory(
  look: Look,
  invariants: ReadonlyArray<HistoryInvariant>,
  onProgress: CheckOptions["onProgress"],
): Promise<ReadonlyArray<Checked>> {
  if (invariants.length === 0) return [];
  const from = performance.now();
  const readers: Array<{
    invariant: HistoryInvariant;
    reader: Awaited<ReturnType<HistoryInvariant["begin"]>>;
    found: Violation[];
  }> = [];
  for (const invariant of invariants) {
    readers.push({ invariant, reader: await invariant.begin(look), found: [] });
  }
  const head = await getLedgerHead(look.tx);
  const history = new History();
  let after = 0;
  for (let isLast = false; !isLast;) {
    const page = await listLedger(look.tx, after, PAGE_ENTRIES);
    isLast = page.length < PAGE_ENTRIES;
    const texts = page.map(({ n, text }) => ({ n, text }));
    after = page.at(-1)?.n ?? after;
    // What was committed and has no number yet comes behind what has one.
    if (isLast) {
      for (const text of await listSlips(look.tx)) texts.push({ n: ++after, text });
    }
    for (const { n, text } of texts) {
      const line = readLine(n, text);
      if (line === undefined) continue;
      for (const { reader, found } of readers) {
        const violation = reader.read(line, history);
        if (violation !== undefined) found.push(violation);
      }
      history.write(line);
    }
    for (const { reader, found } of readers) {
      found.push(...((await reader.endPage?.(history, isLast)) ?? []));
    }
    onProgress?.("entries", after, head.n);
  }
  const ms = performance.now() - from;
  return readers.map(({ invariant, found }) => ({
    invariant,
    violations: found.slice(0, VIOLATIONS_MAX),
    ms,
  }));
}

/** A ledger that somebody wrote to is still read to its end; that it does not verify is said elsewhere. */
function readLine(n: number, text: string): HistoryLine | undefined {
  try {
    return { ...(JSON.parse(text) as HistoryLine), n };
  } catch {
    return undefined;
  }
}
