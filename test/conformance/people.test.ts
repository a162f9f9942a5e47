/** Who is let in, for how long, and what a session may do: over HTTP, as browsers and their enemies would. */
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { People } from "../../src/engine/people.ts";
import { operations } from "../../src/operation/index.ts";
import { createRoutes } from "../../src/server/http/routes.ts";
import { startServer } from "../../src/server/http/server.ts";
import { addMs, DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/std/time.ts";
import { listLedger } from "../../src/store/table/ledger.ts";
import { BY_VERDICT, HEAD_OF, HERE, LOOP, THERE } from "../kit/engine-world.ts";
import { type HttpWorld, OPERATOR_TOKEN, useHttpWorlds } from "../kit/http-world.ts";
import { type Browser, forgetPeople, signInAs } from "../kit/signed-in.ts";

let http: HttpWorld;

useHttpWorlds(async (opened) => {
  http = opened;
  await forgetPeople(http);
});

const ADMIN = "admin@example.com";
let admin: Browser;

beforeEach(async () => {
  admin = await signInAs(http, ADMIN, [{ role: "admin", department: "" }]);
});

async function kindsAbout(person: string): Promise<ReadonlyArray<string>> {
  const entries = await listLedger(http.world.driver, 0, 10_000);
  return entries
    .map(({ text }) => JSON.parse(text) as { kind: string; body: { person?: string } })
    .filter(({ body }) => body.person === person)
    .map(({ kind }) => kind);
}

test("an invitation opens once, and every step is on record without its secret", async () => {
  const { people } = http.engine;
  const email = "new@example.com";
  const first = await people.invite({ email, name: "New" }, ADMIN);
  const second = await people.invite({ email, name: "New" }, ADMIN);
  await assert.rejects(people.readInvitation(first.token), { code: "person/invitation-over" });
  assert.deepEqual(await people.readInvitation(second.token), { email, name: "New" });
  const passkey = { id: "passkey-of-new", public_key: "AA", counter: 0, transports: [] };
  const session = await people.join(
    second.token,
    { email: "other@example.com", name: "" },
    passkey,
  );
  assert.equal(session.email, email, "the link says who it is, not whoever opens it");
  await assert.rejects(people.join(second.token, { email, name: "" }, { ...passkey, id: "b" }), {
    code: "person/invitation-over",
  });
  assert.deepEqual(await kindsAbout(email), ["person.invited", "person.invited", "person.joined"]);
  const ledger = (await listLedger(http.world.driver, 0, 10_000)).map(({ text }) => text).join();
  for (const secret of [first.token, second.token, session.token]) {
    assert(!ledger.includes(secret));
  }
});

test("two who open one link at one moment are one", async () => {
  const { people } = http.engine;
  const { token, email } = await people.invite({ email: "one@example.com", name: "One" }, ADMIN);
  const results = await Promise.allSettled(
    ["a", "b", "c"].map((id) =>
      people.join(
        token,
        { email, name: "" },
        { id: `race-${id}`, public_key: "AA", counter: 0, transports: [] },
      ),
    ),
  );
  assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
});

test("the first admin's link is made only while there is no admin, and the newest counts", async () => {
  assert.equal(await http.engine.people.inviteFirstAdmin(), undefined);
  await forgetPeople(http);
  const older = await http.engine.people.inviteFirstAdmin();
  const newer = await http.engine.people.inviteFirstAdmin();
  assert(older !== undefined && newer !== undefined);
  await assert.rejects(http.engine.people.readInvitation(older), {
    code: "person/invitation-over",
  });
  assert.deepEqual(await http.engine.people.readInvitation(newer), { email: null, name: "" });
});

test("a session ends a day after sign-in, after eight idle hours, and at once by sign-out or by an admin", async () => {
  let now = "2026-05-01T08:00:00.000Z";
  const people = new People(http.engine.context, { now: () => now });
  const passkey = { id: "clock", public_key: "AA", counter: 0, transports: [] };
  const invited = await people.invite({ email: "clock@example.com", name: "Clock" }, ADMIN);
  await people.join(invited.token, { email: "", name: "" }, passkey);
  const sign = async () => (await people.signInByPasskey("clock", 1)).token;
  const begun = now;

  const busy = await sign();
  for (let hours = 7; hours < 24; hours += 7) {
    now = addMs(begun, hours * HOUR_MS);
    assert(await people.findSignedIn(busy), `used after ${hours} hours`);
  }
  now = addMs(begun, DAY_MS + MINUTE_MS);
  assert.equal(await people.findSignedIn(busy), undefined);

  const idle = await sign();
  now = addMs(now, 8 * HOUR_MS + MINUTE_MS);
  assert.equal(await people.findSignedIn(idle), undefined);

  const out = await sign();
  await people.signOut(out);
  assert.equal(await people.findSignedIn(out), undefined);

  const gone = await sign();
  await people.disable("clock@example.com", ADMIN);
  assert.equal(await people.findSignedIn(gone), undefined);
  await assert.rejects(sign(), { code: "person/sign-in-refused" });
  await people.enable("clock@example.com", ADMIN);
  assert.equal(await people.findSignedIn(gone), undefined, "what was ended stays ended");
  assert(await people.findSignedIn(await sign()));
});

test("a handshake counts once, for its own kind, for five minutes", async () => {
  let now = "2026-05-01T08:00:00.000Z";
  const people = new People(http.engine.context, { now: () => now });
  const refused = { code: "person/sign-in-refused" };
  const token = await people.beginHandshake("passkey", { challenge: "c" });
  await assert.rejects(people.endHandshake("join", token), refused);
  assert.deepEqual(await people.endHandshake("passkey", token), { challenge: "c" });
  await assert.rejects(people.endHandshake("passkey", token), refused);
  const late = await people.beginHandshake("passkey", {});
  now = addMs(now, 5 * MINUTE_MS);
  await assert.rejects(people.endHandshake("passkey", late), refused);
});

test("the last admin stays one, and a role counts from the next request on", async () => {
  const call = { email: ADMIN, role: "admin", department: "" } as const;
  for (const [name, input] of [
    ["role.revoke", call],
    ["person.disable", { email: ADMIN }],
  ] as const) {
    const refused = await admin.call(name, input);
    assert.deepEqual(
      [refused.status, refused.body.at("error", "code")],
      [409, "person/last-admin"],
    );
  }
  const viewer = await signInAs(http, "v@example.com", [
    { role: "viewer", department: "marketing" },
  ]);
  assert.equal((await viewer.call("person.list", {})).status, 403);
  await admin.call("role.grant", { ...call, email: "v@example.com" });
  assert.equal((await viewer.call("person.list", {})).status, 200);
  assert.equal((await admin.call("role.revoke", call)).status, 200, "there is another one now");
  assert.equal((await admin.call("person.list", {})).status, 403);
});

test("a cookie alone changes nothing: another site's request is refused, whatever it calls itself", async () => {
  const input = { email: "x@example.com", name: "X" };
  const host = new URL(http.server.url).host;
  const forged: ReadonlyArray<Record<string, string>> = [
    {},
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
    { "sec-fetch-site": "none" },
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: `http://${host}.evil.example` },
    { "sec-fetch-site": "cross-site", origin: http.server.url },
  ];
  for (const headers of forged) {
    const refused = await admin.call("person.invite", input, headers);
    assert.equal(refused.status, 403, JSON.stringify(headers));
  }
  const own = await admin.call("person.invite", input, { origin: http.server.url });
  assert.equal(own.status, 200);
});

