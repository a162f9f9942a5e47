/**
 * Department keys: a pass that says which department a program elsewhere speaks for.
 *
 *   ilk_3f9c0a7be2d1_<43 characters>      what is it, which one, and the secret
 *
 * The secret is 256 random bits, shown once and kept as a hash; a key that leaks is revoked by its id,
 * which is no secret. INVARIANT (secrets-stay-out): neither ledger nor list ever holds the secret.
 */
import { randomBytes, timingSafeEqual } from "node:crypto";
import { listWords, quote, suggestion } from "../core/problem.ts";
import { InterlockError } from "../std/errors.ts";
import { hashText } from "../std/hash.ts";
import { addMs, MINUTE_MS } from "../std/time.ts";
import {
  type DepartmentKeyRow,
  findDepartmentKey,
  insertDepartmentKey,
  listDepartmentKeys,
  revokeDepartmentKey,
  updateKeyUsed,
} from "../store/table/department-key.ts";
import { appendLedger } from "../store/table/ledger.ts";
import type { EngineContext } from "./wiring.ts";

const ID_BYTES = 6;
const SECRET_BYTES = 32;
const KEY = /^ilk_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;
/** How exactly a key's last use is known. */
const USED_EVERY_MS = 5 * MINUTE_MS;

export type DepartmentKey = Omit<DepartmentKeyRow, "secret_hash">;

/** Makes a key. `key` is the only copy of the secret there will ever be. */
export async function createDepartmentKey(
  context: EngineContext,
  asked: { readonly department: string; readonly label: string; readonly person: string },
): Promise<{ readonly id: string; readonly key: string }> {
  refuseUnknownDepartment(context, asked.department);
  const id = randomBytes(ID_BYTES).toString("hex");
  const secret = randomBytes(SECRET_BYTES).toString("base64url");
  const now = context.clock.now();
  await context.driver.transaction(async (tx) => {
    await insertDepartmentKey(tx, {
      id,
      department: asked.department,
      label: asked.label,
      secret_hash: hashText(secret),
      created_at: now,
      created_by: asked.person,
    });
    const body = { key: id, department: asked.department, label: asked.label };
    await appendLedger(tx, [keyEntry("key.created", now, asked.person, body)]);
  });
  return { id, key: `ilk_${id}_${secret}` };
}

export async function listKeys(context: EngineContext): Promise<ReadonlyArray<DepartmentKey>> {
  const rows = await listDepartmentKeys(context.driver);
  return rows.map(({ secret_hash: _kept, ...shown }) => shown);
}

/** From here on the key opens nothing. Revoking twice is once. */
export async function revokeKey(
  context: EngineContext,
  asked: { readonly id: string; readonly person: string },
): Promise<DepartmentKey> {
  const now = context.clock.now();
  return context.driver.transaction(async (tx) => {
    const isNew = await revokeDepartmentKey(tx, asked.id, now);
    const row = await findDepartmentKey(tx, asked.id);
    if (row === undefined) {
      throw new InterlockError("agent/key-not-found", `no key has the id ${quote(asked.id)}`, {
        help: "`agent key list` shows the ids; the id is the middle part of a key",
      });
    }
    const { secret_hash: _kept, ...shown } = row;
    if (isNew) {
      const body = { key: row.id, department: row.department, label: row.label };
      await appendLedger(tx, [keyEntry("key.revoked", now, asked.person, body)]);
    }
    return shown;
  });
}

/** Compared against where no such key exists, so that a wrong id takes as long as a wrong secret. */
const NO_KEY = hashText("no key");

/** The department that the text speaks for, if it is a key in use. */
export async function findKeyHolder(
  context: EngineContext,
  text: string,
): Promise<{ readonly keyId: string; readonly department: string } | undefined> {
  const [, id, secret] = KEY.exec(text) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  const row = await findDepartmentKey(context.driver, id);
  const given = Buffer.from(hashText(secret), "hex");
  const isSame = timingSafeEqual(given, Buffer.from(row?.secret_hash ?? NO_KEY, "hex"));
  if (row === undefined || !isSame || row.revoked_at !== null) return undefined;
  const now = context.clock.now();
  const notSince = addMs(now, -USED_EVERY_MS);
  if (row.used_at === null || row.used_at < notSince) {
    await updateKeyUsed(context.driver, id, now, notSince);
  }
  return { keyId: id, department: row.department };
}

function refuseUnknownDepartment(context: EngineContext, department: string): void {
  const known = new Set(
    [...context.loops.values()].flatMap(({ contract }) => [
      contract.sender.department,
      contract.receiver.department,
    ]),
  );
  if (known.has(department)) return;
  const names = [...known].sort();
  throw new InterlockError(
    "agent/unknown-department",
    `no loop here has a party ${quote(department)}${suggestion(department, names)}`,
    { help: `the departments are ${listWords(names, "and")}` },
  );
}

function keyEntry(
  kind: string,
  at: string,
  actor: string,
  body: { readonly [key: string]: string },
) {
  return { at, kind, loop: null, case: null, actor, body };
}
