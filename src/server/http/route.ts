/**
 * What a route is: one method at one address, with everything that has to be known of it said as data.
 * The application checks requests by it and the OpenAPI document is written from it, so the two cannot
 * disagree.
 */
import type { JsonSchema } from "../../core/contract/types.ts";
import type { PlainLimits } from "../../core/plain.ts";
import type { Engine } from "../../engine/engine.ts";
import type { ReplyLetter } from "../../engine/mail-reply.ts";
import type { SignedIn } from "../../engine/people.ts";
import type { EventFeed } from "./event-feed.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Provider } from "./sign-in/provider.ts";

/** Who may call: anybody, or whoever of the named shows what they hold. */
export type Access =
  | "open"
  | "department"
  | "person"
  | "operator-or-person"
  | "department-or-operator"
  | "monitor-or-operator";

/** Signing in is rare; a chat's or a mail server's one address speaks for many people. */
export type AddressLimit = "signIn" | "open";

export type Caller =
  | { readonly kind: "anybody" }
  | { readonly kind: "department"; readonly keyId: string; readonly department: string }
  | { readonly kind: "operator" }
  | { readonly kind: "monitor" }
  | { readonly kind: "person"; readonly signedIn: SignedIn };

export type SlackPlace = {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string;
};

/** A message as Slack shows it when somebody acts on it. */
export type SlackMessage = SlackPlace & {
  readonly text: string;
  readonly blocks: ReadonlyArray<{ readonly type: string }>;
};

/** What the server needs of Slack when somebody presses a button there. */
export type SlackPort = {
  readonly signingSecret: string;
  /** A confirmed address of the workspace's own; throws an `InterlockError` for anybody else. */
  getEmail(userId: string): Promise<string>;
  /** Takes the message's buttons away and says what came of them. */
  close(message: SlackMessage, words: string): Promise<void>;
  reply(message: SlackPlace, words: string): Promise<void>;
  /** Opens the form for a reason; `keep` comes back with it. */
  askReason(triggerId: string, subject: string, keep: string): Promise<void>;
  getMessage(place: SlackPlace): Promise<SlackMessage>;
};

/** What the server needs where replies to letters come in. */
export type MailPort = {
  /** `whsec_` and base64: shared with the mail server that hands them in. */
  readonly secret: string;
  /** Right side of the addresses that letters are replied to. */
  readonly domain: string;
  /** The mail server says whether the author's domain signed, and has to say that it did. */
  readonly isAuthenticated: boolean;
  read(bytes: Uint8Array): Promise<ReplyLetter>;
};

/** What every route may use. */
export type ServerContext = {
  readonly engine: Engine;
  readonly version: string;
  readonly feed: EventFeed;
  readonly metrics: Metrics;
  /** Where people of the company sign in, if they do. */
  readonly provider: Provider | undefined;
  readonly slack: SlackPort | undefined;
  readonly mail: MailPort | undefined;
  /** Secrets of those who send counts by webhook, by the name of the source. */
  readonly sources: ReadonlyMap<string, string>;
};

export type HttpCall = {
  readonly server: ServerContext;
  readonly caller: Caller;
  readonly params: { readonly [name: string]: string };
  readonly query: { readonly [name: string]: number };
  readonly headers: Headers;
  /** What stands after the path, as it came: `?code=...`, or nothing. */
  readonly search: string;
  /** Checked by the route's schema; the bytes as they came where the route takes them so. */
  readonly body: unknown;
  /** Aborts when the caller is gone or the server closes. */
  readonly gone: AbortSignal;
};

export type HttpAnswer = {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: { readonly [name: string]: string };
};

export type RouteBody =
  | {
      readonly kind: "json";
      readonly schema: JsonSchema;
      readonly bytesMax: number;
      /** What the values may be, where it is more than usual. */
      readonly limits?: PlainLimits;
    }
  | {
      readonly kind: "bytes";
      readonly bytesMax: number;
      /** Content types and what each carries, for the document. */
      readonly types: { readonly [contentType: string]: JsonSchema };
    };

export type Route = {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** As OpenAPI writes it: `/v1/loops/{loop}/contract`. */
  readonly path: string;
  /** Noun, then verb. */
  readonly name: string;
  readonly summary: string;
  readonly description?: string;
  readonly access: Access;
  /** Somebody could try secrets here: how often is counted by where they come from, under this limit. */
  readonly countedAs?: AddressLimit;
  /** What each `{name}` of the path stands for; one with an `enum` matches nothing else. */
  readonly params?: { readonly [name: string]: JsonSchema };
  /** Whole numbers after the question mark, all optional. */
  readonly query?: {
    readonly [name: string]: {
      readonly description: string;
      readonly minimum: number;
      readonly maximum: number;
      readonly default: number;
    };
  };
  /** Further headers that it reads. */
  readonly headers?: { readonly [name: string]: JsonSchema };
  readonly body?: RouteBody;
  /** Good answers by status; refusals have one shape everywhere. */
  readonly answers: {
    readonly [status: number]: {
      readonly description: string;
      readonly schema?: JsonSchema;
      /** JSON when left out. */
      readonly type?: string;
    };
  };
  /** Statuses with which it may refuse, besides those that every route has. */
  readonly refusals?: ReadonlyArray<number>;
  handle(call: HttpCall): Promise<HttpAnswer>;
};
