/**
 * From error codes to HTTP statuses, and the one shape of every refusal:
 *
 *   { "error": { "code", "message", "path", "help" }, "problems": [...], "requestId" }
 *
 * `error` is the first problem, so that a shell script needs to read one field; `problems` has them all.
 * Nothing unknown is ever told to the outside: what is not an `InterlockError` is one opaque code, and
 * the log has the rest under the request's id.
 */
import { InvalidDocumentError } from "../../core/document.ts";
import type { Problem } from "../../core/contract/types.ts";
import { type ErrorCode, type ErrorOptions, InterlockError } from "../../std/errors.ts";
import { SECOND_MS } from "../../std/time.ts";

const HTTP_STATUS: { readonly [code in ErrorCode]?: number } = {
  "server/invalid-request": 400,
  "server/unauthorised": 401,
  "server/forbidden": 403,
  "server/not-found": 404,
  "server/method-not-allowed": 405,
  "server/too-large": 413,
  "server/unsupported-media-type": 415,
  "server/too-many-requests": 429,
  "server/internal": 500,
  "server/not-ready": 503,
  "server/shutting-down": 503,
  "document/invalid-syntax": 400,
  "loop/not-found": 404,
  "case/not-found": 404,
  "ledger/archived": 410,
  "archive/held": 409,
  "archive/changed": 409,
  "archive/bad-file": 400,
  "contract/not-found": 404,
  "charter/not-found": 404,
  "agent/key-not-found": 404,
  "agent/question-not-found": 404,
  "agent/wrong-department": 403,
  "agent/not-registered": 409,
  "agent/end-taken": 409,
  "agent/answer-conflict": 409,
  "agent/question-closed": 410,
  "case/signal-conflict": 409,
  "data/batch-conflict": 409,
  "vote/too-early": 409,
  "vote/too-late": 409,
  "vote/already-cast": 409,
  "vote/party-answered": 409,
  "vote/other-action": 409,
  "vote/expired": 410,
  "vote/unproved": 401,
  "vote/bad-proof": 401,
  "vote/not-entitled": 403,
  "vote/out-of-term": 403,
  "vote/both-sides": 403,
  "vote/self-approval": 403,
  "delegation/unproved": 401,
  "delegation/not-entitled": 403,
  "delegation/not-a-deputy": 403,
  "delegation/both-sides": 403,
  "delegation/deputy-away": 409,
  "delegation/not-asked": 409,
  "delegation/not-away": 409,
  "sign/bad-signature": 401,
  "sign/unknown-key": 401,
  "sign/other-person": 403,
  "sign/key-not-valid": 403,
  "sign/key-revoked": 403,
  "effect/not-found": 404,
  "effect/not-set-aside": 409,
  "effect/not-entitled": 403,
  "effect/not-retryable": 409,
  "engine/backlog-full": 503,
  "webhook/not-found": 404,
  "place/not-found": 404,
  "person/not-found": 404,
  "person/invitation-over": 410,
  "person/sign-in-refused": 401,
  "person/last-admin": 409,
  "glass/not-entitled": 403,
  "glass/already-broken": 409,
  "glass/not-broken": 409,
  "case/undo-not-entitled": 403,
  "autonomy/nothing-proposed": 409,
  "autonomy/other-step": 409,
  "stop/not-entitled": 403,
  "stop/unknown-scope": 404,
  "stop/not-pressed": 409,
  "charter/not-owner": 403,
  "charter/not-newer": 409,
  "loop/gates-unmet": 409,
  "loop/wrong-state": 409,
  "charter/not-in-force": 409,
  "store/unavailable": 503,
  "store/no-space": 503,
  "store/locked": 503,
  "store/closed": 503,
};

/** Understood, and refused for what it says. */
const STATUS_OTHERWISE = 422;
const RETRY_AFTER_SECONDS = 5;

/** A request that is refused, with every reason and what the answer's head has to say. */
export class RefusedRequest extends InterlockError {
  readonly problems: ReadonlyArray<Problem>;
  readonly headers: { readonly [name: string]: string };

  constructor(
    code: ErrorCode,
    message: string,
    options: ErrorOptions & {
      readonly problems?: ReadonlyArray<Problem>;
      readonly headers?: { readonly [name: string]: string };
    } = {},
  ) {
    super(code, message, options);
    this.problems = options.problems ?? [];
    this.headers = options.headers ?? {};
  }
}

/** A body or a parameter that is not what the address takes: the first reason, and all of them. */
export function refuseInput(problems: ReadonlyArray<Problem>): RefusedRequest {
  const [first] = problems;
  return new RefusedRequest("server/invalid-request", first?.message ?? "the request is wrong", {
    path: first?.path ?? "",
    problems,
    ...(first?.help === undefined ? {} : { help: first.help }),
  });
}

export type Refusal = {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: {
    readonly error: {
      readonly code: string;
      readonly message: string;
      readonly path: string;
      readonly help?: string;
    };
    readonly problems?: ReadonlyArray<Problem>;
    readonly requestId: string;
  };
};

export function statusOf(code: ErrorCode): number {
  return HTTP_STATUS[code] ?? STATUS_OTHERWISE;
}

/** `isUnknown` says that the log must have what was thrown, because the answer does not. */
export function toRefusal(
  thrown: unknown,
  requestId: string,
): Refusal & { readonly isUnknown: boolean } {
  if (!(thrown instanceof InterlockError)) {
    const message = "something failed on our side";
    const help = `ask the operator to look for ${requestId} in the log`;
    const error = { code: "server/internal", message, path: "", help };
    return { status: 500, headers: {}, body: { error, requestId }, isUnknown: true };
  }
  const status = statusOf(thrown.code);
  const { code, message, path = "", help } = thrown;
  const problems =
    thrown instanceof RefusedRequest || thrown instanceof InvalidDocumentError
      ? thrown.problems
      : [];
  const wait = Math.ceil((thrown.retryAfterMs ?? RETRY_AFTER_SECONDS * SECOND_MS) / SECOND_MS);
  return {
    status,
    headers: {
      ...(status === 429 || status === 503 ? { "retry-after": String(wait) } : {}),
      ...(thrown instanceof RefusedRequest ? thrown.headers : {}),
    },
    body: {
      error: { code, message, path, ...(help === undefined ? {} : { help }) },
      ...(problems.length === 0 ? {} : { problems }),
      requestId,
    },
    isUnknown: status === 503 && code.startsWith("store/"),
  };
}
