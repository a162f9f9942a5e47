/**
 * Where Slack says that somebody pressed a button or wrote a command. A vote counts when whoever pressed is
 * the person whom the message was for; the rest is as for a letter's link: one action, once, until its clock
 * ends. What came of it is said in Slack, where it was pressed.
 */
import { parseDelegationWords } from "../../core/charter/delegation-words.ts";
import { carryOut } from "../../engine/said-words.ts";
import { castVote } from "../../engine/votes.ts";
import type { EngineContext } from "../../engine/wiring.ts";
import { type ErrorCode, InterlockError } from "../../std/errors.ts";
import { SECOND_MS } from "../../std/time.ts";
import { KB } from "./body.ts";
import { RefusedRequest } from "./errors.ts";
import type { Route, SlackMessage, SlackPort } from "./route.ts";
import { object } from "./schemas.ts";
import { checkSlackSignature, isFirst } from "./slack-signature.ts";

const SLACK_BYTES_MAX = 256 * KB;
/** Slack waits three seconds for an answer, and shows its user a failure after. */
const ANSWER_MS = 2.5 * SECOND_MS;
const AGREE_ACTION = "vote.agree";

export const slackActionRoute: Route = {
  method: "POST",
  path: "/v1/slack/actions",
  name: "slack.act",
  summary: "Takes what people press in Slack; signed by Slack.",
  access: "open",
  countedAs: "open",
  body: {
    kind: "bytes",
    bytesMax: SLACK_BYTES_MAX,
    types: {
      "application/x-www-form-urlencoded": object({
        payload: { type: "string", description: "as Slack sends it" },
      }),
    },
  },
  answers: { 200: { description: "heard; what came of it is said in Slack" } },
  refusals: [401, 404],
  async handle({ server, headers, body }) {
    const slack = getSlack(server.slack);
    const { context } = server.engine;
    const bytes = body as Uint8Array;
    checkSlackSignature(slack.signingSecret, headers, bytes, Date.now());
    const press = readPress(bytes);
    if (press !== undefined && (await isFirst(context.driver, headers, bytes))) {
      await withinAnswer(vote(context, slack, press));
    }
    return { status: 200, body: undefined };
  },
};

export const slackCommandRoute: Route = {
  method: "POST",
  path: "/v1/slack/commands",
  name: "slack.command",
  summary: "Takes `/interlock away until DAY`, `back` and `delegate CASE`; signed by Slack.",
  access: "open",
  countedAs: "open",
  body: {
    kind: "bytes",
    bytesMax: SLACK_BYTES_MAX,
    types: {
      "application/x-www-form-urlencoded": object({
        text: { type: "string", description: "what was written after the command" },
        user_id: { type: "string", description: "who wrote it" },
      }),
    },
  },
  answers: {
    200: {
      description: "what came of it, for whoever wrote it alone",
      schema: object({
        response_type: { const: "ephemeral" },
        text: { type: "string", description: "in a sentence" },
      }),
    },
  },
  refusals: [401, 404],
  async handle({ server, headers, body }) {
    const slack = getSlack(server.slack);
    const { context } = server.engine;
    const bytes = body as Uint8Array;
    checkSlackSignature(slack.signingSecret, headers, bytes, Date.now());
    const form = new URLSearchParams(new TextDecoder().decode(bytes));
    const words = parseDelegationWords(form.get("text") ?? "");
    const text = await toSentence(async () => {
      const person = await slack.getEmail(form.get("user_id") ?? "");
      return context.driver.transaction(async (tx) => {
        if (!(await isFirst(tx, headers, bytes))) return "This was heard before.";
        return carryOut(tx, context, { person, words, via: "slack" });
      });
    });
    return { status: 200, body: { response_type: "ephemeral", text } };
  },
};

async function toSentence(work: () => Promise<string>): Promise<string> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof InterlockError)) throw error;
    const help = error.help === undefined ? "" : ` ${error.help}.`;
    return `Nothing was changed: ${error.message}.${help}`;
  }
}

/** Throws 404 where Slack is not set up. */
function getSlack(slack: SlackPort | undefined): SlackPort {
  if (slack !== undefined) return slack;
  throw new RefusedRequest("server/not-found", "Slack is not set up here", {
    help: "start the server with INTERLOCK_SLACK_TOKEN and INTERLOCK_SLACK_SIGNING_SECRET",
  });
}

/** What takes longer goes on, and is answered in Slack when it is done. */
async function withinAnswer(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, ANSWER_MS);
  });
  // Whatever fails after the answer has nobody left to be told.
  work.catch(() => undefined);
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** After these nothing that the message asks can be answered any more. */
const OVER: ReadonlyArray<ErrorCode> = [
  "vote/already-cast",
  "vote/party-answered",
  "vote/other-action",
  "vote/too-late",
  "vote/expired",
];

type Press = { readonly user: string; readonly token: string; readonly message: SlackMessage };

async function vote(
  context: EngineContext,
  slack: SlackPort,
  { user, token, message }: Press,
): Promise<void> {
  const refusal = await cast(context, slack, user, token);
  if (refusal === undefined) return slack.close(message, "Counted: you agreed to exactly this.");
  const help = refusal.help === undefined ? "" : ` ${refusal.help}.`;
  const words = `Not counted: ${refusal.message}.${help}`;
  return OVER.includes(refusal.code) ? slack.close(message, words) : slack.reply(message, words);
}

/** Why it did not count; undefined when it did. */
async function cast(
  context: EngineContext,
  slack: SlackPort,
  user: string,
  token: string,
): Promise<InterlockError | undefined> {
  try {
    const email = await slack.getEmail(user);
    const said = { choice: "agree", because: null, reason: "" } as const;
    await castVote(context, undefined, { token, ...said, slack: { user, email } });
    return undefined;
  } catch (error) {
    if (error instanceof InterlockError) return error;
    throw error;
  }
}

/** Of what Slack sends, as far as it is read; everything else in it is left alone. */
type Payload = {
  readonly type?: unknown;
  readonly user?: { readonly id?: unknown };
  readonly channel?: { readonly id?: unknown };
  readonly message?: {
    readonly ts?: unknown;
    readonly thread_ts?: unknown;
    readonly blocks?: unknown;
  };
  readonly actions?: ReadonlyArray<{ readonly action_id?: unknown; readonly value?: unknown }>;
};

/** Undefined for a press of something that asks nothing of us, such as the link. */
function readPress(bytes: Uint8Array): Press | undefined {
  const { type, user, channel, message, actions } = readPayload(bytes);
  const action = actions?.find(({ action_id }) => action_id === AGREE_ACTION);
  if (type !== "block_actions" || action === undefined) return undefined;
  const ts = textOf(message?.ts);
  return {
    user: textOf(user?.id),
    token: textOf(action.value),
    message: {
      channel: textOf(channel?.id),
      ts,
      threadTs: textOf(message?.thread_ts) || ts,
      blocks: Array.isArray(message?.blocks) ? (message.blocks as SlackMessage["blocks"]) : [],
    },
  };
}

function readPayload(bytes: Uint8Array): Payload {
  try {
    const form = new URLSearchParams(new TextDecoder().decode(bytes));
    const value = JSON.parse(form.get("payload") ?? "") as unknown;
    if (value !== null && typeof value === "object") return value;
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
