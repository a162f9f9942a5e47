/**
 * Whether it is Slack that speaks: version 0 of its signatures, over the time and the bytes as they came.
 *
 * It is believed for five minutes around the moment it names, and once: the same signature again is the
 * same message again, whoever sends it.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { hashBytes } from "../../std/hash.ts";
import { MINUTE_MS, SECOND_MS } from "../../std/time.ts";
import type { Tx } from "../../store/driver/driver.ts";
import { takeMessage } from "../../store/table/received-message.ts";
import { RefusedRequest } from "./errors.ts";

const BELIEVED_MS = 5 * MINUTE_MS;
const DOOR = "slack";

/** Throws 401 for whatever is not signed by Slack, or not lately. */
export function checkSlackSignature(
  secret: string,
  headers: Headers,
  bytes: Uint8Array,
  nowMs: number,
): void {
  const at = headers.get("x-slack-request-timestamp") ?? "";
  const given = Buffer.from(headers.get("x-slack-signature") ?? "");
  const hmac = createHmac("sha256", secret).update(`v0:${at}:`).update(bytes);
  const wanted = Buffer.from(`v0=${hmac.digest("hex")}`);
  const isFresh = /^\d{1,12}$/.test(at) && Math.abs(nowMs - Number(at) * SECOND_MS) <= BELIEVED_MS;
  if (isFresh && given.length === wanted.length && timingSafeEqual(given, wanted)) return;
  throw new RefusedRequest("server/unauthorised", "this is not signed by Slack, or not lately", {
    path: "/headers/x-slack-signature",
    help:
      "compare INTERLOCK_SLACK_SIGNING_SECRET with the app's signing secret in Slack, and this " +
      "machine's clock with the world's",
  });
}

/** Whether this very request is here for the first time. Its signature was checked. */
export async function isFirst(tx: Tx, headers: Headers, bytes: Uint8Array): Promise<boolean> {
  const receipt = await takeMessage(tx, {
    door: DOOR,
    id: headers.get("x-slack-signature") ?? "",
    content_hash: hashBytes(bytes),
    received_at: new Date().toISOString(),
  });
  return receipt === "new";
}
