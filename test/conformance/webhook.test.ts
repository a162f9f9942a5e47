/** Webhooks as whoever receives them sees them: over a socket, signed, in order, again when something breaks. */
import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, beforeEach, test } from "node:test";
import { Webhook } from "standardwebhooks";
import {
  createGuardedFetch,
  type GuardedFetch,
} from "../../src/connector/outgoing/guarded-fetch.ts";
import { createWebhookPost } from "../../src/connector/outgoing/webhook-post.ts";
import type { WebhookPost } from "../../src/engine/webhooks.ts";
import { operations } from "../../src/operation/index.ts";
import { addMs, DAY_MS, HOUR_MS, SECOND_MS } from "../../src/std/time.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { getLedgerHead, listLedger } from "../../src/store/table/ledger.ts";
import { type EngineWorld, HERE, LOOP, openWorld, THERE } from "../kit/engine-world.ts";

const BY = "admin@example.com";

type Message = {
  readonly id: string;
  readonly headers: Record<string, string>;
  readonly text: string;
  readonly body: {
    readonly type: string;
    readonly timestamp: string;
    readonly data: {
      readonly entry: number;
      readonly loop: string | null;
      readonly case: string | null;
      readonly link: string | null;
    };
  };
};

let driver: Driver;
let world: EngineWorld;
let receiver: Server;
let url: string;
let outgoing: GuardedFetch;
let post: WebhookPost;
const received: Message[] = [];
/** What the receiver answers to the next messages; 204 when nothing is left. */
const answers: number[] = [];

