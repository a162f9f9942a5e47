/**
 * A receiver without an address fetches its questions and brings its answers.
 *
 *   POST .../receiver/questions?wait=25        up to `max` questions, or none after `wait` seconds
 *   PUT  .../receiver/questions/{id}/answer    a reply, or the agent's own refusal of the signal
 *
 * An answer that breaks the contract is kept, so that the case says why it waits, and refused, so that the
 * agent learns it at once. The question is then put again.
 */
import { isObject } from "../../core/contract/payload.ts";
import { validateReply } from "../../core/contract/proposal.ts";
import type { JsonSchema, Problem, Signal } from "../../core/contract/types.ts";
import { quote } from "../../core/problem.ts";
import { refuseOtherDepartment } from "../../engine/remote-ends.ts";
import { type Question, TAKEN_MS } from "../../engine/question-desk.ts";
import { getWiring } from "../../operation/operation.ts";
import type { Json } from "../../std/canonical-json.ts";
import { assert } from "../../std/assert.ts";
import { SECOND_MS } from "../../std/time.ts";
import { findContract } from "../../store/table/contract.ts";
import { departmentOf } from "./agent-routes.ts";
import { KB } from "./body.ts";
import { RefusedRequest } from "./errors.ts";
import type { HttpCall, Route } from "./route.ts";
import { instant, listOf, LOOP_PARAM, object, text } from "./schemas.ts";

const WAIT_SECONDS_MAX = 60;
const WAIT_SECONDS = 25;
const QUESTIONS_MAX = 100;
/** Agents that wait for questions at one time, over all loops. */
const WAITING_MAX = 500;
const ANSWER_BYTES = 256 * KB;

/** What an agent is asked, whether it fetches the question or is called with it. */
export const QUESTION_SCHEMA: JsonSchema = object({
  id: {
    ...text("stable: the same question asked again has the same id"),
    pattern: "^q-[0-9a-f]+$",
  },
  dueAt: instant("an answer after this is too late"),
  request: object({
    caseId: text("the case that waits for the answer"),
    signal: { type: "object", description: "the signal, as its contract describes it" },
    contract: object({
      name: text("the contract's name"),
      version: text("its version"),
      hash: text("SHA-256 of its canonical JSON"),
    }),
    resources: {
      type: "object",
      additionalProperties: { type: "string" },
      description: "for each option that acts, what it would change: the `resource` of a proposal",
    },
    now: instant("the instant of asking; answer as of it, not by your own clock"),
  }),
});

/** A reply of the contract, or a refusal; what exactly is wrong with one is said when it comes. */
export const ANSWER_SCHEMA: JsonSchema = {
  type: "object",
  description:
    "a reply with `kind` accept, modify, decline, bounce or need-more; or, for a signal that breaks " +
    "its contract, `{error: {code, path, message}}`",
};

let waiting = 0;

export const takeRoute: Route = {
  method: "POST",
  path: "/v1/loops/{loop}/receiver/questions",
  name: "question.take",
  summary: "Fetches waiting questions, oldest first; waits for one if there is none.",
  description:
    `A question that is not answered within ${TAKEN_MS / SECOND_MS} seconds is handed out again. ` +
    "Each question's first field is its `id`.",
  access: "department",
  params: { loop: LOOP_PARAM },
  query: {
    wait: {
      description: "seconds to wait for the first question",
      minimum: 0,
      maximum: WAIT_SECONDS_MAX,
      default: WAIT_SECONDS,
    },
    max: {
      description: "questions to take at most",
      minimum: 1,
      maximum: QUESTIONS_MAX,
      default: 1,
    },
  },
  answers: {
    200: {
      description: "the questions, or an empty list",
      schema: object({ questions: listOf(QUESTION_SCHEMA, "to be answered one by one") }),
    },
  },
  refusals: [404],
  async handle(call) {
    const { loop } = loopOf(call);
    const { wait = 0, max = 1 } = call.query;
    if (waiting >= WAITING_MAX) {
      throw new RefusedRequest("server/too-many-requests", "too many agents wait for questions", {
        retry: "later",
        help: "wait, and ask again",
      });
    }
    waiting += 1;
    try {
      const taken = await call.server.engine.desk.take(loop, {
        limit: max,
        waitMs: wait * SECOND_MS,
        gone: call.gone,
      });
      const questions = taken.map(({ id, due_at, body }) => ({ id, dueAt: due_at, ...body }));
      return { status: 200, body: { questions } };
    } finally {
      waiting -= 1;
    }
  },
};

export const answerRoute: Route = {
  method: "PUT",
  path: "/v1/loops/{loop}/receiver/questions/{id}/answer",
  name: "question.answer",
  summary: "Answers one question; the same answer again is answered alike.",
  access: "department",
  params: { loop: LOOP_PARAM, id: text("the question's id") },
  body: { kind: "json", schema: ANSWER_SCHEMA, bytesMax: ANSWER_BYTES },
  answers: {
    200: {
      description: "the answer stands",
      schema: object({
        id: text("the question"),
        kind: { enum: ["recorded", "repeated"], description: "whether it came for the first time" },
      }),
    },
  },
  refusals: [404, 409, 410, 422],
  async handle(call) {
    const { loop } = loopOf(call);
    const { id = "" } = call.params;
    const taken = await call.server.engine.desk.answer(loop, id, call.body as Json);
    switch (taken.kind) {
      case "unknown":
        throw new RefusedRequest(
          "agent/question-not-found",
          `no question of \`${loop}\` has the id ${quote(id)}`,
          { path: "/id", help: "answer questions that were fetched, within a day" },
        );
      case "conflict":
        throw new RefusedRequest(
          "agent/answer-conflict",
          `question ${quote(id)} was answered before, with something else`,
          { help: "the first answer stands; the same question has one answer" },
        );
      case "late":
        throw new RefusedRequest(
          "agent/question-closed",
          `question ${quote(id)} was to be answered by ${taken.dueAt}`,
          { help: "if its case still waits, the question is put again: fetch it anew" },
        );
      case "recorded":
      case "repeated":
        await refuseBroken(call, taken.question, call.body as Json);
        return { status: 200, body: { id, kind: taken.kind } };
    }
  },
};

function loopOf(call: HttpCall): { readonly loop: string } {
  const wiring = getWiring(call.server, call.params["loop"] ?? "");
  refuseOtherDepartment(wiring, "receiver", departmentOf(call.caller));
  return { loop: wiring.name };
}

async function refuseBroken(call: HttpCall, question: Question, answer: Json): Promise<void> {
  const problems = await findProblems(call, question, answer);
  const [first] = problems;
  if (first === undefined) return;
  throw new RefusedRequest("agent/invalid-reply", first.message, {
    path: first.path,
    problems,
    help: first.help ?? "the answer is kept as broken, and the question is put again",
  });
}

async function findProblems(
  { server }: HttpCall,
  { body }: Question,
  answer: Json,
): Promise<ReadonlyArray<Problem>> {
  if (isObject(answer) && isObject(answer["error"])) return [];
  const { request } = body;
  assert(isObject(request), "a question holds a request");
  const { contract: named, signal } = request;
  const hash = isObject(named) ? named["hash"] : undefined;
  const contract =
    typeof hash === "string" ? await findContract(server.engine.context.driver, hash) : undefined;
  // A test may ask about what is no signal; then there is nothing to hold a reply against.
  const isSignal = isObject(signal) && Array.isArray(signal["options"]);
  if (contract === undefined || !isSignal) return [];
  return validateReply(contract, signal as unknown as Signal, answer);
}
