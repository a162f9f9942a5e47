/**
 * What somebody did in Slack, out of what Slack sends: a press that agrees, a press that wants to reject, or
 * the form with the reason. Everything else in it is left alone.
 */
import { REJECT_REASONS, type RejectReason } from "../../core/case/types.ts";
import { RefusedRequest } from "./errors.ts";
import type { SlackMessage, SlackPlace } from "./route.ts";

const AGREE_ACTION = "vote.agree";
const REJECT_ACTION = "vote.reject";
const REJECT_FORM = "vote.reject";

export type SlackAct = { readonly user: string; readonly token: string } & (
  | { readonly kind: "agree"; readonly message: SlackMessage }
  | { readonly kind: "ask-reason"; readonly message: SlackMessage; readonly triggerId: string }
  | {
      readonly kind: "reject";
      readonly place: SlackPlace;
      readonly because: RejectReason | null;
      readonly reason: string;
    }
);

/** What comes back with the form: the question's own token, and where it was asked. */
export function toKeep(token: string, { channel, ts, threadTs }: SlackPlace): string {
  return JSON.stringify({ token, channel, ts, threadTs });
}

type Payload = {
  readonly type?: unknown;
  readonly user?: { readonly id?: unknown };
  readonly trigger_id?: unknown;
  readonly channel?: { readonly id?: unknown };
  readonly message?: {
    readonly ts?: unknown;
    readonly thread_ts?: unknown;
    readonly text?: unknown;
    readonly blocks?: unknown;
  };
  readonly actions?: ReadonlyArray<{ readonly action_id?: unknown; readonly value?: unknown }>;
  readonly view?: {
    readonly callback_id?: unknown;
    readonly private_metadata?: unknown;
    readonly state?: {
      readonly values?: {
        readonly because?: {
          readonly because?: { readonly selected_option?: { readonly value?: unknown } | null };
        };
        readonly reason?: { readonly reason?: { readonly value?: unknown } };
      };
    };
  };
};

/** Undefined for what asks nothing of us, such as a press of the link. */
export function readSlackAct(bytes: Uint8Array): SlackAct | undefined {
  const payload = readPayload(bytes);
  if (payload.type === "block_actions") return readPress(payload);
  return payload.type === "view_submission" ? readForm(payload) : undefined;
}

function readPress(payload: Payload): SlackAct | undefined {
  const { user, channel, message, actions, trigger_id: triggerId } = payload;
  const action = actions?.find(({ action_id: id }) => id === AGREE_ACTION || id === REJECT_ACTION);
  if (action === undefined) return undefined;
  const ts = textOf(message?.ts);
  const press = {
    user: textOf(user?.id),
    token: textOf(action.value),
    message: {
      channel: textOf(channel?.id),
      ts,
      threadTs: textOf(message?.thread_ts) || ts,
      text: textOf(message?.text),
      blocks: Array.isArray(message?.blocks) ? (message.blocks as SlackMessage["blocks"]) : [],
    },
  };
  return action.action_id === AGREE_ACTION
    ? { kind: "agree", ...press }
    : { kind: "ask-reason", ...press, triggerId: textOf(triggerId) };
}

function readForm({ user, view }: Payload): SlackAct | undefined {
  if (view?.callback_id !== REJECT_FORM) return undefined;
  const kept = parseObject(textOf(view.private_metadata));
  const { because, reason } = view.state?.values ?? {};
  const chosen = because?.because?.selected_option?.value;
  return {
    kind: "reject",
    user: textOf(user?.id),
    token: textOf(kept["token"]),
    place: {
      channel: textOf(kept["channel"]),
      ts: textOf(kept["ts"]),
      threadTs: textOf(kept["threadTs"]),
    },
    because: REJECT_REASONS.find((one) => one === chosen) ?? null,
    reason: textOf(reason?.reason?.value),
  };
}

function readPayload(bytes: Uint8Array): Payload {
  const form = new URLSearchParams(new TextDecoder().decode(bytes));
  return parseObject(form.get("payload") ?? "");
}

function parseObject(text: string): { readonly [field: string]: unknown } {
  try {
    const value = JSON.parse(text) as unknown;
    if (value !== null && typeof value === "object") return { ...value };
  } catch {
    // Said below.
  }
  throw new RefusedRequest("server/invalid-request", "there is no payload in it", {
    path: "/body",
  });
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
