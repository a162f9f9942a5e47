/** A signal as the CloudEvent that carries it, in the forms that senders use. */
import type { Signal } from "../../src/core/contract/types.ts";

export type Event = { readonly [attribute: string]: unknown };

export function toEvent(signal: Signal): Event {
  const { id, source, subject, sentAt, asOf, expiresAt, contract, version, ...data } = signal;
  return {
    specversion: "1.0",
    type: "interlock.signal",
    id,
    source,
    subject,
    time: sentAt,
    contract,
    contractversion: version,
    asof: asOf,
    expiresat: expiresAt,
    data,
  };
}

/** Binary mode: attributes as headers, `data` as the body. */
export function toBinary(event: Event): { headers: Record<string, string>; body: string } {
  const { data, ...attributes } = event;
  return {
    headers: {
      "content-type": "application/json",
      ...Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [
          `ce-${name}`,
          encodeURIComponent(String(value)).replaceAll("%20", " "),
        ]),
      ),
    },
    body: JSON.stringify(data),
  };
}
