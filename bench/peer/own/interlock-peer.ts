/**
 * Interlock as a peer, with everything on: contract, charter, caps, arbitration, ledger, lease, intent, second
 * look, read + dry run + change + read back, and a notice to each department.
 *
 * Its door is the product's own. What is left out is what has no part in a signal's way: the dashboard,
 * people, and the gates, behind which this loop starts.
 */
import { setTimeout as delay } from "node:timers/promises";
import { LOOP_NAME } from "../../../loops/logistics-marketing/loop.ts";
import { startWorker } from "../../../src/app/worker.ts";
import { createHttpClient } from "../../../src/connector/kit/http.ts";
import type { Call, Connector } from "../../../src/core/port/types.ts";
import { acceptSignals } from "../../../src/engine/intake.ts";
import { operations } from "../../../src/operation/index.ts";
import { startServer } from "../../../src/server/http/server.ts";
import { assert } from "../../../src/std/assert.ts";
import type { Driver } from "../../../src/store/driver/driver.ts";
import { countEffects } from "../../../src/store/table/effect.ts";
import { createMemoryNotifier, openEngineLoop } from "../../action/engine-loop.ts";
import type { Peer } from "../peer.ts";

/** The bench sends more in a minute than a department may; how much it may is not what is measured. */
const REQUESTS_A_MINUTE = 10_000_000;
const LOOK_EVERY_MS = 5;
const NOTICES = 2;

export async function openInterlockPeer(driver: Driver, adsUrl: string): Promise<Peer> {
  const ads = createConnector(adsUrl);
  let noticesSent = 0;
  const { engine } = await openEngineLoop(driver, {
    connectors: [ads.connector],
    notifier: createMemoryNotifier(() => void (noticesSent += 1)),
  });
  if (driver.kind === "pglite") await engine.recover();
  const wiring = engine.wiringOf(LOOP_NAME);
  assert(wiring, "the loop is wired");
  const server = await startServer({
    engine,
    rateLimits: { department: REQUESTS_A_MINUTE },
  });
  const { key } = await operations.keyCreate.handler(
    { engine },
    { department: "logistics", label: "bench", person: "head@logistics.example.com" },
  );

  // The product's own, but for its duties: the gates, behind which this loop starts, are not looked at.
  const worker = startWorker({
    engine,
    duties: false,
    onError: (error) => process.stderr.write(`${error}\n`),
  });

  const countDone = async (): Promise<number> => {
    const counts = await countEffects(driver);
    const of = (kind: string) =>
      counts
        .filter((row) => row.kind === kind && row.state === "done")
        .reduce((sum, row) => sum + row.count, 0);
    return Math.min(of("act"), Math.floor(of("notify") / NOTICES));
  };

  const doneBefore = await countDone();

  return {
    async accept(signal) {
      await driver.transaction((tx) => acceptSignals(tx, engine.context, wiring, [signal], named));
      engine.wake();
    },
    async offer(signals) {
      await driver.transaction((tx) => acceptSignals(tx, engine.context, wiring, signals, named));
      engine.wake();
    },
    async settled(count) {
      // What is sent is counted in memory; the store is asked once that is enough.
      while (noticesSent < NOTICES * (count - doneBefore) || (await countDone()) < count) {
        await delay(LOOK_EVERY_MS);
      }
    },
    countDone,
    door: {
      url: server.url,
      headers: { authorization: `Bearer ${key}` },
      path: `/v1/loops/${LOOP_NAME}/signals`,
      body: "cloud-event",
    },
    async close() {
      await server.close();
      await worker.stop();
      await ads.close();
      await driver.close();
    },
  };
}

const named = (subject: string): string => subject;

/** The connector of the bench's engine, with the key in its change. */
function createConnector(adsUrl: string): { connector: Connector; close(): Promise<void> } {
  const client = createHttpClient({ system: "bench ads", baseUrl: adsUrl });
  const ask = async (
    method: "GET" | "POST" | "PUT",
    path: string,
    { signal }: Pick<Call, "signal">,
    body?: object,
  ): Promise<unknown> => {
    const answer = await client.send({
      kind: method === "PUT" ? "mutation" : "read",
      method,
      path,
      headers: { "content-type": "application/json" },
      signal,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (answer.status !== 200) throw new Error(`the bench's ads platform said ${answer.status}`);
    return JSON.parse(answer.text);
  };
  type Change = { readonly subject: string; readonly modifier: number };
  const connector: Connector = {
    name: "bench-ads",
    class: "readable",
    options: ["lower_bid"],
    read: async ({ subject }, call) =>
      (await ask("GET", `/geo/${subject}`, call)) as { modifier: number },
    plan({ subject, parameters }, before) {
      const after = { modifier: parameters["bidModifier"] ?? 1 };
      return { before, after, request: { subject, ...after } };
    },
    async dryRun({ request }, call) {
      const { subject, modifier } = request as Change;
      await ask("POST", `/geo/${subject}?check`, call, { modifier });
    },
    async apply({ request }, call) {
      const { subject, modifier } = request as Change;
      await ask("PUT", `/geo/${subject}`, call, { key: call.idempotencyKey, modifier });
      return { receipt: { modifier } };
    },
    isApplied: ({ after }, current) => current["modifier"] === after["modifier"],
    planUndo: (plan) => ({
      kind: "undo",
      plan: { before: plan.after, after: plan.before, request: plan.request },
    }),
  };
  return { connector, close: () => client.close() };
}
