/**
 * A Slack workspace on loopback: the Web API methods that Interlock calls, with the checks that make the real
 * one refuse (tokens, forms, blocks), and people who press buttons and write commands.
 *
 * Left out: everything that Interlock does not call, and what Slack's servers fetch.
 */
import { createHmac } from "node:crypto";
import type { Json } from "../../src/std/canonical-json.ts";
import { createFaults, type FaultKind } from "../sandbox/fault.ts";
import { servePlatform, type SandboxAnswer, type SandboxRequest } from "../sandbox/http-server.ts";
import { type Block, findBlockFault } from "./block-check.ts";

const TOKEN = "xoxb-sandbox-token";
const SIGNING_SECRET = "sandbox-signing-secret";
const TEAM = "T0SANDBOX";
const TEXT_MAX = 40_000;
const METADATA_BYTES_MAX = 8_000;
/** Slack's clock; each message is one further. */
const FIRST_TS = 1_795_500_000;

export type SlackMember = {
  readonly id: string;
  readonly email: string;
  /** Somebody of another workspace, in a shared channel. */
  readonly isStranger?: boolean;
  /** Has not clicked on the link in Slack's own letter yet. */
  readonly isUnconfirmed?: boolean;
};

export type SlackMessage = {
  readonly channel: string;
  readonly ts: string;
  readonly threadTs: string | undefined;
  readonly text: string;
  readonly blocks: ReadonlyArray<Block>;
  readonly metadata: Metadata | undefined;
};

type Metadata = {
  readonly event_type: string;
  readonly event_payload: { readonly [key: string]: Json };
};

/** What Slack sends to an app, signed at that moment. */
export type SlackRequest = { readonly headers: Record<string, string>; readonly body: string };

export type SlackWorkspace = {
  readonly apiUrl: string;
  readonly token: string;
  readonly signingSecret: string;
  /** To whom each channel with one person belongs. */
  memberOf(channel: string): SlackMember | undefined;
  messages(): ReadonlyArray<SlackMessage>;
  failNext(kind: FaultKind): void;
  /** Somebody presses a button. */
  press(message: SlackMessage, actionId: string, userId: string, atSeconds?: number): SlackRequest;
  /** Somebody writes `/interlock` and the text. */
  command(text: string, userId: string, atSeconds?: number): SlackRequest;
  close(): Promise<void>;
};

type Method = (form: URLSearchParams) => object;

