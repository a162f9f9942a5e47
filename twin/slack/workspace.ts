/**
 * A Slack workspace on loopback: the Web API methods that Interlock calls, with the checks that make the real
 * one refuse (tokens, forms, blocks, modals, triggers), and people who press buttons, fill in forms and
 * write commands.
 *
 * Left out: everything that Interlock does not call, and what Slack's servers fetch.
 */
import { createHmac } from "node:crypto";
import type { Json } from "../../src/std/canonical-json.ts";
import { createFaults, type FaultKind } from "../sandbox/fault.ts";
import { servePlatform, type SandboxAnswer, type SandboxRequest } from "../sandbox/http-server.ts";
import { type Block, findBlockFault } from "./block-check.ts";
import { findEntryFault, findViewFault, toState } from "./view-check.ts";

const TOKEN = "xoxb-sandbox-token";
const SIGNING_SECRET = "sandbox-signing-secret";
const TEAM = "T0SANDBOX";
const TEXT_MAX = 40_000;
const METADATA_BYTES_MAX = 8_000;
/** For so long a press may open a form. */
const TRIGGER_MS = 3_000;
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

/** A form that is open before somebody. */
export type SlackForm = { readonly userId: string; readonly view: Block };

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
  /** Forms that were opened, the newest last. */
  forms(): ReadonlyArray<SlackForm>;
  /** Somebody fills a form in and sends it; throws for what Slack would not send. */
  submit(form: SlackForm, entries: Entries, atSeconds?: number): SlackRequest;
  /** Somebody writes `/interlock` and the text. */
  command(text: string, userId: string, atSeconds?: number): SlackRequest;
  close(): Promise<void>;
};

/** What stands in each input block, by its id. */
type Entries = { readonly [blockId: string]: string };
type Method = (form: URLSearchParams) => object;

export async function startSlackWorkspace(
  members: ReadonlyArray<SlackMember>,
): Promise<SlackWorkspace> {
  const faults = createFaults(undefined);
  const messages: SlackMessage[] = [];
  const channelOf = (member: SlackMember): string => `D${member.id.slice(1)}`;
  const memberOf = (channel: string | null): SlackMember | undefined =>
    members.find((member) => channelOf(member) === channel);

  const forms: SlackForm[] = [];
  const triggers: { readonly userId: string; readonly at: number; isUsed: boolean }[] = [];
  /** Tells two presses of one second apart. */
  const nextTrigger = (userId: string): string =>
    `trigger-${triggers.push({ userId, at: performance.now(), isUsed: false })}`;

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
            (one.ts === form.get("ts") ||
              (one.threadTs === form.get("ts") && isWithin(one.ts, form))),
        )
        .slice(0, Number(form.get("limit") ?? "1000"))
        .map(toListed),
    }),
    "chat.postMessage": post,
    "chat.update": update,
    "views.open": openForm,
  };

  function openForm(asked: URLSearchParams): object {
    const trigger =
      triggers[Number(/^trigger-(\d+)$/.exec(asked.get("trigger_id") ?? "")?.[1]) - 1];
    if (trigger === undefined) return refuse("invalid_trigger_id");
    if (trigger.isUsed) return refuse("exchanged_trigger_id");
    if (performance.now() - trigger.at > TRIGGER_MS) return refuse("expired_trigger_id");
    const view = JSON.parse(asked.get("view") ?? "{}") as Block;
    const fault = findViewFault(view);
    if (fault !== undefined) {
      return { ...refuse("invalid_arguments"), response_metadata: { messages: [fault] } };
    }
    trigger.isUsed = true;
    forms.push({ userId: trigger.userId, view });
    return { ok: true, view: { id: `V${forms.length}`, ...view } };
  }

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
        message: {
          ...{ ts: message.ts, thread_ts: message.threadTs },
          ...{ text: message.text, blocks: message.blocks },
        },
        trigger_id: nextTrigger(userId),
        actions: [{ action_id: actionId, type: "button", value: button?.["value"] ?? "" }],
      };
      return sign(new URLSearchParams({ payload: JSON.stringify(payload) }), atSeconds);
    },
    forms: () => forms,
    submit({ userId, view }, entries, atSeconds) {
      const fault = findEntryFault(view, entries);
      if (fault !== undefined) throw new Error(`Slack would not send this form: ${fault}`);
      const payload = {
        type: "view_submission",
        user: { id: userId, team_id: TEAM },
        team: { id: TEAM },
        trigger_id: nextTrigger(userId),
        view: { ...view, state: toState(view, entries) },
        response_urls: [],
      };
      return sign(new URLSearchParams({ payload: JSON.stringify(payload) }), atSeconds);
    },
    command: (text, userId, atSeconds) =>
      sign(
        new URLSearchParams({
          ...{ command: "/interlock", text, user_id: userId, team_id: TEAM },
          trigger_id: nextTrigger(userId),
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

/** Between two moments, where they are named. */
function isWithin(ts: string, form: URLSearchParams): boolean {
  return ts >= (form.get("oldest") ?? "") && (form.get("latest") ?? ts) >= ts;
}

function toListed({ ts, threadTs, text, blocks, metadata }: SlackMessage): object {
  return { ts, text, blocks, ...(threadTs === undefined ? {} : { thread_ts: threadTs }), metadata };
}
