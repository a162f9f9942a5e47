/** Being away: who is asked instead, through the engine, a server, Slack and the command line. */
import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { createSlackDoor } from "../../src/connector/slack/door.ts";
import { operations } from "../../src/operation/index.ts";
import { startServer } from "../../src/server/http/server.ts";
import { InterlockError } from "../../src/std/errors.ts";
import { addMs, DAY_MS } from "../../src/std/time.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { listLedger } from "../../src/store/table/ledger.ts";
import { listLoopNotices } from "../../src/store/table/loop-notice.ts";
import { startSlackWorkspace } from "../../twin/slack/workspace.ts";
import {
  BY_VERDICT,
  type EngineWorld,
  HEAD_OF,
  HERE,
  LOOP,
  openWorld,
  THERE,
} from "../kit/engine-world.ts";

const DEPUTY = "deputy@marketing.example.com";
const BACK_ON = "2026-03-06";

let driver: Driver;
let world: EngineWorld;

before(async () => {
  driver = await openDriver({});
  await migrate(driver);
});
after(() => driver.close());
beforeEach(async () => {
  world = await openWorld(driver, {});
  world.receiver.propose(() => BY_VERDICT.both);
});

const declare = (said: { person: string; until: string; to?: string }) =>
  operations.absenceDeclare.handler(world, said);

/** Topics and readers of a case's letters so far. */
const asked = (id: string) =>
  world.post.delivered
    .filter(({ thread, subject }) => thread === id && / vote /.test(subject))
    .map(({ address, subject }) => `${address}: ${subject.split(":")[0]}`)
    .sort();

const kindsOf = async (like: RegExp) =>
  (await listLedger(driver, 0, 1_000))
    .map(({ text }) => JSON.parse(text) as { kind: string; actor: string })
    .filter(({ kind }) => like.test(kind))
    .map(({ kind, actor }) => `${kind} by ${actor}`);

test("while a head is away the deputy is asked, for cases that wait and for those to come, until it ends by itself", async () => {
  const waiting = await world.signalOn(HERE);
  await world.settle();
  const [declared] = await declare({ person: "Head@Marketing.example.com", until: BACK_ON });
  await world.settle();
  assert.equal(declared?.standIn, DEPUTY);
  assert.equal(declared.until, "2026-03-05T18:30:00.000Z");
  const later = await world.signalOn(THERE);
  await world.settle();
  assert.deepEqual(asked(waiting), [
    `${DEPUTY}: You stand in`,
    `${HEAD_OF.logistics}: Your vote is needed`,
    `${HEAD_OF.marketing}: Your vote is needed`,
    "lead-ndr@logistics.example.com: Your vote is needed",
  ]);
  assert.deepEqual(asked(later), [
    `${DEPUTY}: Your vote is needed`,
    `${HEAD_OF.logistics}: Your vote is needed`,
    "lead-ndr@logistics.example.com: Your vote is needed",
  ]);

  // The deputy's vote counts for that side; the other side's is still the other's.
  await world.voteAs({ case: later, party: "marketing", person: DEPUTY });
  await world.settle();
  assert.equal((await world.case(later)).state, "held");
  await world.vote(later, "logistics");
  await world.settle();
  assert.equal((await world.case(later)).state, "watching");

  // Both sides, whoever is away and whoever stands in were told, and it is on record.
  const news = (await listLoopNotices(driver, LOOP)).filter(({ topic }) => topic === "person-away");
  assert.deepEqual(
    news.map(({ address, state }) => `${address} ${state}`).sort(),
    [DEPUTY, HEAD_OF.logistics, HEAD_OF.marketing].map((address) => `${address} done`).sort(),
  );
  assert.deepEqual(await kindsOf(/^absence|^vote\.delegated/), [
    `absence.declared by ${HEAD_OF.marketing}`,
    `vote.delegated by ${HEAD_OF.marketing}`,
  ]);

  world.clock.moveTo(addMs(declared.until, 3_600_000));
  assert.deepEqual(await operations.absenceList.handler(world, {}), []);
  const after = await world.signalOn("IN-560009");
  await world.settle();
  assert.ok(asked(after).includes(`${HEAD_OF.marketing}: Your vote is needed`));
});

