/**
 * What an HTTP status means for the one question the engine asks: did it happen, and may I try again?
 *
 * | status              | on a read              | on a mutation                                      |
 * |---------------------|------------------------|----------------------------------------------------|
 * | 2xx, readable       | the answer             | the answer                                         |
 * | 2xx, garbage        | malformed-answer       | unknown-outcome                                    |
 * | 429                 | rate-limited           | rate-limited                                       |
 * | 401, 403            | unauthorised           | unauthorised                                       |
 * | 408, 5xx            | unavailable            | unknown-outcome, unless it says nothing happened   |
 * | 3xx, any other 4xx  | rejected               | rejected                                           |
 */
import { InterlockError } from "../../std/errors.ts";
import { instantToMs, SECOND_MS } from "../../std/time.ts";
import type { HttpAnswer, HttpKind } from "./http.ts";

/** The platform's own account of a refusal, as far as its body could be read. */
export type Refusal = {
  /** The platform's code, e.g. `mutateError.RESOURCE_NOT_FOUND`. */
  readonly code?: string;
  readonly message?: string;
  readonly retryAfterMs?: number;
  /** The platform states that it did not act, which makes even a 5xx safe to send again. */
  readonly nothingHappened?: boolean;
  readonly help?: string;
};

const TEXT_SHOWN_MAX = 300;

/** The error for an answer that is not 2xx. */
export function errorOfStatus(
  system: string,
  kind: HttpKind,
  status: number,
  refusal: Refusal,
): InterlockError {
  const said = [refusal.code, refusal.message].filter((part) => part !== undefined).join(": ");
  const message = `${system} answered ${status}${said === "" ? "" : `: ${shorten(said)}`}`;
  const help = refusal.help === undefined ? {} : { help: refusal.help };
  if (status === 429) {
    const wait = refusal.retryAfterMs;
    return new InterlockError("connector/rate-limited", message, {
      retry: "later",
      ...(wait === undefined ? {} : { retryAfterMs: wait }),
      ...help,
    });
  }
  if (status === 401 || status === 403) {
    return new InterlockError("connector/unauthorised", message, {
      help: `renew the credentials for ${system} in the configuration, then retry the case`,
      ...help,
    });
  }
  if (status >= 500 || status === 408) {
    const unknown = kind === "mutation" && refusal.nothingHappened !== true;
    return new InterlockError(
      unknown ? "connector/unknown-outcome" : "connector/unavailable",
      message,
      { retry: "later", ...help },
    );
  }
  if (status >= 300 && status < 400) {
    return new InterlockError("connector/rejected", message, {
      help: `the address of ${system} in the configuration answers with a redirect; set the final one`,
    });
  }
  return new InterlockError("connector/rejected", message, help);
}

/** The parsed body of a 2xx answer; garbage there leaves a mutation unknown. */
export function parseJsonAnswer(system: string, kind: HttpKind, answer: HttpAnswer): unknown {
  try {
    return JSON.parse(answer.text);
  } catch (cause) {
    throw malformedAnswer(system, kind, "the body is not JSON", cause);
  }
}

export function malformedAnswer(
  system: string,
  kind: HttpKind,
  why: string,
  cause?: unknown,
): InterlockError {
  return kind === "mutation"
    ? new InterlockError(
        "connector/unknown-outcome",
        `${system} answered a change with something that cannot be read: ${why}`,
        { retry: "later", cause },
      )
    : new InterlockError(
        "connector/malformed-answer",
        `${system} answered with something that cannot be read: ${why}`,
        { retry: "later", cause },
      );
}

/** `Retry-After` in whole seconds, or as an HTTP date measured from the answer's own `Date`. */
export function retryAfterMs(headers: HttpAnswer["headers"]): number | undefined {
  const value = headers["retry-after"];
  if (typeof value !== "string") return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.round(Number(value) * SECOND_MS);
  const sentAt = headers["date"];
  if (typeof sentAt !== "string") return undefined;
  const wait = instantToMs(value) - instantToMs(sentAt);
  return Number.isFinite(wait) && wait >= 0 ? wait : undefined;
}

function shorten(text: string): string {
  return text.length <= TEXT_SHOWN_MAX ? text : `${text.slice(0, TEXT_SHOWN_MAX)}...`;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
