/**
 * An agent's refusal, in its own words: `{"error": {"code", "path", "message"}}`. It counts under the
 * code that the agent gives, if that is one of ours; the finer kinds of `core/problem.ts` all say that
 * the signal is invalid.
 */
import { isObject } from "../../core/contract/payload.ts";
import { PROBLEM_KINDS, QUOTE_LENGTH_MAX, quote } from "../../core/problem.ts";
import type { Json } from "../../std/canonical-json.ts";
import { ERROR_CODES, type ErrorCode } from "../../std/error-codes.ts";
import { InterlockError } from "../../std/errors.ts";

const PATH_CHARS_MAX = 500;

/** The refusal, or undefined for an answer that is none. */
export function readRefusal(name: string, answer: Json): InterlockError | undefined {
  if (!isObject(answer) || !isObject(answer["error"])) return undefined;
  const { code, path, message } = answer["error"];
  const said = typeof message === "string" ? quote(message) : "it does not say why";
  const at = typeof path === "string" ? path.slice(0, PATH_CHARS_MAX) : "";
  const known = toCode(code);
  if (known === undefined) {
    return new InterlockError(
      "agent/invalid-reply",
      `\`${name}\` refused with the unknown code ${quote(code)}: ${said}`,
      { retry: "later", path: at, help: "the codes are those of contracts: contract/..." },
    );
  }
  return new InterlockError(known, `\`${name}\` refused the signal: ${said}`, { path: at });
}

function toCode(code: Json | undefined): ErrorCode | undefined {
  if (typeof code !== "string" || code.length > QUOTE_LENGTH_MAX) return undefined;
  const [prefix, kind = ""] = code.split("/", 2);
  if (prefix !== "contract") return undefined;
  if (Object.hasOwn(ERROR_CODES, code)) return code as ErrorCode;
  return Object.hasOwn(PROBLEM_KINDS, kind) ? "contract/invalid-signal" : undefined;
}
