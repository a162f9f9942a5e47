/**
 * Signs the ledger's head at intervals and shows it to the witnesses.
 *
 *   sign      a head over all entries there are, if any came since the last one
 *   publish   each witness gets the heads that it has not, with the proof that leads there from its last
 *   check     each witness's last head is compared with the ledger as it is now, whether anything was
 *             written or not: a rewrite shows within one interval
 *
 * What a witness holds against the ledger is an entry, once, and an error at every round until a person has
 * looked; nothing that it remembers is overwritten. The key and the list of witnesses are not in the
 * database, whose owner is the one that they are there for.
 */
import { keyIdOf, writePublicKey } from "../core/sign/ssh-key.ts";
import { type LedgerHead, readHead, signHead } from "../core/ledger/head.ts";
import { computeRootAt, proveConsistency } from "../core/ledger/proof.ts";
import type { Witness } from "../core/ledger/witness.ts";
import { publicKeyOf } from "../std/ed25519.ts";
import { errorToText, InterlockError } from "../std/errors.ts";
import { type Instant, SECOND_MS } from "../std/time.ts";
import type { Driver, Tx } from "../store/driver/driver.ts";
import { appendLedger, enterSlips, getLedgerHead, readTree } from "../store/table/ledger.ts";
import {
  findNewestHead,
  insertHead,
  listHeadsAfter,
  lockHeads,
  type SignedHeadRow,
} from "../store/table/signed-head.ts";
import type { EngineContext } from "./wiring.ts";

/** A rewrite shows, and an entry is under a signature, within this. */
export const HEAD_EVERY_MS = 15 * SECOND_MS;

export type WitnessState = {
  readonly name: string;
  /** Entries of the last head that it took; null before the first. */
  readonly size: number | null;
  readonly checkedAt: Instant;
  /** What it holds against the ledger; null when it agrees. */
  readonly dispute: string | null;
  /** Why it could not be asked; null when it answered. */
  readonly error: string | null;
};

export class Heads {
  readonly #context: EngineContext;
  readonly #states = new Map<string, WitnessState>();

  constructor(context: EngineContext) {
    this.#context = context;
  }

