/**
 * The address of a vote's link. Looking at it shows what is asked, however often and by whomever: mail
 * scanners fetch every link. Only a POST decides, and only once.
 */
import { listChanges } from "../../core/case/change.ts";
import { REJECT_REASONS, type RejectReason } from "../../core/case/types.ts";
import { type ErrorCode, InterlockError } from "../../std/errors.ts";
import { readCasePicture } from "../../engine/case-evidence.ts";
import { drawEvidencePng } from "../../engine/evidence-png.ts";
import { type Asked, castVote, readAsked } from "../../engine/votes.ts";
import type { EngineContext } from "../../engine/wiring.ts";
import { KB } from "./body.ts";
import { PAGE_HEADERS, renderAsked, renderDone, renderRefused } from "./approve-page.ts";
import { RefusedRequest, statusOf } from "./errors.ts";
import type { HttpAnswer, Route } from "./route.ts";
import { instant, object, text } from "./schemas.ts";

const REASON_CHARS_MAX = 2_000;

const TOKEN_PARAM = {
  token: { type: "string", description: "as it stands in the letter that asked" },
} as const;

const wantsPage = (headers: Headers): boolean =>
  (headers.get("accept") ?? "").includes("text/html");

export const approveShowRoute: Route = {
  method: "GET",
  path: "/v1/approve/{token}",
  name: "approve.show",
  summary: "Shows what a letter asks a vote on; a page for a browser. It never decides.",
  access: "open",
  countedAs: "open",
  params: TOKEN_PARAM,
  answers: {
    200: {
      description: "what is asked; HTML where the caller accepts it",
      schema: object(
        {
          case: text("the case"),
          party: text("the party that is asked"),
          person: text("whose vote it is"),
          digest: text("names exactly this action"),
          option: text("what would be done"),
          resource: text("to what"),
          changes: { type: "array", items: text("a place that differs, before and after") },
          facts: {
            type: "array",
            items: object({ name: text("what it is"), value: text("what it amounts to", 2_000) }),
            description: "what would be done, and the money",
          },
          rule: text("the rule that asks", 2_000),
          reasons: { type: "array", items: text("why it needs a vote") },
          evidence: { type: "array", items: text("a figure of the signal", 2_000) },
          deadline: text("by when, in the party's own hours", 2_000),
          silence: text("what happens if nobody answers, and when", 2_000),
          until: instant("until when it counts"),
          note: text("why an agreement by this link would not count now", REASON_CHARS_MAX),
        },
        ["note"],
      ),
    },
  },
  refusals: [401, 409, 410],
  async handle({ server, params, headers }) {
    const { context } = server.engine;
    const token = params["token"] ?? "";
    if (wantsPage(headers))
      return showPage(async () => showAsked(context, await readAsked(context, token)));
    const { of, sheet, link, note } = await readAsked(context, token);
    const { target, proposal, verdict } = of;
    return {
      status: 200,
      body: {
        case: of.id,
        party: link.party,
        person: link.person,
        digest: link.digest,
        option: proposal?.option ?? "",
        resource: proposal?.resource ?? "",
        changes: target === undefined ? [] : listChanges(target.before, target.after),
        facts: sheet.facts,
        rule: sheet.rule,
        reasons: verdict?.reasons ?? [],
        evidence: sheet.evidence,
        deadline: sheet.deadline,
        silence: sheet.silence,
        until: link.expires,
        ...(note === undefined ? {} : { note }),
      },
    };
  },
};

const VOTE_SCHEMA = object(
  {
    choice: { enum: ["agree", "reject"], description: "the vote" },
    because: { enum: REJECT_REASONS, description: "the kind of reason for a rejection" },
    reason: text("why, for both departments", REASON_CHARS_MAX),
  },
  ["because", "reason"],
);

