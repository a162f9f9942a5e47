import type { Json } from "../std/canonical-json.ts";
import type { Instant } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import {
  enterSlips,
  findLedger,
  getLedgerHead,
  type LedgerFound,
  listLedger,
  listLedgerOfCase,
} from "../store/table/ledger.ts";
import { CASE_FIELD, inputSchema, type Operation } from "./operation.ts";

const ENTRIES_MAX = 5_000;
const ENTRIES_USUAL = 200;
/** Entries that one search looks at; the next goes on from there. */
const LOOKED_MAX = 20_000;
const CASE_ID = /^case-[0-9a-f]{16}$/;

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
  /** Of a search: entries before this one were not looked at; null where all were. */
  readonly before: number | null;
};

export const ledgerList: Operation<
  {
    readonly after?: number;
    readonly limit?: number;
    readonly case?: string;
    readonly find?: string;
    readonly before?: number;
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
        description:
          "the newest entries that have all these words, the newest first; all if empty; looks at " +
          `${LOOKED_MAX} entries, or at those of a case whose id is among the words`,
      },
      before: { type: "integer", minimum: 1, description: "find: entries before this one alone" },
    },
    ["after", "limit", "case", "find", "before"],
  ),
  async handler({ engine }, { after = 0, case: of, find, before, ...asked }) {
    const { driver } = engine.context;
    const limit = Math.min(asked.limit ?? ENTRIES_USUAL, ENTRIES_MAX);
    await enterSlips(driver);
    const { n: head } = await getLedgerHead(driver);
    const found =
      find !== undefined
        ? await search(driver, find, { before: before ?? head + 1, span: LOOKED_MAX, limit })
        : of === undefined
          ? { rows: await listLedger(driver, after, limit), before: null }
          : {
              rows: (await listLedgerOfCase(driver, of))
                .filter(({ n }) => n > after)
                .slice(0, limit),
              before: null,
            };
    const entries = found.rows.map(({ n, text, hash }) => readLine(n, text, hash));
    return { head, entries, before: found.before };
  },
};

async function search(
  tx: Tx,
  find: string,
  range: { readonly before: number; readonly span: number; readonly limit: number },
): Promise<LedgerFound> {
  const words = find.toLowerCase().split(/\s+/).filter(Boolean);
  const of = words.find((word) => CASE_ID.test(word));
  if (of === undefined) return findLedger(tx, words, range);
  const rows = (await listLedgerOfCase(tx, of))
    .filter(({ n, text }) => n < range.before && hasAll(text.toLowerCase(), words))
    .reverse();
  const before = rows.length > range.limit ? (rows[range.limit - 1]?.n ?? null) : null;
  return { rows: rows.slice(0, range.limit), before };
}

function hasAll(text: string, words: ReadonlyArray<string>): boolean {
  return words.every((word) => text.includes(word));
}

function readLine(n: number, text: string, hash: string): LedgerLine {
  const { at, kind, actor, loop, case: of, body } = JSON.parse(text) as Omit<LedgerLine, "n">;
  return { n, at, kind, actor, loop, case: of, body, hash };
}