export async function startSlackWorkspace(
  members: ReadonlyArray<SlackMember>,
): Promise<SlackWorkspace> {
  const faults = createFaults(undefined);
  const messages: SlackMessage[] = [];
  const channelOf = (member: SlackMember): string => `D${member.id.slice(1)}`;
  const memberOf = (channel: string | null): SlackMember | undefined =>
    members.find((member) => channelOf(member) === channel);

  let triggers = 0;
  /** Tells two presses of one second apart. */
  const nextTrigger = (): string => `trigger-${(triggers += 1)}`;

  const methods: Record<string, Method> = {
    "auth.test": () => ({ ok: true, user_id: "UBOT", team_id: TEAM }),
    "users.lookupByEmail": (form) => {
      const found = members.find(({ email }) => email === form.get("email"));
      return found === undefined ? refuse("users_not_found") : { ok: true, user: { id: found.id } };
    },
    "users.info": (form) => {
      const found = members.find(({ id }) => id === form.get("user"));
      return found === undefined ? refuse("user_not_found") : { ok: true, user: toUser(found) };
    },
    "conversations.open": (form) => {
      const found = members.find(({ id }) => id === form.get("users"));
      return found === undefined
        ? refuse("user_not_found")
        : { ok: true, channel: { id: channelOf(found) } };
    },
    "conversations.history": (form) => ({
      ok: true,
      messages: messages
        .filter((one) => one.channel === form.get("channel") && one.threadTs === undefined)
        .toReversed()
        .map(toListed),
    }),
    "conversations.replies": (form) => ({
      ok: true,
      messages: messages
        .filter(
          (one) =>
            one.channel === form.get("channel") &&
            (one.ts === form.get("ts") || one.threadTs === form.get("ts")),
        )
        .map(toListed),
    }),
    "chat.postMessage": post,
    "chat.update": update,
  };

  function post(form: URLSearchParams): object {
    const channel = form.get("channel") ?? "";
    if (memberOf(channel) === undefined) return refuse("channel_not_found");
    const refused = findMessageFault(form);
    if (refused !== undefined) return refused;
    const thread = form.get("thread_ts");
    if (thread !== null && !messages.some(({ ts }) => ts === thread)) {
      return refuse("thread_not_found");
    }
    const written = form.get("metadata");
    const message: SlackMessage = {
      channel,
      ts: `${FIRST_TS}.${String(messages.length + 1).padStart(6, "0")}`,
      threadTs: thread ?? undefined,
      text: form.get("text") ?? "",
      blocks: readBlocks(form),
      metadata: written === null ? undefined : (JSON.parse(written) as Metadata),
    };
    messages.push(message);
    return { ok: true, channel, ts: message.ts };
  }

  /** What is not said stays, but for the blocks. */
  function update(form: URLSearchParams): object {
    const at = messages.findIndex(
      ({ channel, ts }) => channel === form.get("channel") && ts === form.get("ts"),
    );
    const before = messages[at];
    if (before === undefined) return refuse("message_not_found");
    const refused = findMessageFault(form);
    if (refused !== undefined) return refused;
    messages[at] = { ...before, text: form.get("text") ?? "", blocks: readBlocks(form) };
    return { ok: true, channel: before.channel, ts: before.ts };
  }

  const server = await servePlatform(
    {
      name: "chat",
      kindOf: ({ path }) => (path.endsWith("/chat.postMessage") ? "mutation" : "read"),
      answer(request): SandboxAnswer {
        return { status: 200, body: answer(methods, request) as Json };
      },
      refuse: (why) =>
        why === "unavailable"
          ? { status: 503, body: { ok: false, error: "service_unavailable" } }
          : {
              status: 429,
              headers: { "retry-after": "1" },
              body: { ok: false, error: "ratelimited" },
            },
    },
    faults,
    () => undefined,
  );

  return {
    apiUrl: `${server.origin}/api/`,
    token: TOKEN,
    signingSecret: SIGNING_SECRET,
    memberOf,
    messages: () => messages,
    failNext: (kind) => faults.order("chat", "mutation", kind, 1),
    press(message, actionId, userId, atSeconds) {
      const button = message.blocks
        .flatMap(({ elements }) => (Array.isArray(elements) ? (elements as Block[]) : []))
        .find((one) => one["action_id"] === actionId);
      const payload = {
        type: "block_actions",
        user: { id: userId, team_id: TEAM },
        team: { id: TEAM },
        channel: { id: message.channel },
        message: { ts: message.ts, thread_ts: message.threadTs, blocks: message.blocks },
        trigger_id: nextTrigger(),
        actions: [{ action_id: actionId, type: "button", value: button?.["value"] ?? "" }],
      };
      return sign(new URLSearchParams({ payload: JSON.stringify(payload) }), atSeconds);
    },
    command: (text, userId, atSeconds) =>
      sign(
        new URLSearchParams({
          ...{ command: "/interlock", text, user_id: userId, team_id: TEAM },
          trigger_id: nextTrigger(),
        }),
        atSeconds,
      ),
    close: () => server.close(),
  };
}

function sign(form: URLSearchParams, atSeconds = Math.floor(Date.now() / 1_000)): SlackRequest {
  const body = form.toString();
  const signed = createHmac("sha256", SIGNING_SECRET).update(`v0:${atSeconds}:${body}`);
  return {
    headers: {
      "content-type": "application/x-www-form-urlencoded",
      "x-slack-request-timestamp": `${atSeconds}`,
      "x-slack-signature": `v0=${signed.digest("hex")}`,
    },
    body,
  };
}

function answer(methods: Record<string, Method>, request: SandboxRequest): object {
  const method = methods[request.path.split("/").at(-1) ?? ""];
  if (method === undefined) return refuse("unknown_method");
  if (request.header("authorization") !== `Bearer ${TOKEN}`) return refuse("invalid_auth");
  const type = request.header("content-type") ?? "";
  if (!type.startsWith("application/x-www-form-urlencoded")) return refuse("invalid_post_type");
  return method(new URLSearchParams(request.body));
}

function findMessageFault(form: URLSearchParams): object | undefined {
  const text = form.get("text") ?? "";
  if (text === "") return refuse("no_text");
  if (text.length > TEXT_MAX) return refuse("msg_too_long");
  if (Buffer.byteLength(form.get("metadata") ?? "") > METADATA_BYTES_MAX) {
    return refuse("metadata_too_large");
  }
  const fault = findBlockFault(readBlocks(form));
  if (fault === undefined) return undefined;
  return { ...refuse("invalid_blocks"), response_metadata: { messages: [fault] } };
}

function readBlocks(form: URLSearchParams): ReadonlyArray<Block> {
  return JSON.parse(form.get("blocks") ?? "[]") as ReadonlyArray<Block>;
}

function refuse(error: string): { readonly ok: false; readonly error: string } {
  return { ok: false, error };
}

function toUser({ id, email, isStranger, isUnconfirmed }: SlackMember): object {
  return {
    id,
    team_id: isStranger === true ? "T0ELSEWHERE" : TEAM,
    deleted: false,
    is_bot: false,
    is_email_confirmed: isUnconfirmed !== true,
    profile: { email },
  };
}

function toListed({ ts, threadTs, text, metadata }: SlackMessage): object {
  return { ts, text, ...(threadTs === undefined ? {} : { thread_ts: threadTs }), metadata };
}
