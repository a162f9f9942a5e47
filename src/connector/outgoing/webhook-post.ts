/** Sends a webhook as Standard Webhooks 1.0 says: signed, no redirect followed, nothing read but the status. */
import { Webhook } from "standardwebhooks";
import type { GuardedFetch } from "./guarded-fetch.ts";

export type SignedMessage = {
  readonly url: string;
  /** `whsec_` and base64. */
  readonly secret: string;
  readonly id: string;
  readonly body: string;
};

export function createWebhookPost(
  { fetch }: GuardedFetch,
  now: () => Date,
): (message: SignedMessage, deadline: AbortSignal) => Promise<number> {
  return async ({ url, secret, id, body }, deadline) => {
    const at = now();
    const response = await fetch(url, {
      method: "POST",
      redirect: "manual",
      signal: deadline,
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": `${Math.floor(at.getTime() / 1_000)}`,
        "webhook-signature": new Webhook(secret).sign(id, at, body),
      },
      body,
    }).catch((error: unknown) => {
      // What went wrong underneath says more than that something did.
      throw error instanceof Error && error.cause instanceof Error ? error.cause : error;
    });
    // Unread, a body would keep its connection.
    await response.body?.cancel().catch(() => undefined);
    return response.status;
  };
}
