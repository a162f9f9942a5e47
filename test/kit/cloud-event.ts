/** Events as senders of other languages write them: plain values, made by hand where a test breaks them. */
import { signalToCloudEvent } from "../../src/core/contract/cloud-event.ts";
import { encodeHeaderValue } from "../../src/core/contract/cloud-event-http.ts";
import type { Signal } from "../../src/core/contract/types.ts";

export type Event = { readonly [attribute: string]: unknown };

export function toEvent(signal: Signal): Event {
  return signalToCloudEvent(signal);
}

/** Binary mode: attributes as headers, `data` as the body. */
export function toBinary(event: Event): { headers: Record<string, string>; body: string } {
  const { data, datacontenttype: _said, ...attributes } = event;
  return {
    headers: {
      "content-type": "application/json",
      ...Object.fromEntries(
        Object.entries(attributes).map(([name, value]) => [
          `ce-${name}`,
          encodeHeaderValue(String(value)),
        ]),
      ),
    },
    body: JSON.stringify(data),
  };
}
