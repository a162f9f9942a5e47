/** Webhooks: who outside is told of entries of the ledger, and how far each has come. */
import { assert } from "../../std/assert.ts";
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

export type WebhookRow = {
  readonly id: string;
  readonly url: string;
  readonly loop: string | null;
  readonly kinds: ReadonlyArray<string>;
  readonly secret: string;
  readonly created_at: Instant;
  readonly created_by: string;
  readonly seen: number;
  readonly failures: number;
  readonly next_at: Instant;
  readonly last_error: string | null;
  readonly taken_at: Instant | null;
  readonly paused_at: Instant | null;
};

const COLUMNS =
  "id, url, loop, kinds, secret, created_at, created_by, seen, failures, next_at, last_error, " +
  "taken_at, paused_at";

export async function insertWebhook(
  tx: Tx,
  row: Pick<
    WebhookRow,
    "id" | "url" | "loop" | "kinds" | "secret" | "created_at" | "created_by" | "seen"
  >,
): Promise<void> {
  await tx.query(
    `insert into webhook (id, url, loop, kinds, secret, created_at, created_by, seen, next_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $6)`,
    [row.id, row.url, row.loop, row.kinds, row.secret, row.created_at, row.created_by, row.seen],
  );
}

export async function listWebhooks(tx: Tx): Promise<ReadonlyArray<WebhookRow>> {
  return tx.query<WebhookRow>(`select ${COLUMNS} from webhook order by created_at, id`);
}

export async function countWebhooks(tx: Tx): Promise<number> {
  const [row] = await tx.query<{ count: number }>("select count(*)::int as count from webhook");
  return row?.count ?? 0;
}

/** Keeps it from everybody else until the transaction ends. */
export async function lockWebhook(tx: Tx, id: string): Promise<WebhookRow | undefined> {
  const rows = await tx.query<WebhookRow>(
    `select ${COLUMNS} from webhook where id = $1 for update`,
    [id],
  );
  return rows[0];
}

export async function deleteWebhook(tx: Tx, id: string): Promise<void> {
  await tx.query("delete from webhook where id = $1", [id]);
}

/** Those that are due and behind; nobody else takes them before `until`. */
export async function claimWebhooks(
  tx: Tx,
  now: Instant,
  until: Instant,
): Promise<ReadonlyArray<WebhookRow>> {
  return tx.query<WebhookRow>(
    `update webhook set next_at = $2
     where paused_at is null and next_at <= $1 and seen < (select n from ledger_head)
     returning ${COLUMNS}`,
    [now, until],
  );
}

export type WebhookProgress = Pick<
  WebhookRow,
  "id" | "seen" | "failures" | "next_at" | "last_error" | "taken_at" | "paused_at"
>;

/**
 * Notes how far it has come. Returns false where somebody has moved it meanwhile, sent it back or taken it
 * away: their word counts.
 */
export async function updateWebhook(tx: Tx, from: number, now: WebhookProgress): Promise<boolean> {
  const rows = await tx.query(
    `update webhook
     set seen = $3, failures = $4, next_at = $5, last_error = $6, taken_at = $7, paused_at = $8
     where id = $1 and seen = $2
     returning id`,
    [
      now.id,
      from,
      now.seen,
      now.failures,
      now.next_at,
      now.last_error,
      now.taken_at,
      now.paused_at,
    ],
  );
  assert(rows.length <= 1, "an id is one webhook's");
  return rows.length === 1;
}
