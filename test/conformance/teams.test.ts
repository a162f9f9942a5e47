/** Questions in Teams: a card for one person, a card for a channel, and what neither of them may do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { toMessage } from "../../src/connector/teams/card.ts";
import { openChannels } from "../../src/app/channels.ts";
import { InterlockError } from "../../src/std/errors.ts";
import { openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { findMessageFault } from "../../twin/teams/card-check.ts";
import { startTeamsWorkflows, type TeamsCard } from "../../twin/teams/workflows.ts";
import { startServer } from "../../src/server/http/server.ts";
import { BY_VERDICT, HEAD_OF, HERE, NOW, openWorld } from "../kit/engine-world.ts";

const PUBLIC = "https://interlock.example.com";

test("teams: one person's card carries their link, a channel's only the case to sign in to; both show the whole question", async () => {
  const workflows = await startTeamsWorkflows([HEAD_OF.marketing, "logistics"]);
  const places = [HEAD_OF.marketing, "logistics"];
  const channels = openChannels(
    { INTERLOCK_TEAMS: places.map((place) => `${place}=${workflows.addressOf(place)}`).join(" ") },
    undefined,
    () => NOW,
  );
  const { notifier } = channels;
  assert.ok(notifier);
  const driver = await openDriver({});
  await migrate(driver);
  const limits = { callMs: 20_000, leaseMs: 60_000 };
  const world = await openWorld(driver, { notifier, limits });
  const server = await startServer({ engine: world.engine, port: 0 });
  try {
    world.engine.context.publicUrl = PUBLIC;
    world.receiver.propose(() => BY_VERDICT.both);
    const id = await world.signalOn(HERE);
    await world.settle();
    assert.equal(workflows.lastFault(), undefined);
    const cardOf = (place: string): TeamsCard =>
      workflows.posted().find((one) => one.place === place && one.card.actions !== undefined)
        ?.card ?? assert.fail(`nothing asks ${place}`);
    for (const place of places) {
      const shown = JSON.stringify(cardOf(place)).replaceAll("\\", "");
      for (const words of [
        /setting: "untouched" → "exclude_geo/,
        /Rs 6,00,000/,
        /"title":"Rule"/,
        /ndr_rate by day/,
        /If nobody has answered by .*nothing is done/,
        /"type":"Image","url":"https:\/\/interlock\.example\.com\/v1\/evidence\//,
      ]) {
        assert.match(shown, words);
      }
    }
    // Whoever reads a channel could vote as somebody else by a link of theirs.
    assert.equal(cardOf("logistics").actions?.[0]?.url, `${PUBLIC}/#/case/${id}`);
    assert.doesNotMatch(JSON.stringify(cardOf("logistics")), /approve/);
    const link = cardOf(HEAD_OF.marketing).actions?.[0]?.url ?? "";
    const page = link.replace(PUBLIC, server.url);
    assert.equal((await fetch(page)).status, 200);
    await world.settle();
    assert.deepEqual((await world.case(id)).votes, []);
    const body = JSON.stringify({ choice: "agree", reason: "" });
    const headers = { "content-type": "application/json" };
    assert.equal((await fetch(page, { method: "POST", headers, body })).status, 200);
    await world.settle();
    assert.equal((await world.case(id)).votes[0]?.person, HEAD_OF.marketing);
  } finally {
    await server.close();
    await channels.close();
    await driver.close();
    await workflows.close();
  }
});

test("teams: text from outside makes no link, and what does not fit in 28 KB is left to the page, and said", () => {
  const notice = { id: "n", department: "d", address: "a", subject: "s", thread: "n" };
  const long = "[pay here](https://evil.example) ".repeat(2_000);
  const message = JSON.stringify(toMessage({ ...notice, text: `first\n\n${long}` }, "one"));
  assert.equal(findMessageFault(message), undefined);
  assert.match(message, /Not everything fits here/);
  const short = toMessage({ ...notice, text: "[pay here](https://evil.example)" }, "one");
  assert.match(JSON.stringify(short), /\\\\\[pay here\\\\\]\\\\\(/);
  assert.equal(findMessageFault(JSON.stringify(short)), undefined);
});

test("teams: an entry that names no address is refused at the start", () => {
  for (const entry of [
    "head@example.com",
    "head@example.com=http://x.example/hook",
    "=https://x",
  ]) {
    assert.throws(
      () => openChannels({ INTERLOCK_TEAMS: entry }, undefined, () => NOW),
      (thrown) => thrown instanceof InterlockError && /a space apart/.test(thrown.help ?? ""),
    );
  }
});
