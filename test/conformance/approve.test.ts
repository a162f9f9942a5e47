/** The link of a letter that asks for a vote: looking decides nothing, posting decides once. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type RunningServer, startServer } from "../../src/server/http/server.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { listLedger } from "../../src/store/table/ledger.ts";
import { BY_VERDICT, type EngineWorld, HERE, openWorld } from "../kit/engine-world.ts";

let driver: Driver;
let world: EngineWorld;
let server: RunningServer;

before(async () => {
  driver = await openDriver({});
  await migrate(driver);
});
after(() => driver.close());

/** A case that asks both sides, behind a server, and the link that one person's letter carries. */
async function ask(): Promise<{ id: string; linkOf(person: string): string }> {
  world = await openWorld(driver, {});
  server = await startServer({ engine: world.engine, port: 0, operatorToken: "operator" });
  world.engine.context.publicUrl = server.url;
  world.receiver.propose(() => BY_VERDICT.both);
  const id = await world.signalOn(HERE);
  await world.settle();
  const linkOf = (person: string): string => {
    const letter = world.post.delivered.find(
      ({ address, thread }) => address === person && thread === id,
    );
    return /To answer: (\S+)/.exec(letter?.text ?? "")?.[1] ?? "no letter";
  };
  return { id, linkOf };
}

const vote = (link: string, said: object) =>
  fetch(link, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(said),
  });
const codeOf = async (answer: Response) =>
  ((await answer.json()) as { readonly error: { readonly code: string } }).error.code;

test("whoever fetches the link, however often, sees the change and decides nothing", async () => {
  const { id, linkOf } = await ask();
  try {
    const link = linkOf("head@marketing.example.com");
    for (const method of ["GET", "HEAD", "GET"]) {
      assert.equal((await fetch(link, { method })).status, 200);
    }
    const page = await fetch(link, { headers: { accept: "text/html" } });
    const html = await page.text();
    assert.match(html, /What exactly would change/);
    assert.doesNotMatch(html, /<script/);
    assert.match(page.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    await world.settle();
    assert.equal((await world.case(id)).state, "held");
    assert.deepEqual((await world.case(id)).votes, []);
  } finally {
    await server.close();
  }
});

test("a posted vote counts once, for the mailbox that was written to and for nobody else", async () => {
  const { id, linkOf } = await ask();
  try {
    const link = linkOf("head@marketing.example.com");
    assert.equal((await vote(link, { choice: "agree", reason: "" })).status, 200);
    const again = await vote(link, { choice: "agree", reason: "" });
    assert.equal(again.status, 409);
    assert.equal(await codeOf(again), "vote/already-cast");
    await world.settle();
    assert.deepEqual(
      (await world.case(id)).votes.map(({ person, proof }) => [person, proof.kind]),
      [["head@marketing.example.com", "link"]],
    );
    const form = await fetch(linkOf("head@logistics.example.com"), {
      method: "POST",
      headers: { accept: "text/html" },
      body: new URLSearchParams({ choice: "agree", because: "other", reason: "seen" }),
    });
    assert.match(await form.text(), /Counted: you agreed/);
    await world.settle();
    assert.equal((await world.case(id)).state, "watching");
    const late = await fetch(link);
    assert.equal(await codeOf(late), "vote/too-late");
  } finally {
    await server.close();
  }
});

test("a link that was changed opens nothing, a rejection needs its reason, and no token is on record", async () => {
  const { linkOf } = await ask();
  try {
    const link = linkOf("head@marketing.example.com");
    const changed = await fetch(`${link.slice(0, -3)}AAA`);
    assert.equal(changed.status, 401);
    assert.equal(await codeOf(changed), "vote/bad-proof");
    const bare = await vote(link, { choice: "reject", reason: "no" });
    assert.equal(await codeOf(bare), "vote/reason-missing");
    const token = link.split("/").at(-1) ?? "";
    const ledger = JSON.stringify(await listLedger(driver, 0, 1_000));
    const effects = JSON.stringify(await driver.query("select body from effect"));
    assert.ok(token.length > 40 && !ledger.includes(token) && !effects.includes(token));
    assert.match(ledger, /vote.refused/);
  } finally {
    await server.close();
  }
});

test("in a browser a rejection without words gets its form back, and every refusal is a page", async () => {
  const { id, linkOf } = await ask();
  try {
    const link = linkOf("head@marketing.example.com");
    const post = (fields: Record<string, string>) =>
      fetch(link, {
        method: "POST",
        headers: { accept: "text/html" },
        body: new URLSearchParams(fields),
      });
    const bare = await post({ choice: "reject", because: "too-costly", reason: " " });
    assert.equal(bare.status, 422);
    const again = await bare.text();
    assert.match(again, /a rejection needs a kind of reason and words/);
    assert.match(again, /<form method="post">/);
    const none = await post({ reason: "which?" });
    assert.equal(none.status, 400);
    assert.match(await none.text(), /<form method="post">/);

    assert.match(await (await post({ choice: "agree" })).text(), /Counted: you agreed/);
    const seen = await fetch(link, { headers: { accept: "text/html" } });
    assert.match(await seen.text(), /has already voted; one person counts once/);
    const twice = await post({ choice: "agree" });
    assert.equal(twice.status, 409);
    assert.match(await twice.text(), /It did not count/);

    const changed = await fetch(`${link}A`, { headers: { accept: "text/html" } });
    assert.equal(changed.status, 401);
    assert.match(changed.headers.get("content-security-policy") ?? "", /default-src 'none'/);
    assert.match(await changed.text(), /not one of ours/);
    world.clock.moveTo("2026-06-01T00:00:00.000Z");
    const late = await fetch(linkOf("head@logistics.example.com"), {
      headers: { accept: "text/html" },
    });
    assert.equal(late.status, 410);
    assert.equal((await world.case(id)).state, "held");
  } finally {
    await server.close();
  }
});