test("who comes back early is asked again; who had a hand in the proposal stands in for nobody", async () => {
  await declare({ person: HEAD_OF.marketing, until: BACK_ON, to: DEPUTY });
  const id = await world.signalOn(HERE);
  await world.settle();
  assert.ok(!asked(id).includes(`${HEAD_OF.marketing}: Your vote is needed`));
  await operations.absenceEnd.handler(world, { person: HEAD_OF.marketing });
  await world.settle();
  assert.ok(asked(id).includes(`${HEAD_OF.marketing}: Reminder`), asked(id).join());
  await assert.rejects(
    operations.absenceEnd.handler(world, { person: HEAD_OF.marketing }),
    (thrown) => thrown instanceof InterlockError && thrown.code === "delegation/not-away",
  );

  // The deputy has the receiver asked again, and so has a hand in its answer.
  await declare({ person: HEAD_OF.marketing, until: BACK_ON, to: DEPUTY });
  world.receiver.fault = new InterlockError("agent/failed", "down", { retry: "never" });
  const asking = await world.signalOn(THERE);
  await world.settle();
  delete world.receiver.fault;
  await operations.caseAsk.handler(world, { id: asking, person: DEPUTY });
  await world.settle();
  assert.ok(asked(asking).includes(`${HEAD_OF.marketing}: Your vote is needed`));
  assert.ok(!asked(asking).some((line) => line.startsWith(DEPUTY)));
});

test("in Slack a command says away, back and delegate, for whoever Slack knows, and is refused with the reason", async () => {
  const workspace = await startSlackWorkspace([
    { id: "U0MARKETING", email: HEAD_OF.marketing },
    { id: "U0NOBODY", email: "visitor@example.com" },
  ]);
  const { token, apiUrl, signingSecret } = workspace;
  const slack = createSlackDoor({ token, apiUrl }, signingSecret);
  const server = await startServer({ engine: world.engine, port: 0, slack });
  const say = async (text: string, user = "U0MARKETING") => {
    const { headers, body } = workspace.command(text, user);
    const answer = await fetch(`${server.url}/v1/slack/commands`, {
      method: "POST",
      headers,
      body,
    });
    assert.equal(answer.status, 200);
    return ((await answer.json()) as { readonly text: string }).text;
  };
  try {
    const id = await world.signalOn(HERE);
    await world.settle();
    assert.match(await say(`delegate ${id} to ${DEPUTY}`), /deputy@marketing.* is asked about/);
    await world.settle();
    assert.ok(asked(id).includes(`${DEPUTY}: You stand in`));
    assert.match(await say(`away until ${BACK_ON} ${DEPUTY}`), /You are away for marketing until/);
    assert.match(await say("back"), /You are back/);
    assert.match(await say("back"), /Nothing was changed: .* is not away/);
    assert.match(
      await say(`away until ${BACK_ON} deputy@logistics.example.com`),
      /Nothing was changed: .*seat on another side.*you may name deputy@marketing/,
    );
    assert.match(await say("away until 2027-12-31"), /within 90 days/);
    assert.match(await say("I agree"), /words do not vote/);
    assert.match(await say("lunch?"), /not understood.*away until/);
    assert.match(await say(`away until ${BACK_ON}`, "U0NOBODY"), /no charter here gives/);
    assert.match(await say("back", "U0STRANGER"), /Nothing was changed/);
    const forged = { ...workspace.command("back", "U0MARKETING"), body: "text=back" };
    const refused = await fetch(`${server.url}/v1/slack/commands`, { method: "POST", ...forged });
    assert.equal(refused.status, 401);
    assert.deepEqual((await world.case(id)).votes, []);
  } finally {
    await server.close();
    await workspace.close();
  }
});

test("a question is handed on only by whom it was put to, and ends with that side's clock", async () => {
  const id = await world.signalOn(HERE);
  await world.settle();
  const hand = (person: string, to?: string) =>
    operations.caseDelegate.handler(world, { id, person, ...(to === undefined ? {} : { to }) });
  await assert.rejects(
    hand(DEPUTY),
    (thrown) => thrown instanceof InterlockError && thrown.code === "delegation/not-asked",
  );
  const { to, until } = await hand(HEAD_OF.marketing);
  assert.equal(to, DEPUTY);
  const end = (await world.case(id)).clocks.find(({ party }) => party === "marketing");
  assert.equal(until, end?.stages.at(-1)?.dueAt);
  await world.runUntil(addMs(until, DAY_MS));
  // Handed on or not, silence never allows.
  assert.equal((await world.case(id)).closeReason, "expired");
});
