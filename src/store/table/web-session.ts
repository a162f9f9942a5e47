/** Sessions of people, and sign-ins that are under way. Only hashes of their secrets are here. */
import type { Json } from "../../std/canonical-json.ts";
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import { toJson, type Tx } from "../driver/driver.ts";

export type SignInMethod = "passkey" | "provider";

export type SessionRow = {
  readonly email: string;
  readonly name: string;
  readonly method: SignInMethod;
  readonly created_at: Instant;
  readonly seen_at: Instant;
  readonly expires_at: Instant;
};

export async function insertSession(
  tx: Tx,
  tokenHash: Hash,
  row: Omit<SessionRow, "name" | "seen_at">,
): Promise<void> {
  await tx.query(
    `insert into web_session (token_hash, email, method, created_at, seen_at, expires_at)
     values ($1, $2, $3, $4, $4, $5)`,
    [tokenHash, row.email, row.method, row.created_at, row.expires_at],
  );
}

/** One that stands at `at`, was used since `seenSince`, and whose person is not disabled. */
export async function findSession(
  tx: Tx,
  tokenHash: Hash,
  at: Instant,
  seenSince: Instant,
): Promise<SessionRow | undefined> {
  const rows = await tx.query<SessionRow>(
    `select s.email, p.name, s.method, s.created_at, s.seen_at, s.expires_at
     from web_session s join person p using (email)
     where s.token_hash = $1 and s.ended_at is null and s.expires_at > $2 and s.seen_at > $3
       and p.disabled_at is null`,
    [tokenHash, at, seenSince],
  );
  return rows[0];
}

export async function updateSessionSeen(tx: Tx, tokenHash: Hash, at: Instant): Promise<void> {
  await tx.query("update web_session set seen_at = $2 where token_hash = $1", [tokenHash, at]);
}

/** Returns whose it was, where it stood. */
export async function endSession(
  tx: Tx,
  tokenHash: Hash,
  at: Instant,
): Promise<string | undefined> {
  const rows = await tx.query<{ email: string }>(
    `update web_session set ended_at = $2 where token_hash = $1 and ended_at is null
     returning email`,
    [tokenHash, at],
  );
  return rows[0]?.email;
}

export async function endSessionsOf(tx: Tx, email: string, at: Instant): Promise<void> {
  await tx.query("update web_session set ended_at = $2 where email = $1 and ended_at is null", [
    email,
    at,
  ]);
}

export async function insertHandshake(
  tx: Tx,
  tokenHash: Hash,
  kind: string,
  body: Json,
  at: Instant,
  expiresAt: Instant,
): Promise<void> {
  await tx.query("delete from handshake where expires_at <= $1", [at]);
  await tx.query(
    "insert into handshake (token_hash, kind, body, expires_at) values ($1, $2, $3, $4)",
    [tokenHash, kind, toJson(body), expiresAt],
  );
}

/** Takes it away, so that no answer counts twice. */
export async function takeHandshake(
  tx: Tx,
  tokenHash: Hash,
  kind: string,
  at: Instant,
): Promise<Json | undefined> {
  const rows = await tx.query<{ body: Json }>(
    `delete from handshake where token_hash = $1 and kind = $2 and expires_at > $3
     returning body`,
    [tokenHash, kind, at],
  );
  return rows[0]?.body;
}
