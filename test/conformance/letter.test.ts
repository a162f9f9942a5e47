/** A question by mail, through a real mail server: what arrives, part by part. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import PostalMime from "postal-mime";
import { SMTPServer } from "smtp-server";
import type { AddressInfo } from "node:net";
import { openChannels } from "../../src/app/channels.ts";
import { InterlockError } from "../../src/std/errors.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { BY_VERDICT, HEAD_OF, HERE, NOW, openWorld } from "../kit/engine-world.ts";

let driver: Driver;
let server: SMTPServer;
const letters: Buffer[] = [];

before(async () => {
  driver = await openDriver({});
  await migrate(driver);
  server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData(stream, _session, done) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        letters.push(Buffer.concat(chunks));
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", () => resolve()));
});
after(async () => {
  await new Promise<void>((resolve) => server.close(() => resolve()));
  await driver.close();
});

test("a question by mail shows the sheet as text and as HTML, with the picture inside the letter", async () => {
  const { port } = server.server.address() as AddressInfo;
  const env = {
    INTERLOCK_SMTP_URL: `smtp://127.0.0.1:${port}`,
    INTERLOCK_MAIL_FROM: "i@x.example",
  };
  const channels = openChannels(env, undefined, () => NOW);
  const { notifier } = channels;
  assert.ok(notifier);
  const limits = { callMs: 20_000, leaseMs: 60_000 };
  const world = await openWorld(driver, { notifier, limits });
  world.engine.context.publicUrl = "https://interlock.example.com";
  world.receiver.propose(() => BY_VERDICT.both);
  await world.signalOn(HERE);
  await world.settle();
  await channels.close();

  const parsed = await Promise.all(letters.map((letter) => PostalMime.parse(letter)));
  const letter = parsed.find(({ to }) => to?.[0]?.address === HEAD_OF.marketing);
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

test("a channel that is set up by halves, or to nowhere, is refused at the start", () => {
  for (const [env, help] of [
    [{ INTERLOCK_SLACK_TOKEN: "xoxb-1" }, /INTERLOCK_SLACK_SIGNING_SECRET/],
    [{ INTERLOCK_SMTP_URL: "smtp://mail.example.com" }, /INTERLOCK_MAIL_FROM/],
    [{ INTERLOCK_SMTP_URL: "mail.example.com", INTERLOCK_MAIL_FROM: "a@b.example" }, /smtps:/],
  ] as const) {
    assert.throws(
      () => openChannels(env, undefined, () => NOW),
      (thrown) => thrown instanceof InterlockError && help.test(thrown.help ?? ""),
    );
  }
});
