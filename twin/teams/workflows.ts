/**
 * Workflows of Microsoft Teams on loopback: addresses that take a card and post it, with the checks that make
 * the real ones refuse. They keep nothing by which a repeat could be known, as the real ones do not.
 */
import { createFaults, type FaultKind } from "../sandbox/fault.ts";
import { servePlatform, type SandboxAnswer } from "../sandbox/http-server.ts";
import { findMessageFault } from "./card-check.ts";

const SIGNATURE = "sandbox-signature";

export type TeamsCard = {
  readonly body: ReadonlyArray<{ readonly type: string; readonly text?: string }>;
  readonly actions?: ReadonlyArray<{ readonly title: string; readonly url: string }>;
};

export type PostedCard = { readonly place: string; readonly card: TeamsCard };

export type TeamsWorkflows = {
  /** Where a card for the place is sent; the address is its own key. */
  addressOf(place: string): string;
  /** An address of the place whose key is not the workflow's. */
  forgedAddressOf(place: string): string;
  posted(): ReadonlyArray<PostedCard>;
  /** Why the last card was refused, if one was. */
  lastFault(): string | undefined;
  failNext(kind: FaultKind): void;
  close(): Promise<void>;
};

export async function startTeamsWorkflows(places: ReadonlyArray<string>): Promise<TeamsWorkflows> {
  const faults = createFaults(undefined);
  const posted: PostedCard[] = [];
  let lastFault: string | undefined;
  const refuse = (status: number, message: string): SandboxAnswer => ({
    status,
    body: { error: { code: "sandbox", message } },
  });
  const server = await servePlatform(
    {
      name: "chat",
      kindOf: () => "mutation",
      answer({ path, query, body, header }): SandboxAnswer {
        const place = places[Number(/^\/workflows\/(\d+)\/run$/.exec(path)?.[1] ?? NaN)];
        if (place === undefined) return refuse(404, "no such workflow");
        if (query.get("sig") !== SIGNATURE) return refuse(401, "wrong signature");
        if (header("content-type") !== "application/json") return refuse(400, "not JSON");
        lastFault = findMessageFault(body);
        if (lastFault !== undefined) return refuse(400, lastFault);
        const message = JSON.parse(body) as {
          readonly attachments: ReadonlyArray<{ readonly content: TeamsCard }>;
        };
        const [attachment] = message.attachments;
        if (attachment !== undefined) posted.push({ place, card: attachment.content });
        return { status: 202, body: null };
      },
      refuse: (why) =>
        why === "unavailable"
          ? refuse(503, "try again")
          : { ...refuse(429, "too many requests"), headers: { "retry-after": "1" } },
    },
    faults,
    () => undefined,
  );
  const addressOf = (place: string, signature = SIGNATURE): string =>
    `${server.origin}/workflows/${places.indexOf(place)}/run?api-version=1&sig=${signature}`;
  return {
    addressOf: (place) => addressOf(place),
    forgedAddressOf: (place) => addressOf(place, "forged"),
    posted: () => posted,
    lastFault: () => lastFault,
    failNext: (kind) => faults.order("chat", "mutation", kind, 1),
    close: () => server.close(),
  };
}
