/**
 * Joining by an invitation, signing in and out. What a browser's authenticator says goes through as it is
 * to the library that checks it; tokens travel in bodies, never in addresses that a log would keep.
 */
import type { JsonSchema } from "../../../core/contract/types.ts";
import { assert } from "../../../std/assert.ts";
import { MINUTE_MS } from "../../../std/time.ts";
import { type NewSession, refuseSignIn } from "../../../engine/people.ts";
import { KB } from "../body.ts";
import { RefusedRequest } from "../errors.ts";
import type { HttpAnswer, HttpCall, Route } from "../route.ts";
import { instant, listOf, object, text } from "../schemas.ts";
import {
  handshakeCookie,
  readHandshakeCookie,
  readSessionCookie,
  sessionCookie,
} from "./cookie.ts";
import {
  askNewPasskey,
  askPasskey,
  checkNewPasskey,
  checkPasskey,
  type Home,
  homeOf,
} from "./passkey.ts";
import type { ProviderHandshake } from "./provider.ts";

const BODY_BYTES = 16 * KB;
const HANDSHAKE_COOKIE_MS = 5 * MINUTE_MS;
const TOKEN: JsonSchema = { type: "string", pattern: "^[\\w-]{43}$", description: "of the link" };
const HANDSHAKE: JsonSchema = { ...TOKEN, description: "as it came with the options" };
const RESPONSE: JsonSchema = {
  type: "object",
  required: ["id", "rawId", "response", "type"],
  properties: {
    id: text("the credential's id", 2_000),
    rawId: text("the same", 2_000),
    type: { const: "public-key" },
    response: { type: "object" },
  },
  description: "what the browser's authenticator answered",
};
const OPTIONS_ANSWER = object({
  handshake: text("send it with the answer"),
  options: { type: "object", description: "for the browser's authenticator" },
});
const SIGNED_IN_ANSWER = object({ email: text("who is signed in") });
const REFUSALS = [401, 403, 410];

/** Where people reach us, whatever the address is on which we listen. */
function findHome({ server }: HttpCall): Home {
  const { publicUrl } = server.engine.context;
  assert(publicUrl !== undefined, "a server that people sign in to knows its address");
  return homeOf(publicUrl);
}

function isSecure(call: HttpCall): boolean {
  return findHome(call).origin.startsWith("https:");
}

function welcome(call: HttpCall, { email, token, maxAgeMs }: NewSession): HttpAnswer {
  return {
    status: 200,
    headers: { "set-cookie": sessionCookie(token, maxAgeMs, isSecure(call)) },
    body: { email },
  };
}

type Fields = { readonly [name: string]: string };

export const joinShowRoute: Route = {
  method: "POST",
  path: "/v1/join/show",
  name: "join.show",
  summary: "Whom an invitation is for; looking at it uses nothing up.",
  access: "open",
  countedAs: "signIn",
  body: { kind: "json", bytesMax: BODY_BYTES, schema: object({ token: TOKEN }) },
  answers: {
    200: {
      description: "whom it is for",
      schema: object({
        email: { type: ["string", "null"], description: "null: the first admin, who says so" },
        name: { type: "string", description: "how they are called" },
      }),
    },
  },
  refusals: REFUSALS,
  async handle({ server, body }) {
    const { token = "" } = body as Fields;
    return { status: 200, body: await server.engine.people.readInvitation(token) };
  },
};

const WHO = {
  email: text("whose invitation it is; of the first admin, their own address"),
  name: text("how they are called"),
};

