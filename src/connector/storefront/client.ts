/**
 * The storefront's payment rules over REST: which geography may pay cash on delivery, and how.
 *
 * `on`, `off`, or `confirm`: shipped only once the buyer has confirmed order and address.
 *
 * The dialect, small on purpose so that a shop can offer it in front of whatever platform it runs:
 *
 *   GET    /admin/cod-rules/{geo}     200 rule with `ETag`, 404 `rule_not_found` when there is none
 *   PUT    /admin/cod-rules/{geo}     `If-None-Match: *` to create, `If-Match` to replace
 *   DELETE /admin/cod-rules/{geo}     `If-Match`
 *   GET    /admin/orders/summary      `geo`, `from` and `until` (exclusive): orders per day
 *   ?dryRun=true on PUT and DELETE    every check, no effect
 *
 * Changes carry `Idempotency-Key`: the shop answers a key that it has carried out with the answer it
 * gave then. Errors are `{"errors":[{"code","message"}]}`; the code `not_processed` on a 5xx says
 * that nothing happened.
 */
import type { Json } from "../../std/canonical-json.ts";
import type { Day } from "../../std/time.ts";
import { InterlockError } from "../../std/errors.ts";
import {
  errorOfStatus,
  isRecord,
  malformedAnswer,
  parseJsonAnswer,
  retryAfterMs,
  type Refusal,
} from "../kit/answer.ts";
import { createHttpClient, type HttpAnswer, type HttpKind } from "../kit/http.ts";

const SYSTEM = "the storefront";

export type StorefrontSettings = {
  readonly baseUrl: string;
  /** The shop's short name; part of resource names. */
  readonly shop: string;
  /** A subject with what it lies in, the widest first, by slashes. */
  readonly placeOf?: (subject: string) => string;
  readonly accessToken: () => string | Promise<string>;
};

export const COD_MODES = ["on", "off", "confirm"] as const;
export type CodMode = (typeof COD_MODES)[number];

/** A rule as the shop keeps it; fields that Interlock does not know are carried along unread. */
export type CodRule = { readonly cod: CodMode; readonly [key: string]: Json };

export type CodRuleState = { readonly rule: CodRule | null; readonly etag: string | null };

export type ShopCall = {
  readonly signal: AbortSignal;
  readonly headers?: Readonly<Record<string, string>>;
};

export type StorefrontClient = {
  /** Undefined when the shop does not deliver to such a geography at all. */
  getRule(geo: string, call: ShopCall): Promise<CodRuleState | undefined>;
  /** Puts `rule`, or removes it when null, provided that the rule is still the one of `etag`. */
  setRule(
    change: { readonly geo: string; readonly rule: CodRule | null; readonly etag: string | null },
    options: { readonly dryRun: boolean; readonly idempotencyKey: string },
    call: ShopCall,
  ): Promise<{ readonly etag: string | null }>;
  /** All geographies together when `geo` is null; undefined when the shop does not know it. */
  readOrders(
    geo: string | null,
    from: Day,
    until: Day,
    signal: AbortSignal,
  ): Promise<{ readonly orders: number; readonly codOrders: number } | undefined>;
  close(): Promise<void>;
};

