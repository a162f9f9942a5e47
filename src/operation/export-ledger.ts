import type { LedgerEntry } from "../core/ledger/entry.ts";
import { enterSlips, getLedgerHead, type LedgerHead, listLedger } from "../store/table/ledger.ts";
import { inputSchema, type Operation } from "./operation.ts";

const ENTRIES_MAX = 2_000;

export type LedgerExport = {
  readonly head: LedgerHead;
  readonly entries: ReadonlyArray<LedgerEntry>;
};

export const ledgerExport: Operation<
  { readonly after: number; readonly limit?: number },
  LedgerExport
> = {
  name: "ledger.export",
  summary:
    "Entries as they are stored, page by page, to keep elsewhere or to verify where one trusts.",
  access: "viewer",
  errors: [],
  input: inputSchema(
    {
      after: { type: "integer", minimum: 0, description: "begin after this entry" },
      limit: { type: "integer", minimum: 1, maximum: ENTRIES_MAX, description: "at most so many" },
    },
    ["limit"],
  ),
  async handler({ engine }, { after, limit = ENTRIES_MAX }) {
    const { driver } = engine.context;
    await enterSlips(driver);
    const head = await getLedgerHead(driver);
    const entries = await listLedger(driver, after, Math.min(limit, ENTRIES_MAX));
    return { head, entries: entries.filter(({ n }) => n <= head.n) };
  },
};
