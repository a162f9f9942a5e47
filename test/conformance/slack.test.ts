/** Questions in Slack, over real HTTP: a message to each head, a press, and what comes of it. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { toBlocks } from "../../src/connector/slack/blocks.ts";
import { createSlackDoor } from "../../src/connector/slack/door.ts";
import { createSlackNotifier } from "../../src/connector/slack/notifier.ts";
import { type RunningServer, startServer } from "../../src/server/http/server.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { listLedger } from "../../src/store/table/ledger.ts";
import { findBlockFault } from "../../twin/slack/block-check.ts";
import {
  type SlackMessage,
  type SlackRequest,
  type SlackWorkspace,
  startSlackWorkspace,
} from "../../twin/slack/workspace.ts";
import { BY_VERDICT, type EngineWorld, HEAD_OF, HERE, openWorld } from "../kit/engine-world.ts";

const MEMBERS = [
  { id: "U0MARKETING", email: HEAD_OF.marketing },
  { id: "U0LOGISTICS", email: HEAD_OF.logistics },
  { id: "U0OTHER", email: "deputy@marketing.example.com" },
  { id: "U0DESK", email: "performance@marketing.example.com" },
  { id: "U0STRANGER", email: HEAD_OF.marketing, isStranger: true },
  { id: "U0UNCONFIRMED", email: HEAD_OF.marketing, isUnconfirmed: true },
];

let driver: Driver;
let workspace: SlackWorkspace;
let world: EngineWorld;
let server: RunningServer;
let id: string;

before(async () => {
  driver = await openDriver({});
  await migrate(driver);
});
after(() => driver.close());
beforeEach(async () => {
  workspace = await startSlackWorkspace(MEMBERS);
  const { token, apiUrl, signingSecret } = workspace;
  world = await openWorld(driver, {
    notifier: createSlackNotifier({ token, apiUrl }),
    limits: { callMs: 20_000, leaseMs: 60_000 },
  });
  server = await startServer({
    engine: world.engine,
    port: 0,
    slack: createSlackDoor({ token, apiUrl }, signingSecret),
  });
  world.engine.context.publicUrl = "https://interlock.example.com";
  world.receiver.propose(() => BY_VERDICT.both);
  id = await world.signalOn(HERE);
  await world.settle();
});
afterEach(async () => {
  await server.close();
  await workspace.close();
});

const knock = ({ headers, body }: SlackRequest) =>
  fetch(`${server.url}/v1/slack/actions`, { method: "POST", headers, body });

function messageTo(person: string): SlackMessage {
  const found = workspace
    .messages()
    .find(({ channel }) => workspace.memberOf(channel)?.email === person);
  return found ?? assert.fail(`nothing was sent to ${person}`);
}

const shown = (message: SlackMessage) => JSON.stringify(message.blocks);
const press = (message: SlackMessage, user: string, atSeconds?: number) =>
  knock(workspace.press(message, "vote.agree", user, atSeconds));
const voters = async () => (await world.case(id)).votes.map(({ person, proof }) => [person, proof]);

test("slack: each head is shown the whole question, both press, and the action is carried out", async () => {
  const question = messageTo(HEAD_OF.marketing);
  for (const words of [
    /setting: \\"untouched\\" → \\"exclude_geo/,
    /At stake: Rs 6,00,000/,
    /Why it needs your vote: .*rule /,
    /ndr_rate by day/,
    /If nobody has answered by .*nothing is done/,
  ]) {
    assert.match(shown(question), words);
  }
  const picture = question.blocks.find(({ type }) => type === "image")?.["image_url"];
  const [, path = ""] = String(picture).split("https://interlock.example.com");
  const drawn = await fetch(`${server.url}${path}`);
  assert.equal(drawn.headers.get("content-type"), "image/png");
  assert.equal(Buffer.from(await drawn.arrayBuffer()).toString("latin1", 1, 4), "PNG");
  assert.equal((await fetch(`${server.url}${path.slice(0, -4)}AAAA`)).status, 401);

  assert.equal((await press(question, "U0MARKETING")).status, 200);
  assert.match(shown(messageTo(HEAD_OF.marketing)), /Counted: you agreed/);
  assert.doesNotMatch(shown(messageTo(HEAD_OF.marketing)), /vote\.agree/);
  await world.settle();
  assert.equal((await world.case(id)).state, "held");
  assert.equal((await press(messageTo(HEAD_OF.logistics), "U0LOGISTICS")).status, 200);
  await world.settle();
  assert.equal((await world.case(id)).state, "watching");
  assert.deepEqual(await voters(), [
    [HEAD_OF.marketing, { kind: "link", slackUser: "U0MARKETING" }],
    [HEAD_OF.logistics, { kind: "link", slackUser: "U0LOGISTICS" }],
  ]);
  assert.match(messageTo("performance@marketing.example.com").text, /^Acted/);
});

test("slack: nobody votes by another's message, nor a guest, nor under an unconfirmed address; each is told why", async () => {
  const question = messageTo(HEAD_OF.marketing);
  for (const [user, why] of [
    ["U0OTHER", /this question is for head@marketing\.example\.com alone/],
    ["U0STRANGER", /no member of the workspace/],
    ["U0UNCONFIRMED", /not confirmed in Slack/],
  ] as const) {
    assert.equal((await press(question, user)).status, 200);
    const reply = workspace.messages().at(-1);
    assert.equal(reply?.threadTs, question.ts);
    assert.match(reply.text, why);
  }
  await world.settle();
  assert.deepEqual(await voters(), []);
  assert.match(shown(messageTo(HEAD_OF.marketing)), /vote\.agree/);
});

test("slack: what is not signed, not lately, or was heard before votes nothing", async () => {
  const question = messageTo(HEAD_OF.marketing);
  const good = workspace.press(question, "vote.agree", "U0MARKETING");
  const now = Math.floor(Date.now() / 1_000);
  const codes = [
    await knock({ ...good, body: `${good.body}&x=1` }),
    await knock({ ...good, headers: { ...good.headers, "x-slack-signature": "v0=00" } }),
    await press(question, "U0MARKETING", now - 301),
    await press(question, "U0MARKETING", now + 301),
  ].map(({ status }) => status);
  assert.deepEqual(codes, [401, 401, 401, 401]);
  await world.settle();
  assert.deepEqual(await voters(), []);

  assert.equal((await knock(good)).status, 200);
  assert.equal((await knock(good)).status, 200);
  await world.settle();
  assert.equal((await voters()).length, 1);
  const kinds = (await listLedger(driver, 0, 1_000)).map(({ text }) => text).join("\n");
  assert.doesNotMatch(kinds, /vote\.refused/);
});

test("slack: a press that comes too late is told so, and the message asks no more", async () => {
  const question = messageTo(HEAD_OF.marketing);
  await world.vote(id, "logistics", "reject");
  await world.settle();
  assert.equal((await world.case(id)).state, "closed");
  assert.equal((await press(question, "U0MARKETING")).status, 200);
  assert.match(shown(messageTo(HEAD_OF.marketing)), /Not counted: case .* was decided/);
  assert.doesNotMatch(shown(messageTo(HEAD_OF.marketing)), /vote\.agree/);
});

test("slack: a change too long for one message is not agreed to there, only on its page", () => {
  const [place, before] = ["campaign", "x".repeat(1_500)];
  const sheet = {
    ...{ case: "case-1", title: "t", seen: "s", facts: [], target: "In ads", evidence: ["e"] },
    ...{ why: ["w"], rule: "r", ruleReasons: ["r"], deadline: "d", silence: "s" },
    changes: Array.from({ length: 100 }, (_, n) => ({
      place: `${place}.${n}`,
      before,
      after: "y",
    })),
  };
  const notice = { id: "n", department: "d", address: "a", subject: "s", text: "t", thread: "n" };
  const vote = { sheet, token: "token", link: "https://interlock.example.com/v1/approve/token" };
  const blocks = toBlocks({ ...notice, vote });
  assert.equal(
    findBlockFault(blocks as unknown as Parameters<typeof findBlockFault>[0]),
    undefined,
  );
  assert.doesNotMatch(JSON.stringify(blocks.at(-1)), /vote\.agree/);
  assert.match(JSON.stringify(blocks.at(-1)), /vote\.look/);
});
