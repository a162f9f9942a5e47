/**
 * An agent's refusal, in its own words: `{"error": {"code", "path", "message"}}`. The code is one of a
 * contract's problems (`core/problem.ts`), such as `contract/out-of-range`, or one of our error codes.
 */
import { isObject } from "../../core/contract/payload.ts";
import { RefusedSignalError } from "../../core/contract/refusal.ts";
import { PROBLEM_KINDS, QUOTE_LENGTH_MAX, quote } from "../../core/problem.ts";
import type { Json } from "../../std/canonical-json.ts";
import { ERROR_CODES } from "../../std/error-codes.ts";
import { InterlockError } from "../../std/errors.ts";

const PATH_CHARS_MAX = 500;

/** The refusal, or undefined for an answer that is none. */
export function readRefusal(name: string, answer: Json): InterlockError | undefined {
  if (!isObject(answer) || !isObject(answer["error"])) return undefined;
  const { code, path, message } = answer["error"];
  const said = typeof message === "string" ? quote(message) : "it does not say why";
  const at = typeof path === "string" ? path.slice(0, PATH_CHARS_MAX) : "";
  if (!isRefusalCode(code)) {
    return new InterlockError(
      "agent/invalid-reply",
      `\`${name}\` refused with the unknown code ${quote(code)}: ${said}`,
      { retry: "later", path: at, help: "the codes are those of contracts: contract/..." },
    );
  }
  return new RefusedSignalError(`\`${name}\` refused the signal: ${said}`, [
    { path: at, code, message: said },
  ]);
}

function isRefusalCode(code: Json | undefined): code is string {
  if (typeof code !== "string" || code.length > QUOTE_LENGTH_MAX) return false;
  const [prefix, kind = ""] = code.split("/", 2);
  if (prefix !== "contract") return false;
  return Object.hasOwn(ERROR_CODES, code) || Object.hasOwn(PROBLEM_KINDS, kind);
}
