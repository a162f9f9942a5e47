/** Joining and signing in: the server's questions, the authenticator's answers. */
import { startAuthentication, startRegistration } from "@simplewebauthn/browser";
import { CallError, readAnswer } from "./call.ts";
import { findViewer } from "./credential.ts";

type Options<T> = { readonly handshake: string; readonly options: T };
type Creation = Parameters<typeof startRegistration>[0]["optionsJSON"];
type Asking = Parameters<typeof startAuthentication>[0]["optionsJSON"];

async function post<T>(path: string, body: unknown): Promise<T> {
  const response = await fetch(path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  return readAnswer(response);
}

export type Invitation = { readonly email: string | null; readonly name: string };

export function readInvitation(token: string): Promise<Invitation> {
  return post("v1/join/show", { token });
}

export async function join(token: string, email: string, name: string): Promise<void> {
  const begun = await post<Options<Creation>>("v1/join/options", { token, email, name });
  const response = await answer(() => startRegistration({ optionsJSON: begun.options }));
  await post("v1/join", { handshake: begun.handshake, response: plain(response) });
  await findViewer();
}

export async function signIn(): Promise<void> {
  const begun = await post<Options<Asking>>("v1/sign-in/passkey/options", {});
  const response = await answer(() => startAuthentication({ optionsJSON: begun.options }));
  await post("v1/sign-in/passkey", { handshake: begun.handshake, response: plain(response) });
  await findViewer();
}

/** What the server checks; the rest is the browser's own. */
function plain(response: {
  readonly id: string;
  readonly rawId: string;
  readonly type: string;
  readonly response: object;
}): object {
  const { id, rawId, type, response: said } = response;
  return { id, rawId, type, response: said, clientExtensionResults: {} };
}

async function answer<T>(ask: () => Promise<T>): Promise<T> {
  return ask().catch((cause: unknown) => {
    const why = cause instanceof Error ? cause.message : "";
    throw new CallError("browser/passkey", "the browser gave no passkey", why);
  });
}
