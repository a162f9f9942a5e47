/**
 * The application: routes as data become addresses that answer.
 *
 * Every request goes the same way: an id; the address; who is calling; parameters; the body within its
 * limit and by its schema; the route; the answer. Whatever is refused on the way has one shape
 * (`errors.ts`), and nothing unknown is told to the outside.
 *
 * Left out: TLS, which belongs to the proxy in front.
 */
import { randomBytes } from "node:crypto";
import { type Context, Hono } from "hono";
import { quote } from "../../core/problem.ts";
import { getConnInfo } from "@hono/node-server/conninfo";
import { identify, type Tokens } from "./auth.ts";
import { BodyReader } from "./body.ts";
import { RefusedRequest, toRefusal } from "./errors.ts";
import { type BodyInput, createBodyInput, readQuery } from "./input.ts";
import type { RateGuard } from "./rate.ts";
import type { HttpAnswer, Route, ServerContext } from "./route.ts";
import { refuseForged } from "./sign-in/cookie.ts";
import type { WebFiles } from "./web-files.ts";

/** Requests that are being answered at one time; more are told to come again. */
const REQUESTS_MAX = 1_000;
const REQUEST_ID_BYTES = 8;

export type AppOptions = {
  readonly server: ServerContext;
  readonly routes: ReadonlyArray<Route>;
  readonly tokens: Tokens;
  readonly rates: RateGuard;
  /** Pages for people, beside the addresses for programs. */
  readonly web?: WebFiles | undefined;
  /** Aborts when the server closes, so that nobody waits any longer. */
  readonly closing: AbortSignal;
  /** Takes what may not be told to the outside. */
  /** Told of every answer. */
  onAnswer?(answer: Answered): void;
  log(line: { readonly requestId: string; readonly at: string; readonly error: string }): void;
};

export type Answered = {
  readonly requestId: string;
  readonly route: string;
  readonly status: number;
  readonly ms: number;
};

export function createApp(options: AppOptions): Hono {
  const app = new Hono();
  const reception = new Reception(options);
  const methods = new Map<string, string[]>();
  app.use(async (c, next) => {
    await next();
    shield(c, options.server.engine.context.publicUrl);
  });
  for (const route of options.routes) {
    const path = toPattern(route);
    methods.set(path, [...(methods.get(path) ?? []), route.method]);
    const input = route.body === undefined ? undefined : createBodyInput(route.body);
    app.on(route.method, path, (c) =>
      reception.answer(c, route.name, () => reception.receive(c, route, input)),
    );
  }
  for (const [path, allowed] of methods) {
    app.all(path, (c) => reception.refuse(c, refuseMethod(c.req.method, allowed)));
  }
  app.get("*", (c, next) => options.web?.get(c.req.path)?.clone() ?? next());
  app.notFound((c) => reception.refuse(c, refuseAddress(c.req.path)));
  app.onError((thrown, c) => reception.refuse(c, thrown));
  return app;
}

/** What a browser is told with every answer; a page says more for itself. */
const SHIELD: Readonly<Record<string, string>> = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
};
const TLS_ONLY = "max-age=31536000; includeSubDomains";

function shield(c: Context, publicUrl: string | undefined): void {
  for (const [name, value] of Object.entries(SHIELD)) {
    if (!c.res.headers.has(name)) c.header(name, value);
  }
  if (publicUrl?.startsWith("https:") === true) c.header("strict-transport-security", TLS_ONLY);
}

/** `/v1/loops/{loop}/{side}` -> `/v1/loops/:loop/:side{sender|receiver}` */
function toPattern(route: Route): string {
  return route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const allowed = route.params?.[name]?.["enum"];
    return Array.isArray(allowed) ? `:${name}{${allowed.join("|")}}` : `:${name}`;
  });
}

/** Takes requests in and hands answers out; knows no address. */
class Reception {
  readonly #options: AppOptions;
  readonly #bodies = new BodyReader();
  #answering = 0;

  constructor(options: AppOptions) {
    this.#options = options;
  }

