/**
 * A receiving agent elsewhere, in any language, as the engine sees one: a question goes out, a reply
 * comes back or it does not.
 *
 *   its `url` is known      the question is POSTed there
 *   it fetches questions    the question is left at the desk, and its answer awaited
 *
 * Which agent stands at the loop's end is read at each question, because it may have been replaced a
 * second ago. What it says is not trusted here or later: the reply is checked against the contract by
 * whoever asked. No clock and no store: both ways to ask are ports.
 *
 * Errors: `agent/failed` (later) for an agent that is absent, silent or broken, `agent/invalid-reply`
 * (later) for one that talks nonsense; a refusal that the agent words itself comes back under its code.
 */
import { RefusedSignalError } from "../../core/contract/refusal.ts";
import { toPlainJson, type PlainLimits } from "../../core/plain.ts";
import { contractHash } from "../../core/contract/parse.ts";
import type { Contract, Reply } from "../../core/contract/types.ts";
import type { ReceivingAgent } from "../../core/port/types.ts";
import type { Json } from "../../std/canonical-json.ts";
import { InterlockError } from "../../std/errors.ts";
import { hashText } from "../../std/hash.ts";
import { addMs, MINUTE_MS } from "../../std/time.ts";
import { type Post, postQuestion } from "./post.ts";
import { readRefusal } from "./refusal.ts";

/** Who stands at the loop's end, and how it is asked. */
export type RemoteAgent = {
  readonly name: string;
  readonly version: string;
  /** Null for one that fetches its questions. */
  readonly url: string | null;
};

/** What the agent is given: the same whether it is called or fetches. */
export type RemoteQuestion = {
  readonly id: string;
  readonly dueAt: string;
  readonly request: { readonly [key: string]: Json };
};

export type RemoteReceiverPorts = {
  readonly loop: string;
  readonly department: string;
  findAgent(): Promise<RemoteAgent | undefined>;
  readonly post: Post;
  /** What an option would change for a subject: the agent names it in its proposal. */
  resourceOf(option: string, subject: string): string;
  /** Leaves the question where the agent fetches it; undefined when no answer came in time. */
  leave(question: RemoteQuestion, waitMs: number): Promise<{ readonly answer: Json } | undefined>;
  /** How long one question is waited for, in real time; shorter than the engine's own deadline. */
  waitMs(): number;
};

/** An answer that comes later than this, in business time, belongs to a question of the past. */
export const ANSWER_WITHIN_MS = MINUTE_MS;

/** What can be carried and kept; whether a signal is a good one is the agent's to say. */
const QUESTION_LIMITS: PlainLimits = {
  depthMax: 200,
  textMax: 2 * 1024 * 1024,
  itemsMax: 20_000,
  valuesMax: 100_000,
  bytesMax: 4 * 1024 * 1024,
};

export type RemoteReceiver = ReceivingAgent & { readonly isRemote: true };

export function createRemoteReceiver(ports: RemoteReceiverPorts): RemoteReceiver {
  let known: RemoteAgent | undefined;
  return {
    isRemote: true,
    department: ports.department,
    /** As of the last question; the registration itself is in the store. */
    get name() {
      return known?.name ?? "remote";
    },
    get version() {
      return known?.version ?? "unknown";
    },
    async evaluate({ caseId, signal, contract, now }) {
      known = await ports.findAgent();
      if (known === undefined) throw absent(ports);
      const request = toRequest({
        caseId,
        signal: signal,
        contract: {
          name: contract.name,
          version: contract.version,
          hash: contractHash(contract),
        },
        resources: listResources(ports, contract, signal),
        now,
      });
      const question: RemoteQuestion = {
        id: questionId(ports.loop, known, request),
        dueAt: addMs(now, ANSWER_WITHIN_MS),
        request,
      };
      const answer =
        known.url === null
          ? await fetched(ports, known, question)
          : await postQuestion(ports.post, known.name, known.url, caseId, question, ports.waitMs());
      const refusal = readRefusal(known.name, answer);
      if (refusal !== undefined) throw refusal;
      return answer as unknown as Reply;
    },
  };
}

/** For each option that acts, what it would change; nothing for a signal that names no subject. */
function listResources(
  ports: RemoteReceiverPorts,
  contract: Contract,
  signal: unknown,
): { readonly [option: string]: string } {
  const subject = (signal as { readonly subject?: unknown } | null)?.subject;
  if (typeof subject !== "string") return {};
  const acting = contract.options.filter(({ kind }) => kind === "act");
  return Object.fromEntries(acting.map(({ name }) => [name, ports.resourceOf(name, subject)]));
}

async function fetched(
  ports: RemoteReceiverPorts,
  agent: RemoteAgent,
  question: RemoteQuestion,
): Promise<Json> {
  const answered = await ports.leave(question, ports.waitMs());
  if (answered !== undefined) return answered.answer;
  throw new InterlockError("agent/failed", `\`${agent.name}\` did not answer in time`, {
    retry: "later",
    help: `it has to fetch its questions: POST /v1/loops/${ports.loop}/receiver/questions`,
  });
}

/**
 * The same question to the same agent has the same id, so that an answer which came while nobody was
 * waiting is found by the next try. The instant of asking is no part of what is asked.
 */
function questionId(
  loop: string,
  { name, version }: RemoteAgent,
  { now: _now, ...asked }: RemoteQuestion["request"],
): string {
  return `q-${hashText(JSON.stringify([loop, name, version, asked])).slice(0, 32)}`;
}

/** What cannot be carried as JSON cannot have come from outside; it is refused in the agent's name. */
function toRequest(request: { readonly [key: string]: Json }): RemoteQuestion["request"] {
  const plain = toPlainJson(request, QUESTION_LIMITS, "contract");
  if (plain.kind === "plain") return plain.value as RemoteQuestion["request"];
  const problems = plain.problems.map((one) => ({
    ...one,
    path: one.path.replace(/^\/signal/, ""),
  }));
  throw new RefusedSignalError(problems[0]?.message ?? "it cannot be carried", problems);
}

function absent({ loop, department }: RemoteReceiverPorts): InterlockError {
  return new InterlockError("agent/failed", `no agent of ${department} stands at \`${loop}\``, {
    retry: "later",
    help: `an agent of ${department} registers itself: PUT /v1/loops/${loop}/receiver`,
  });
}
