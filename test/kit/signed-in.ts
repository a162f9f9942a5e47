/** People who are signed in, without a browser: a session as joining makes one, and its cookie. */
import type { RoleGrant } from "../../src/core/people/role.ts";
import type { HttpWorld, Said } from "./http-world.ts";

const BY = "tests@example.com";

/** One person's browser, as far as the server sees it. */
export class Browser {
  readonly #http: HttpWorld;
  readonly headers: { readonly cookie: string };

  constructor(http: HttpWorld, token: string) {
    this.#http = http;
    this.headers = { cookie: `interlock_session=${token}` };
  }

  /** From our own page, unless the headers say where from. */
  call(
    operation: string,
    body: unknown,
    from: Record<string, string> = { "sec-fetch-site": "same-origin" },
  ): Promise<Said> {
    const headers = { ...this.headers, ...from };
    return this.#http.ask("POST", `/v1/operations/${operation}`, { key: "", body, headers });
  }

  ask(method: string, path: string, body?: unknown): Promise<Said> {
    const headers = { ...this.headers, "sec-fetch-site": "same-origin" };
    return this.#http.ask(method, path, { key: "", body, headers });
  }
}

export async function signInAs(
  http: HttpWorld,
  email: string,
  roles: ReadonlyArray<RoleGrant>,
): Promise<Browser> {
  const { people } = http.engine;
  const invited = await people.invite({ email, name: email }, BY);
  for (const grant of roles) await people.grantRole(email, grant, BY);
  const passkey = { id: `passkey of ${email}`, public_key: "AA", counter: 0, transports: [] };
  return new Browser(http, (await people.join(invited.token, { email, name: "" }, passkey)).token);
}

/** Worlds of a file share one store; people would stay from test to test. */
export async function forgetPeople({ world, engine, server }: HttpWorld): Promise<void> {
  for (const table of [
    "web_session",
    "handshake",
    "invitation",
    "passkey",
    "person_role",
    "person",
  ]) {
    await world.driver.query(`delete from ${table}`);
  }
  engine.context.publicUrl = server.url.replace("127.0.0.1", "localhost");
}