export const approveVoteRoute: Route = {
  method: "POST",
  path: "/v1/approve/{token}",
  name: "approve.vote",
  summary: "Casts the vote that a letter asked for, once.",
  access: "open",
  countedAs: "open",
  params: TOKEN_PARAM,
  body: {
    kind: "bytes",
    bytesMax: 16 * KB,
    types: { "application/json": VOTE_SCHEMA, "application/x-www-form-urlencoded": VOTE_SCHEMA },
  },
  answers: {
    200: {
      description: "it counted",
      schema: object({ case: text("the case"), counted: { const: true } }),
    },
  },
  refusals: [401, 403, 409, 410, 422],
  async handle({ server, params, headers, body }) {
    const { context } = server.engine;
    const token = params["token"] ?? "";
    const cast = async () => {
      const said = readSaid(headers, body as Uint8Array);
      return { of: await castVote(context, undefined, { token, ...said }), said };
    };
    if (!wantsPage(headers)) {
      return { status: 200, body: { case: (await cast()).of.id, counted: true } };
    }
    const formAgain = async (note: string) =>
      showAsked(context, { ...(await readAsked(context, token)), note });
    return showPage(async () => {
      const { choice } = (await cast()).said;
      return renderDone(`Counted: you ${choice === "agree" ? "agreed" : "rejected it"}.`);
    }, formAgain);
  },
};

async function showAsked(context: EngineContext, asked: Asked): Promise<string> {
  const drawn = await readCasePicture(context, asked.of);
  const picture = drawn && {
    src: `data:image/png;base64,${Buffer.from(drawEvidencePng(drawn)).toString("base64")}`,
    words: drawn.words,
  };
  return renderAsked(asked, picture);
}

/** Refusals that the person can mend on the form at once. */
const MENDABLE: ReadonlyArray<ErrorCode> = ["vote/reason-missing", "server/invalid-request"];

/** A refusal is a page as well, with the status that it has everywhere; what is unknown stays so. */
async function showPage(
  render: () => Promise<string>,
  formAgain?: (note: string) => Promise<string>,
): Promise<HttpAnswer> {
  try {
    return toPage(200, await render());
  } catch (error) {
    if (!(error instanceof InterlockError)) throw error;
    const status = statusOf(error.code);
    if (formAgain !== undefined && MENDABLE.includes(error.code)) {
      return toPage(status, await formAgain(error.message));
    }
    return toPage(status, renderRefused(error.message, error.help));
  }
}

function toPage(status: number, html: string): HttpAnswer {
  return {
    status,
    body: html,
    headers: { "content-type": "text/html; charset=utf-8", ...PAGE_HEADERS },
  };
}

type Said = {
  readonly choice: "agree" | "reject";
  readonly because: RejectReason | null;
  readonly reason: string;
};

function readSaid(headers: Headers, bytes: Uint8Array): Said {
  const isForm = (headers.get("content-type") ?? "").startsWith(
    "application/x-www-form-urlencoded",
  );
  const fields = isForm ? readForm(bytes) : readJson(bytes);
  const choice = fields["choice"];
  if (choice !== "agree" && choice !== "reject") {
    throw new RefusedRequest("server/invalid-request", "a vote is `agree` or `reject`", {
      path: "/body/choice",
    });
  }
  const because = REJECT_REASONS.find((reason) => reason === fields["because"]) ?? null;
  const { reason } = fields;
  if (typeof reason === "string" && reason.length > REASON_CHARS_MAX) {
    throw new RefusedRequest("server/invalid-request", "the reason is too long", {
      path: "/body/reason",
      help: `at most ${REASON_CHARS_MAX} characters`,
    });
  }
  return {
    choice,
    because: choice === "reject" ? because : null,
    reason: typeof reason === "string" ? reason : "",
  };
}

function readForm(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  return Object.fromEntries(new URLSearchParams(new TextDecoder().decode(bytes)));
}

function readJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value = JSON.parse(new TextDecoder().decode(bytes)) as unknown;
    if (value !== null && typeof value === "object") return value as Record<string, unknown>;
  } catch {
    // Said below: what is no JSON is no vote either.
  }
  throw new RefusedRequest("server/invalid-request", "the body is not a JSON object", {
    path: "/body",
  });
}