test("a person acts as themselves, in every field that names who does it", async () => {
  const head = await signInAs(http, HEAD_OF.marketing, [
    { role: "owner", department: "marketing" },
  ]);
  const stop = { scope: "loop", name: LOOP, reason: "a look" };
  const other = await head.call("stop.press", { ...stop, person: HEAD_OF.logistics });
  assert.deepEqual([other.status, other.body.at("error", "path")], [403, "/body/person"]);
  const own = await head.call("stop.press", stop);
  assert.equal(own.status, 200);
  const [pressed] = await operations.stopList.handler({ engine: http.engine }, {});
  assert.equal(pressed?.person, HEAD_OF.marketing);
});

test("votes of two who signed in carry the action; a vote on anything but what was shown does not count", async () => {
  const { world } = http;
  world.receiver.propose(() => BY_VERDICT.both);
  const id = await world.signalOn(HERE);
  await world.settle();
  const { digest = "" } = await world.case(id);
  const ends = ["logistics", "marketing"] as const;
  const heads = await Promise.all(
    ends.map((party) => signInAs(http, HEAD_OF[party], [{ role: "approver", department: party }])),
  );
  const [logistics, marketing] = heads;
  assert(logistics && marketing);
  const vote = (party: string, of: string) => ({ id, party, digest: of, choice: "agree" });
  const changed = await logistics.call("case.vote", vote("logistics", "0".repeat(64)));
  assert.equal(changed.body.at("error", "code"), "vote/other-action");
  const stranger = await marketing.call("case.vote", vote("logistics", digest));
  assert.equal(stranger.body.at("error", "code"), "vote/not-entitled");
  assert.equal((await logistics.call("case.vote", vote("logistics", digest))).status, 200);
  const again = await logistics.call("case.vote", vote("logistics", digest));
  assert.equal(again.body.at("error", "code"), "vote/already-cast");
  assert.equal((await marketing.call("case.vote", vote("marketing", digest))).status, 200);
  await world.settle();
  const { action, votes } = await world.case(id);
  assert(action);
  assert.deepEqual(
    votes.map(({ person, proof }) => [person, proof]),
    ends.map((party) => [HEAD_OF[party], { kind: "session", method: "passkey" }]),
  );
  const token = await http.asOperator("case.vote", vote("marketing", digest));
  assert.equal(token.body.at("error", "code"), "vote/unproved", "a token is nobody's vote");
});

