/**
 * The one error that Interlock throws when the world, or its input, fails.
 *
 * Bugs are `assert`ed away and expected answers are values; what is left is here. A program matches
 * `code`, the engine acts on `retry`, a person reads `message` and does what `help` says.
 *
 * Messages start in lower case, have no final stop, carry user input in backticks and join outer to
 * inner by a colon. `path` names the place in the input, as a JSON Pointer or `file:line:column`.
 */
import type { ErrorCode } from "./error-codes.ts";

export { ERROR_CODES, type ErrorCode } from "./error-codes.ts";

export type ErrorOptions = {
  readonly help?: string;
  readonly retry?: "never" | "later";
  /** How long the other side asked us to wait, where it said so. */
  readonly retryAfterMs?: number;
  readonly path?: string;
  readonly cause?: unknown;
};

export class InterlockError extends Error {
  override readonly name = "InterlockError";
  readonly code: ErrorCode;
  readonly retry: "never" | "later";
  readonly retryAfterMs: number | undefined;
  readonly help: string | undefined;
  readonly path: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? "never";
    this.retryAfterMs = options.retryAfterMs;
    this.help = options.help;
    this.path = options.path;
  }

  toJSON(): Record<string, unknown> {
    return {
      code: this.code,
      message: this.message,
      retry: this.retry,
      ...(this.retryAfterMs === undefined ? {} : { retryAfterMs: this.retryAfterMs }),
      ...(this.path === undefined ? {} : { path: this.path }),
      ...(this.help === undefined ? {} : { help: this.help }),
    };
  }
}

/** The store itself failed, and what was asked of it may be asked again; a bad statement is not this. */
export function isStoreError(thrown: unknown): boolean {
  return thrown instanceof InterlockError && thrown.code.startsWith("store/");
}

/** One line for logs and for `last_error` columns, whatever was thrown. */
export function errorToText(thrown: unknown): string {
  if (thrown instanceof InterlockError) return `${thrown.code}: ${thrown.message}`;
  if (thrown instanceof Error) return `${thrown.name}: ${thrown.message}`;
  return String(thrown);
}
