/** One question to an agent's URL: one POST, one deadline, one answer of bounded size. */
import { traceparentOf } from "../../core/case/trace.ts";
import type { Json } from "../../std/canonical-json.ts";
import { InterlockError } from "../../std/errors.ts";
import { SECOND_MS } from "../../std/time.ts";
import { readRefusal } from "./refusal.ts";

const ANSWER_BYTES_MAX = 512 * 1024;
/** Statuses with which an agent refuses a signal in its own words. */
const REFUSING = [400, 422];
const RETRY_AFTER_MAX_MS = 600 * SECOND_MS;

/** How a question leaves; whoever runs the engine decides where it may go. */
export type Post = typeof globalThis.fetch;

export async function postQuestion(
  post: Post,
  name: string,
  url: string,
  caseId: string,
  question: { readonly id: string },
  waitMs: number,
): Promise<Json> {
  const deadline = AbortSignal.timeout(waitMs);
  const response = await send(post, name, url, caseId, question, deadline);
  const { status } = response;
  if (status >= 300 && status < 400) {
    await discard(response);
    throw nonsense(name, `it answered ${status}; a question is not sent on to another address`);
  }
  if (!response.ok && !REFUSING.includes(status)) {
    await discard(response);
    throw new InterlockError("agent/failed", `\`${name}\` answered ${status}`, {
      retry: "later",
      retryAfterMs: readRetryAfter(response.headers.get("retry-after")),
      help: status === 404 ? "the URL that it registered may be wrong" : "its own log may say why",
    });
  }
  const answer = await readAnswer(name, response, deadline);
  if (!response.ok && readRefusal(name, answer) === undefined) {
    throw nonsense(name, `it answered ${status} without \`error\``);
  }
  return answer;
}

async function send(
  post: Post,
  name: string,
  url: string,
  caseId: string,
  question: { readonly id: string },
  deadline: AbortSignal,
): Promise<Response> {
  try {
    return await post(url, {
      method: "POST",
      redirect: "manual",
      signal: deadline,
      headers: {
        "content-type": "application/json",
        accept: "application/json",
        "interlock-question": question.id,
        traceparent: traceparentOf(caseId),
      },
      body: JSON.stringify(question),
    });
  } catch (cause) {
    throw deadline.aborted ? silent(name, cause) : unreachable(name, cause);
  }
}

async function readAnswer(name: string, response: Response, deadline: AbortSignal): Promise<Json> {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let text = "";
  let bytes = 0;
  try {
    for await (const part of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      bytes += part.byteLength;
      if (bytes > ANSWER_BYTES_MAX) {
        throw nonsense(name, `its answer has more than ${ANSWER_BYTES_MAX / 1024} KB`);
      }
      text += decoder.decode(part, { stream: true });
    }
    text += decoder.decode();
    return JSON.parse(text) as Json;
  } catch (cause) {
    if (cause instanceof InterlockError) throw cause;
    if (deadline.aborted) throw silent(name, cause);
    const isText = (cause as { code?: unknown }).code !== "ERR_ENCODING_INVALID_ENCODED_DATA";
    if (cause instanceof SyntaxError || !isText) throw nonsense(name, "its answer is not JSON");
    throw unreachable(name, cause);
  }
}

/** Unread, a body would keep its connection. */
async function discard(response: Response): Promise<void> {
  await response.body?.cancel().catch(() => undefined);
}

function readRetryAfter(text: string | null): number {
  return text !== null && /^\d{1,6}$/.test(text)
    ? Math.min(Number(text) * SECOND_MS, RETRY_AFTER_MAX_MS)
    : 0;
}

function silent(name: string, cause: unknown): InterlockError {
  return new InterlockError("agent/failed", `\`${name}\` did not answer in time`, {
    retry: "later",
    cause,
  });
}

function unreachable(name: string, cause: unknown): InterlockError {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const code = (inner as { code?: unknown } | undefined)?.code;
  if (code === "ADDRESS_NOT_ALLOWED") {
    return new InterlockError(
      "agent/failed",
      `\`${name}\` is not called: ${(inner as Error).message}`,
      {
        help: "the operator names networks that may be called in INTERLOCK_NETWORKS, as 10.20.0.0/16",
        cause,
      },
    );
  }
  const why = typeof code === "string" ? `: ${code}` : "";
  return new InterlockError("agent/failed", `\`${name}\` could not be reached${why}`, {
    retry: "later",
    help: "is it running, and is the URL that it registered right?",
    cause,
  });
}

function nonsense(name: string, why: string): InterlockError {
  return new InterlockError("agent/invalid-reply", `\`${name}\` gave no reply: ${why}`, {
    retry: "later",
  });
}