  async answer(c: Context, routeName: string, work: () => Promise<HttpAnswer>): Promise<Response> {
    const requestId = `req-${randomBytes(REQUEST_ID_BYTES).toString("hex")}`;
    const from = performance.now();
    const response = await this.#answer(c, requestId, work);
    const ms = performance.now() - from;
    const { status } = response;
    this.#options.server.metrics.observeRequest(routeName, status, ms);
    this.#options.onAnswer?.({ requestId, route: routeName, status, ms: Math.round(ms) });
    return response;
  }

  async #answer(c: Context, requestId: string, work: () => Promise<HttpAnswer>): Promise<Response> {
    this.#answering += 1;
    try {
      if (this.#options.closing.aborted) throw refuseClosing();
      if (this.#answering > REQUESTS_MAX) throw refuseBusy();
      return toResponse(await work(), requestId);
    } catch (thrown) {
      const { isUnknown, ...refusal } = toRefusal(thrown, requestId);
      if (isUnknown) {
        const error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
        const at = `${c.req.method} ${quote(c.req.path)}`;
        this.#options.log({ requestId, at, error });
      }
      return toResponse(refusal, requestId);
    } finally {
      this.#answering -= 1;
    }
  }

  refuse(c: Context, thrown: unknown): Promise<Response> {
    return this.answer(c, "none", () => Promise.reject(thrown));
  }

  async receive(c: Context, route: Route, input: BodyInput | undefined): Promise<HttpAnswer> {
    const { server, tokens, rates, closing } = this.#options;
    const request = c.req.raw;
    const { countedAs } = route;
    if (countedAs !== undefined) {
      await rates.takeAddress(countedAs, getConnInfo(c).remote.address ?? "");
    }
    if (countedAs === "signIn" && request.headers.has("origin")) {
      refuseForged(request.method, request.headers);
    }
    const caller = await identify(server.engine, tokens, route.access, request);
    await rates.takeRequest(caller);
    const { searchParams, search } = new URL(request.url);
    const call = {
      server,
      caller,
      params: c.req.param() as Record<string, string>,
      query: readQuery(route, searchParams),
      headers: request.headers,
      search,
      gone: AbortSignal.any([request.signal, closing]),
    };
    const answer =
      route.body === undefined || input === undefined
        ? await route.handle({ ...call, body: undefined })
        : await this.#bodies.read(request, route.body.bytesMax, (bytes) =>
            route.handle({ ...call, body: input(request, bytes) }),
          );
    // Whatever came in is work for whoever is awake, and wakes the rest.
    if (route.method !== "GET") server.engine.wake();
    return answer;
  }
}

function toResponse(answer: HttpAnswer, requestId: string): Response {
  return new Response(contentOf(answer), {
    status: answer.status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-request-id": requestId,
      ...answer.headers,
    },
  });
}

/** JSON, but for an answer that is text, bytes, or a line that stays open. */
function contentOf({
  body,
  headers,
}: HttpAnswer): string | Uint8Array<ArrayBuffer> | ReadableStream | null {
  if (body === undefined) return null;
  if (body instanceof ReadableStream) return body;
  if (body instanceof Uint8Array) return body as Uint8Array<ArrayBuffer>;
  const isText = headers?.["content-type"]?.startsWith("text/") === true;
  return isText && typeof body === "string" ? body : JSON.stringify(body);
}

function refuseAddress(path: string): RefusedRequest {
  return new RefusedRequest("server/not-found", `nothing is served at ${quote(path)}`, {
    help:
      path === "/"
        ? "the dashboard is not built; `npm run build` does it"
        : "GET /v1/openapi.json lists every address",
  });
}

function refuseMethod(method: string, allowed: ReadonlyArray<string>): RefusedRequest {
  const allow = [...allowed].sort().join(", ");
  return new RefusedRequest("server/method-not-allowed", `${quote(method)} is not taken here`, {
    help: `the methods here are ${allow}`,
    headers: { allow },
  });
}

function refuseBusy(): RefusedRequest {
  return new RefusedRequest("server/too-many-requests", "too many requests are being answered", {
    retry: "later",
    help: "wait, and ask again",
  });
}

function refuseClosing(): RefusedRequest {
  return new RefusedRequest("server/shutting-down", "the server is closing", {
    retry: "later",
    help: "ask again when it is back",
  });
}
