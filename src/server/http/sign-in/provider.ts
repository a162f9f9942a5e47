/**
 * Single sign-on at the company's OpenID provider: authorization code with PKCE, state and nonce, all of it
 * by the library. A mailbox counts only where the provider says that it is verified.
 */
import * as oidc from "openid-client";
import { refuseSignIn } from "../../../engine/people.ts";

export type ProviderSettings = {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
};

/** What has to come back with the provider's answer. */
export type ProviderHandshake = {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
};

const CALLBACK_PATH = "/v1/sign-in/provider/callback";
/** Plain HTTP is for a provider on this machine, as in tests. */
const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/;

export class Provider {
  readonly #settings: ProviderSettings;
  #found: Promise<oidc.Configuration> | undefined;

  constructor(settings: ProviderSettings) {
    this.#settings = settings;
  }

  async begin(
    origin: string,
  ): Promise<{ readonly url: string; readonly handshake: ProviderHandshake }> {
    const verifier = oidc.randomPKCECodeVerifier();
    const state = oidc.randomState();
    const nonce = oidc.randomNonce();
    const url = oidc.buildAuthorizationUrl(await this.#find(), {
      redirect_uri: `${origin}${CALLBACK_PATH}`,
      scope: "openid email profile",
      code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
      code_challenge_method: "S256",
      state,
      nonce,
    });
    return { url: url.href, handshake: { verifier, state, nonce } };
  }

  /** The verified mailbox. Throws `person/sign-in-refused` for every answer that does not show one. */
  async finish(origin: string, search: string, handshake: ProviderHandshake): Promise<string> {
    const config = await this.#find();
    const claims = await this.#readClaims(config, origin, search, handshake).catch(
      (cause: unknown) => {
        throw refuseSignIn(cause);
      },
    );
    const { email, email_verified: isVerified } = claims;
    if (typeof email !== "string" || isVerified !== true) throw refuseSignIn();
    return email;
  }

  async #readClaims(
    config: oidc.Configuration,
    origin: string,
    search: string,
    { verifier, state, nonce }: ProviderHandshake,
  ): Promise<{ readonly [claim: string]: unknown }> {
    const tokens = await oidc.authorizationCodeGrant(
      config,
      new URL(`${origin}${CALLBACK_PATH}${search}`),
      { pkceCodeVerifier: verifier, expectedState: state, expectedNonce: nonce },
    );
    const claims = tokens.claims();
    if (claims === undefined) return {};
    if (claims["email"] !== undefined) return claims;
    return oidc.fetchUserInfo(config, tokens.access_token, claims.sub);
  }

  /** Asked once; a provider that is away is asked again with the next sign-in. */
  #find(): Promise<oidc.Configuration> {
    const { issuer, clientId, clientSecret } = this.#settings;
    const url = new URL(issuer);
    const isLocal = url.protocol === "http:" && LOOPBACK.test(url.hostname);
    this.#found ??= oidc
      .discovery(url, clientId, clientSecret, undefined, {
        execute: isLocal ? [oidc.allowInsecureRequests] : [],
      })
      .catch((cause: unknown) => {
        this.#found = undefined;
        throw refuseSignIn(cause);
      });
    return this.#found;
  }
}
