/**
 * Notices in Slack, each to one person: found by the address that the charter names, in a channel with them
 * alone. A question carries a button that agrees and one that opens the page where it is looked at.
 *
 * Slack has no name for a message that is sent twice, so each carries its notice's id as metadata, and before
 * one is sent the channel is looked through for it. That is what makes an unknown outcome safe to leave by
 * sending again. Notices of one case hang in the thread of its first.
 *
 * Text goes out as plain text: nothing in a signal can become a link, a mention or a button.
 */
import { type ChatPostMessageArguments, WebClient } from "@slack/web-api";
import { InterlockError } from "../../std/errors.ts";
import type { Call, Notice, Notifier } from "../../core/port/types.ts";
import { toBlocks } from "./blocks.ts";
import { errorOf, UNKNOWN_PERSON, unavailable, unknownOutcome } from "./errors.ts";

/** Messages of a channel with one person that are looked through. */
const LOOKED_THROUGH = 200;
const EVENT_TYPE = "interlock_notice";

export type SlackSettings = {
  /** Of a bot with `chat:write`, `im:write`, `im:history`, `users:read` and `users:read.email`. */
  readonly token: string;
  /** The real one when left out. */
  readonly apiUrl?: string;
  /** Takes what is for somebody whom Slack does not know. */
  readonly otherwise?: Notifier;
};

export function createSlackClient({ token, apiUrl }: SlackSettings): WebClient {
  return new WebClient(token, {
    ...(apiUrl === undefined ? {} : { slackApiUrl: apiUrl }),
    // Retries are the engine's, with its own account of them.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    logger: SILENT,
  });
}

export function createSlackNotifier(settings: SlackSettings): Notifier {
  const client = createSlackClient(settings);
  const { otherwise } = settings;
  return {
    channel: "slack",

    async send(notice, call) {
      if (call.signal.aborted) throw unavailable("the deadline had passed");
      const channel = await withDeadline(call, "before", findChannel(client, notice.address)).catch(
        (error: unknown) => {
          if (otherwise !== undefined && isStranger(error)) return undefined;
          throw error;
        },
      );
      if (channel === undefined && otherwise !== undefined) return otherwise.send(notice, call);
      const sent = await withDeadline(call, "before", findSent(client, channel ?? "", notice));
      if (sent.ts !== undefined) return { receipt: { channel: channel ?? "", ts: sent.ts } };
      const message = toMessage(channel ?? "", notice, sent.threadTs);
      const posted = await withDeadline(call, "after", client.chat.postMessage(message));
      return { receipt: { channel: channel ?? "", ts: posted.ts ?? "" } };
    },

    async probe(call) {
      await withDeadline(call, "before", client.auth.test());
      await otherwise?.probe?.(call);
    },
  };
}

async function findChannel(client: WebClient, email: string): Promise<string> {
  const { user } = await client.users.lookupByEmail({ email });
  const { channel } = await client.conversations.open({ users: user?.id ?? "" });
  return channel?.id ?? "";
}

type Sent = { readonly ts?: string; readonly threadTs?: string };
type Listed = {
  readonly ts?: string;
  readonly metadata?: { readonly event_payload?: object };
};

/** The message of this very notice, if it is there, and the first of its case. */
async function findSent(client: WebClient, channel: string, notice: Notice): Promise<Sent> {
  const { messages = [] } = await client.conversations.history({
    channel,
    limit: LOOKED_THROUGH,
    include_all_metadata: true,
  });
  const first = (messages as ReadonlyArray<Listed>).findLast(
    (one) => payloadOf(one).thread === notice.thread,
  );
  if (first?.ts === undefined) return {};
  if (payloadOf(first).id === notice.id) return { ts: first.ts };
  const { messages: replies = [] } = await client.conversations.replies({
    channel,
    ts: first.ts,
    limit: LOOKED_THROUGH,
    include_all_metadata: true,
  });
  const same = (replies as ReadonlyArray<Listed>).find((one) => payloadOf(one).id === notice.id);
  return same?.ts === undefined ? { threadTs: first.ts } : { ts: same.ts };
}

function payloadOf({ metadata }: Listed): { readonly id?: string; readonly thread?: string } {
  return metadata?.event_payload ?? {};
}

function toMessage(
  channel: string,
  notice: Notice,
  threadTs: string | undefined,
): ChatPostMessageArguments {
  const { id, thread, subject, vote } = notice;
  const message = {
    channel,
    // What a notification shows, and what reads to who cannot see blocks.
    text: subject,
    blocks: [...toBlocks(notice)],
    metadata: { event_type: EVENT_TYPE, event_payload: { id, thread } },
    unfurl_links: false,
    unfurl_media: false,
  };
  if (threadTs === undefined) return message;
  // What asks for something is not hidden in a thread.
  if (vote !== undefined) return { ...message, thread_ts: threadTs, reply_broadcast: true };
  return { ...message, thread_ts: threadTs };
}

/** Before the message goes out nothing is unknown; after, no answer may mean that it arrived. */
async function withDeadline<T>(
  { signal }: Call,
  stage: "before" | "after",
  work: Promise<T>,
): Promise<T> {
  let onDeadline: (() => void) | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    onDeadline = () => {
      const words = "no answer before the deadline";
      reject(stage === "before" ? unavailable(words) : unknownOutcome(words, signal.reason));
    };
    if (signal.aborted) onDeadline();
    else signal.addEventListener("abort", onDeadline, { once: true });
  });
  try {
    return await Promise.race([work, deadline]);
  } catch (thrown) {
    throw thrown instanceof InterlockError ? thrown : errorOf(thrown, stage);
  } finally {
    // What comes after the deadline comes for nobody.
    work.catch(() => undefined);
    if (onDeadline !== undefined) signal.removeEventListener("abort", onDeadline);
  }
}

function isStranger(error: unknown): boolean {
  return (
    error instanceof InterlockError &&
    UNKNOWN_PERSON.some((words) => error.message === `Slack: ${words}`)
  );
}

/** What goes wrong is told by errors; the library's own log might hold what was sent. */
const SILENT = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  setLevel: () => undefined,
  getLevel: () => "error" as never,
  setName: () => undefined,
};
