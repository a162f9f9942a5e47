/**
 * What a server says of its ledger, checked here: by the same code, in a place that the server does not run.
 *
 * The root that was seen last is kept in this browser. A ledger that does not begin with the one it stands
 * for is another one, whoever rewrote it and however carefully.
 */
import { isConsistent, isIncluded, type TreeHead } from "../../src/core/ledger/proof.ts";
import { computeRoot, PLAIN_HASHER, type Tree } from "../../src/core/ledger/tree.ts";
import { type LedgerFault, verifyEntries } from "../../src/core/ledger/verify.ts";
import { call, CallError } from "./call.ts";

const PAGE_ROWS = 2_000;
const PLACE = "interlock.ledger-head";

export type Proved = {
  readonly head: TreeHead;
  /** Entries whose text is in the tree under that root, by number. */
  readonly proved: ReadonlySet<number>;
  readonly failed: ReadonlyArray<number>;
};

export async function proveEntries(
  asked: { readonly case: string } | { readonly n: number },
): Promise<Proved & { readonly texts: ReadonlyMap<number, string> }> {
  const { head, entries } = await call("ledgerProve", asked);
  const isProved = ({ n, text, path }: (typeof entries)[number]): boolean =>
    isIncluded({ n, hash: PLAIN_HASHER.leaf(text) }, head, path);
  return {
    head,
    proved: new Set(entries.filter(isProved).map(({ n }) => n)),
    failed: entries.filter((entry) => !isProved(entry)).map(({ n }) => n),
    texts: new Map(entries.map(({ n, text }) => [n, text])),
  };
}

export type WholeCheck =
  /** `archived`: entries up to there are in the archive, and were not read. */
  (
    | { readonly kind: "whole"; readonly head: TreeHead; readonly archived: number }
    | { readonly kind: "broken"; readonly fault: LedgerFault }
  ) & { readonly seen: Seen };

/** Every entry that is not archived; the root is worked out here and has to be the server's. */
export async function verifyHere(
  onProgress: (done: number, total: number) => void,
): Promise<WholeCheck> {
  const seen = await checkSeen();
  const { begins } = await call("ledgerExport", { after: 0, limit: 1 });
  let tree: Tree = begins;
  for (;;) {
    const { head, entries } = await call("ledgerExport", { after: tree.n, limit: PAGE_ROWS });
    const checked = verifyEntries(tree, entries);
    if ("fault" in checked) return { kind: "broken", fault: checked.fault, seen };
    tree = checked.tree;
    onProgress(tree.n, head.n);
    if (tree.n < head.n && entries.length > 0) continue;
    const root = computeRoot(tree);
    if (tree.n !== head.n || root !== head.root) {
      const why = "the root that the server names is not that of its entries";
      return { kind: "broken", fault: { n: tree.n, why }, seen };
    }
    const whole = { size: tree.n, root };
    if (seen.kind === "nothing" || seen.kind === "begins") keepHead(whole);
    return { kind: "whole", head: whole, archived: begins.n, seen };
  }
}

/** What this browser saw last time. */
export type Seen =
  | { readonly kind: "nothing" }
  /** `archived`: it can only be compared where the archive is. */
  | {
      readonly kind: "begins" | "another" | "archived";
      readonly head: TreeHead;
      readonly at: string;
    };

async function checkSeen(): Promise<Seen> {
  const kept = readKept();
  if (kept === undefined) return { kind: "nothing" };
  const proof = await call("ledgerProve", { since: kept.head.size }).catch((error: unknown) => {
    if (error instanceof CallError && error.code === "ledger/archived") return undefined;
    throw error;
  });
  if (proof === undefined) return { kind: "archived", ...kept };
  const { head, consistency } = proof;
  const isSame = isConsistent(kept.head, head, consistency);
  return { kind: isSame ? "begins" : "another", ...kept };
}

type Kept = { readonly head: TreeHead; readonly at: string };

function readKept(): Kept | undefined {
  try {
    const text = localStorage.getItem(PLACE);
    return text === null ? undefined : (JSON.parse(text) as Kept);
  } catch {
    return undefined;
  }
}

function keepHead(head: TreeHead): void {
  localStorage.setItem(PLACE, JSON.stringify({ head, at: new Date().toISOString() }));
}

/** Every entry as lines of JSON, with the root they come to. */
export async function exportLedger(
  onProgress: (done: number, total: number) => void,
): Promise<Blob> {
  const lines: string[] = [];
  for (let after = 0; ;) {
    const { head, entries } = await call("ledgerExport", { after, limit: PAGE_ROWS });
    lines.push(...entries.map((entry) => `${JSON.stringify(entry)}\n`));
    after = entries.at(-1)?.n ?? after;
    onProgress(after, head.n);
    if (entries.length === 0 || after >= head.n) {
      return new Blob(lines, { type: "application/jsonl" });
    }
  }
}
