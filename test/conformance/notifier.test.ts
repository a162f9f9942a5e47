import assert from "node:assert/strict";
import { test } from "node:test";
import { InterlockError } from "../../src/std/errors.ts";
import { createEmailNotifier, messageIdOf } from "../../src/connector/email/notifier.ts";
import { createSlackNotifier } from "../../src/connector/slack/notifier.ts";
import { startSandbox } from "../../twin/sandbox/sandbox.ts";
import { createTeamsNotifier } from "../../src/connector/teams/notifier.ts";
import { startTeamsWorkflows } from "../../twin/teams/workflows.ts";
import { startSlackWorkspace } from "../../twin/slack/workspace.ts";
import { call } from "./connector.ts";
import { notifierConformance } from "./notifier.ts";

const ADDRESS = "asha@marketing.example";
const now = (): string => "2026-01-05T06:30:00.000Z";

notifierConformance("email", async () => {
  const sandbox = await startSandbox({ subjects: [], now, mailboxes: [ADDRESS] });
  const { host, port, user, pass } = sandbox.mail;
  const settings = { host, port, secure: false, from: "interlock@company.example", now };
  const notifier = createEmailNotifier({ ...settings, auth: { user, pass } });
  const stranger = createEmailNotifier({ ...settings, auth: { user, pass: "forged" } });
  return {
    notifier,
    stranger,
    address: ADDRESS,
    nobody: "nobody@marketing.example",
    failNext: (kind) => sandbox.failNext("mail", "mutation", kind),
    received: () =>
      sandbox.mails().map(({ to, subject, text, inReplyTo }) => ({
        to,
        subject,
        text,
        under: inReplyTo,
      })),
    async close() {
      notifier.close();
      stranger.close();
      await sandbox.close();
    },
  };
});

notifierConformance("slack", async () => {
  const workspace = await startSlackWorkspace([{ id: "U0ASHA", email: ADDRESS }]);
  const { apiUrl, token } = workspace;
  return {
    notifier: createSlackNotifier({ token, apiUrl }),
    stranger: createSlackNotifier({ token: "xoxb-forged", apiUrl }),
    address: ADDRESS,
    nobody: "nobody@marketing.example",
    failNext: (kind) => workspace.failNext(kind),
    received: () =>
      workspace.messages().map((message) => ({
        to: workspace.memberOf(message.channel)?.email ?? "",
        subject: message.text,
        text: message.blocks
          .filter(({ type }) => type === "section")
          .map(({ text }) => (text as { readonly text: string }).text)
          .join(""),
        under:
          message.threadTs === undefined
            ? null
            : String(
                workspace.messages().find(({ ts }) => ts === message.threadTs)?.metadata
                  ?.event_payload["id"],
              ),
      })),
    close: () => workspace.close(),
  };
});

notifierConformance("teams", async () => {
  const workflows = await startTeamsWorkflows([ADDRESS]);
  const addresses = new Map([[ADDRESS, workflows.addressOf(ADDRESS)]]);
  const forged = new Map([[ADDRESS, workflows.forgedAddressOf(ADDRESS)]]);
  const [notifier, stranger] = [
    createTeamsNotifier({ addresses }),
    createTeamsNotifier({ addresses: forged }),
  ];
  const plain = (text = "") => text.replaceAll(/\\(.)/g, "$1");
  return {
    notifier,
    stranger,
    address: ADDRESS,
    nobody: "nobody@marketing.example",
    failNext: (kind) => workflows.failNext(kind),
    received: () =>
      workflows.posted().map(({ place, card }) => {
        const texts = card.body.map(({ text }) => plain(text));
        const tail = texts.filter((text) => /^(Belongs to|Notice) /.test(text));
        const under = tail.find((text) => text.startsWith("Belongs to "));
        return {
          to: place,
          subject: texts[0] ?? "",
          text: texts.slice(1, -tail.length).join("\n\n"),
          under: under ?? null,
          notice: tail.at(-1) ?? "",
        };
      }),
    async close() {
      await Promise.all([notifier.close(), stranger.close()]);
      await workflows.close();
    },
  };
});

test("email: a server that is not there is unavailable, not unknown", async () => {
  const sandbox = await startSandbox({ subjects: [], now });
  const { host, port } = sandbox.mail;
  await sandbox.close();
  const notifier = createEmailNotifier({ host, port, secure: false, from: "a@b.example", now });
  const notice = {
    id: "case-1/3/m",
    department: "marketing",
    address: ADDRESS,
    subject: "s",
    text: "t",
    thread: "case-1/3/m",
  };
  await assert.rejects(
    notifier.send(notice, call("case-1/3")),
    (thrown) => thrown instanceof InterlockError && thrown.code === "connector/unavailable",
  );
  notifier.close();
});

test("email: any notice id becomes a Message-ID that stays one token and tells ids apart", () => {
  const ids = ["case-1/3", "case-1 3", "a>b", "a<b", "(x)", "\u0928", "a\r\nb"];
  const names = ids.map((id) => messageIdOf(id, "interlock"));
  for (const name of names) assert.match(name, /^<[A-Za-z0-9!'*~._%-]+@interlock>$/);
  assert.equal(new Set(names).size, ids.length);
});
