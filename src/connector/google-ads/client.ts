/**
 * The three calls of the Google Ads REST dialect that Interlock makes, and how it reads a refusal.
 *
 * The dialect: camelCase JSON, int64 as text, enums by name; failures in a `GoogleAdsFailure` inside
 * `error.details`, one family and one name per error. Left out: OAuth refresh, paging (these answers
 * are small and streamed whole), partial failure (a change is one transaction or nothing).
 */
import { InterlockError } from "../../std/errors.ts";
import type { Json } from "../../std/canonical-json.ts";
import { SECOND_MS } from "../../std/time.ts";
import {
  errorOfStatus,
  isRecord,
  malformedAnswer,
  parseJsonAnswer,
  retryAfterMs,
  type Refusal,
} from "../kit/answer.ts";
import { createHttpClient, type HttpAnswer, type HttpKind } from "../kit/http.ts";
import { checkGoogleAdsSettings, type GoogleAdsSettings } from "./settings.ts";

const SYSTEM = "Google Ads";

/** A call as this client needs it: `Call` without what only a change carries. */
export type AdsCall = {
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
};

/** What the platform gives to find this change again in its own change history. */
export type MutateReceipt = {
  readonly requestId: string | null;
  readonly resourceNames: ReadonlyArray<string>;
};

export type GeoTargetConstant = {
  readonly id: string;
  readonly name: string;
  /** From the inside out, e.g. `Patna,Bihar,India`. */
  readonly canonicalName: string;
  readonly countryCode: string;
  readonly targetType: string;
  readonly status: string;
};

export type GoogleAdsClient = {
  /** All rows of a GAQL query. */
  search(query: string, call: AdsCall): Promise<ReadonlyArray<Record<string, unknown>>>;
  /** One transaction. `validateOnly` checks without doing. */
  mutateCampaignCriteria(
    operations: ReadonlyArray<Json>,
    options: { readonly validateOnly: boolean },
    call: AdsCall,
  ): Promise<MutateReceipt>;
  suggestGeoTargets(
    names: ReadonlyArray<string>,
    call: AdsCall,
  ): Promise<ReadonlyArray<GeoTargetConstant & { readonly searchTerm: string }>>;
  close(): Promise<void>;
};

export function createGoogleAdsClient(settings: GoogleAdsSettings): GoogleAdsClient {
  checkGoogleAdsSettings(settings);
  const http = createHttpClient({ system: SYSTEM, baseUrl: settings.baseUrl });

  async function post(
    path: string,
    body: Json,
    kind: HttpKind,
    call: AdsCall,
  ): Promise<{ readonly value: unknown; readonly requestId: string | null }> {
    const answer = await http.send({
      kind,
      method: "POST",
      path,
      headers: {
        ...call.headers,
        authorization: `Bearer ${await settings.accessToken()}`,
        "developer-token": settings.developerToken,
        ...(settings.loginCustomerId === undefined
          ? {}
          : { "login-customer-id": settings.loginCustomerId }),
        "content-type": "application/json",
      },
      body: JSON.stringify(body),
      signal: call.signal,
    });
    if (answer.status < 200 || answer.status >= 300) throw errorOfAnswer(kind, answer);
    const requestId = answer.headers["request-id"];
    return {
      value: parseJsonAnswer(SYSTEM, kind, answer),
      requestId: typeof requestId === "string" ? requestId : null,
    };
  }

  return {
    async search(query, call) {
      const path = `/customers/${settings.customerId}/googleAds:searchStream`;
      const { value: chunks } = await post(path, { query }, "read", call);
      if (!Array.isArray(chunks)) throw malformedAnswer(SYSTEM, "read", "rows are not in a list");
      const rows: Record<string, unknown>[] = [];
      for (const chunk of chunks as unknown[]) {
        const results = isRecord(chunk) ? (chunk["results"] ?? []) : undefined;
        if (!Array.isArray(results) || !results.every(isRecord)) {
          throw malformedAnswer(SYSTEM, "read", "a part of the stream carries no rows");
        }
        rows.push(...results);
      }
      return rows;
    },

    async mutateCampaignCriteria(operations, { validateOnly }, call) {
      const kind = validateOnly ? "read" : "mutation";
      const path = `/customers/${settings.customerId}/campaignCriteria:mutate`;
      const { value: answer, requestId } = await post(
        path,
        { operations, partialFailure: false, validateOnly },
        kind,
        call,
      );
      if (!isRecord(answer)) throw malformedAnswer(SYSTEM, kind, "it is not an object");
      if (validateOnly) return { requestId, resourceNames: [] };
      const names = Array.isArray(answer["results"])
        ? (answer["results"] as unknown[]).map((result) =>
            isRecord(result) ? result["resourceName"] : undefined,
          )
        : [];
      if (names.length !== operations.length || !names.every((name) => typeof name === "string")) {
        throw malformedAnswer(SYSTEM, kind, "it does not name one resource per operation");
      }
      return { requestId, resourceNames: names };
    },

    async suggestGeoTargets(names, call) {
      const { value: answer } = await post(
        "/geoTargetConstants:suggest",
        { locale: "en", countryCode: "IN", locationNames: { names } },
        "read",
        call,
      );
      const list = isRecord(answer) ? (answer["geoTargetConstantSuggestions"] ?? []) : undefined;
      if (!Array.isArray(list)) throw malformedAnswer(SYSTEM, "read", "suggestions are not a list");
      return (list as unknown[]).map(parseSuggestion);
    },

    close: () => http.close(),
  };
}

