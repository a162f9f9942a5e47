/**
 * Who is calling. `Authorization: Bearer <department key>` speaks for a department, `Bearer <token>` of
 * the operator for whoever started the server, and a session's cookie for a person. Secrets are compared
 * in constant time, as hashes, so that neither their content nor their length shows in how long it takes.
 */
import { timingSafeEqual } from "node:crypto";
import { findKeyHolder } from "../../engine/department-keys.ts";
import type { Engine } from "../../engine/engine.ts";
import { hashText } from "../../std/hash.ts";
import { RefusedRequest } from "./errors.ts";
import type { Access, Caller } from "./route.ts";
import { readSessionCookie, refuseForged } from "./sign-in/cookie.ts";

/** Longer than any key or token; nothing of this length is even hashed. */
const CREDENTIAL_CHARS_MAX = 200;

const WANTED: Record<Exclude<Access, "open">, string> = {
  department: "a department key, as `Authorization: Bearer ilk_...`; `agent key create` makes one",
  person: "nothing but the cookie of whoever signed in",
  "operator-or-person": "the operator's token, as `Authorization: Bearer ...`, or sign in",
  "monitor-or-operator": "the token of INTERLOCK_METRICS_TOKEN, as `Authorization: Bearer ...`",
  "department-or-operator":
    "a department key or the operator's token, as `Authorization: Bearer ...`",
};

const SPEAKS_FOR: Record<Exclude<Caller["kind"], "anybody">, string> = {
  operator: "the operator",
  monitor: "a monitor",
  department: "a department",
  person: "a person",
};

/** Of this process; whoever has none of a kind lets nobody in by it. */
export type Tokens = {
  /** Opens every operation. */
  readonly operator?: string | undefined;
  /** Reads metrics. */
  readonly monitor?: string | undefined;
};

/** Throws 401 where nobody known is calling, and 403 where who is calling may not. */
export async function identify(
  engine: Engine,
  tokens: Tokens,
  access: Access,
  { method, headers }: Request,
): Promise<Caller> {
  if (access === "open") return { kind: "anybody" };
  const caller = await findCaller(engine, tokens, headers);
  if (caller === undefined) {
    throw new RefusedRequest("server/unauthorised", "no valid key or token was sent", {
      path: "/headers/authorization",
      help: `send ${WANTED[access]}`,
      headers: { "www-authenticate": 'Bearer realm="interlock"' },
    });
  }
  if (!access.includes(caller.kind)) {
    throw new RefusedRequest(
      "server/forbidden",
      `what was sent speaks for ${SPEAKS_FOR[caller.kind]}`,
      { path: "/headers/authorization", help: `send ${WANTED[access]}` },
    );
  }
  if (caller.kind === "person") refuseForged(method, headers);
  return caller;
}

type Known = Exclude<Caller, { kind: "anybody" }>;

async function findCaller(
  engine: Engine,
  tokens: Tokens,
  headers: Headers,
): Promise<Known | undefined> {
  const authorization = headers.get("authorization");
  if (authorization === null) return findPersonCalling(engine, headers);
  const credential = /^Bearer +(\S+) *$/i.exec(authorization)?.[1];
  if (credential === undefined || credential.length > CREDENTIAL_CHARS_MAX) return undefined;
  for (const kind of ["operator", "monitor"] as const) {
    const token = tokens[kind];
    if (token !== undefined && isSame(credential, token)) return { kind };
  }
  const holder = await findKeyHolder(engine.context, credential);
  return holder === undefined ? undefined : { kind: "department", ...holder };
}

async function findPersonCalling(engine: Engine, headers: Headers): Promise<Known | undefined> {
  const token = readSessionCookie(headers);
  const signedIn = token === undefined ? undefined : await engine.people.findSignedIn(token);
  return signedIn === undefined ? undefined : { kind: "person", signedIn };
}

function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(
    Buffer.from(hashText(given), "hex"),
    Buffer.from(hashText(expected), "hex"),
  );
}