export function createStorefrontClient(settings: StorefrontSettings): StorefrontClient {
  const http = createHttpClient({ system: SYSTEM, baseUrl: settings.baseUrl });

  async function send(
    kind: HttpKind,
    method: "GET" | "PUT" | "DELETE",
    path: string,
    call: ShopCall,
    headers: Record<string, string> = {},
    body?: Json,
  ): Promise<HttpAnswer> {
    return http.send({
      kind,
      method,
      path,
      headers: {
        ...call.headers,
        ...headers,
        authorization: `Bearer ${await settings.accessToken()}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: call.signal,
    });
  }

  return {
    async getRule(geo, call) {
      const answer = await send("read", "GET", pathOf(geo), call);
      const refusal = parseRefusal(answer);
      if (answer.status === 404 && refusal.code === "rule_not_found") {
        return { rule: null, etag: null };
      }
      if (answer.status === 404 && refusal.code === "geo_not_found") return undefined;
      if (answer.status !== 200) throw errorOfStatus(SYSTEM, "read", answer.status, refusal);
      const rule = parseJsonAnswer(SYSTEM, "read", answer);
      const etag = answer.headers["etag"];
      if (!isCodRule(rule) || typeof etag !== "string") {
        throw malformedAnswer(SYSTEM, "read", "it is not a rule with an etag");
      }
      return { rule, etag };
    },

    async setRule({ geo, rule, etag }, { dryRun, idempotencyKey }, call) {
      const kind = dryRun ? "read" : "mutation";
      const answer = await send(
        kind,
        rule === null ? "DELETE" : "PUT",
        dryRun ? `${pathOf(geo)}?dryRun=true` : pathOf(geo),
        call,
        {
          "idempotency-key": idempotencyKey,
          ...(etag === null ? { "if-none-match": "*" } : { "if-match": etag }),
        },
        rule ?? undefined,
      );
      const refusal = parseRefusal(answer);
      if (answer.status === 412) {
        throw new InterlockError(
          "connector/conflict",
          `${SYSTEM} has another rule for \`${geo}\` than the one that was read`,
          { help: "someone changed it meanwhile; read it again and decide anew" },
        );
      }
      if (answer.status === 204) return { etag: null };
      if (answer.status !== 200 && answer.status !== 201) {
        throw errorOfStatus(SYSTEM, kind, answer.status, refusal);
      }
      const kept = parseJsonAnswer(SYSTEM, kind, answer);
      if (!isCodRule(kept)) throw malformedAnswer(SYSTEM, kind, "it is not the rule");
      const newEtag = answer.headers["etag"];
      return { etag: typeof newEtag === "string" ? newEtag : null };
    },

    async readOrders(geo, from, until, signal) {
      const query = new URLSearchParams({ ...(geo === null ? {} : { geo }), from, until });
      const path = `/admin/orders/summary?${query.toString()}`;
      const answer = await send("read", "GET", path, { signal });
      const refusal = parseRefusal(answer);
      if (answer.status === 404 && refusal.code === "geo_not_found") return undefined;
      if (answer.status !== 200) throw errorOfStatus(SYSTEM, "read", answer.status, refusal);
      const summary = parseJsonAnswer(SYSTEM, "read", answer);
      const days = isRecord(summary) ? summary["days"] : undefined;
      if (!Array.isArray(days)) throw malformedAnswer(SYSTEM, "read", "it has no list of days");
      let orders = 0;
      let codOrders = 0;
      for (const day of days as unknown[]) {
        const count = isRecord(day) ? day["orders"] : undefined;
        const cod = isRecord(day) ? day["codOrders"] : undefined;
        if (typeof count !== "number" || typeof cod !== "number") {
          throw malformedAnswer(SYSTEM, "read", "a day lacks its counts");
        }
        orders += count;
        codOrders += cod;
      }
      return { orders, codOrders };
    },

    close: () => http.close(),
  };
}

function pathOf(geo: string): string {
  return `/admin/cod-rules/${encodeURIComponent(geo)}`;
}

function isCodRule(value: unknown): value is CodRule {
  return isRecord(value) && COD_MODES.some((mode) => mode === value["cod"]);
}

function parseRefusal(answer: HttpAnswer): Refusal {
  if (answer.status < 400) return {};
  const wait = retryAfterMs(answer.headers);
  const waitPart = wait === undefined ? {} : { retryAfterMs: wait };
  let body: unknown;
  try {
    body = JSON.parse(answer.text);
  } catch {
    return waitPart;
  }
  const errors = isRecord(body) ? body["errors"] : undefined;
  const first = Array.isArray(errors) ? (errors[0] as unknown) : undefined;
  if (!isRecord(first)) return waitPart;
  const { code, message } = first;
  return {
    ...waitPart,
    ...(typeof code === "string" ? { code, nothingHappened: code === "not_processed" } : {}),
    ...(typeof message === "string" ? { message } : {}),
  };
}
