import type { Json } from "../std/canonical-json.ts";
import type { Instant } from "../std/time.ts";
import {
  enterSlips,
  findLedger,
  getLedgerHead,
  listLedger,
  listLedgerOfCase,
} from "../store/table/ledger.ts";
import { CASE_FIELD, inputSchema, type Operation } from "./operation.ts";

const ENTRIES_MAX = 5_000;
const ENTRIES_USUAL = 200;

export type LedgerLine = {
  readonly n: number;
  readonly at: Instant;
  readonly kind: string;
  readonly actor: string;
  readonly loop: string | null;
  readonly case: string | null;
  /** What this kind of entry says, as it was written. */
  readonly body: Json;
  /** Over this entry: its leaf in the tree. */
  readonly hash: string;
};

export type LedgerPage = {
  /** The newest entry's number; 0 for an empty ledger. */
  readonly head: number;
  readonly entries: ReadonlyArray<LedgerLine>;
};

export const ledgerList: Operation<
  {
    readonly after?: number;
    readonly limit?: number;
    readonly case?: string;
    readonly find?: string;
  },
  LedgerPage
> = {
  name: "ledger.list",
  summary: "Entries of the ledger in their order, of one case, or the newest that have some words.",
  access: "viewer",
  errors: [],
  input: inputSchema(
    {
      after: { type: "integer", minimum: 0, description: "begin after this entry" },
      limit: { type: "integer", minimum: 1, maximum: ENTRIES_MAX, description: "at most so many" },
      case: CASE_FIELD,
      find: {
        type: "string",
        maxLength: 200,
        description: "the newest entries that have all these words, the newest first; all if empty",
      },
    },
    ["after", "limit", "case", "find"],
  ),
  async handler({ engine }, { after = 0, limit = ENTRIES_USUAL, case: of, find }) {
    const { driver } = engine.context;
    await enterSlips(driver);
    const { n: head } = await getLedgerHead(driver);
    const rows =
      find !== undefined
        ? await findLedger(driver, find.split(/\s+/).filter(Boolean), Math.min(limit, ENTRIES_MAX))
        : of === undefined
          ? await listLedger(driver, after, Math.min(limit, ENTRIES_MAX))
          : (await listLedgerOfCase(driver, of)).filter(({ n }) => n > after).slice(0, limit);
    return { head, entries: rows.map(({ n, text, hash }) => readLine(n, text, hash)) };
  },
};

function readLine(n: number, text: string, hash: string): LedgerLine {
  const { at, kind, actor, loop, case: of, body } = JSON.parse(text) as Omit<LedgerLine, "n">;
  return { n, at, kind, actor, loop, case: of, body, hash };
}
