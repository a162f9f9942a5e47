/** A question by mail, through a real mail server: what arrives, and what may be replied. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Webhook } from "standardwebhooks";
import { type Channels, openChannels } from "../../src/app/channels.ts";
import { readMailReply } from "../../src/connector/email/reply.ts";
import { type RunningServer, startServer } from "../../src/server/http/server.ts";
import { operations } from "../../src/operation/index.ts";
import { InterlockError } from "../../src/std/errors.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import {
  BY_VERDICT,
  type EngineWorld,
  HEAD_OF,
  HERE,
  NOW,
  openWorld,
} from "../kit/engine-world.ts";
import { type LetterBox, openLetterBox } from "../kit/letter-box.ts";

const SECRET = `whsec_${Buffer.alloc(32, 7).toString("base64")}`;
const DEPUTY = "deputy@marketing.example.com";
let driver: Driver;
let box: LetterBox;
let channels: Channels;
let world: EngineWorld;
let server: RunningServer;
let id: string;

before(async () => {
  driver = await openDriver({});
  await migrate(driver);
  box = await openLetterBox();
  channels = openChannels(
    {
      INTERLOCK_SMTP_URL: box.url,
      INTERLOCK_MAIL_FROM: "i@x.example",
      INTERLOCK_MAIL_REPLY_DOMAIN: "replies.example.com",
      INTERLOCK_MAIL_REPLY_SECRET: SECRET,
    },
    undefined,
    () => NOW,
  );
  const { notifier, mail } = channels;
  assert.ok(notifier);
  const limits = { callMs: 20_000, leaseMs: 60_000 };
  world = await openWorld(driver, { notifier, limits });
  server = await startServer({ engine: world.engine, port: 0, mail });
  Object.assign(world.engine.context, {
    publicUrl: "https://interlock.example.com",
    replyDomain: mail?.domain,
  });
  world.receiver.propose(() => BY_VERDICT.both);
  id = await world.signalOn(HERE);
  await world.settle();
});
after(async () => {
  await server.close();
  await channels.close();
  await box.close();
  await driver.close();
});

test("a question by mail shows the sheet as text and as HTML, with the picture inside the letter", async () => {
  const [letter] = await box.read(HEAD_OF.marketing);
  const { text = "", html = "", attachments = [] } = letter ?? {};
  for (const shown of [text, html]) {
    for (const words of [
      /exclude_geo/,
      /Rs 6,00,000/,
      /untouched/,
      /rule|Under which rule/i,
      /ndr_rate by day from 2026-03-01/,
      /Without an answer the question goes to deputies next/,
      /If nobody has answered by .*nothing is done/,
      /https:\/\/interlock\.example\.com\/v1\/approve\//,
      /a reply never votes/,
    ]) {
      assert.match(shown, words);
    }
  }
  const [picture] = attachments;
  assert.equal(picture?.mimeType, "image/png");
  assert.equal(picture.disposition, "inline");
  const cid = picture.contentId?.replace(/[<>]/g, "") ?? "no id";
  assert.ok(html.includes(`src="cid:${cid}"`), "the picture is the one in the letter");
  assert.match(html, /alt="ndr_rate by day/);
  assert.doesNotMatch(html, /<script|<form|http:\/\//);
});

let sent = 0;

/** As a mail server hands in a letter: signed, under an id of its own unless it is brought again. */
async function bring(raw: string, webhookId = `mail-${(sent += 1)}`, secret = SECRET) {
  const at = new Date();
  const signature = new Webhook(secret).sign(webhookId, at, raw);
  const answer = await fetch(`${server.url}/v1/mail/replies`, {
    method: "POST",
    headers: {
      "content-type": "message/rfc822",
      "webhook-id": webhookId,
      "webhook-timestamp": `${Math.floor(at.getTime() / 1_000)}`,
      "webhook-signature": signature,
    },
    body: raw,
  });
  const said = (await answer.json()) as { readonly outcome?: string; readonly words?: string };
  return `${answer.status} ${said.outcome ?? ""}: ${said.words ?? ""}`;
}

const reply = (from: string, to: string, words: string, more: ReadonlyArray<string> = []) =>
  [
    `From: Somebody <${from}>`,
    `To: ${to}`,
    "Subject: Re: Your vote is needed",
    ...more,
    "Content-Type: text/plain; charset=utf-8",
    "",
    words,
    "",
    "On Mon, Interlock wrote:",
    "> away until 2026-03-30",
  ].join("\r\n");

