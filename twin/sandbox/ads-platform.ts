/**
 * The ads platform: credentials, routes, and nothing done before the journal has it.
 * Speaks the Google Ads REST dialect of version 25 for three calls; every other path is not found.
 */
import type { Json } from "../../src/std/canonical-json.ts";
import { AdsRefusal, failureToAnswer, refuse, type AdsFailure } from "./ads-error.ts";
import { planMutate } from "./ads-mutate.ts";
import { answerQuery } from "./ads-query.ts";
import type { AdsState, CriterionChange } from "./ads-state.ts";
import type { Gazetteer } from "./geo-target.ts";
import type { Platform, SandboxAnswer, SandboxRequest } from "./http-server.ts";
import type { CompanyFigures } from "./types.ts";

const VERSION = "v25";
const NAMES_MAX = 25;
const RETRY_DELAY = "5s";

export type AdsWorld = {
  readonly state: AdsState;
  readonly gazetteer: Gazetteer;
  readonly company: CompanyFigures | undefined;
  readonly customerId: string;
  readonly accessToken: string;
  readonly developerToken: string;
  /** Journals the change, then makes it. */
  readonly commit: (
    changes: ReadonlyArray<CriterionChange>,
    call: { readonly key: string | null; readonly fence: number | null },
    request: Json,
  ) => void;
};

export function createAdsPlatform(world: AdsWorld): Platform {
  let requests = 0;
  const customerPath = `/${VERSION}/customers/${world.customerId}`;

  function checkCredentials(request: SandboxRequest): void {
    if (request.header("authorization") !== `Bearer ${world.accessToken}`) {
      const message = "Request had invalid authentication credentials.";
      throw refusal(401, "authenticationError", "OAUTH_TOKEN_INVALID", message);
    }
    if (request.header("developer-token") !== world.developerToken) {
      const message = "The developer token is not approved.";
      throw refusal(403, "authorizationError", "DEVELOPER_TOKEN_NOT_APPROVED", message);
    }
  }

  function answerCall(request: SandboxRequest, requestId: string): SandboxAnswer {
    checkCredentials(request);
    const headers = { "request-id": requestId };
    const body = parseBody(request.body);
    if (request.path === `/${VERSION}/geoTargetConstants:suggest`) {
      return { status: 200, headers, body: suggest(world.gazetteer, body) };
    }
    if (!request.path.startsWith(`${customerPath}/`)) {
      if (/^\/v\d+\/customers\/\d+\//.test(request.path)) {
        const message = "User doesn't have permission to access customer.";
        throw refusal(403, "authorizationError", "USER_PERMISSION_DENIED", message);
      }
      throw refusal(404, "requestError", "UNKNOWN", "Requested entity was not found.");
    }
    switch (request.path.slice(customerPath.length)) {
      case "/googleAds:searchStream": {
        const query = body["query"];
        if (typeof query !== "string") {
          return refuse("queryError", "QUERY_ERROR", "The query is missing.");
        }
        return { status: 200, headers, body: [{ results: answerQuery(world, query), requestId }] };
      }
      case "/campaignCriteria:mutate": {
        const plan = planMutate(world.state, world.gazetteer, world.customerId, body);
        if (plan.validateOnly) return { status: 200, headers, body: {} };
        if (plan.changes.length > 0) world.commit(plan.changes, request, body as Json);
        const results = plan.resourceNames.map((resourceName) => ({ resourceName }));
        return { status: 200, headers, body: { results } };
      }
      default:
        throw refusal(404, "requestError", "UNKNOWN", "Requested entity was not found.");
    }
  }

  return {
    name: "ads",

    kindOf(request) {
      if (!request.path.endsWith(":mutate")) return "read";
      return /"validateOnly"\s*:\s*true/.test(request.body) ? "dryRun" : "mutation";
    },

    answer(request) {
      const requestId = `sandbox-${++requests}`;
      try {
        if (request.method !== "POST") {
          throw refusal(404, "requestError", "UNKNOWN", "Requested entity was not found.");
        }
        return answerCall(request, requestId);
      } catch (thrown) {
        if (thrown instanceof AdsRefusal) return failureToAnswer(thrown.failure, requestId);
        throw thrown;
      }
    },

    refuse(why) {
      const requestId = `sandbox-${++requests}`;
      if (why === "rate-limit") {
        return failureToAnswer(
          {
            status: 429,
            family: "quotaError",
            name: "RESOURCE_EXHAUSTED",
            message: "Too many requests. Retry in 5 seconds.",
            retryDelay: RETRY_DELAY,
          },
          requestId,
        );
      }
      const message = "The service is currently unavailable.";
      return { status: 503, body: { error: { code: 503, message, status: "UNAVAILABLE" } } };
    },
  };
}

function suggest(gazetteer: Gazetteer, body: Record<string, unknown>): Json {
  const locationNames = body["locationNames"] as { readonly names?: unknown } | undefined;
  const names = locationNames?.names;
  if (!Array.isArray(names) || names.length === 0 || names.length > NAMES_MAX) {
    refuse("geoTargetConstantSuggestionError", "LOCATION_NAME_LIMIT", "Give 1 to 25 names.");
  }
  const suggestions: Json[] = [];
  for (const name of names as unknown[]) {
    for (const place of gazetteer.findByName(String(name))) {
      suggestions.push({
        locale: "en",
        reach: "0",
        searchTerm: String(name),
        geoTargetConstant: {
          resourceName: `geoTargetConstants/${place.id}`,
          id: place.id,
          name: place.name,
          countryCode: "IN",
          targetType: place.targetType,
          status: "ENABLED",
          canonicalName: place.canonicalName,
        },
      });
    }
  }
  return { geoTargetConstantSuggestions: suggestions };
}

function parseBody(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return value as Record<string, unknown>;
    }
  } catch {
    // Refused below, like a body of another shape.
  }
  return refuse("requestError", "INVALID_INPUT", "Invalid JSON payload received.");
}

function refusal(
  status: number,
  family: AdsFailure["family"],
  name: string,
  message: string,
): AdsRefusal {
  return new AdsRefusal({ status, family, name, message });
}
