/** What was set aside, in a person's hands; and a backlog above which no more is let in. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { operations } from "../../src/operation/index.ts";
import { InterlockError } from "../../src/std/errors.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { EngineWorld, HEAD_OF, HERE, LOOP, THERE, type WorldOptions } from "../kit/engine-world.ts";

const drivers: Driver[] = [];
after(async () => {
  for (const driver of drivers) await driver.close();
});

async function setup(options: WorldOptions = {}): Promise<EngineWorld> {
  const driver = await openDriver({});
  drivers.push(driver);
  await migrate(driver);
  const world = new EngineWorld(driver, options);
  await world.register();
  await world.goLive();
  return world;
}

/** An action whose only call was answered by nothing, at a target that cannot be read back. */
async function setAside(): Promise<{ world: EngineWorld; name: { case: string; step: number } }> {
  const world = await setup({ connector: { class: "opaque" } });
  const id = await world.signalOn(HERE);
  await world.stepTo(id, "executing");
  world.outside.failNext("apply", "unknown-before");
  await world.settle();
  await world.runUntil(world.signal(HERE).expiresAt);
  const { effects } = await operations.effectList.handler(world, { loop: LOOP });
  const [line] = effects;
  assert.ok(line !== undefined && line.case === id && line.kind === "act", "it was set aside");
  assert.equal(line.state, "needs-person");
  return { world, name: { case: id, step: line.step } };
}

const refusedWith = (code: string) => (error: unknown) =>
  error instanceof InterlockError && error.code === code;

test("what was set aside can be looked at whole, and tried again by somebody with a seat, once", async () => {
  const { world, name } = await setAside();
  const shown = await operations.effectShow.handler(world, name);
  assert.equal(shown.intent?.connector, "scripted");
  assert.match(shown.why ?? "", /cannot be read back/);
  const person = HEAD_OF.marketing;
  await assert.rejects(
    operations.effectRetry.handler(world, { ...name, person: "nobody@example.com" }),
    refusedWith("effect/not-entitled"),
  );
  await operations.effectRetry.handler(world, { ...name, person });
  await world.settle();
  assert.equal(
    (await operations.effectShow.handler(world, name)).state,
    "needs-person",
    "nobody said that it was not done, so it is not sent again",
  );
  assert.equal(world.outside.countCalls("apply"), 1);
  await assert.rejects(
    operations.effectRetry.handler(world, { ...name, step: 99, person }),
    refusedWith("effect/not-found"),
  );
});

test("an action that is tried again goes through the last look: what expired meanwhile is not sent", async () => {
  const { world, name } = await setAside();
  await operations.effectRetry.handler(world, {
    ...name,
    person: HEAD_OF.logistics,
    isUndone: true,
  });
  await world.settle();
  assert.equal(world.outside.countCalls("apply"), 1);
  const { state } = await operations.effectShow.handler(world, name);
  assert.equal(state, "failed");
  assert.notEqual((await world.case(name.case)).state, "executing");
});

test("what is given up closes its case, and both departments are told who did and why", async () => {
  const { world, name } = await setAside();
  const person = HEAD_OF.marketing;
  const reason = "the campaign is gone";
  await operations.effectDiscard.handler(world, { ...name, person, reason });
  await world.settle();
  const of = await world.case(name.case);
  assert.deepEqual([of.state, of.closeReason], ["closed", "failed"]);
  const told = world.post.delivered.filter(({ text }) => text.includes(reason));
  assert.deepEqual(told.map(({ department }) => department).sort(), ["logistics", "marketing"]);
  await assert.rejects(
    operations.effectDiscard.handler(world, { ...name, person, reason }),
    refusedWith("effect/not-set-aside"),
  );
  const [entry] = await world.driver.query<{ text: string }>(
    "select text from ledger where text like '%effect.discarded%'",
  );
  assert.match(entry?.text ?? "", /the campaign is gone/);
});

test("above the limit of what waits no more is let in, and below it more is, by itself", async () => {
  const world = await setup({ limits: { waitingMax: 1 } });
  const { backlog } = world.engine;
  await backlog.refuseIfFull();
  await world.signalOn(HERE);
  await world.signalOn(THERE);
  const fresh = world.openEngine({ waitingMax: 1 });
  await assert.rejects(fresh.backlog.refuseIfFull(), refusedWith("engine/backlog-full"));
  await world.settle();
  await world.openEngine({ waitingMax: 1 }).backlog.refuseIfFull();
});