export const joinOptionsRoute: Route = {
  method: "POST",
  path: "/v1/join/options",
  name: "join.options",
  summary: "Begins a passkey for whoever was invited.",
  access: "open",
  countedAs: "signIn",
  body: { kind: "json", bytesMax: BODY_BYTES, schema: object({ token: TOKEN, ...WHO }) },
  answers: { 200: { description: "for the authenticator", schema: OPTIONS_ANSWER } },
  refusals: REFUSALS,
  async handle(call) {
    const { people } = call.server.engine;
    const { token = "", email = "", name = "" } = call.body as Fields;
    const invited = await people.readInvitation(token);
    const who = { email: invited.email ?? email, name: invited.name || name };
    const options = await askNewPasskey(findHome(call), who);
    const body = { challenge: options.challenge, token, ...who };
    return { status: 200, body: { handshake: await people.beginHandshake("join", body), options } };
  },
};

export const joinRoute: Route = {
  method: "POST",
  path: "/v1/join",
  name: "join.finish",
  summary: "Takes the new passkey, uses the invitation up and signs in.",
  access: "open",
  countedAs: "signIn",
  body: {
    kind: "json",
    bytesMax: BODY_BYTES,
    schema: object({ handshake: HANDSHAKE, response: RESPONSE }),
  },
  answers: { 200: { description: "signed in, by a cookie", schema: SIGNED_IN_ANSWER } },
  refusals: REFUSALS,
  async handle(call) {
    const { people } = call.server.engine;
    const { handshake, response } = call.body as { handshake: string; response: unknown };
    const { challenge, token, email, name } = (await people.endHandshake("join", handshake)) as {
      readonly challenge: string;
      readonly token: string;
      readonly email: string;
      readonly name: string;
    };
    const passkey = await checkNewPasskey(findHome(call), challenge, response);
    return welcome(call, await people.join(token, { email, name }, passkey));
  },
};

const SIGNED_IN = object({
  email: text("their address"),
  name: text("how they are called"),
  method: { enum: ["passkey", "provider"], description: "how they signed in" },
  expiresAt: instant("when they have to sign in again"),
  roles: listOf(
    object({
      role: text("what they may do"),
      department: { type: "string", description: "where; empty: everywhere" },
    }),
    "what they may do where",
  ),
});

export const signInShowRoute: Route = {
  method: "GET",
  path: "/v1/sign-in",
  name: "sign-in.show",
  summary: "By which ways people sign in here, and who has.",
  access: "open",
  answers: {
    200: {
      description: "the ways, and the person whose cookie came along",
      schema: object({
        passkey: { type: "boolean", description: "with a passkey" },
        provider: { type: "boolean", description: "at the company's OpenID provider" },
        signedIn: { anyOf: [SIGNED_IN, { type: "null" }], description: "null: nobody" },
      }),
    },
  },
  async handle({ server, headers }) {
    const { people, context } = server.engine;
    const token = readSessionCookie(headers);
    const signedIn = token === undefined ? undefined : await people.findSignedIn(token);
    const passkey = context.publicUrl !== undefined;
    const provider = server.provider !== undefined;
    return { status: 200, body: { passkey, provider, signedIn: signedIn ?? null } };
  },
};

export const signInOptionsRoute: Route = {
  method: "POST",
  path: "/v1/sign-in/passkey/options",
  name: "sign-in.options",
  summary: "Begins a sign-in with a passkey.",
  access: "open",
  countedAs: "signIn",
  body: { kind: "json", bytesMax: BODY_BYTES, schema: object({}) },
  answers: { 200: { description: "for the authenticator", schema: OPTIONS_ANSWER } },
  async handle(call) {
    const options = await askPasskey(findHome(call));
    const { people } = call.server.engine;
    const handshake = await people.beginHandshake("passkey", { challenge: options.challenge });
    return { status: 200, body: { handshake, options } };
  },
};