test("a batch is many votes: each counts or is refused by itself, under its own digest", async () => {
  const { world } = http;
  world.receiver.propose(() => BY_VERDICT.marketing);
  const here = await world.signalOn(HERE);
  const there = await world.signalOn(THERE);
  await world.settle();
  const digestOf = async (id: string): Promise<string> => (await world.case(id)).digest ?? "";
  const head = await signInAs(http, HEAD_OF.marketing, [
    { role: "approver", department: "marketing" },
  ]);
  const batch = { department: "marketing", choice: "agree" };
  const votes = [
    { id: here, digest: await digestOf(here) },
    { id: there, digest: await digestOf(here) },
    { id: "case-of-nobody", digest: await digestOf(here) },
  ];
  const answered = await head.call("batch.vote", { ...batch, votes });
  assert.equal(answered.status, 200);
  const codes = [0, 1, 2].map((at) => answered.body.at(at, "code") ?? "counted");
  assert.deepEqual(codes, ["counted", "vote/other-action", "case/not-found"]);
  await world.settle();
  assert.deepEqual(
    [(await world.case(here)).state, (await world.case(there)).state],
    ["watching", "held"],
  );
  const other = await head.call("batch.vote", { ...batch, department: "logistics", votes });
  assert.equal(other.body.at("error", "code"), "server/forbidden", "the role is marketing's");
  const token = await http.asOperator("batch.vote", { ...batch, votes });
  assert.equal(token.body.at("error", "code"), "vote/unproved", "a token is nobody's vote");
});

test("sign-ins are counted by address, requests by person, and both are told how long to wait", async () => {
  const statuses: number[] = [];
  let wait = "";
  for (let n = 0; n < 70; n++) {
    const { status, headers } = await http.ask("POST", "/v1/sign-in/passkey/options", {
      key: "",
      body: {},
    });
    statuses.push(status);
    wait = headers.get("retry-after") ?? wait;
  }
  assert.deepEqual(
    [statuses.filter((status) => status === 200).length, statuses.at(-1)],
    [60, 429],
  );
  assert(Number(wait) > 0 && Number(wait) <= 60);
  assert.equal((await admin.call("person.list", {})).status, 200, "whoever is in stays in");
});

