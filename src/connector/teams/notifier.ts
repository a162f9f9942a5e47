/**
 * Notices in Microsoft Teams, by the webhook addresses of workflows that people set up there.
 *
 * An address of a chat with one person gets the link by which that person votes; one of a channel, which many
 * read, gets the case's page in the dashboard, where each signs in as themselves. No card decides anything.
 *
 * A workflow keeps nothing by which a repeat could be known, so a notice whose answer was lost may be there
 * twice. Each card names its notice, so that a reader sees that the two are one; that is all there is to it.
 */
import type { Call, Notifier } from "../../core/port/types.ts";
import { InterlockError } from "../../std/errors.ts";
import { errorOfStatus, retryAfterMs } from "../kit/answer.ts";
import { createHttpClient, type HttpClient } from "../kit/http.ts";
import { type Readers, toMessage } from "./card.ts";

const SYSTEM = "Teams";

/** `head@example.com` for a chat with that person, a department's name for a channel of it. */
export type TeamsAddresses = ReadonlyMap<string, string>;

export type TeamsSettings = {
  readonly addresses: TeamsAddresses;
  /** Takes what is for somebody who has no address there. */
  readonly otherwise?: Notifier;
};

export type TeamsNotifier = Notifier & { close(): Promise<void> };

export function createTeamsNotifier({ addresses, otherwise }: TeamsSettings): TeamsNotifier {
  const places = new Map(
    [...addresses].map(([name, address]) => [name.trim().toLowerCase(), new Place(name, address)]),
  );
  return {
    channel: "teams",

    async send(notice, call) {
      const place =
        places.get(notice.address.trim().toLowerCase()) ??
        places.get(notice.department.toLowerCase());
      if (place !== undefined) {
        await place.post(JSON.stringify(toMessage(notice, place.readers)), call);
        return { receipt: { place: place.name } };
      }
      if (otherwise !== undefined) return otherwise.send(notice, call);
      throw new InterlockError("connector/rejected", `Teams: nobody knows \`${notice.address}\``, {
        help: "name a workflow's address for them, or for their department, in INTERLOCK_TEAMS",
      });
    },

    // A webhook can only be tried by sending.
    ...(otherwise?.probe === undefined
      ? {}
      : { probe: (call: Call) => otherwise.probe?.(call) ?? Promise.resolve() }),

    async close() {
      await Promise.all([...places.values()].map((place) => place.close()));
    },
  };
}

class Place {
  readonly name: string;
  readonly readers: Readers;
  readonly #path: string;
  readonly #http: HttpClient;

  constructor(name: string, address: string) {
    const url = new URL(address);
    this.name = name;
    this.readers = name.includes("@") ? "one" : "many";
    this.#path = `${url.pathname}${url.search}`;
    this.#http = createHttpClient({ system: SYSTEM, baseUrl: url.origin, connectionsMax: 4 });
  }

  async post(body: string, { signal }: Call): Promise<void> {
    const answer = await this.#http
      .send({
        kind: "mutation",
        method: "POST",
        path: this.#path,
        headers: { "content-type": "application/json" },
        body,
        signal,
      })
      .catch((thrown: unknown) => {
        throw thrown instanceof InterlockError ? withoutAddress(thrown) : thrown;
      });
    if (answer.status >= 200 && answer.status < 300) return;
    const wait = retryAfterMs(answer.headers);
    throw errorOfStatus(SYSTEM, "mutation", answer.status, {
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
      // It refused before the flow ran.
      nothingHappened: answer.status === 503,
      ...(answer.status === 401 || answer.status === 403 || answer.status === 404
        ? { help: `the workflow for ${this.name} is gone or its address changed; copy it anew` }
        : {}),
    });
  }

  close(): Promise<void> {
    return this.#http.close();
  }
}

/** The address of a webhook is its key: it stands in no error and no ledger. */
function withoutAddress(error: InterlockError): InterlockError {
  const { code, retry, help } = error;
  const why =
    code === "connector/unknown-outcome" ? "no trustworthy answer came" : "cannot be reached";
  return new InterlockError(code, `${SYSTEM}: ${why}`, {
    retry,
    help:
      code === "connector/unknown-outcome"
        ? "it may have been delivered; sent again it may be there twice, under one notice's name"
        : (help ?? "the workflow's server does not answer; it is tried again"),
  });
}
