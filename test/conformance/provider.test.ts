/** Single sign-on against a real OpenID provider on loopback, with a browser's redirects followed by hand. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, test } from "node:test";
import Provider from "oidc-provider";
import { People } from "../../src/engine/people.ts";
import { type RunningServer, startServer } from "../../src/server/http/server.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { type EngineWorld, openWorld } from "../kit/engine-world.ts";

const CLIENT = { id: "interlock", secret: "a-secret-of-the-provider-tests" };
const INVITED = "head@example.com";

let driver: Driver;
let world: EngineWorld;
let server: RunningServer;
let company: Server;

/** Accounts are named by what is typed in: `head@example.com`, or `head@example.com?` for one not verified. */
function openProvider(issuer: string, callback: string): Provider {
  return new Provider(issuer, {
    clients: [
      {
        client_id: CLIENT.id,
        client_secret: CLIENT.secret,
        redirect_uris: [callback],
        grant_types: ["authorization_code"],
        response_types: ["code"],
      },
    ],
    claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
    pkce: { required: () => true },
    cookies: { keys: ["keys-of-the-tests"] },
    findAccount: (_context, id) => ({
      accountId: id,
      claims: () => ({ sub: id, email: id.replace("?", ""), email_verified: !id.endsWith("?") }),
    }),
  });
}

before(async () => {
  driver = await openDriver({});
  await migrate(driver);
  world = await openWorld(driver);
  company = createServer();
  await new Promise<void>((resolve) => company.listen(0, "127.0.0.1", resolve));
  const issuer = `http://127.0.0.1:${(company.address() as AddressInfo).port}`;
  server = await startServer({
    engine: world.engine,
    provider: { issuer, clientId: CLIENT.id, clientSecret: CLIENT.secret },
  });
  world.engine.context.publicUrl = server.url;
  const callback = `${server.url}/v1/sign-in/provider/callback`;
  const handle = openProvider(issuer, callback).callback();
  company.on("request", (request, response) => void handle(request, response));
  await new People(world.engine.context).invite({ email: INVITED, name: "Head" }, "tests");
});

after(async () => {
  await server?.close();
  company?.closeAllConnections();
  company?.close();
  await driver?.close();
});

/** Keeps cookies by host, as a browser does, and follows one redirect at a time. */
class Walker {
  readonly #cookies = new Map<string, Map<string, string>>();

  async go(url: string, form?: Record<string, string>): Promise<Response> {
    const { origin } = new URL(url);
    const own = this.#cookies.get(origin) ?? new Map<string, string>();
    this.#cookies.set(origin, own);
    const response = await fetch(url, {
      redirect: "manual",
      headers: { cookie: [...own].map(([name, value]) => `${name}=${value}`).join("; ") },
      ...(form === undefined ? {} : { method: "POST", body: new URLSearchParams(form) }),
    });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ""] = line.split(";");
      const at = pair.indexOf("=");
      own.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return response;
  }

  cookie(name: string): string | undefined {
    return this.#cookies.get(new URL(server.url).origin)?.get(name);
  }

  /** From our page through the provider's log-in and consent, up to the address of our callback. */
  async walkTo(account: string): Promise<string> {
    let url = `${server.url}/v1/sign-in/provider`;
    for (let steps = 0; steps < 20; steps++) {
      const response = await this.go(url);
      const to = response.headers.get("location");
      if (to !== null) {
        url = new URL(to, url).href;
        if (url.startsWith(`${server.url}/v1/sign-in/provider/callback`)) return url;
        continue;
      }
      const page = await response.text();
      const prompt = /name="prompt" value="(\w+)"/.exec(page)?.[1] ?? "";
      const answered = await this.go(url, { prompt, login: account, password: "any" });
      url = new URL(answered.headers.get("location") ?? "", url).href;
    }
    throw new Error(`never came back from ${url}`);
  }
}

async function signedIn(walker: Walker): Promise<string | undefined> {
  const cookie = `interlock_session=${walker.cookie("interlock_session") ?? ""}`;
  const response = await fetch(`${server.url}/v1/sign-in`, { headers: { cookie } });
  return ((await response.json()) as { signedIn: { email: string } | null }).signedIn?.email;
}

test("who was invited signs in at the company's provider, once with each answer", async () => {
  const walker = new Walker();
  const callback = await walker.walkTo(INVITED);
  const back = await walker.go(callback);
  assert.deepEqual([back.status, back.headers.get("location")], [302, "/"]);
  assert.equal(await signedIn(walker), INVITED);
  const again = await new Walker().go(callback);
  assert.equal(
    again.headers.get("location"),
    "/#/sign-in/refused",
    "without the browser that asked",
  );
  const twice = await walker.go(callback);
  assert.equal(twice.headers.get("location"), "/#/sign-in/refused", "a second time");
});

test("a mailbox that nobody invited, or that the provider has not verified, is not let in", async () => {
  for (const account of ["stranger@example.com", `${INVITED}?`]) {
    const walker = new Walker();
    const back = await walker.go(await walker.walkTo(account));
    assert.equal(back.headers.get("location"), "/#/sign-in/refused", account);
    assert.equal(await signedIn(walker), undefined);
  }
});

test("an answer with another state, another code or none is refused", async () => {
  for (const [name, value] of [
    ["state", "another"],
    ["code", "another"],
    ["iss", "https://evil.example"],
  ] as const) {
    const walker = new Walker();
    const url = new URL(await walker.walkTo(INVITED));
    url.searchParams.set(name, value);
    const back = await walker.go(url.href);
    assert.equal(back.headers.get("location"), "/#/sign-in/refused", name);
    assert.equal(await signedIn(walker), undefined);
  }
  const walker = new Walker();
  await walker.walkTo(INVITED);
  const denied = await walker.go(`${server.url}/v1/sign-in/provider/callback?error=access_denied`);
  assert.equal(denied.headers.get("location"), "/#/sign-in/refused");
});