  /** As of the last round of this process. */
  get states(): ReadonlyArray<WitnessState> {
    return [...this.#states.values()];
  }

  /** The public half of the key that signs: `ssh-ed25519 AAAA...`. */
  get key(): string {
    return writePublicKey(keyOf(this.#readSecret()), "");
  }

  /** A signed head over every entry there is; undefined for an empty ledger. */
  async sign(): Promise<SignedHeadRow | undefined> {
    const { driver } = this.#context;
    await enterSlips(driver);
    return driver.transaction((tx) => this.#sign(tx));
  }

  /** Hands over to another key: the last head that this one signs. Whoever keeps the key exchanges it then. */
  async rotate(successor: string): Promise<SignedHeadRow | undefined> {
    const { driver } = this.#context;
    await enterSlips(driver);
    return driver.transaction((tx) => this.#sign(tx, successor));
  }

  /** Signs what is new, and asks every witness what it holds against it. */
  async ask(): Promise<ReadonlyArray<WitnessState>> {
    const { driver, witnesses } = this.#context;
    const failed = await this.sign().then(
      () => undefined,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
    const asked = witnesses?.() ?? [];
    await Promise.all(asked.map((witness) => this.#ask(driver, witness)));
    for (const name of this.#states.keys()) {
      if (!asked.some((witness) => witness.name === name)) this.#states.delete(name);
    }
    // Where the ledger contradicts its own heads, what the witnesses have is the better word.
    if (failed !== undefined && this.states.every(({ dispute }) => dispute === null)) throw failed;
    return this.states;
  }

  /** The heartbeat's: throws `ledger/disputed` at every round while a witness disagrees. */
  async round(): Promise<void> {
    if (this.#context.ledgerSecret === undefined) return;
    await this.ask();
    const disputed = this.states.find(({ dispute }) => dispute !== null);
    if (disputed !== undefined) {
      throw new InterlockError(
        "ledger/disputed",
        `${disputed.name} disputes the ledger: ${disputed.dispute ?? ""}`,
        { help: "somebody changed what was on record: docs/guides/ledger.md says what to do" },
      );
    }
  }

  async #sign(tx: Tx, successor?: string): Promise<SignedHeadRow | undefined> {
    const secret = this.#readSecret();
    await lockHeads(tx);
    const newest = await findNewestHead(tx);
    const { n: size, root } = await getLedgerHead(tx);
    if (newest === undefined ? size === 0 : newest.size === size && successor === undefined) {
      return newest;
    }
    // Handed over already, by a call that was cut off before the keys were exchanged.
    if (successor !== undefined && newest !== undefined) {
      if (readHead(newest.envelope).head.successor === successor) return newest;
    }
    if (newest !== undefined) await refuseUnlessOurs(tx, newest, size, secret);
    const previous = newest === undefined ? null : { size: newest.size, root: newest.root };
    const at = this.#context.clock.now();
    const head: LedgerHead = {
      ...{ size, root, at, previous },
      ...(successor === undefined ? {} : { successor }),
    };
    return insertHead(tx, head, signHead(head, secret), writePublicKey(keyOf(secret), ""));
  }

  async #ask(driver: Driver, witness: Witness): Promise<void> {
    const { name } = witness;
    const checkedAt = this.#context.clock.now();
    const before = this.#states.get(name);
    let size = before?.size ?? null;
    try {
      const last = await witness.readLast();
      size = last?.size ?? null;
      const dispute = last === undefined ? undefined : await findDispute(driver, last);
      if (dispute !== undefined) throw new InterlockError("ledger/refused", dispute);
      size = await publish(driver, witness, last).catch(async (error: unknown) => {
        // Another process may have shown it a later head between our look and our word.
        const now = await witness.readLast();
        if (now?.size === last?.size || now === undefined) throw error;
        return publish(driver, witness, now);
      });
      this.#states.set(name, { name, size, checkedAt, dispute: null, error: null });
    } catch (error) {
      const isDispute = error instanceof InterlockError && error.code === "ledger/refused";
      const why = isDispute ? error.message : errorToText(error);
      const state = { name, size, checkedAt };
      this.#states.set(name, {
        ...state,
        // One that cannot be asked now has not changed its mind.
        dispute: isDispute ? why : (before?.dispute ?? null),
        error: isDispute ? null : why,
      });
      if (isDispute && (before?.dispute ?? null) === null) {
        // A ledger that takes no entry any more is no reason to keep quiet.
        await this.#record(driver, name, why).catch(() => undefined);
      }
    }
  }

  async #record(driver: Driver, witness: string, why: string): Promise<void> {
    const at = this.#context.clock.now();
    const said = { kind: "ledger.disputed", loop: null, case: null, actor: "interlock" };
    await driver.transaction((tx) => appendLedger(tx, [{ at, ...said, body: { witness, why } }]));
  }

  #readSecret(): Uint8Array {
    const { ledgerSecret } = this.#context;
    if (ledgerSecret !== undefined) return ledgerSecret();
    throw new InterlockError("ledger/no-key", "this ledger has no key to sign with", {
      help: "pass `ledgerSecret` to openInterlock; a data directory makes its own",
    });
  }
}

function keyOf(secret: Uint8Array) {
  return { type: "ssh-ed25519", bytes: publicKeyOf(secret) } as const;
}

/** Nothing is signed that contradicts what was signed, or that somebody else signs. */
async function refuseUnlessOurs(
  tx: Tx,
  newest: SignedHeadRow,
  size: number,
  secret: Uint8Array,
): Promise<void> {
  const dispute = await findDispute(tx, newest, size);
  if (dispute !== undefined) throw new InterlockError("ledger/broken", dispute);
  const { successor } = readHead(newest.envelope).head;
  const ours = writePublicKey(keyOf(secret), "");
  const isOurs =
    successor === undefined
      ? newest.envelope.signatures.some(({ keyid }) => keyid === keyIdOf(keyOf(secret)))
      : successor === ours;
  if (isOurs) return;
  throw new InterlockError("ledger/other-key", "the ledger's heads are signed by another key", {
    help: "every process of one ledger needs its key: copy keys/ledger.key, or name it in INTERLOCK_LEDGER_KEY",
  });
}

/** Why the ledger does not begin with what that head says; undefined when it does. */
async function findDispute(
  tx: Tx,
  { size, root }: Pick<LedgerHead, "size" | "root">,
  now?: number,
): Promise<string | undefined> {
  const n = now ?? (await getLedgerHead(tx)).n;
  if (n < size) return `the ledger has ${n} entries, and ${size} were signed`;
  const found = await readTree(tx, (reader, hasher) => computeRootAt(size, reader, hasher)).catch(
    (error: unknown) => {
      // Months go into the archive only after every witness has seen them.
      const codes = ["ledger/broken", "ledger/archived"];
      if (error instanceof InterlockError && codes.includes(error.code)) return error.message;
      throw error;
    },
  );
  if (found === root) return undefined;
  return `its first ${size} entries are not those that were signed`;
}

/** Gives a witness what it has not: heads that name another key, in order, and the newest. */
async function publish(
  driver: Driver,
  witness: Witness,
  last: LedgerHead | undefined,
): Promise<number | null> {
  let from = last;
  for (const { envelope, head } of await listHeadsAfter(driver, last)) {
    const size = from?.size ?? 0;
    const path = await readTree(driver, (reader, hasher) =>
      proveConsistency(size, head.size, reader, hasher),
    );
    await witness.take(envelope, path);
    from = head;
  }
  return from?.size ?? null;
}
