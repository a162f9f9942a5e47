/**
 * A signed head: "so many entries, with this root", at a time, under the ledger's own key.
 *
 * Picture the notary's line at the foot of a page: what stands above it is as it stood then. Whoever keeps
 * the line can tell for ever whether the page is still the same one, and the next line names the line
 * before. A head that is kept where the database's owner cannot reach is what convicts them
 * (`witness.ts`).
 *
 * A key is changed by a head that names its successor: signed by the old key, it makes the new one trusted.
 */
import type { Json } from "../../std/canonical-json.ts";
import { InterlockError } from "../../std/errors.ts";
import { type Hash, isHash } from "../../std/hash.ts";
import { isInstant, type Instant } from "../../std/time.ts";
import {
  type Envelope,
  isSigned,
  openEnvelope,
  readEnvelope,
  signEnvelope,
} from "../sign/envelope.ts";
import { type PublicKey, readPublicKey } from "../sign/ssh-key.ts";
import type { TreeHead } from "./proof.ts";

export type LedgerHead = TreeHead & {
  readonly at: Instant;
  /** The head that was signed before it. */
  readonly previous: TreeHead | null;
  /** From here on this key signs: `ssh-ed25519 AAAA...`. */
  readonly successor?: string;
};

export function signHead(head: LedgerHead, secret: Uint8Array): Envelope {
  return signEnvelope(openEnvelope("head", head), secret);
}

/** Throws `sign/...` for what is no head; says nothing about who signed it. */
export function readHead(value: unknown): {
  readonly envelope: Envelope;
  readonly head: LedgerHead;
} {
  const { envelope, statement } = readEnvelope("head", value);
  const { size, root, at, previous, successor, ...rest } = (statement ?? {}) as Record<
    string,
    Json
  >;
  if (
    !isTreeHead({ size, root }) ||
    !isInstant(at) ||
    (previous !== null && !isTreeHead(previous)) ||
    (successor !== undefined && typeof successor !== "string") ||
    Object.keys(rest).length > 0
  ) {
    throw new InterlockError("sign/malformed", "this is no head of a ledger");
  }
  return { envelope, head: statement as unknown as LedgerHead };
}

function isTreeHead(value: unknown): value is TreeHead {
  const { size, root } = (value ?? {}) as Partial<TreeHead>;
  return Number.isSafeInteger(size) && (size ?? -1) >= 0 && isHash(root);
}

/**
 * Heads in the order in which they were signed, from the first that the trusted key signed: every
 * signature, and every change of the key. What came before it is vouched for by it. Throws `ledger/bad-head`
 * for the first that does not hold.
 */
export function checkHeads(
  values: ReadonlyArray<unknown>,
  trusted: PublicKey,
): { readonly key: PublicKey; readonly heads: ReadonlyArray<LedgerHead> } {
  let key = trusted;
  const heads: LedgerHead[] = [];
  for (const value of values) {
    const { envelope, head } = readHead(value);
    if (!isSigned(envelope, key)) {
      if (heads.length === 0) continue;
      throw bad(head, "it is not signed by the ledger's key");
    }
    const before = heads.at(-1);
    if (before !== undefined && head.size < before.size) {
      throw bad(head, `it follows one of ${before.size} entries`);
    }
    if (before !== undefined && head.size === before.size && head.root !== before.root) {
      throw bad(head, "another one of that size has another root");
    }
    if (head.successor !== undefined) key = readPublicKey(head.successor);
    heads.push(head);
  }
  if (heads.length === 0 && values.length > 0) {
    throw new InterlockError("ledger/bad-head", "no head is signed by the key that is trusted");
  }
  return { key, heads };
}

/** What heads say of the tree at earlier sizes. */
export function rootsOf(heads: ReadonlyArray<TreeHead>): ReadonlyMap<number, Hash> {
  return new Map(heads.map(({ size, root }) => [size, root]));
}

function bad(head: LedgerHead, why: string): InterlockError {
  return new InterlockError(
    "ledger/bad-head",
    `the head of ${head.size} entries does not hold: ${why}`,
  );
}
