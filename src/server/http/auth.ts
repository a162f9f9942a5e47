/**
 * Who is calling. `Authorization: Bearer <department key>` speaks for a department, `Bearer <token>` of
 * the operator for whoever started the server. Secrets are compared in constant time, as hashes, so
 * that neither their content nor their length shows in how long it takes.
 */
import { timingSafeEqual } from "node:crypto";
import { findKeyHolder } from "../../engine/department-keys.ts";
import type { EngineContext } from "../../engine/wiring.ts";
import { hashText } from "../../std/hash.ts";
import { RefusedRequest } from "./errors.ts";
import type { Access, Caller } from "./route.ts";

/** Longer than any key or token; nothing of this length is even hashed. */
const CREDENTIAL_CHARS_MAX = 200;

const WANTED: Record<Exclude<Access, "open">, string> = {
  department: "a department key, as `Authorization: Bearer ilk_...`; `agent key create` makes one",
  operator: "the operator's token, as `Authorization: Bearer ...`",
  "department-or-operator":
    "a department key or the operator's token, as `Authorization: Bearer ...`",
};

/** Throws 401 where nobody known is calling, and 403 where who is calling may not. */
export async function identify(
  context: EngineContext,
  operatorToken: string | undefined,
  access: Access,
  authorization: string | null,
): Promise<Caller> {
  if (access === "open") return { kind: "anybody" };
  const caller = await findCaller(context, operatorToken, authorization);
  if (caller === undefined) {
    throw new RefusedRequest("server/unauthorised", "no valid key or token was sent", {
      path: "/headers/authorization",
      help: `send ${WANTED[access]}`,
      headers: { "www-authenticate": 'Bearer realm="interlock"' },
    });
  }
  if (!access.includes(caller.kind)) {
    const message = `what was sent speaks for ${caller.kind === "operator" ? "the operator" : "a department"}`;
    throw new RefusedRequest("server/forbidden", message, {
      path: "/headers/authorization",
      help: `send ${WANTED[access]}`,
    });
  }
  return caller;
}

async function findCaller(
  context: EngineContext,
  operatorToken: string | undefined,
  authorization: string | null,
): Promise<Exclude<Caller, { kind: "anybody" }> | undefined> {
  const credential = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
  if (credential === undefined || credential.length > CREDENTIAL_CHARS_MAX) return undefined;
  if (operatorToken !== undefined && isSame(credential, operatorToken)) return { kind: "operator" };
  const holder = await findKeyHolder(context, credential);
  return holder === undefined ? undefined : { kind: "department", ...holder };
}

function isSame(given: string, expected: string): boolean {
  return timingSafeEqual(
    Buffer.from(hashText(given), "hex"),
    Buffer.from(hashText(expected), "hex"),
  );
}
