/**
 * Starts the HTTP door of an engine and closes it again.
 *
 * It listens on one address, keeps slow senders from holding a connection for ever, and on closing
 * lets what is being answered end. Turns and dispatches are not made here: whoever runs the engine
 * runs them, and the door only lets in.
 */
import type { Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createAdaptorServer } from "@hono/node-server";
import type { Engine } from "../../engine/engine.ts";
import { SECOND_MS } from "../../std/time.ts";
import { createApp, type AppOptions } from "./app.ts";
import { EventFeed } from "./event-feed.ts";
import { DEFAULT_RATE_LIMITS, RateGuard, type RateLimits } from "./rate.ts";
import type { ServerContext } from "./route.ts";
import { createRoutes } from "./routes.ts";
import { Metrics } from "../telemetry/metrics.ts";
import { Provider, type ProviderSettings } from "./sign-in/provider.ts";
import type { WebFiles } from "./web-files.ts";

/** A request's head, and all of it, must have come by then. */
const HEADERS_MS = 10 * SECOND_MS;
const REQUEST_MS = 30 * SECOND_MS;
export const VERSION = "0.1.0";
const KEEP_ALIVE_MS = 5 * SECOND_MS;
const HEADER_BYTES_MAX = 16 * 1024;
const CONNECTIONS_MAX = 4_000;
/** Closing waits this long for what is being answered. */
const CLOSE_MS = 5 * SECOND_MS;
const CLOSE_IDLE_EVERY_MS = 20;

export type ServerOptions = {
  readonly engine: Engine;
  /** Only this machine by default: what listens further belongs behind a proxy with TLS. */
  readonly host?: string;
  /** 0 takes any free port. */
  readonly port?: number;
  /** Opens every operation; without one, operations are closed. */
  readonly operatorToken?: string;
  /** Opens metrics, for whatever watches this server. */
  readonly monitorToken?: string | undefined;
  /** Where people press buttons, besides the dashboard. */
  readonly slack?: ServerContext["slack"] | undefined;
  readonly mail?: ServerContext["mail"] | undefined;
  readonly sources?: ServerContext["sources"] | undefined;
  readonly onAnswer?: AppOptions["onAnswer"];
  /** Where people of the company sign in. */
  readonly provider?: ProviderSettings;
  readonly rateLimits?: Partial<RateLimits>;
  /** The dashboard, where there is one. */
  readonly web?: WebFiles;
  readonly version?: string;
  readonly log?: AppOptions["log"];
};

export type RunningServer = { readonly url: string; close(): Promise<void> };

export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { engine, host = "127.0.0.1", port = 0, version = VERSION, log = logToStderr } = options;
  const closing = new AbortController();
  const app = createApp({
    server: {
      engine,
      version,
      feed: new EventFeed(engine.context.driver),
      metrics: new Metrics(),
      slack: options.slack,
      mail: options.mail,
      sources: options.sources ?? new Map(),
      provider: options.provider && new Provider(options.provider),
    },
    rates: new RateGuard({ ...DEFAULT_RATE_LIMITS, ...options.rateLimits }),
    routes: createRoutes(),
    tokens: { operator: options.operatorToken, monitor: options.monitorToken },
    web: options.web,
    ...(options.onAnswer === undefined ? {} : { onAnswer: options.onAnswer }),
    closing: closing.signal,
    log,
  });
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: {
      headersTimeout: HEADERS_MS,
      requestTimeout: REQUEST_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
      maxHeaderSize: HEADER_BYTES_MAX,
    },
  }) as Server;
  server.maxConnections = CONNECTIONS_MAX;
  server.on("clientError", refuseMalformed);
  await listen(server, host, port);
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${taken}`,
    async close() {
      closing.abort();
      await closeServer(server);
    },
  };
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      resolve();
    });
  });
}

async function closeServer(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection whose answer has just gone out is idle a moment later, not now.
  const idle = setInterval(() => server.closeIdleConnections(), CLOSE_IDLE_EVERY_MS);
  const late = setTimeout(() => server.closeAllConnections(), CLOSE_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(late);
}

/** What is not HTTP never reaches the application, and is answered in the same shape. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, message] = MALFORMED[error.code ?? ""] ?? ["400 Bad Request", "this is not HTTP"];
  const body = JSON.stringify({ error: { code: "server/invalid-request", message, path: "" } });
  socket.end(
    `HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: application/json\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

const MALFORMED: { readonly [code: string]: readonly [status: string, message: string] } = {
  HPE_HEADER_OVERFLOW: ["431 Request Header Fields Too Large", "the headers are too large"],
  ERR_HTTP_REQUEST_TIMEOUT: ["408 Request Timeout", "the request took too long to arrive"],
};

function logToStderr(line: Parameters<AppOptions["log"]>[0]): void {
  process.stderr.write(`${JSON.stringify(line)}\n`);
}