function parseSuggestion(value: unknown): GeoTargetConstant & { searchTerm: string } {
  const constant = isRecord(value) ? value["geoTargetConstant"] : undefined;
  const fields = isRecord(constant) ? constant : {};
  const searchTerm = isRecord(value) ? value["searchTerm"] : undefined;
  const { id, name, canonicalName, countryCode, targetType, status } = fields;
  if (
    typeof searchTerm !== "string" ||
    typeof id !== "string" ||
    typeof name !== "string" ||
    typeof canonicalName !== "string" ||
    typeof countryCode !== "string" ||
    typeof targetType !== "string" ||
    typeof status !== "string"
  ) {
    throw malformedAnswer(SYSTEM, "read", "a suggestion lacks a field");
  }
  return { searchTerm, id, name, canonicalName, countryCode, targetType, status };
}

// Refusals ----------------------------------------------------------------------------------------

/** Errors that say the platform stopped before doing anything, whatever status carries them. */
const NOTHING_HAPPENED = new Set(["databaseError.CONCURRENT_MODIFICATION"]);

const HELP: Readonly<Record<string, string>> = {
  "campaignCriterionError.CANNOT_TARGET_AND_EXCLUDE":
    "the geography is both targeted and excluded; lift the other setting in the campaign first",
  "criterionError.CANNOT_EXCLUDE_ALL_TARGETS":
    "this would leave the campaign without any place to run; choose a smaller geography",
  "campaignCriterionError.CANNOT_UPDATE_NEGATIVE_CRITERION":
    "an exclusion cannot be edited, only removed",
  "mutateError.RESOURCE_NOT_FOUND":
    "a campaign, criterion or geography is gone; check the configured ids and read the state again",
  "authenticationError.OAUTH_TOKEN_EXPIRED": "refresh the OAuth token",
  "authorizationError.DEVELOPER_TOKEN_NOT_APPROVED": "the developer token must be approved first",
  "authorizationError.USER_PERMISSION_DENIED":
    "the OAuth user has no access to this customer; check login-customer-id",
};

/** The platform says "it is already so" or "it is not there": the change may be ours from before. */
const ALREADY_SO = new Set([
  "mutateError.RESOURCE_ALREADY_EXISTS",
  "mutateError.RESOURCE_NOT_FOUND",
]);

/** A refusal which a second sending of our own change would also meet. */
export class AlreadySo extends InterlockError {}

function errorOfAnswer(kind: HttpKind, answer: HttpAnswer): InterlockError {
  const refusal = parseRefusal(answer);
  const { code } = refusal;
  if (code?.startsWith("quotaError.") === true) return errorOfStatus(SYSTEM, kind, 429, refusal);
  if (code?.startsWith("authenticationError.") === true) {
    return errorOfStatus(SYSTEM, kind, 401, refusal);
  }
  if (code?.startsWith("authorizationError.") === true) {
    return errorOfStatus(SYSTEM, kind, 403, refusal);
  }
  if (refusal.nothingHappened === true) return errorOfStatus(SYSTEM, kind, 503, refusal);
  const error = errorOfStatus(SYSTEM, kind, answer.status, refusal);
  if (error.code === "connector/rejected" && code !== undefined && ALREADY_SO.has(code)) {
    return new AlreadySo(error.code, error.message, {
      ...(error.help === undefined ? {} : { help: error.help }),
    });
  }
  return error;
}

/** Reads as much of the error envelope as is there; a proxy's HTML page yields nothing. */
function parseRefusal(answer: HttpAnswer): Refusal {
  const wait = retryAfterMs(answer.headers);
  const waitPart = wait === undefined ? {} : { retryAfterMs: wait };
  let body: unknown;
  try {
    body = JSON.parse(answer.text);
  } catch {
    return waitPart;
  }
  const error = isRecord(body) ? body["error"] : undefined;
  if (!isRecord(error)) return waitPart;
  const outer = typeof error["message"] === "string" ? { message: error["message"] } : {};
  const first = firstFailure(error["details"]);
  if (first === undefined) return { ...waitPart, ...outer };
  const delay = retryDelayMs(first);
  const code = errorCodeToText(first["errorCode"]);
  const help = code === undefined ? undefined : HELP[code];
  return {
    ...waitPart,
    ...outer,
    ...(typeof first["message"] === "string" ? { message: first["message"] } : {}),
    ...(code === undefined ? {} : { code, nothingHappened: NOTHING_HAPPENED.has(code) }),
    ...(help === undefined ? {} : { help }),
    ...(delay === undefined ? {} : { retryAfterMs: delay }),
  };
}

function firstFailure(details: unknown): Record<string, unknown> | undefined {
  if (!Array.isArray(details)) return undefined;
  for (const detail of details as unknown[]) {
    const errors = isRecord(detail) ? detail["errors"] : undefined;
    if (Array.isArray(errors) && isRecord(errors[0])) return errors[0];
  }
  return undefined;
}

function errorCodeToText(errorCode: unknown): string | undefined {
  if (!isRecord(errorCode)) return undefined;
  const [family, name] = Object.entries(errorCode)[0] ?? [];
  return typeof name === "string" ? `${family}.${name}` : undefined;
}

function retryDelayMs(failure: Record<string, unknown>): number | undefined {
  const details = failure["details"];
  const quota = isRecord(details) ? details["quotaErrorDetails"] : undefined;
  const delay = isRecord(quota) ? quota["retryDelay"] : undefined;
  const seconds = typeof delay === "string" ? /^(\d+(?:\.\d+)?)s$/.exec(delay)?.[1] : undefined;
  return seconds === undefined ? undefined : Math.round(Number(seconds) * SECOND_MS);
}
