/**
 * A witness elsewhere, over HTTP: it keeps its own memory and judges by itself.
 *
 *   GET    the last head that it took, `{ "envelope", "key" }`; 404 before the first
 *   POST   the next one, `{ "envelope", "path" }`: 200 when it is taken, 409 and why when it is refused
 *
 * A head is signed and says nothing that is secret, so nobody signs in.
 */
import { createServer, type Server } from "node:http";
import { readHead } from "../../core/ledger/head.ts";
import {
  judgeHead,
  type Witness,
  type Witnessed,
  type WitnessMemory,
} from "../../core/ledger/witness.ts";
import { isHash } from "../../std/hash.ts";
import { errorToText, InterlockError } from "../../std/errors.ts";
import { SECOND_MS } from "../../std/time.ts";

const ANSWER_MS = 10 * SECOND_MS;
const BODY_BYTES_MAX = 65_536;

export function createHttpWitness(url: string, fetch: typeof globalThis.fetch): Witness {
  return {
    name: new URL(url).host,
    async readLast() {
      const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
      if (response.status === 404) return undefined;
      return readHead(((await readJson(response)) as Partial<Witnessed>).envelope).head;
    },
    async take(envelope, path) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ envelope, path }),
        signal: AbortSignal.timeout(ANSWER_MS),
      });
      if (response.status !== 409) return void (await readJson(response));
      const { why } = (await response.json()) as { why?: unknown };
      throw new InterlockError("ledger/refused", String(why).slice(0, 500));
    },
  };
}

async function readJson(response: Response): Promise<unknown> {
  if (response.ok) return response.json();
  throw new InterlockError("connector/unavailable", `the witness answered ${response.status}`);
}

/** The other end. `onRefusal` hears of every head that was not taken. */
export function createWitnessServer(
  memory: WitnessMemory,
  firstKey: string,
  onRefusal: (why: string) => void,
): Server {
  // One at a time: the next head is judged by what the one before left.
  let turn: Promise<unknown> = Promise.resolve();
  const take = (body: string): Promise<Answer> => {
    const mine = turn.then(() => judge(memory, firstKey, body));
    turn = mine.catch(() => undefined);
    return mine;
  };
  return createServer((request, response) => {
    const answering =
      request.method === "POST" ? readBody(request).then(take) : showLast(memory, request.method);
    void answering.catch(toAnswer).then(({ status, body }) => {
      if (status === 409) onRefusal(String((body as { why: string }).why));
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify(body));
    });
  });
}

type Answer = { readonly status: number; readonly body: object };

async function judge(memory: WitnessMemory, firstKey: string, text: string): Promise<Answer> {
  const { envelope, path } = (JSON.parse(text) ?? {}) as { envelope?: unknown; path?: unknown };
  if (!Array.isArray(path) || !path.every(isHash)) return { status: 400, body: { why: "no path" } };
  const taken = judgeHead(await memory.readLast(), firstKey, envelope, path);
  await memory.add(taken);
  return { status: 200, body: taken };
}

async function showLast(memory: WitnessMemory, method: string | undefined): Promise<Answer> {
  if (method !== "GET") return { status: 405, body: { why: "GET and POST are answered" } };
  const last = await memory.readLast();
  return last === undefined
    ? { status: 404, body: { why: "no head was taken yet" } }
    : { status: 200, body: last };
}

function toAnswer(error: unknown): Answer {
  const why = errorToText(error);
  if (error instanceof InterlockError && error.code === "ledger/refused") {
    return { status: 409, body: { why } };
  }
  const isTheirs = error instanceof InterlockError || error instanceof SyntaxError;
  return { status: isTheirs ? 400 : 500, body: { why: isTheirs ? why : "it could not be kept" } };
}

async function readBody(request: AsyncIterable<unknown>): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request) {
    bytes += (part as Buffer).length;
    if (bytes > BODY_BYTES_MAX) throw new SyntaxError("the body is too long");
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts).toString("utf8");
}
