/** A refusal in the platform's own envelope. */
import type { Json } from "../../src/std/canonical-json.ts";
import type { SandboxAnswer } from "./http-server.ts";

const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: "INVALID_ARGUMENT",
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  429: "RESOURCE_EXHAUSTED",
  503: "UNAVAILABLE",
};

/** One error of a `GoogleAdsFailure`: family and name, e.g. `mutateError` and `RESOURCE_NOT_FOUND`. */
export type AdsFailure = {
  readonly status: number;
  readonly family: string;
  readonly name: string;
  readonly message: string;
  /** Index of the operation at fault. */
  readonly operation?: number;
  readonly retryDelay?: string;
};

export class AdsRefusal extends Error {
  readonly failure: AdsFailure;

  constructor(failure: AdsFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

export function refuse(family: string, name: string, message: string, operation?: number): never {
  throw new AdsRefusal({
    status: 400,
    family,
    name,
    message,
    ...(operation === undefined ? {} : { operation }),
  });
}

export function failureToAnswer(failure: AdsFailure, requestId: string): SandboxAnswer {
  const error: { [key: string]: Json } = {
    errorCode: { [failure.family]: failure.name },
    message: failure.message,
  };
  if (failure.operation !== undefined) {
    error["location"] = {
      fieldPathElements: [{ fieldName: "operations", index: failure.operation }],
    };
  }
  if (failure.retryDelay !== undefined) {
    error["details"] = {
      quotaErrorDetails: {
        rateScope: "DEVELOPER",
        rateName: "Requests per minute",
        retryDelay: failure.retryDelay,
      },
    };
  }
  return {
    status: failure.status,
    headers: { "request-id": requestId },
    body: {
      error: {
        code: failure.status,
        message: "Request contains an invalid argument or cannot be served now.",
        status: STATUS_NAMES[failure.status] ?? "UNKNOWN",
        details: [
          {
            "@type": "type.googleapis.com/google.ads.googleads.v25.errors.GoogleAdsFailure",
            errors: [error],
            requestId,
          },
        ],
      },
    },
  };
}
