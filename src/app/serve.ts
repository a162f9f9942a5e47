/**
 * A running Interlock: the HTTP door, and three heartbeats.
 *
 * One does what is due: it folds new days and moves cases, and may wait for whoever is called outside as
 * long as that has for an answer. The other only looks at every gate, often enough that a silent agent
 * suspends its loop within one interval of its own heartbeat, however many questions wait for it. The third
 * tells whoever outside wants to know, however slowly they take it. None
 * stops for an error: what failed is reported and tried again at the next beat.
 */
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { createGuardedFetch } from "../connector/outgoing/guarded-fetch.ts";
import { createWebhookPost } from "../connector/outgoing/webhook-post.ts";
import type { LedgerDraft } from "../core/ledger/entry.ts";
import type { Engine } from "../engine/engine.ts";
import { startServer, VERSION } from "../server/http/server.ts";
import type { ServerContext } from "../server/http/route.ts";
import type { ProviderSettings } from "../server/http/sign-in/provider.ts";
import { readWebFiles } from "../server/http/web-files.ts";
import { followLedger } from "../server/telemetry/follow.ts";
import { CaseTraces } from "../server/telemetry/traces.ts";
import { errorToText } from "../std/errors.ts";
import { SECOND_MS } from "../std/time.ts";
import { removeServer, writeServer } from "./server-workspace.ts";

export const DEFAULT_PORT = 7_070;
const BEAT_MS = SECOND_MS;
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
  const outgoing = createGuardedFetch(options.networks);
  const post = createWebhookPost(outgoing, () => new Date());
  const telling = tell(options, stop.signal);
  const beating = Promise.all([
    beat(options, stop.signal, () => engine.tend()),
    beat(options, stop.signal, () => engine.watch()),
    beat(options, stop.signal, async () => {
      while ((await engine.webhooks.deliver(post)) > 0 && !stop.signal.aborted);
    }),
  ]);
  return {
    url: server.url,
    dashboard: web.size === 0 ? null : `${engine.context.publicUrl}/#token=${token}`,
    firstAdmin:
      invitation === undefined ? null : `${engine.context.publicUrl}/#/join/${invitation}`,
    async close() {
      removeServer(directory);
      await server.close();
      stop.abort();
      await beating;
      await engine.drain();
      await telling;
      await outgoing.close();
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

async function beat(
  options: ServeOptions,
  stop: AbortSignal,
  work: () => Promise<void>,
): Promise<void> {
  let told = "";
  while (!stop.aborted) {
    try {
      await work();
      told = "";
    } catch (error) {
      const text = errorToText(error);
      if (text !== told) options.onError(text);
      told = text;
    }
    await delay(options.beatMs ?? BEAT_MS, undefined, { signal: stop }).catch(() => undefined);
  }
}