before(async () => {
  driver = await openDriver({});
  await migrate(driver);
  outgoing = createGuardedFetch();
  post = createWebhookPost(outgoing, () => new Date());
  receiver = createServer((request, response) => {
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString()));
    request.on("end", () => {
      const headers = request.headers as Record<string, string>;
      const body = JSON.parse(text) as Message["body"];
      received.push({ id: headers["webhook-id"] ?? "", headers, text, body });
      response.writeHead(answers.shift() ?? 204, { location: "http://127.0.0.1:1/" }).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/hook`;
});

after(async () => {
  receiver.close();
  await outgoing.close();
  await driver.close();
});

beforeEach(async () => {
  world = await openWorld(driver);
  received.length = 0;
  answers.length = 0;
});

const add = (asked: { loop?: string; kinds?: ReadonlyArray<string> } = {}) =>
  operations.webhookAdd.handler(world, { url, by: BY, ...asked });

async function list() {
  const [row] = await operations.webhookList.handler(world, {});
  assert(row);
  return row;
}

async function deliverAll(): Promise<void> {
  while ((await world.engine.webhooks.deliver(post)) > 0);
}

const entriesOf = (messages: ReadonlyArray<Message>) => messages.map(({ body }) => body.data.entry);

test("every entry from then on arrives once, in order, signed so that the receiver's own library agrees", async () => {
  await world.signalOn(THERE);
  await world.settle();
  const { secret } = await add();
  const { n: before } = await getLedgerHead(driver);
  const id = await world.signalOn(HERE);
  await world.settle();
  const { n: head } = await getLedgerHead(driver);
  await deliverAll();
  // The webhook's own beginning is the first that it hears of.
  assert.deepEqual(
    entriesOf(received),
    Array.from({ length: head - before + 1 }, (_, at) => before + at),
  );
  assert.equal(received[0]?.body.type, "webhook.added");
  const hook = new Webhook(secret);
  for (const { headers, text } of received) hook.verify(text, headers);
  const [first] = received;
  assert(first);
  assert.throws(() => hook.verify(`${first.text} `, first.headers));
  const ofCase = received.filter(({ body }) => body.data.case === id);
  assert(ofCase.length > 3 && ofCase.every(({ body }) => body.data.loop === LOOP));
  assert.deepEqual(Object.keys(ofCase[0]?.body.data ?? {}), ["entry", "loop", "case", "link"]);
  assert.equal((await list()).behind, 0);
  await deliverAll();
  assert.equal(received.length, head - before + 1, "nothing is sent twice");
});

test("only the loop and the kinds that were asked for are sent, and the rest is passed over", async () => {
  await add({ loop: LOOP, kinds: ["action", "reply.received"] });
  await world.signalOn(HERE);
  await world.settle();
  await deliverAll();
  const kinds = new Set(received.map(({ body }) => body.type));
  assert.deepEqual([...kinds].sort(), ["action.done", "action.intended", "reply.received"]);
  assert.equal((await list()).behind, 0);
});

test("what is not taken holds back what follows, is tried again later, and goes on where it stopped", async () => {
  await add();
  await world.signalOn(HERE);
  await world.settle();
  answers.push(204, 500);
  await deliverAll();
  assert.equal(received.length, 2);
  const stuck = await list();
  assert.equal(stuck.failures, 1);
  assert.match(stuck.last_error ?? "", /it answered 500/);
  await deliverAll();
  assert.equal(received.length, 2, "not before its time");
  world.clock.moveTo(addMs(world.clock.now(), 6 * SECOND_MS));
  await deliverAll();
  assert.equal(received[1]?.id, received[2]?.id, "the same entry has the same id");
  assert.equal(received[1]?.text, received[2]?.text);
  const ids = entriesOf(received.slice(2));
  assert.deepEqual(
    ids,
    [...new Set(ids)].sort((a, b) => a - b),
  );
  const { behind, failures, last_error } = await list();
  assert.deepEqual([behind, failures, last_error], [0, 0, null]);
});

test("a redirect is no answer, and a receiver that is gone, or silent for days, is paused and on record", async () => {
  const { id } = await add();
  answers.push(307);
  await deliverAll();
  assert.match((await list()).last_error ?? "", /it answered 307/);
  assert.equal(received.length, 1, "nobody follows it");
  answers.push(...Array.from({ length: 20 }, () => 503));
  for (let hours = 0; hours < 80; hours++) {
    world.clock.moveTo(addMs(world.clock.now(), HOUR_MS));
    await deliverAll();
  }
  const { paused_at, failures } = await list();
  assert(paused_at !== null && failures === 10, `${failures}`);
  const entries = await listLedger(driver, 0, 10_000);
  const paused = entries.filter(({ text }) => text.includes('"kind":"webhook.paused"'));
  assert.equal(paused.length, 1);
  world.clock.moveTo(addMs(world.clock.now(), 30 * DAY_MS));
  const sent = received.length;
  await deliverAll();
  assert.equal(received.length, sent, "nothing is sent while it is paused");

  answers.length = 0;
  await operations.webhookResume.handler(world, { webhook: id, by: BY });
  await deliverAll();
  assert.equal((await list()).behind, 0);
  await world.signalOn(HERE);
  answers.push(410);
  await deliverAll();
  assert((await list()).paused_at !== null, "410 is for ever, until somebody says otherwise");
});

test("sent again from an entry on, everything comes once more under the same ids", async () => {
  const { id } = await add();
  await world.signalOn(HERE);
  await world.settle();
  await deliverAll();
  const first = received.splice(0);
  const from = first[2]?.body.data.entry ?? 0;
  await operations.webhookResume.handler(world, { webhook: id, from, by: BY });
  await deliverAll();
  assert.deepEqual(
    received.slice(0, first.length - 2).map((one) => one.id),
    first.slice(2).map((one) => one.id),
  );
  const beyond = { webhook: id, from: 1_000_000, by: BY };
  await assert.rejects(operations.webhookResume.handler(world, beyond), /the ledger has/);
});

test("a process that dies before it notes the answer sends that entry again, under the same id", async () => {
  await add();
  await world.signalOn(HERE);
  const dying: WebhookPost = async (message, deadline) => {
    await post(message, deadline);
    await new Promise((resolve) => setTimeout(resolve, 10));
    throw new Error("the process is gone");
  };
  await world.engine.webhooks.deliver(dying);
  world.clock.moveTo(addMs(world.clock.now(), 6 * SECOND_MS));
  await deliverAll();
  assert.equal(received[0]?.id, received[1]?.id);
  assert.equal((await list()).behind, 0);
});

test("what somebody says while a message is out counts: taken away, or sent back", async () => {
  const { id } = await add();
  await world.signalOn(HERE);
  const during = (work: () => Promise<unknown>): WebhookPost => {
    let isDone = false;
    return async (message, deadline) => {
      if (!isDone) await work();
      isDone = true;
      return post(message, deadline);
    };
  };
  await world.engine.webhooks.deliver(
    during(() => operations.webhookResume.handler(world, { webhook: id, from: 1, by: BY })),
  );
  assert.equal((await list()).seen, 0, "it begins anew");
  await world.engine.webhooks.deliver(
    during(() => operations.webhookRemove.handler(world, { webhook: id, by: BY })),
  );
  assert.deepEqual(await operations.webhookList.handler(world, {}), []);
  received.length = 0;
  await deliverAll();
  assert.equal(received.length, 0);
});

test("a slow receiver holds up nobody else, and the secret stands in no list and no ledger", async () => {
  const { secret } = await add();
  await operations.webhookAdd.handler(world, { url: `${url}/slow`, by: BY });
  await world.signalOn(HERE);
  await world.settle();
  let release: (() => void) | undefined;
  const slow = new Promise<void>((resolve) => (release = resolve));
  const round = world.engine.webhooks.deliver(async (message, deadline) => {
    if (message.url.endsWith("/slow")) await slow;
    return post(message, deadline);
  });
  const isTold = async () =>
    (await operations.webhookList.handler(world, {})).some(({ behind }) => behind === 0);
  while (!(await isTold())) await new Promise((resolve) => setTimeout(resolve, 20));
  release?.();
  await round;
  const all = [
    ...(await listLedger(driver, 0, 10_000)).map(({ text }) => text),
    JSON.stringify(await operations.webhookList.handler(world, {})),
  ].join();
  assert(!all.includes(secret) && !all.includes(secret.replace("whsec_", "")));
});

test("an address or a kind that is none is refused with what to write", async () => {
  const refused: ReadonlyArray<readonly [asked: object, why: RegExp]> = [
    [{ url: "ftp://example.com" }, /no address to send to/],
    [{ url: "https://user:secret@example.com" }, /no address to send to/],
    [{ url: "hooks" }, /no address to send to/],
    [{ kinds: ["Action"] }, /no kind of entry/],
    [{ kinds: ["action.done.twice"] }, /no kind of entry/],
    [{ loop: "none" }, /no loop is named/],
  ];
  for (const [asked, why] of refused) {
    const input = { url, by: BY, ...asked };
    await assert.rejects(operations.webhookAdd.handler(world, input), why);
  }
  const none = { webhook: "wh-000000000000", by: BY };
  await assert.rejects(operations.webhookRemove.handler(world, none), /no webhook has the id/);
});

test("an address inside the company is not called, and the list says why", async () => {
  await operations.webhookAdd.handler(world, { url: "http://169.254.169.254/latest", by: BY });
  await deliverAll();
  assert.match((await list()).last_error ?? "", /169\.254\.169\.254 may not be called from here/);
});
