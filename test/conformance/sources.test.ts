/** Counts by webhook, over HTTP: verified, and each delivery counts once. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Webhook } from "standardwebhooks";
import { readSources } from "../../src/app/channels.ts";
import { InterlockError } from "../../src/std/errors.ts";
import { startServer } from "../../src/server/http/server.ts";
import { openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { dayBatch, openWorld } from "../kit/engine-world.ts";

const SECRET = `whsec_${Buffer.alloc(32, 3).toString("base64")}`;
const OTHER = `whsec_${Buffer.alloc(32, 4).toString("base64")}`;

test("a delivery by webhook counts once for ever, only as its source signed it, and only for itself", async () => {
  const driver = await openDriver({});
  await migrate(driver);
  const world = await openWorld(driver, {});
  const sources = readSources({ INTERLOCK_SOURCES: `courier=${SECRET} shop=${OTHER}` });
  const server = await startServer({ engine: world.engine, port: 0, sources });
  const { source: _source, id: _id, ...delivery } = dayBatch("2026-03-02");
  const good = JSON.stringify(delivery);
  const send = async (
    id: string,
    body: string,
    { secret = SECRET, source = "courier", at = new Date(), sent = body } = {},
  ) => {
    const answer = await fetch(`${server.url}/v1/sources/${source}/observations`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "webhook-id": id,
        "webhook-timestamp": `${Math.floor(at.getTime() / 1_000)}`,
        "webhook-signature": new Webhook(secret).sign(id, at, body),
      },
      body: sent,
    });
    const said = (await answer.json()) as {
      readonly receipt?: string;
      readonly error?: { readonly code: string };
    };
    return `${answer.status} ${said.receipt ?? said.error?.code ?? ""}`;
  };
  try {
    assert.equal(await send("d-1", good, { secret: OTHER }), "401 server/unauthorised");
    assert.equal(await send("d-1", good, { source: "nobody" }), "401 server/unauthorised");
    assert.equal(await send("d-1", good, { sent: `${good} ` }), "401 server/unauthorised");
    const old = new Date(Date.now() - 301_000);
    assert.equal(await send("d-1", good, { at: old }), "401 server/unauthorised");
    assert.equal(await send("d-1", '{"metric":"ndr_rate"}'), "400 server/invalid-request");

    assert.equal(await send("d-1", good), "200 new");
    assert.equal(await send("d-1", good), "200 repeated");
    const changed = JSON.stringify({ ...delivery, completeDays: [] });
    assert.equal(await send("d-1", changed), "409 data/batch-conflict");
    // The same id of another source is another delivery.
    assert.equal(await send("d-1", good, { source: "shop", secret: OTHER }), "200 new");
    const rows = await driver.query<{ source: string }>(
      "select source from observation_batch where id = 'd-1' order by source",
    );
    assert.deepEqual(rows, [{ source: "courier" }, { source: "shop" }]);
  } finally {
    await server.close();
    await driver.close();
  }
});

test("a source without a secret of some length is refused at the start", () => {
  assert.throws(
    () => readSources({ INTERLOCK_SOURCES: "courier=secret" }),
    (thrown) => thrown instanceof InterlockError && /24 random bytes/.test(thrown.help ?? ""),
  );
});
