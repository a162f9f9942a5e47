/** Puts the cases of a suite to a receiving agent, by the way on which it is asked in earnest. */
import { listWords } from "../core/problem.ts";
import { RefusedSignalError } from "../core/contract/refusal.ts";
import type { Answer, ReceiverCase } from "../core/contract/suite/types.ts";
import type { Contract, Signal } from "../core/contract/types.ts";
import type { ReceivingAgent } from "../core/port/types.ts";
import { errorToText, InterlockError } from "../std/errors.ts";
import type { Instant } from "../std/time.ts";
import { withDeadline } from "./deadline.ts";
import { createBreather } from "./breather.ts";

export type Asking = {
  readonly receiver: ReceivingAgent;
  readonly contract: Contract;
  readonly now: Instant;
  /** Different for every run: an agent elsewhere must not be heard with an answer of last time. */
  readonly run: string;
  readonly answerWithinMs: number;
  onAsked(done: number): void;
};

export type Asked = {
  readonly answers: ReadonlyMap<string, Answer>;
  /** Why not every case was tried; empty if all were. */
  readonly stopped: string;
};

/** Questions put at once to an agent elsewhere, so that its answers and our judging overlap. */
const AT_ONCE = 4;
/** Of an agent that does not answer, so many cases are enough to know. */
const SILENCES_MAX = 3;

export async function askAll(asking: Asking, cases: ReadonlyArray<ReceiverCase>): Promise<Asked> {
  const answers = new Map<string, Answer>();
  const breathe = createBreather();
  const waiting = [...cases].reverse();
  let silences = 0;
  let done = 0;
  const work = async (): Promise<void> => {
    for (;;) {
      if (silences >= SILENCES_MAX) return;
      const next = waiting.pop();
      if (next === undefined) return;
      const answer = await ask(asking, next);
      answers.set(next.id, answer);
      if (answer.kind === "late" || answer.kind === "unreachable") silences += 1;
      done += 1;
      asking.onAsked(done);
      await breathe();
    }
  };
  const workers = asking.receiver.isRemote === true ? AT_ONCE : 1;
  await Promise.all(Array.from({ length: workers }, work));
  const stopped =
    waiting.length === 0
      ? ""
      : `stopped after ${silences} cases without an answer; ${waiting.length} were not tried`;
  return { answers, stopped };
}

class Late extends Error {}

async function ask(asking: Asking, of: ReceiverCase): Promise<Answer> {
  const { receiver, contract, now, answerWithinMs } = asking;
  const startedAt = performance.now();
  try {
    const answered = await withDeadline(
      answerWithinMs,
      () => new Late(),
      // Whatever it is that stands there: a signal is what the type says, not what is sent.
      () => {
        const caseId = `conformance-${asking.run}-${of.id}`;
        return receiver.evaluate({ caseId, signal: of.signal as Signal, contract, now });
      },
    );
    const tookMs = performance.now() - startedAt;
    if (tookMs > answerWithinMs) return late(tookMs, answerWithinMs);
    return { kind: "reply", reply: copy(answered) };
  } catch (thrown) {
    return readFailure(thrown, performance.now() - startedAt, answerWithinMs);
  }
}

/** A copy, so that what was judged is what came, whatever the agent does with its own object. */
function copy(reply: unknown): unknown {
  try {
    return structuredClone(reply);
  } catch {
    return "an answer that cannot be copied";
  }
}

/** A remote agent is given up by its own way of asking a little before the limit is reached. */
const NEARLY = 0.85;

function readFailure(thrown: unknown, tookMs: number, limitMs: number): Answer {
  if (thrown instanceof Late || tookMs >= limitMs * NEARLY) return late(tookMs, limitMs);
  if (thrown instanceof RefusedSignalError) {
    const codes = [...new Set(thrown.problems.map(({ code }) => code))];
    return { kind: "refused", codes, message: thrown.message };
  }
  const message = errorToText(thrown);
  if (!(thrown instanceof InterlockError)) return { kind: "failed", message };
  if (thrown.code.startsWith("contract/")) {
    return { kind: "refused", codes: [thrown.code], message: thrown.message };
  }
  if (thrown.code === "agent/invalid-reply") return { kind: "malformed", message: thrown.message };
  return { kind: isUnreachable(thrown) ? "unreachable" : "failed", message };
}

function late(tookMs: number, limitMs: number): Answer {
  const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`;
  return {
    kind: "late",
    message: `no answer after ${seconds(tookMs)}; the limit is ${seconds(limitMs)}`,
  };
}

const NOBODY_THERE = ["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "ENETUNREACH", "EAI_AGAIN"];

/** Nobody listens there; a connection that breaks in the middle is the agent's failure. */
function isUnreachable({ cause }: InterlockError): boolean {
  for (let inner: unknown = cause; inner instanceof Error; inner = inner.cause) {
    if (NOBODY_THERE.includes(String((inner as { code?: unknown }).code))) return true;
  }
  return false;
}

/** What could not be sent to an agent elsewhere, in words; empty for one in this process. */
export function describeUnsent(cases: ReadonlyArray<ReceiverCase>, isRemote: boolean): string {
  if (!isRemote) return "";
  const unsent = cases.filter(({ expect }) => {
    return expect.kind === "refusal" && expect.codes.includes("contract/not-plain");
  });
  if (unsent.length === 0) return "";
  return (
    `${unsent.length} cases hold what JSON cannot carry (${listWords(["NaN", "infinity", "U+0000"], "and")}); ` +
    "they were refused in the agent's name before they left"
  );
}
