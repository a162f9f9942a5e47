/** People's signing keys: whose each is, and from when until when it counts. */
import { normaliseEmail } from "../core/charter/seat.ts";
import type { Signer } from "../core/sign/signers.ts";
import { keyIdOf, readPublicKey, writePublicKey } from "../core/sign/ssh-key.ts";
import { assert } from "../std/assert.ts";
import { InterlockError } from "../std/errors.ts";
import type { Tx } from "../store/driver/driver.ts";
import { appendLedger } from "../store/table/ledger.ts";
import {
  endSigningKey,
  findSigningKey,
  insertSigningKey,
  listSigningKeys,
  type SigningKeyRow,
} from "../store/table/signing-key.ts";
import { writeLoopNews } from "./loop-news.ts";
import { getLoopTerms } from "./terms.ts";
import type { EngineContext } from "./wiring.ts";

export async function listSigners(tx: Tx): Promise<ReadonlyArray<Signer>> {
  return (await listSigningKeys(tx)).map(toSigner);
}

export function toSigner(row: SigningKeyRow): Signer {
  return {
    person: row.person,
    key: readPublicKey(row.public_key),
    validFrom: row.valid_from,
    ...(row.valid_until === null ? {} : { validUntil: row.valid_until }),
  };
}

/** The same key for the same person again changes nothing; for another person it is refused. */
export async function registerSigner(
  context: EngineContext,
  said: { readonly person: string; readonly publicKey: string; readonly by: string },
): Promise<SigningKeyRow> {
  const { driver, clock } = context;
  const key = readPublicKey(said.publicKey);
  const now = clock.now();
  const person = normaliseEmail(said.person);
  const id = keyIdOf(key);
  return driver.transaction(async (tx) => {
    const isNew = await insertSigningKey(tx, {
      id,
      person,
      public_key: writePublicKey(key, person),
      valid_from: now,
      valid_until: null,
      registered_at: now,
      registered_by: said.by,
    });
    const row = await findSigningKey(tx, id);
    assert(row, "the key is there, new or not");
    if (row.person !== person) {
      throw new InterlockError("sign/other-person", `the key ${id} is ${row.person}'s`, {
        help: "one key belongs to one person; make another",
      });
    }
    if (isNew) {
      await appendLedger(tx, [
        {
          at: now,
          kind: "signer.added",
          loop: null,
          case: null,
          actor: said.by,
          body: { key: id, person },
        },
      ]);
      await tellOwners(tx, context, row, said.by, "registered");
    }
    return row;
  });
}

export async function revokeSigner(
  context: EngineContext,
  said: { readonly id: string; readonly by: string; readonly reason: string },
): Promise<SigningKeyRow> {
  const { driver, clock } = context;
  const now = clock.now();
  return driver.transaction(async (tx) => {
    const ended = await endSigningKey(tx, said.id, now);
    const row = await findSigningKey(tx, said.id);
    if (row === undefined) {
      throw new InterlockError("sign/unknown-key", `nobody registered the key \`${said.id}\``, {
        help: "`charter key list` shows every key",
      });
    }
    if (ended) {
      const body = { key: said.id, person: row.person, reason: said.reason };
      await appendLedger(tx, [
        { at: now, kind: "signer.revoked", loop: null, case: null, actor: said.by, body },
      ]);
      await tellOwners(tx, context, row, said.by, "revoked");
    }
    return row;
  });
}

/**
 * Whose key is whose is the operator's word: so wherever the person owns a side, every owner hears of it,
 * and a key that nobody made does not go unseen.
 */
async function tellOwners(
  tx: Tx,
  context: EngineContext,
  { id: key, person }: SigningKeyRow,
  by: string,
  what: "registered" | "revoked",
): Promise<void> {
  for (const wiring of context.loops.values()) {
    const { charter } = await getLoopTerms(tx, wiring.name);
    const owns = charter.parties.some(({ owner }) => normaliseEmail(owner.email) === person);
    if (!owns) continue;
    const news = { topic: "key-changed", person, key, by, what } as const;
    await writeLoopNews(tx, context, wiring, `${what}-${key}`, news);
  }
}
