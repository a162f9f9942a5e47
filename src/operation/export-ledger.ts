import type { LedgerEntry } from "../core/ledger/entry.ts";
import type { Tree } from "../core/ledger/tree.ts";
import {
  enterSlips,
  findArchivedEnd,
  getLedgerHead,
  type LedgerHead,
  listLedger,
  readTreeAt,
} from "../store/table/ledger.ts";
import { inputSchema, type Operation } from "./operation.ts";

const ENTRIES_MAX = 2_000;

export type LedgerExport = {
  readonly head: LedgerHead;
  /** The tree that the archive ends with: entries up to there are not here. */
  readonly begins: Tree;
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
    const begins = await readTreeAt(driver, (await findArchivedEnd(driver))?.n ?? 0);
    const entries = await listLedger(
      driver,
      Math.max(after, begins.n),
      Math.min(limit, ENTRIES_MAX),
    );
    return { head, begins, entries: entries.filter(({ n }) => n <= head.n) };
  },
};
