/**
 * A running Interlock: the HTTP door, and a worker beside it in the same process. More workers may run
 * beside this one, on this machine or others (`worker.ts`).
 */
import { randomBytes } from "node:crypto";
import { fileURLToPath } from "node:url";
import type { LedgerDraft } from "../core/ledger/entry.ts";
import type { Engine } from "../engine/engine.ts";
import { startServer, VERSION } from "../server/http/server.ts";
import type { ServerContext } from "../server/http/route.ts";
import type { ProviderSettings } from "../server/http/sign-in/provider.ts";
import { readWebFiles } from "../server/http/web-files.ts";
import { followLedger } from "../server/telemetry/follow.ts";
import { CaseTraces } from "../server/telemetry/traces.ts";
import { removeServer, writeServer } from "./server-workspace.ts";
import { startWorker, type WorkerOptions } from "./worker.ts";

export const DEFAULT_PORT = 7_070;
const TOKEN_BYTES = 32;
const WEB_DIRECTORY = fileURLToPath(new URL("../../web/dist", import.meta.url));

export type { ProviderSettings };

export type ServeOptions = {
  readonly directory: string;
  readonly engine: Engine;
  readonly port: number;
  readonly beatMs?: number;
  /** Where people of the company sign in, besides by passkey. */
  readonly provider?: ProviderSettings;
  /** Where people reach it, for links in letters; the address it listens on when left out. */
  readonly publicUrl?: string;
  /** Where people press buttons and replies come in, besides the dashboard. */
  readonly doors?: Partial<Pick<ServerContext, "slack" | "mail" | "sources">>;
  /** Networks inside the company that may be called, as CIDR. */
  readonly networks?: ReadonlyArray<string>;
  readonly archive?: WorkerOptions["archive"] & {};
  /** Opens metrics, for whatever watches this server. */
  readonly monitorToken?: string;
  /** Takes a trace of every case: OTLP over HTTP, `http://localhost:4318/v1/traces`. */
  readonly tracesUrl?: string;
  /** What the collector of traces wants to be told, a key for one. */
  readonly tracesHeaders?: { readonly [name: string]: string };
  /** Told what happens, one line each: entries of the ledger, and answers. */
  onLine?(line: object): void;
  onError(error: string): void;
};

export type Serving = {
  readonly url: string;
  /**
   * Lets whoever has it into the dashboard as the operator, as long as this process lives; null where the
   * dashboard was not built.
   */
  readonly dashboard: string | null;
  /** Makes whoever opens it first the first admin; null once there is one. */
  readonly firstAdmin: string | null;
  /** Stops taking requests, lets what is under way end, and frees the directory. */
  close(): Promise<void>;
};

export async function serve(options: ServeOptions): Promise<Serving> {
  const { engine, directory } = options;
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  const web = readWebFiles(WEB_DIRECTORY);
  const { provider, onLine } = options;
  const server = await startServer({
    ...{ engine, port: options.port, operatorToken: token, web },
    ...(provider === undefined ? {} : { provider }),
    ...options.doors,
    monitorToken: options.monitorToken,
    ...(onLine === undefined
      ? {}
      : {
          onAnswer: (answer) => onLine({ at: new Date().toISOString(), kind: "answer", ...answer }),
        }),
  });
  // By name: a passkey is bound to a name, and an IP address is none.
  engine.context.publicUrl = options.publicUrl ?? server.url.replace("127.0.0.1", "localhost");
  if (options.doors?.mail !== undefined) engine.context.replyDomain = options.doors.mail.domain;
  const invitation = web.size === 0 ? undefined : await engine.people.inviteFirstAdmin();
  writeServer(directory, { url: server.url, token, pid: process.pid });
  const stop = new AbortController();
  const telling = tell(options, stop.signal);
  const worker = startWorker(options);
  return {
    url: server.url,
    dashboard: web.size === 0 ? null : `${engine.context.publicUrl}/#token=${token}`,
    firstAdmin:
      invitation === undefined ? null : `${engine.context.publicUrl}/#/join/${invitation}`,
    async close() {
      removeServer(directory);
      await server.close();
      await worker.stop();
      stop.abort();
      await telling;
    },
  };
}

/** Retells the ledger to whoever asked for a log or for traces. */
async function tell(options: ServeOptions, stop: AbortSignal): Promise<void> {
  const { engine, tracesUrl, tracesHeaders, onLine } = options;
  if (tracesUrl === undefined && onLine === undefined) return;
  const traces =
    tracesUrl === undefined ? undefined : new CaseTraces(tracesUrl, VERSION, tracesHeaders);
  await followLedger(engine.context.driver, stop, (entries) => {
    traces?.take(entries);
    for (const { n, text } of entries) {
      // What was said is in the ledger, for those who may read it; a log goes further.
      const { at, kind, loop, case: of, actor } = JSON.parse(text) as LedgerDraft;
      onLine?.({ at, kind, loop, case: of, actor, entry: n });
    }
  });
  await traces?.close();
}