export const signInRoute: Route = {
  method: "POST",
  path: "/v1/sign-in/passkey",
  name: "sign-in.passkey",
  summary: "Signs in with a passkey's answer.",
  access: "open",
  countedAs: "signIn",
  body: {
    kind: "json",
    bytesMax: BODY_BYTES,
    schema: object({ handshake: HANDSHAKE, response: RESPONSE }),
  },
  answers: { 200: { description: "signed in, by a cookie", schema: SIGNED_IN_ANSWER } },
  refusals: REFUSALS,
  async handle(call) {
    const { people } = call.server.engine;
    const { handshake, response } = call.body as {
      readonly handshake: string;
      readonly response: { readonly id: string };
    };
    const { challenge } = (await people.endHandshake("passkey", handshake)) as {
      readonly challenge: string;
    };
    const row = await people.findPasskey(response.id);
    if (row === undefined) throw refuseSignIn();
    const counter = await checkPasskey(findHome(call), challenge, response, row);
    return welcome(call, await people.signInByPasskey(row.id, counter));
  },
};

export const providerRoute: Route = {
  method: "GET",
  path: "/v1/sign-in/provider",
  name: "sign-in.provider",
  summary: "Sends a browser to the company's provider.",
  access: "open",
  countedAs: "signIn",
  answers: { 302: { description: "to the provider" } },
  refusals: [401, 404],
  async handle(call) {
    const { origin } = findHome(call);
    const { url, handshake } = await findProvider(call).begin(origin);
    const token = await call.server.engine.people.beginHandshake("provider", handshake);
    return {
      status: 302,
      headers: {
        location: url,
        "set-cookie": handshakeCookie(token, HANDSHAKE_COOKIE_MS, isSecure(call)),
      },
      body: undefined,
    };
  },
};

export const providerCallbackRoute: Route = {
  method: "GET",
  path: "/v1/sign-in/provider/callback",
  name: "sign-in.callback",
  summary: "Takes the provider's answer and signs in who was invited.",
  access: "open",
  countedAs: "signIn",
  answers: { 302: { description: "to the dashboard: signed in, or told why not" } },
  refusals: [404],
  async handle(call) {
    const { people } = call.server.engine;
    const provider = findProvider(call);
    const home = findHome(call);
    const cookies = isSecure(call);
    try {
      const token = readHandshakeCookie(call.headers);
      if (token === undefined) throw refuseSignIn();
      const handshake = (await people.endHandshake("provider", token)) as ProviderHandshake;
      const email = await provider.finish(home.origin, call.search, handshake);
      const session = await people.signInByProvider(email);
      const cookie = sessionCookie(session.token, session.maxAgeMs, cookies);
      return { status: 302, headers: { location: "/", "set-cookie": cookie }, body: undefined };
    } catch (error) {
      if (!(error instanceof Error) || !("code" in error)) throw error;
      return { status: 302, headers: { location: "/#/sign-in/refused" }, body: undefined };
    }
  },
};

function findProvider({ server }: HttpCall) {
  if (server.provider !== undefined) return server.provider;
  throw new RefusedRequest("server/not-found", "no OpenID provider is set up here", {
    help: "INTERLOCK_OIDC_ISSUER, _CLIENT_ID and _CLIENT_SECRET name one when the server starts",
  });
}

/** What a browser still has of whoever signed out; it heeds this over TLS and on this machine. */
const FORGET = '"cache", "cookies", "storage"';

export const signOutRoute: Route = {
  method: "DELETE",
  path: "/v1/session",
  name: "session.end",
  summary: "Signs out: the cookie opens nothing any more.",
  access: "person",
  answers: { 204: { description: "signed out" } },
  async handle(call) {
    await call.server.engine.people.signOut(readSessionCookie(call.headers) ?? "");
    const cookie = sessionCookie("gone-gone-gone-gone-gone", 0, isSecure(call));
    const headers = { "set-cookie": cookie, "clear-site-data": FORGET };
    return { status: 204, headers, body: undefined };
  },
};

export const signInRoutes: ReadonlyArray<Route> = [
  joinShowRoute,
  joinOptionsRoute,
  joinRoute,
  signInShowRoute,
  signInOptionsRoute,
  signInRoute,
  providerRoute,
  providerCallbackRoute,
  signOutRoute,
];
