/**
 * Whether a message that comes in is from whom it says: Standard Webhooks 1.0, version 1 of its signatures,
 * over id, time and the bytes as they came. Believed for five minutes around the moment that it names.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { MINUTE_MS, SECOND_MS } from "../../std/time.ts";
import { RefusedRequest } from "./errors.ts";

const BELIEVED_MS = 5 * MINUTE_MS;
const ID = /^[\x21-\x7e]{1,200}$/;
const PREFIX = "whsec_";
/** Signatures that are looked at: one for each secret while one is being replaced. */
const SIGNATURES_MAX = 5;

/** Returns the message's id, under which it counts once. Throws 401 for whatever is not signed so. */
export function checkWebhook(
  secret: string,
  headers: Headers,
  bytes: Uint8Array,
  nowMs: number,
): string {
  const id = headers.get("webhook-id") ?? "";
  const at = headers.get("webhook-timestamp") ?? "";
  const key = Buffer.from(secret.replace(PREFIX, ""), "base64");
  const hmac = createHmac("sha256", key).update(`${id}.${at}.`).update(bytes);
  const wanted = Buffer.from(`v1,${hmac.digest("base64")}`);
  const isFresh = /^\d{1,12}$/.test(at) && Math.abs(nowMs - Number(at) * SECOND_MS) <= BELIEVED_MS;
  const given = (headers.get("webhook-signature") ?? "").split(" ").slice(0, SIGNATURES_MAX);
  const isSigned = given.some((one) => {
    const signature = Buffer.from(one);
    return signature.length === wanted.length && timingSafeEqual(signature, wanted);
  });
  if (ID.test(id) && isFresh && isSigned) return id;
  throw new RefusedRequest(
    "server/unauthorised",
    "this is not signed by whom it should be, or not lately",
    {
      path: "/headers/webhook-signature",
      help:
        "sign `ID.TIMESTAMP.BODY` as Standard Webhooks says, with the secret that was agreed on, and " +
        "set the sender's clock",
    },
  );
}
