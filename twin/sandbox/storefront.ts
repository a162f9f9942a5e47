/**
 * The shop: payment rules by geography with versions, and orders per day.
 *
 * The dialect is told in `src/connector/storefront/client.ts`. Keys are kept for as long as the world
 * lasts: a change that was carried out under a key is answered again word for word, also after a
 * restart, because the answer can be told from the journal.
 */
import { canonicalJson, type Json } from "../../src/std/canonical-json.ts";
import { addDays, isDay } from "../../src/std/time.ts";
import type { Gazetteer } from "./geo-target.ts";
import type { Platform, SandboxAnswer, SandboxRequest } from "./http-server.ts";
import type { CompanyFigures } from "./types.ts";

const COD_MODES = ["on", "off", "confirm"];
const RULE_PATH = "/admin/cod-rules/";
const RETRY_AFTER_SECONDS = 5;
const SUMMARY_DAYS_MAX = 400;

export type ShopRule = { readonly [key: string]: Json };
/** `version` rises with every change of the geography and never comes back; it is the etag. */
export type ShopChange = {
  readonly geo: string;
  readonly rule: ShopRule | null;
  readonly version: number;
  /** Whether a rule was there before; decides between 201 and 200 when the answer is told again. */
  readonly replaced: boolean;
};

type Done = { readonly request: string; readonly answer: SandboxAnswer };

export type ShopState = {
  readonly rules: Map<string, { readonly rule: ShopRule; readonly version: number }>;
  readonly versions: Map<string, number>;
  /** By idempotency key. */
  readonly done: Map<string, Done>;
};

export function createShopState(): ShopState {
  return { rules: new Map(), versions: new Map(), done: new Map() };
}

export function applyShopChange(state: ShopState, change: ShopChange, key: string | null): void {
  state.versions.set(change.geo, change.version);
  if (change.rule === null) state.rules.delete(change.geo);
  else state.rules.set(change.geo, { rule: change.rule, version: change.version });
  if (key !== null) {
    state.done.set(key, {
      request: requestText(change.geo, change.rule),
      answer: answerOf(change),
    });
  }
}

export type ShopWorld = {
  readonly state: ShopState;
  readonly gazetteer: Gazetteer;
  readonly company: CompanyFigures | undefined;
  readonly accessToken: string;
  /** Journals the change, then makes it. */
  readonly commit: (
    change: ShopChange,
    call: { readonly key: string | null; readonly fence: number | null },
  ) => void;
};

export function createStorefront(world: ShopWorld): Platform {
  const { state } = world;

  function answerRule(request: SandboxRequest, geo: string): SandboxAnswer {
    if (!world.gazetteer.bySubject.has(geo)) {
      return refusal(404, "geo_not_found", `the shop does not deliver to ${geo}`);
    }
    const present = state.rules.get(geo);
    if (request.method === "GET") {
      if (present === undefined) return refusal(404, "rule_not_found", `no rule for ${geo}`);
      return { status: 200, headers: { etag: etagOf(present.version) }, body: present.rule };
    }
    if (request.method !== "PUT" && request.method !== "DELETE") {
      return refusal(405, "method_not_allowed", request.method);
    }
    const rule = request.method === "PUT" ? parseRule(request.body) : null;
    if (rule === undefined) {
      return refusal(422, "invalid_rule", "a rule is an object with cod on, off or confirm");
    }
    const key = request.header("idempotency-key");
    if (key === undefined) return refusal(400, "idempotency_key_missing", "send Idempotency-Key");
    const dryRun = request.query.get("dryRun") === "true";
    const done = dryRun ? undefined : state.done.get(key);
    if (done !== undefined) {
      return done.request === requestText(geo, rule)
        ? done.answer
        : refusal(422, "idempotency_key_reused", "the key was used for another change");
    }
    const ifMatch = request.header("if-match");
    if (ifMatch === undefined && request.header("if-none-match") !== "*") {
      return refusal(428, "precondition_required", "send If-Match or If-None-Match");
    }
    const fits =
      ifMatch === undefined ? present === undefined : ifMatch === etagOf(present?.version ?? -1);
    if (!fits) return refusal(412, "precondition_failed", "the rule is another one by now");
    const change: ShopChange = {
      geo,
      rule,
      version: (state.versions.get(geo) ?? 0) + 1,
      replaced: present !== undefined,
    };
    if (!dryRun) world.commit(change, { key, fence: request.fence });
    return answerOf(change);
  }

  function answerSummary(request: SandboxRequest): SandboxAnswer {
    const geo = request.query.get("geo") ?? "IN";
    const from = request.query.get("from");
    const until = request.query.get("until");
    if (!world.gazetteer.bySubject.has(geo)) {
      return refusal(404, "geo_not_found", `the shop does not deliver to ${geo}`);
    }
    if (!isDay(from) || !isDay(until) || until <= from || addDays(from, SUMMARY_DAYS_MAX) < until) {
      return refusal(422, "invalid_days", `give from and until, at most ${SUMMARY_DAYS_MAX} days`);
    }
    const days = world.company?.ordersPerDay(geo, from, until) ?? [];
    return {
      status: 200,
      body: { geo, days: days.map((day, index) => ({ day: addDays(from, index), ...day })) },
    };
  }

  return {
    name: "shop",

    kindOf(request) {
      if (request.method === "GET") return "read";
      return request.query.get("dryRun") === "true" ? "dryRun" : "mutation";
    },

    answer(request) {
      if (request.header("authorization") !== `Bearer ${world.accessToken}`) {
        return refusal(401, "invalid_token", "the access token is not valid");
      }
      if (request.path.startsWith(RULE_PATH)) {
        return answerRule(request, decodeURIComponent(request.path.slice(RULE_PATH.length)));
      }
      if (request.path === "/admin/cod-rules" && request.method === "GET") {
        const rules = [...state.rules].map(([geo, { rule }]) => ({ geo, rule }));
        return { status: 200, body: { rules } };
      }
      if (request.path === "/admin/orders/summary" && request.method === "GET") {
        return answerSummary(request);
      }
      return refusal(404, "not_found", request.path);
    },

    refuse(why) {
      if (why === "rate-limit") {
        const answer = refusal(429, "rate_limited", "too many requests");
        return { ...answer, headers: { "retry-after": String(RETRY_AFTER_SECONDS) } };
      }
      return refusal(503, "not_processed", "the shop is down for a moment; nothing was done");
    },
  };
}

function answerOf(change: ShopChange): SandboxAnswer {
  if (change.rule === null) return { status: 204 };
  return {
    status: change.replaced ? 200 : 201,
    headers: { etag: etagOf(change.version) },
    body: change.rule,
  };
}

function etagOf(version: number): string {
  return `"v${version}"`;
}

function requestText(geo: string, rule: ShopRule | null): string {
  return canonicalJson({ geo, rule });
}

function parseRule(text: string): ShopRule | undefined {
  try {
    const value = JSON.parse(text) as ShopRule | null;
    return COD_MODES.some((mode) => mode === value?.["cod"]) ? (value ?? undefined) : undefined;
  } catch {
    return undefined;
  }
}

function refusal(status: number, code: string, message: string): SandboxAnswer {
  return { status, body: { errors: [{ code, message }] } };
}
