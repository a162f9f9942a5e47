/** Questions in Slack, over real HTTP: a message to each head, a press, and what comes of it. */
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { toBlocks } from "../../src/connector/slack/blocks.ts";
import { createSlackDoor } from "../../src/connector/slack/door.ts";
import { createSlackNotifier } from "../../src/connector/slack/notifier.ts";
import { toRejectView } from "../../src/connector/slack/reject-view.ts";
import { type RunningServer, startServer } from "../../src/server/http/server.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { listLedger } from "../../src/store/table/ledger.ts";
import { type Block, findBlockFault } from "../../twin/slack/block-check.ts";
import { findViewFault } from "../../twin/slack/view-check.ts";
import {
  type SlackForm,
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

/** The form that a press of "Reject" opens. */
async function openForm(message: SlackMessage, user: string): Promise<SlackForm> {
  const before = workspace.forms().length;
  assert.equal((await knock(workspace.press(message, "vote.reject", user))).status, 200);
  assert.equal(workspace.forms().length, before + 1);
  return workspace.forms().at(-1) ?? assert.fail("no form was opened");
}

const WHY = { because: "bad-moment", reason: "we launch on Friday" };

test("slack: a rejection gives its reason in a form, once, and the letter that ends it has it", async () => {
  const form = await openForm(messageTo(HEAD_OF.marketing), "U0MARKETING");
  assert.match(JSON.stringify(form.view), /Your vote is needed/);
  assert.deepEqual(await voters(), [], "opening the form decides nothing");

  const empty = await knock(workspace.submit(form, { ...WHY, reason: "   " }));
  assert.deepEqual(
    [empty.status, Object.keys(((await empty.json()) as { errors: object }).errors)],
    [200, ["reason"]],
  );
  const sent = workspace.submit(form, WHY);
  const heard = await knock(sent);
  assert.deepEqual([heard.status, await heard.text()], [200, ""], "the form closes");
  assert.match(shown(messageTo(HEAD_OF.marketing)), /Counted: you rejected it/);
  assert.match(
    shown(messageTo(HEAD_OF.marketing)),
    /setting: /,
    "what was asked still stands there",
  );
  assert.doesNotMatch(shown(messageTo(HEAD_OF.marketing)), /vote\.(agree|reject)/);
  await knock(sent);
  await world.settle();
  const { closeReason, votes } = await world.case(id);
  assert.equal(closeReason, "rejected");
  assert.deepEqual(
    votes.map(({ person, choice, because, reason, proof }) => ({
      ...{ person, choice, because, reason, proof },
    })),
    [
      {
        person: HEAD_OF.marketing,
        choice: "reject",
        ...WHY,
        proof: { kind: "link", slackUser: "U0MARKETING" },
      },
    ],
  );
  const letter = messageTo("performance@marketing.example.com");
  assert.match(letter.text, /^Nothing was changed/);
  assert.match(shown(letter), /we launch on Friday/);
});

test("slack: a form of another, of an altered question or of a decided one rejects nothing, and says why", async () => {
  const question = messageTo(HEAD_OF.marketing);
  const form = await openForm(question, "U0MARKETING");
  await knock(workspace.submit({ ...form, userId: "U0OTHER" }, WHY));
  assert.match(
    workspace.messages().at(-1)?.text ?? "",
    /is for head@marketing\.example\.com alone/,
  );

  const kept = JSON.parse(String(form.view["private_metadata"])) as { token: string };
  const token = `${kept.token.slice(0, -6)}AAAAAA`;
  const altered = { ...form.view, private_metadata: JSON.stringify({ ...kept, token }) };
  await knock(workspace.submit({ ...form, view: altered }, WHY));
  assert.match(workspace.messages().at(-1)?.text ?? "", /^Not counted/);
  await world.settle();
  assert.deepEqual(await voters(), []);

  await world.vote(id, "logistics", "reject");
  await world.settle();
  await knock(workspace.submit(form, WHY));
  assert.match(shown(messageTo(HEAD_OF.marketing)), /Not counted: case .* was decided/);
  const before = workspace.forms().length;
  await knock(workspace.press(question, "vote.reject", "U0MARKETING"));
  assert.equal(workspace.forms().length, before, "nobody is asked why for what is decided");
});

test("slack: the sandbox refuses what Slack refuses of a form, and a press opens one, for three seconds", async () => {
  const view = toRejectView("a question", "kept") as unknown as Block;
  assert.equal(findViewFault(view), undefined);
  const text = { type: "plain_text", text: "x".repeat(25) };
  for (const [change, fault] of [
    [{ title: text }, /more than 24/],
    [{ submit: undefined }, /has a submit/],
    [{ private_metadata: "x".repeat(3_001) }, /private_metadata/],
    [{ colour: "red" }, /unknown field colour/],
    [{ blocks: [{ type: "input", label: { ...text, text: "a" }, element: {} }] }, /action_id/],
  ] as const) {
    assert.match(findViewFault({ ...view, ...change }) ?? "", fault);
  }
  const door = createSlackDoor({ token: workspace.token, apiUrl: workspace.apiUrl }, "");
  const { body } = workspace.press(messageTo(HEAD_OF.marketing), "vote.reject", "U0MARKETING");
  const payload = new URLSearchParams(body).get("payload") ?? "";
  const { trigger_id: trigger } = JSON.parse(payload) as { trigger_id: string };
  await door.askReason(trigger, "a question", "kept");
  await assert.rejects(door.askReason(trigger, "a question", "kept"), /exchanged_trigger_id/);
  await assert.rejects(door.askReason("trigger-99", "a question", "kept"), /invalid_trigger_id/);
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
