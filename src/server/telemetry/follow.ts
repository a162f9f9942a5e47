/** The ledger as it grows, for whatever retells it: logs, traces. */
import { setTimeout as delay } from "node:timers/promises";
import type { LedgerEntry } from "../../core/ledger/entry.ts";
import type { Driver } from "../../store/driver/driver.ts";
import { getLedgerHead, listLedger } from "../../store/table/ledger.ts";

const PAGE_ENTRIES = 500;
const LOOK_EVERY_MS = 500;

/** Every entry that is written from now on, once and in order, until `gone`; then what is left. */
export async function followLedger(
  driver: Driver,
  gone: AbortSignal,
  take: (entries: ReadonlyArray<LedgerEntry>) => void,
): Promise<void> {
  let { n } = await getLedgerHead(driver);
  for (;;) {
    const isLast = gone.aborted;
    // The store may be away for a while; nothing is skipped when it is back.
    const entries = await listLedger(driver, n, PAGE_ENTRIES).catch(() => []);
    n = entries.at(-1)?.n ?? n;
    if (entries.length > 0) take(entries);
    if (entries.length === PAGE_ENTRIES) continue;
    if (isLast) return;
    await delay(LOOK_EVERY_MS, undefined, { signal: gone }).catch(() => undefined);
  }
}
