/**
 * The application: routes as data become addresses that answer.
 *
 * Every request goes the same way: an id; the address; who is calling; parameters; the body within its
 * limit and by its schema; the route; the answer. Whatever is refused on the way has one shape
 * (`errors.ts`), and nothing unknown is told to the outside.
 *
 * Left out: TLS and rates per caller, which belong to the proxy in front.
 */
import { randomBytes } from "node:crypto";
import { type Context, Hono } from "hono";
import { problem, quote } from "../../core/problem.ts";
import { compileSchema, type SchemaCheck } from "../../core/schema.ts";
import type { PlainLimits } from "../../core/plain.ts";
import type { Problem } from "../../core/contract/types.ts";
import { errorToText } from "../../std/errors.ts";
import { identify } from "./auth.ts";
import { BodyReader, KB } from "./body.ts";
import { refuseInput, RefusedRequest, toRefusal } from "./errors.ts";
import { readPlainJson } from "./json.ts";
import type { HttpAnswer, HttpCall, Route, ServerContext } from "./route.ts";

/** What a JSON body may hold where the route says no more. */
const BODY_LIMITS: PlainLimits = {
  depthMax: 48,
  textMax: 64 * KB,
  itemsMax: 1_000,
  valuesMax: 50_000,
  bytesMax: 512 * KB,
};

/** Requests that are being answered at one time; more are told to come again. */
const REQUESTS_MAX = 1_000;

export type AppOptions = {
  readonly server: ServerContext;
  readonly routes: ReadonlyArray<Route>;
  readonly operatorToken: string | undefined;
  /** Aborts when the server closes, so that nobody waits any longer. */
  readonly closing: AbortSignal;
  /** Takes what may not be told to the outside. */
  log(line: { readonly requestId: string; readonly at: string; readonly error: string }): void;
};

export function createApp(options: AppOptions): Hono {
  const app = new Hono();
  const bodies = new BodyReader();
  const methods = new Map<string, string[]>();
  let answering = 0;

  const answer = async (c: Context, work: () => Promise<HttpAnswer>): Promise<Response> => {
    const requestId = `req-${randomBytes(8).toString("hex")}`;
    answering += 1;
    try {
      if (options.closing.aborted) throw refuseClosing();
      if (answering > REQUESTS_MAX) throw refuseBusy();
      return toResponse(await work(), requestId);
    } catch (thrown) {
      const { isUnknown, ...refusal } = toRefusal(thrown, requestId);
      if (isUnknown) {
        const error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
        const at = `${c.req.method} ${c.req.path.slice(0, 200)}`;
        options.log({ requestId, at, error: `${errorToText(thrown)}\n${error}` });
      }
      return toResponse(refusal, requestId);
    } finally {
      answering -= 1;
    }
  };

  for (const route of options.routes) {
    const path = toPattern(route);
    methods.set(path, [...(methods.get(path) ?? []), route.method]);
    const checkBody =
      route.body?.kind === "json" ? compileSchema(route.body.schema, "request") : undefined;
    app.on(route.method, path, (c) =>
      answer(c, async () => {
        const { server, operatorToken } = options;
        const request = c.req.raw;
        const caller = await identify(
          server.engine.context,
          operatorToken,
          route.access,
          request.headers.get("authorization"),
        );
        const call: Omit<HttpCall, "body"> = {
          server,
          caller,
          params: c.req.param() as Record<string, string>,
          query: readQuery(route, new URL(request.url).searchParams),
          headers: request.headers,
          gone: AbortSignal.any([request.signal, options.closing]),
        };
        if (route.body === undefined) return route.handle({ ...call, body: undefined });
        const { body } = route;
        return bodies.read(request, body.bytesMax, (bytes) =>
          route.handle({
            ...call,
            body: checkBody === undefined ? bytes : readBody(request, bytes, checkBody),
          }),
        );
      }),
    );
  }
  for (const [path, allowed] of methods) {
    app.all(path, (c) => answer(c, () => Promise.reject(refuseMethod(c.req.method, allowed))));
  }
  app.notFound((c) => answer(c, () => Promise.reject(refuseAddress(c.req.path))));
  app.onError((thrown, c) => answer(c, () => Promise.reject(thrown)));
  return app;
}

/** `/v1/loops/{loop}/{side}` -> `/v1/loops/:loop/:side{sender|receiver}` */
function toPattern(route: Route): string {
  return route.path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const allowed = route.params?.[name]?.["enum"];
    return Array.isArray(allowed) ? `:${name}{${allowed.join("|")}}` : `:${name}`;
  });
}

function readBody(request: Request, bytes: Uint8Array, check: SchemaCheck): unknown {
  const type = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  if (type !== "application/json") {
    throw new RefusedRequest(
      "server/unsupported-media-type",
      `the content type ${quote(type ?? "")} is not application/json`,
      { path: "/headers/content-type", help: "send JSON, with `content-type: application/json`" },
    );
  }
  const read = readPlainJson(bytes, BODY_LIMITS);
  if (read.kind === "refused") throw refuseInput(read.problems);
  const problems = check(read.value);
  if (problems.length > 0) throw refuseInput(problems);
  return read.value;
}

function readQuery(route: Route, given: URLSearchParams): { readonly [name: string]: number } {
  const read: Record<string, number> = {};
  const problems: Problem[] = [];
  for (const [name, { minimum, maximum, default: otherwise }] of Object.entries(
    route.query ?? {},
  )) {
    const text = given.get(name);
    read[name] = text === null ? otherwise : Number(text);
    if (text === null || (/^\d{1,9}$/.test(text) && isBetween(Number(text), minimum, maximum))) {
      continue;
    }
    const message = `${quote(text)} is not a whole number from ${minimum} to ${maximum}`;
    problems.push(problem("request", "out-of-range", `/query/${name}`, message));
  }
  if (problems.length > 0) throw refuseInput(problems);
  return read;
}

function isBetween(value: number, minimum: number, maximum: number): boolean {
  return value >= minimum && value <= maximum;
}

function toResponse(answer: HttpAnswer, requestId: string): Response {
  return new Response(answer.body === undefined ? null : JSON.stringify(answer.body), {
    status: answer.status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      "x-request-id": requestId,
      ...answer.headers,
    },
  });
}

function refuseAddress(path: string): RefusedRequest {
  return new RefusedRequest("server/not-found", `nothing is served at ${quote(path)}`, {
    help: "GET /v1/openapi.json lists every address",
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
