/** What Slack says went wrong, in the words that the engine goes by. */
import { ErrorCode, type WebAPICallError } from "@slack/web-api";
import { InterlockError } from "../../std/errors.ts";
import { SECOND_MS } from "../../std/time.ts";

/** Of Slack's own words: whose token is wrong, and what is wrong for now. */
const UNAUTHORISED = [
  "invalid_auth",
  "not_authed",
  "token_revoked",
  "token_expired",
  "account_inactive",
  "missing_scope",
];
const FOR_NOW = ["service_unavailable", "internal_error", "fatal_error", "request_timeout"];
export const UNKNOWN_PERSON = ["users_not_found", "user_not_found", "user_disabled"];

/** Before a message goes out nothing is unknown; after, no answer may mean that it arrived. */
export function errorOf(thrown: unknown, stage: "before" | "after"): InterlockError {
  const failure = thrown as WebAPICallError;
  switch (failure.code) {
    case ErrorCode.RateLimitedError:
      return new InterlockError("connector/rate-limited", "Slack: too many messages", {
        retry: "later",
        retryAfterMs: failure.retryAfter * SECOND_MS,
        cause: thrown,
      });
    case ErrorCode.HTTPError:
      return unavailable(`it answered ${failure.statusCode}`, thrown);
    case ErrorCode.PlatformError:
      return errorOfWords(failure.data.error, thrown);
    default: {
      const words = thrown instanceof Error ? thrown.message : String(thrown);
      return stage === "before" ? unavailable(words, thrown) : unknownOutcome(words, thrown);
    }
  }
}

function errorOfWords(words: string, cause: unknown): InterlockError {
  if (UNAUTHORISED.includes(words)) {
    return new InterlockError("connector/unauthorised", `Slack: ${words}`, {
      cause,
      help: "check the bot's token and its scopes",
    });
  }
  if (words === "ratelimited") {
    return new InterlockError("connector/rate-limited", "Slack: too many messages", {
      retry: "later",
      cause,
    });
  }
  if (FOR_NOW.includes(words)) return unavailable(words, cause);
  return new InterlockError("connector/rejected", `Slack: ${words}`, {
    cause,
    help: UNKNOWN_PERSON.includes(words)
      ? "Slack knows nobody by that address; correct it in the charter"
      : "Slack will not take this message",
  });
}

export function unavailable(words: string, cause?: unknown): InterlockError {
  return new InterlockError("connector/unavailable", `Slack: ${words}`, { retry: "later", cause });
}

export function unknownOutcome(words: string, cause: unknown): InterlockError {
  return new InterlockError("connector/unknown-outcome", `Slack: ${words}`, {
    retry: "later",
    cause,
    help: "it may have been delivered; sending again is safe, the channel is looked through first",
  });
}
