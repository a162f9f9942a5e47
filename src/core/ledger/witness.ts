/**
 * A witness keeps the last head that it saw, outside the database, and takes the next one only with a proof
 * that nothing before it was changed.
 *
 * Picture a friend of the house who remembers one number. Whoever rewrites the book at night, and every
 * seal in it, cannot rewrite what the friend remembers. The friend need not read the book: forty hashes a
 * time will do, however large it is.
 *
 * The rule: what was refused is never made good by a later head. A witness keeps the head that it trusts
 * until a person looks.
 */
import { InterlockError } from "../../std/errors.ts";
import type { Hash } from "../../std/hash.ts";
import { type Envelope, isSigned } from "../sign/envelope.ts";
import { readPublicKey, writePublicKey } from "../sign/ssh-key.ts";
import { type LedgerHead, readHead } from "./head.ts";
import { isConsistent } from "./proof.ts";

/** What a witness remembers: one line of its file. */
export type Witnessed = {
  readonly envelope: Envelope;
  /** The key that signs the next head: `ssh-ed25519 AAAA...`. */
  readonly key: string;
};

/** Where a witness keeps what it took: it is added to, and the last is read. */
export type WitnessMemory = {
  readLast(): Promise<Witnessed | undefined>;
  add(taken: Witnessed): Promise<void>;
};

/** As the engine sees one, wherever it is. */
export type Witness = {
  /** Without any secret that an address may carry. */
  readonly name: string;
  /** The last head that it took. */
  readLast(): Promise<LedgerHead | undefined>;
  /** Takes the next head; throws `ledger/refused` where it does not follow from the last. */
  take(head: Envelope, path: ReadonlyArray<Hash>): Promise<void>;
};

/** A witness over a memory. `firstKey` is trusted until a head names another. */
export function createWitness(name: string, memory: WitnessMemory, firstKey: string): Witness {
  return {
    name,
    async readLast() {
      const last = await memory.readLast();
      return last === undefined ? undefined : readHead(last.envelope).head;
    },
    async take(offered, path) {
      await memory.add(judgeHead(await memory.readLast(), firstKey, offered, path));
    },
  };
}

/** What is remembered once the offered head is taken; `path` leads to it from the last one. */
export function judgeHead(
  last: Witnessed | undefined,
  firstKey: string,
  offered: unknown,
  path: ReadonlyArray<Hash>,
): Witnessed {
  const { envelope, head } = readHead(offered);
  const key = last?.key ?? firstKey;
  if (!isSigned(envelope, readPublicKey(key))) refuse("the head is not signed by the ledger's key");
  if (last !== undefined) {
    const { head: before } = readHead(last.envelope);
    if (head.size < before.size) {
      refuse(`the head has ${head.size} entries, and ${before.size} were witnessed`);
    }
    if (!isConsistent(before, head, path)) {
      refuse(
        `the ${before.size} entries that were witnessed are not the first of the ${head.size}`,
      );
    }
  }
  const { successor } = head;
  return {
    envelope,
    key: successor === undefined ? key : writePublicKey(readPublicKey(successor), ""),
  };
}

function refuse(why: string): never {
  throw new InterlockError("ledger/refused", `the witness refuses: ${why}`, {
    help: "keep what it has, and find out who changed the ledger: `ledger verify --head` with its file",
  });
}
