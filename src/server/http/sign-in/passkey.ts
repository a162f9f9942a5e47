/**
 * Passkeys: the library makes the questions and checks the answers; here stands what they are about.
 *
 * A passkey is bound to the host that people type. Behind another name, or an IP address, none works.
 */
import {
  type AuthenticationResponseJSON,
  generateAuthenticationOptions,
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type PublicKeyCredentialRequestOptionsJSON,
  type RegistrationResponseJSON,
  verifyAuthenticationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { type GivenPasskey, refuseSignIn } from "../../../engine/people.ts";
import type { PasskeyRow } from "../../../store/table/person.ts";

const NAME = "Interlock";

/** Where people reach us: `https://interlock.example.com`. */
export type Home = { readonly origin: string; readonly host: string };

export function homeOf(publicUrl: string): Home {
  const { origin, hostname } = new URL(publicUrl);
  return { origin, host: hostname };
}

export function askNewPasskey(
  home: Home,
  person: { readonly email: string; readonly name: string },
): Promise<PublicKeyCredentialCreationOptionsJSON> {
  return generateRegistrationOptions({
    rpName: NAME,
    rpID: home.host,
    userName: person.email,
    userDisplayName: person.name,
    attestationType: "none",
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
}

/** Throws `person/sign-in-refused` for whatever is not a new passkey made for this question. */
export async function checkNewPasskey(
  home: Home,
  challenge: string,
  response: unknown,
): Promise<GivenPasskey> {
  const { registrationInfo } = await verifyRegistrationResponse({
    response: response as RegistrationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: home.origin,
    expectedRPID: home.host,
    requireUserVerification: true,
  }).catch((cause: unknown) => {
    throw refuseSignIn(cause);
  });
  if (registrationInfo === undefined) throw refuseSignIn();
  const { id, publicKey, counter, transports } = registrationInfo.credential;
  return {
    id,
    public_key: Buffer.from(publicKey).toString("base64url"),
    counter,
    transports: transports ?? [],
  };
}

export function askPasskey(home: Home): Promise<PublicKeyCredentialRequestOptionsJSON> {
  return generateAuthenticationOptions({ rpID: home.host, userVerification: "required" });
}

/** The use count after this one. Throws `person/sign-in-refused` for an answer that does not verify. */
export async function checkPasskey(
  home: Home,
  challenge: string,
  response: unknown,
  row: PasskeyRow,
): Promise<number> {
  const { verified, authenticationInfo } = await verifyAuthenticationResponse({
    response: response as AuthenticationResponseJSON,
    expectedChallenge: challenge,
    expectedOrigin: home.origin,
    expectedRPID: home.host,
    requireUserVerification: true,
    credential: {
      id: row.id,
      publicKey: new Uint8Array(Buffer.from(row.public_key, "base64url")),
      counter: row.counter,
      transports: [...row.transports],
    },
  }).catch((cause: unknown) => {
    throw refuseSignIn(cause);
  });
  if (!verified) throw refuseSignIn();
  return authenticationInfo.newCounter;
}
