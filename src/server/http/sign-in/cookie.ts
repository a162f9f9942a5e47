/**
 * The session's cookie, and the proof that a request with it comes from our own page.
 *
 * No script reads it and no other site's link sends it. Because a cookie goes along by itself, whatever
 * changes something must also say that it comes from here: `Sec-Fetch-Site`, or an `Origin` that is the
 * host asked. INVARIANT (no-forged-request): a cookie alone changes nothing.
 */
import { RefusedRequest } from "../errors.ts";

const NAME = "interlock_session";

export function readSessionCookie(headers: Headers): string | undefined {
  return readCookie(headers, NAME);
}

/** Of a sign-in at the provider that is under way; its answer comes from another site. */
const HANDSHAKE = "interlock_handshake";

export function readHandshakeCookie(headers: Headers): string | undefined {
  return readCookie(headers, HANDSHAKE);
}

export function sessionCookie(token: string, maxAgeMs: number, isSecure: boolean): string {
  return cookie(NAME, token, maxAgeMs, isSecure, "Strict");
}

export function handshakeCookie(token: string, maxAgeMs: number, isSecure: boolean): string {
  return cookie(HANDSHAKE, token, maxAgeMs, isSecure, "Lax");
}

function cookie(
  name: string,
  value: string,
  maxAgeMs: number,
  isSecure: boolean,
  sameSite: "Strict" | "Lax",
): string {
  const seconds = Math.floor(maxAgeMs / 1_000);
  const secure = isSecure ? "; Secure" : "";
  // A browser takes a name with this prefix only with `Secure`, from this host alone.
  const prefix = isSecure ? "__Host-" : "";
  return `${prefix}${name}=${value}; Path=/; HttpOnly; SameSite=${sameSite}; Max-Age=${seconds}${secure}`;
}

function readCookie(headers: Headers, name: string): string | undefined {
  for (const part of (headers.get("cookie") ?? "").split(";")) {
    const [key = "", value = ""] = part.trim().split("=");
    if (key.replace("__Host-", "") === name && /^[\w-]{20,200}$/.test(value)) return value;
  }
  return undefined;
}

/** Throws 403 for a request that a page of somebody else's could have made. */
export function refuseForged(method: string, headers: Headers): void {
  if (method === "GET" || isOfOurPage(headers)) return;
  throw new RefusedRequest("server/forbidden", "this request does not come from our own page", {
    path: "/headers/origin",
    help: "programs send a key, as `Authorization: Bearer ...`, and no cookie",
  });
}

function isOfOurPage(headers: Headers): boolean {
  const site = headers.get("sec-fetch-site");
  if (site !== null) return site === "same-origin";
  const origin = headers.get("origin") ?? "";
  return URL.canParse(origin) && new URL(origin).host === headers.get("host");
}
