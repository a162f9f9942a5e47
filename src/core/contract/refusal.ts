/**
 * How a receiver refuses a signal that breaks the contract: it throws this.
 *
 * An agent in this process throws it by itself or behind `guardReceiver`; an agent elsewhere answers
 * HTTP 422 with `{"error": {"code", "path", "message"}}`, which becomes this. `code` is the coarse code
 * that programs match, `problems` say what is wrong, each under its finer code.
 */
import { ERROR_CODES, type ErrorCode } from "../../std/error-codes.ts";
import { InterlockError } from "../../std/errors.ts";
import type { Problem } from "./types.ts";

export class RefusedSignalError extends InterlockError {
  readonly problems: ReadonlyArray<Problem>;

  constructor(message: string, problems: ReadonlyArray<Problem>) {
    const [first] = problems;
    super(toErrorCode(first?.code), message, {
      ...(first === undefined ? {} : { path: first.path }),
      ...(first?.help === undefined ? {} : { help: first.help }),
    });
    this.problems = problems;
  }

  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), problems: this.problems };
  }
}

function toErrorCode(code: string | undefined): ErrorCode {
  return code !== undefined && Object.hasOwn(ERROR_CODES, code)
    ? (code as ErrorCode)
    : "contract/invalid-signal";
}
