/**
 * Where Slack says that somebody pressed a button, sent a form or wrote a command. A vote counts when whoever
 * pressed is the person whom the message was for; the rest is as for a letter's link: one action, once, until
 * its clock ends. A rejection asks for its reason first. What came of it is said where it was pressed.
 */
import type { RejectReason } from "../../core/case/types.ts";
import { parseDelegationWords } from "../../core/charter/delegation-words.ts";
import { carryOut } from "../../engine/said-words.ts";
import { castVote, readAsked } from "../../engine/votes.ts";
import type { EngineContext } from "../../engine/wiring.ts";
import { type ErrorCode, InterlockError } from "../../std/errors.ts";
import { SECOND_MS } from "../../std/time.ts";
import { KB } from "./body.ts";
import { RefusedRequest } from "./errors.ts";
import type { Route, SlackMessage, SlackPort } from "./route.ts";
import { object } from "./schemas.ts";
import { readSlackAct, type SlackAct, toKeep } from "./slack-act.ts";
import { checkSlackSignature, isFirst } from "./slack-signature.ts";

const SLACK_BYTES_MAX = 256 * KB;
/** Slack waits three seconds for an answer, and shows its user a failure after. */
const ANSWER_MS = 2.5 * SECOND_MS;

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
  answers: {
    200: {
      description: "heard; what came of it is said in Slack, what a form lacks in the answer",
    },
  },
  refusals: [401, 404],
  async handle({ server, headers, body }) {
    const slack = getSlack(server.slack);
    const { context } = server.engine;
    const bytes = body as Uint8Array;
    checkSlackSignature(slack.signingSecret, headers, bytes, Date.now());
    const act = readSlackAct(bytes);
    if (act === undefined || !(await isFirst(context.driver, headers, bytes))) {
      return { status: 200, body: undefined };
    }
    return { status: 200, body: await withinAnswer(carryOutAct(context, slack, act)) };
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
    return `Nothing was changed: ${toWords(error)}`;
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
async function withinAnswer<T>(work: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), ANSWER_MS);
  });
  // Whatever fails after the answer has nobody left to be told.
  work.catch(() => undefined);
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

/** After these nothing that the message asks can be answered any more. */
const OVER: ReadonlyArray<ErrorCode> = [
  "vote/already-cast",
  "vote/party-answered",
  "vote/other-action",
  "vote/too-late",
  "vote/expired",
];

/** What a form that stays open shows beside its field. */
type FormFault = {
  readonly response_action: "errors";
  readonly errors: { readonly [field: string]: string };
};

async function carryOutAct(
  context: EngineContext,
  slack: SlackPort,
  act: SlackAct,
): Promise<FormFault | undefined> {
  switch (act.kind) {
    case "agree": {
      const said = { choice: "agree", because: null, reason: "" } as const;
      const refusal = await refusalOf(() => cast(context, slack, act, said));
      await (refusal === undefined
        ? slack.close(act.message, "Counted: you agreed to exactly this.")
        : tell(slack, act.message, refusal));
      return undefined;
    }
    case "ask-reason": {
      // Nobody writes a reason for what is decided already.
      const refusal = await refusalOf(async () => {
        await readAsked(context, act.token);
        await slack.askReason(act.triggerId, act.message.text, toKeep(act.token, act.message));
      });
      if (refusal !== undefined) await tell(slack, act.message, refusal);
      return undefined;
    }
    case "reject": {
      const { because, reason, place } = act;
      const said = { choice: "reject", because, reason } as const;
      const refusal = await refusalOf(() => cast(context, slack, act, said));
      if (refusal?.code === "vote/reason-missing") {
        return { response_action: "errors", errors: { reason: toWords(refusal) } };
      }
      const message = await slack.getMessage(place);
      await (refusal === undefined
        ? slack.close(message, "Counted: you rejected it; both departments are told why.")
        : tell(slack, message, refusal));
      return undefined;
    }
  }
}

async function cast(
  context: EngineContext,
  slack: SlackPort,
  { user, token }: SlackAct,
  said: {
    readonly choice: "agree" | "reject";
    readonly because: RejectReason | null;
    readonly reason: string;
  },
): Promise<void> {
  const email = await slack.getEmail(user);
  await castVote(context, undefined, { token, ...said, slack: { user, email } });
}

/** Why it did not happen; undefined when it did. */
async function refusalOf(work: () => Promise<void>): Promise<InterlockError | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    if (error instanceof InterlockError) return error;
    throw error;
  }
}

function tell(slack: SlackPort, message: SlackMessage, refusal: InterlockError): Promise<void> {
  const words = `Not counted: ${toWords(refusal)}`;
  return OVER.includes(refusal.code) ? slack.close(message, words) : slack.reply(message, words);
}

function toWords({ message, help }: InterlockError): string {
  return `${message}.${help === undefined ? "" : ` ${help}.`}`;
}
