/**
 * The one HTTP server behind both platforms: loopback, any free port, a small body, faults on order.
 *
 * A platform is a function from a request to an answer plus the words in which it refuses. Everything
 * that goes wrong between a caller and a platform is done here, before or after that function.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import type { Json } from "../../src/std/canonical-json.ts";
import type { Faults } from "./fault.ts";

const BODY_BYTES_MAX = 1_048_576;
/** Longer than a client keeps an idle connection, so that the client is the one that lets go. */
const KEEP_ALIVE_MS = 60_000;

export type SandboxRequest = {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly header: (name: string) => string | undefined;
  readonly body: string;
  readonly key: string | null;
  readonly fence: number | null;
};

export type SandboxAnswer = {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Json;
};

export type RequestKind = "read" | "dryRun" | "mutation";

export type Platform = {
  readonly name: "ads" | "shop" | "chat";
  kindOf(request: SandboxRequest): RequestKind;
  answer(request: SandboxRequest): SandboxAnswer;
  refuse(why: "unavailable" | "rate-limit"): SandboxAnswer;
};

export type PlatformServer = { readonly origin: string; close(): Promise<void> };

export async function servePlatform(
  platform: Platform,
  faults: Faults,
  count: (kind: RequestKind) => void,
): Promise<PlatformServer> {
  const closing = new AbortController();
  const server = createServer((incoming, outgoing) => {
    void serve(incoming, outgoing).catch(() => incoming.socket.destroy());
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;

  async function serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readBody(incoming);
    if (body === undefined) return send(outgoing, { status: 413 });
    const request = requestOf(incoming, body);
    const kind = platform.kindOf(request);
    count(kind);
    const key = request.key ?? `${request.method} ${incoming.url ?? ""} ${body}`;
    const fault = faults.pick(platform.name, kind === "mutation" ? "mutation" : "read", key);
    if (fault === "unavailable-before") return send(outgoing, platform.refuse("unavailable"));
    if (fault === "rate-limit") return send(outgoing, platform.refuse("rate-limit"));
    if (fault === "reset-before") return void incoming.socket.destroy();
    const answer = platform.answer(request);
    if (fault === "reset-after") return void incoming.socket.destroy();
    if (fault === "slow") await wait(faults.slowMs, undefined, { signal: closing.signal });
    if (fault === "late-after") await wait(faults.lateMs, undefined, { signal: closing.signal });
    if (fault === "garbage-after") return void outgoing.writeHead(200).end("<html>\u0000 not");
    send(outgoing, answer);
  }

  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", resolve);
  });
  const { port } = server.address() as AddressInfo;

  return {
    origin: `http://127.0.0.1:${port}`,
    close() {
      closing.abort();
      return new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}

function requestOf(incoming: IncomingMessage, body: string): SandboxRequest {
  const url = new URL(incoming.url ?? "/", "http://sandbox");
  const header = (name: string): string | undefined => {
    const value = incoming.headers[name];
    return Array.isArray(value) ? value[0] : value;
  };
  const fence = header("x-interlock-fence");
  return {
    method: incoming.method ?? "GET",
    path: url.pathname,
    query: url.searchParams,
    header,
    body,
    key: header("x-interlock-key") ?? null,
    fence: fence === undefined ? null : Number(fence),
  };
}

async function readBody(incoming: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function send(outgoing: ServerResponse, answer: SandboxAnswer): void {
  const text = answer.body === undefined ? "" : JSON.stringify(answer.body);
  outgoing.writeHead(answer.status, {
    ...answer.headers,
    ...(text === "" ? {} : { "content-type": "application/json; charset=UTF-8" }),
    "content-length": Buffer.byteLength(text),
  });
  outgoing.end(text);
}