test("links, pictures, chats and mail servers are counted by address, and told how long to wait", async () => {
  const server = await startServer({ engine: http.engine, rateLimits: { open: 5 } });
  try {
    const ask = (method: string, path: string) => fetch(new URL(path, server.url), { method });
    const token = "x".repeat(43);
    for (const [method, path] of [
      ["GET", `/v1/approve/${token}`],
      ["POST", `/v1/approve/${token}`],
      ["GET", `/v1/evidence/${token}.png`],
      ["POST", "/v1/slack/actions"],
      ["POST", "/v1/mail/replies"],
    ] as const) {
      assert.notEqual((await ask(method, path)).status, 429, path);
    }
    for (const [method, path] of [
      ["GET", `/v1/approve/${token}`],
      ["POST", "/v1/slack/commands"],
      ["POST", "/v1/sources/shop/observations"],
    ] as const) {
      const { status, headers } = await ask(method, path);
      const wait = Number(headers.get("retry-after"));
      assert(status === 429 && wait > 0 && wait <= 60, `${path}: ${status}, ${wait}`);
    }
    assert.equal((await ask("GET", "/v1/health")).status, 200, "a probe is never told to wait");
    assert.equal((await ask("GET", "/v1/sign-in")).status, 200);
  } finally {
    await server.close();
  }
});

test("every address that is open to anybody has a limit, or holds nothing that could be tried", () => {
  const open = createRoutes().filter(
    ({ access, countedAs }) => access === "open" && countedAs === undefined,
  );
  assert.deepEqual(open.map(({ name }) => name).sort(), [
    "health.get",
    "openapi.get",
    "ready.get",
    "sign-in.show",
  ]);
});

test("the cookie is for no script and no other site; signing out takes it away", async () => {
  const who = async () => (await admin.ask("GET", "/v1/sign-in")).body.at("signedIn", "email");
  assert.equal(await who(), ADMIN);
  const out = await admin.ask("DELETE", "/v1/session");
  assert.equal(out.status, 204);
  const cookie = out.headers.get("set-cookie") ?? "";
  for (const part of ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=0"]) {
    assert(cookie.includes(part), cookie);
  }
  assert.equal(await who(), undefined);
  assert.equal((await admin.call("person.list", {})).status, 401);
});

test("a passkey's answer that nobody asked for, or that is made up, lets nobody in", async () => {
  const made = { id: "AAAA", rawId: "AAAA", type: "public-key", response: {} };
  const sign = (body: unknown) => http.ask("POST", "/v1/sign-in/passkey", { key: "", body });
  const unasked = await sign({ handshake: "x".repeat(43), response: made });
  assert.deepEqual(
    [unasked.status, unasked.body.at("error", "code")],
    [401, "person/sign-in-refused"],
  );
  const id = `passkey of ${ADMIN}`;
  for (const response of [
    made,
    { ...made, id, rawId: id },
    { ...made, id, response: { signature: "AA" } },
  ]) {
    const begun = await http.ask("POST", "/v1/sign-in/passkey/options", { key: "", body: {} });
    const refused = await sign({ handshake: begun.body.text("handshake"), response });
    assert.equal(refused.status, 401, JSON.stringify(response));
    assert.equal(refused.body.at("error", "message"), "this does not let anybody in here");
  }
});

test("a session opens what programs use only as far as roles go: no agent's address, no key's", async () => {
  assert.equal((await admin.ask("POST", `/v1/loops/${LOOP}/signals`, {})).status, 403);
  const events = await fetch(new URL("/v1/events", http.server.url), { headers: admin.headers });
  assert.equal(events.status, 200);
  await events.body?.cancel();
  const none = await fetch(new URL("/v1/events", http.server.url));
  assert.equal(none.status, 401);
  const operator = await http.ask("DELETE", "/v1/session", { key: OPERATOR_TOKEN });
  assert.equal(operator.status, 403);
});
