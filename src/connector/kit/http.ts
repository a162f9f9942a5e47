/**
 * One HTTP exchange, and an exact word for how far it got.
 *
 * Picture a registered letter. Before it is posted, nothing can have happened: try again later. Once
 * it is posted and no receipt comes back, it may have been read: that is "unknown", and only someone
 * who can look (or an address that ignores a second copy) may resolve it. The line between the two is
 * the moment the request is handed to a connected socket, which undici reports as `onRequestStart`.
 *
 * Here: keep-alive, a deadline through the call's signal, a cap on what is read, no redirects.
 * Left out: retries (the engine's), and what a status means (each platform's own, see `answer.ts`).
 */
import { Agent, type Dispatcher } from "undici";
import { InterlockError } from "../../std/errors.ts";
import { MINUTE_MS, SECOND_MS } from "../../std/time.ts";

export const ANSWER_BYTES_MAX = 1_048_576;
export const CONNECTIONS_MAX = 32;
export const CONNECT_TIMEOUT_MS = 5 * SECOND_MS;

/** A `read` changes nothing (a dry run is one); a `mutation` may. */
export type HttpKind = "read" | "mutation";

export type HttpRequest = {
  readonly kind: HttpKind;
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below the base URL's own path; starts with a slash. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal: AbortSignal;
};

export type HttpAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
};

export type HttpClient = {
  /** Any status is an answer. Throws `connector/unavailable` or `connector/unknown-outcome`. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  close(): Promise<void>;
};

export type HttpClientSettings = {
  /** Name of the outside system as a person would say it; opens every message. */
  readonly system: string;
  readonly baseUrl: string;
  readonly connectionsMax?: number;
  readonly answerBytesMax?: number;
};

export function createHttpClient(settings: HttpClientSettings): HttpClient {
  const { system } = settings;
  const base = new URL(settings.baseUrl);
  const prefix = base.pathname.replace(/\/+$/, "");
  const answerBytesMax = settings.answerBytesMax ?? ANSWER_BYTES_MAX;
  const agent = new Agent({
    connections: settings.connectionsMax ?? CONNECTIONS_MAX,
    pipelining: 1,
    connect: { timeout: CONNECT_TIMEOUT_MS },
    // The call's signal is the deadline; these only bound a call that was given none.
    headersTimeout: 5 * MINUTE_MS,
    bodyTimeout: MINUTE_MS,
  });

  function send(request: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      let controller: Dispatcher.DispatchController | undefined;
      let settled = false;
      let status = 0;
      let headers: HttpAnswer["headers"] = {};
      let bytes = 0;
      const chunks: Buffer[] = [];

      const settle = (): boolean => {
        if (settled) return false;
        settled = true;
        request.signal.removeEventListener("abort", onDeadline);
        return true;
      };
      /** `controller` is set exactly when the request may have left. */
      const fail = (why: string, cause?: unknown): void => {
        if (!settle()) return;
        reject(failureOf(system, request, controller !== undefined, why, cause));
        controller?.abort(new Error(why));
      };
      const onDeadline = (): void => fail("no answer before the deadline", request.signal.reason);

      if (request.signal.aborted) return fail("the deadline had passed before the call");
      request.signal.addEventListener("abort", onDeadline, { once: true });

      agent.dispatch(
        {
          origin: base.origin,
          path: prefix + request.path,
          method: request.method,
          headers: request.headers,
          body: request.body ?? null,
        },
        {
          onRequestStart(started) {
            // The deadline passed while it was waiting for a connection: it must not leave any more.
            if (settled) return started.abort(new Error("called off before it was sent"));
            controller = started;
          },
          onResponseStart(_controller, statusCode, answerHeaders) {
            if (statusCode < 200) return;
            status = statusCode;
            headers = answerHeaders;
          },
          onResponseData(_controller, chunk) {
            bytes += chunk.length;
            if (bytes > answerBytesMax) fail(`the answer is larger than ${answerBytesMax} bytes`);
            else chunks.push(chunk);
          },
          onResponseEnd() {
            if (settle())
              resolve({ status, headers, text: Buffer.concat(chunks).toString("utf8") });
          },
          onResponseError(_controller, error) {
            fail(causeToText(error), error);
          },
        },
      );
    });
  }

  return { send, close: () => agent.destroy() };
}

function failureOf(
  system: string,
  request: HttpRequest,
  mayHaveLeft: boolean,
  why: string,
  cause: unknown,
): InterlockError {
  const what = `${system}: ${request.method} \`${request.path}\``;
  if (mayHaveLeft && request.kind === "mutation") {
    return new InterlockError("connector/unknown-outcome", `${what} was sent: ${why}`, {
      retry: "later",
      cause,
      help: "it may have taken effect; read the target's state before anything is sent again",
    });
  }
  return new InterlockError("connector/unavailable", `${what}: ${why}`, { retry: "later", cause });
}

function causeToText(error: Error): string {
  const code = (error as NodeJS.ErrnoException).code;
  const inner =
    error instanceof AggregateError ? (error.errors[0] as Error | undefined) : undefined;
  const message = error.message === "" ? (inner?.message ?? error.name) : error.message;
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}