test("a reply says away or hands the question on, for whom the letter was, once, and never votes", async () => {
  const [letter] = await box.read(HEAD_OF.marketing);
  const to = letter?.replyTo?.[0]?.address ?? "no address to reply to";
  assert.match(to, /^reply\+[0-9a-f]+\.\d+\.[a-z2-7]{32}@replies\.example\.com$/);
  assert.ok(to.split("@")[0]!.length <= 64);
  const head = HEAD_OF.marketing;
  const away = reply(head, to, `Away until 2026-03-06 ${DEPUTY}`);

  assert.match(await bring(away, "mail-x", `whsec_${Buffer.alloc(32).toString("base64")}`), /^401/);
  assert.match(await bring(reply(DEPUTY, to, "back")), /refused: .* for head@marketing.* alone/);
  const changed = to.replace(/.@/, (last) => (last === "a@" ? "b@" : "a@"));
  assert.match(await bring(reply(head, changed, "back")), /refused: .*not sent to the address/);
  assert.match(await bring(reply(head, to, "I agree")), /refused: .*words do not vote/);
  assert.match(await bring(reply(head, to, "Thanks, see you")), /refused: .*not understood/);
  const vacation = reply(head, to, "away until 2026-03-06", ["Auto-Submitted: auto-replied"]);
  assert.match(await bring(vacation), /ignored/);
  assert.deepEqual(await operations.absenceList.handler(world, {}), []);

  assert.match(await bring(away, "mail-away"), /done: You are away for marketing/);
  assert.match(await bring(away, "mail-away"), /repeated/);
  assert.match(await bring(reply(head, to, "back")), /refused: .*used before/);
  const [absence] = await operations.absenceList.handler(world, {});
  assert.equal(absence?.standIn, DEPUTY);
  await world.settle();
  assert.equal(
    (await box.read(DEPUTY)).filter(({ subject }) => /stand in/.test(subject ?? "")).length,
    1,
  );
  // What changed nothing was told to whoever was proved to have written it, and to nobody else.
  const told = (await box.read(head)).filter(({ subject }) =>
    /changed nothing/.test(subject ?? ""),
  );
  assert.equal(told.length, 3);
  assert.deepEqual((await world.case(id)).votes, []);
});

test("where the mail server tells whose domain signed, that has to be the author's, in its own words", async () => {
  const read = async (...results: ReadonlyArray<string>) => {
    const raw = reply(
      "a@m.example",
      "x@y.example",
      "back",
      results.map((one) => `Authentication-Results: ${one}`),
    );
    return (await readMailReply(Buffer.from(raw), "mx.example")).authentication;
  };
  assert.equal(await read("mx.example; dkim=pass header.d=m.example"), "pass");
  assert.equal(await read("mx.example; arc=pass; dmarc=pass header.from=m.example"), "pass");
  assert.equal(await read("mx.example; spf=pass; arc=pass"), "fail");
  assert.equal(await read("mx.example; dkim=pass header.d=evil.example"), "fail");
  assert.equal(await read("mx.example; dkim=fail header.d=m.example"), "fail");
  assert.equal(await read("other.example; dkim=pass header.d=m.example"), undefined);
  // What the sender wrote stands below.
  const forged = ["mx.example; dkim=none", "mx.example; dkim=pass header.d=m.example"];
  assert.equal(await read(...forged), "fail");
});

test("a channel that is set up by halves, or to nowhere, is refused at the start", () => {
  for (const [env, help] of [
    [{ INTERLOCK_SLACK_TOKEN: "xoxb-1" }, /INTERLOCK_SLACK_SIGNING_SECRET/],
    [{ INTERLOCK_SMTP_URL: "smtp://mail.example.com" }, /INTERLOCK_MAIL_FROM/],
    [{ INTERLOCK_SMTP_URL: "mail.example.com", INTERLOCK_MAIL_FROM: "a@b.example" }, /smtps:/],
    [{ INTERLOCK_MAIL_REPLY_DOMAIN: "r.example" }, /INTERLOCK_MAIL_REPLY_SECRET/],
    [
      { INTERLOCK_MAIL_REPLY_DOMAIN: "r.example", INTERLOCK_MAIL_REPLY_SECRET: "short" },
      /24 random bytes/,
    ],
  ] as const) {
    assert.throws(
      () => openChannels(env, undefined, () => NOW),
      (thrown) => thrown instanceof InterlockError && help.test(thrown.help ?? ""),
    );
  }
});
