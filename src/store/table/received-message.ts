/** What came in by the doors for others' programs, so that each message is taken once, for ever. */
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

export type ReceivedMessage = {
  readonly door: string;
  readonly id: string;
  readonly content_hash: Hash;
  readonly received_at: Instant;
};

/** `repeated`: the same content was taken before; `conflicting`: another was, under this id. */
export type MessageReceipt = "new" | "repeated" | "conflicting";

export async function takeMessage(tx: Tx, message: ReceivedMessage): Promise<MessageReceipt> {
  const { door, id, content_hash: hash, received_at: at } = message;
  const taken = await tx.query(
    `insert into received_message (door, id, content_hash, received_at)
     values ($1, $2, $3, $4)
     on conflict (door, id) do nothing
     returning id`,
    [door, id, hash, at],
  );
  if (taken.length === 1) return "new";
  const rows = await tx.query<{ content_hash: Hash }>(
    "select content_hash from received_message where door = $1 and id = $2",
    [door, id],
  );
  return rows[0]?.content_hash === hash ? "repeated" : "conflicting";
}
