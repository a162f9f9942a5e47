import { proveConsistency, proveInclusion, type TreeHead } from "../core/ledger/proof.ts";
import type { Envelope } from "../core/sign/envelope.ts";
import type { Hash } from "../std/hash.ts";
import type { LedgerEntry } from "../core/ledger/entry.ts";
import type { Tx } from "../store/driver/driver.ts";
import {
  archivedEntry,
  enterSlips,
  findArchivedEnd,
  getLedgerHead,
  listLedger,
  listLedgerOfCase,
  readTree,
} from "../store/table/ledger.ts";
import { CASE_FIELD, inputSchema, type Operation } from "./operation.ts";

/** Of one question. A case has some dozens of entries. */
const PROOFS_MAX = 500;

export type EntryProof = {
  readonly n: number;
  /** As it is stored, to the byte: what is proved. */
  readonly text: string;
  readonly path: ReadonlyArray<Hash>;
};

export type LedgerProof = {
  readonly head: TreeHead;
  readonly entries: ReadonlyArray<EntryProof>;
  /** That the ledger of `since` entries is the beginning of this one; empty where that was not asked. */
  readonly consistency: ReadonlyArray<Hash>;
  /** The head as it was signed, where that was asked: whoever has it needs no word of ours any more. */
  readonly signed: { readonly envelope: Envelope; readonly key: string } | null;
};

export const ledgerProve: Operation<
  {
    readonly case?: string;
    readonly n?: number;
    readonly since?: number;
    readonly signed?: boolean;
  },
  LedgerProof
> = {
  name: "ledger.prove",
  summary: "Entries with what proves them against the newest root, for whoever trusts no server.",
  access: "viewer",
  errors: ["ledger/no-key", "ledger/other-key", "ledger/broken", "ledger/archived"],
  input: inputSchema(
    {
      case: CASE_FIELD,
      n: { type: "integer", minimum: 1, description: "one entry" },
      since: { type: "integer", minimum: 0, description: "the size of a root noted earlier" },
      signed: { type: "boolean", description: "under a head that is signed" },
    },
    ["case", "n", "since", "signed"],
  ),
  async handler({ engine }, { case: of, n, since = 0, signed: isSigned = false }) {
    const { driver } = engine.context;
    await enterSlips(driver);
    const over = isSigned ? await engine.heads.sign() : undefined;
    const { n: size, root } =
      over === undefined ? await getLedgerHead(driver) : { n: over.size, root: over.root };
    const asked = [
      ...(of === undefined ? [] : await listLedgerOfCase(driver, of)),
      ...(n === undefined ? [] : await getEntries(driver, n)),
    ];
    const known = asked.filter((entry) => entry.n <= size).slice(0, PROOFS_MAX);
    return readTree(driver, (reader, hasher) => ({
      head: { size, root },
      entries: known.map((entry) => ({
        n: entry.n,
        text: entry.text,
        path: proveInclusion(entry.n, size, reader, hasher),
      })),
      consistency: since > size ? [] : proveConsistency(since, size, reader, hasher),
      signed: over === undefined ? null : { envelope: over.envelope, key: over.key },
    }));
  },
};

/** None where there is no such entry; throws `ledger/archived` where it left for the archive. */
async function getEntries(tx: Tx, n: number): Promise<ReadonlyArray<LedgerEntry>> {
  const found = (await listLedger(tx, n - 1, 1)).filter((entry) => entry.n === n);
  if (found.length > 0 || n > ((await findArchivedEnd(tx))?.n ?? 0)) return found;
  throw archivedEntry(n);
}
