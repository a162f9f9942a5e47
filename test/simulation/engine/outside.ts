/** What the world does to a call, and that none of it makes an effect twice or loses one unseen. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runDispatch } from "../../../src/engine/dispatch.ts";
import { InterlockError } from "../../../src/std/errors.ts";
import { addMs, diffMs, HOUR_MS, SECOND_MS } from "../../../src/std/time.ts";
import { claimEffects, releaseLeases, updateIntents } from "../../../src/store/table/effect.ts";
import { operations } from "../../../src/operation/index.ts";
import {
  BY_VERDICT,
  type EngineWorld,
  HEAD_OF,
  HERE,
  NOW,
  resourceOf,
} from "../../kit/engine-world.ts";
import { RETRY_AFTER_MS } from "../../kit/scripted-connector.ts";
import type { Setup } from "./setup.ts";

const SENT = 'exclude_geo {"probeShare":0.1,"standingDays":14}';

export function exerciseOutside(setup: Setup): void {
  exerciseUnknown(setup);
  exerciseRetries(setup);
  exerciseVanishing(setup);
  exerciseUndo(setup);
  exerciseOthers(setup);
}

async function toldBoth(world: EngineWorld, id: string, topic: string): Promise<boolean> {
  const told = await world.told(id);
  return told.includes(`logistics: ${topic}`) && told.includes(`marketing: ${topic}`);
}

function exerciseUnknown(setup: Setup): void {
  for (const fault of ["unknown-after", "silent-after"] as const) {
    test(`a change whose answer was lost (${fault}) is read back and not made again`, async () => {
      const world = await setup();
      world.outside.failNext("apply", fault);
      const id = await world.signalOn(HERE);
      await world.runUntil(addMs(NOW, HOUR_MS));
      const acted = await world.case(id);
      assert.equal(acted.state, "watching");
      assert.deepEqual(acted.action?.receipt, { readBack: "found in effect" });
      assert.equal(world.outside.countCalls("apply"), 1);
      assert.equal(world.outside.effects.length, 1);
      assert.ok(await toldBoth(world, id, "acted"));
    });
  }

  for (const fault of ["unknown-before", "silent-before"] as const) {
    test(`a change that never arrived (${fault}) is made again under the same key`, async () => {
      const world = await setup();
      world.outside.failNext("apply", fault);
      const id = await world.signalOn(HERE);
      await world.runUntil(addMs(NOW, HOUR_MS));
      assert.equal((await world.case(id)).state, "watching");
      const applied = world.outside.calls.filter(({ kind }) => kind === "apply");
      assert.equal(applied.length, 2);
      assert.equal(applied[0]?.key, applied[1]?.key);
      assert.ok(
        (applied[0]?.fence ?? 0) < (applied[1]?.fence ?? 0),
        "every claim has its own fence",
      );
      assert.equal(world.outside.effects.length, 1);
    });
  }

  test("an idempotent target is asked again with the same key, and makes one change of it", async () => {
    const world = await setup({ connector: { class: "idempotent" } });
    world.outside.failNext("apply", "unknown-after", "unknown-after");
    const id = await world.signalOn(HERE);
    await world.runUntil(addMs(NOW, HOUR_MS));
    assert.equal((await world.case(id)).state, "watching");
    const applied = world.outside.calls.filter(({ kind }) => kind === "apply");
    assert.equal(applied.length, 3);
    assert.equal(new Set(applied.map(({ key }) => key)).size, 1);
    assert.equal(world.outside.effects.length, 1);
  });

  for (const fault of ["unknown-before", "unknown-after", "silent-after"] as const) {
    test(`an opaque target is never asked twice after ${fault}: a person is needed, both are told`, async () => {
      const world = await setup({ connector: { class: "opaque" } });
      world.outside.failNext("apply", fault);
      const id = await world.signalOn(HERE);
      await world.runDays(20);
      const unsettled = await world.case(id);
      assert.equal(unsettled.state, "executing");
      assert.ok(unsettled.awaitingPerson !== undefined);
      assert.equal(world.outside.countCalls("apply"), 1);
      assert.ok(await toldBoth(world, id, "person-needed"));
    });
  }

  for (const [connectorClass, call] of [
    ["idempotent", "apply"],
    ["readable", "read"],
  ] as const) {
    test(`a refused ${call} of a target that is ${connectorClass} says nothing of the call before: a person is needed`, async () => {
      const world = await setup({ connector: { class: connectorClass } });
      world.outside.failNext("apply", "unknown-after");
      const id = await world.signalOn(HERE);
      await world.stepTo(id, "executing");
      await world.settle();
      assert.equal(world.outside.effects.length, 1);
      world.outside.failNext(call, "rejected");
      await world.runDays(20);
      const unsettled = await world.case(id);
      assert.equal(unsettled.state, "executing");
      assert.ok(unsettled.awaitingPerson !== undefined);
      assert.ok(await toldBoth(world, id, "person-needed"));
    });
  }

  test("an opaque target that says it did nothing is asked again", async () => {
    const world = await setup({ connector: { class: "opaque" } });
    world.outside.failNext("apply", "rate-limited");
    const id = await world.signalOn(HERE);
    await world.runUntil(addMs(NOW, HOUR_MS));
    assert.equal((await world.case(id)).state, "watching");
    assert.equal(world.outside.effects.length, 1);
  });

  test("a change that was accepted and does not show needs a person, and is not made again", async () => {
    const world = await setup();
    world.outside.failNext("apply", "swallowed");
    const id = await world.signalOn(HERE);
    await world.runDays(20);
    assert.ok((await world.case(id)).awaitingPerson !== undefined);
    assert.equal(world.outside.countCalls("apply"), 1);
    assert.ok(await toldBoth(world, id, "person-needed"));
  });

  test("an outside that stays silent for ever is given up on in the open", async () => {
    const world = await setup();
    world.outside.failNext("apply", ...Array<"unknown-before">(9).fill("unknown-before"));
    const id = await world.signalOn(HERE);
    await world.runDays(20);
    assert.ok((await world.case(id)).awaitingPerson !== undefined);
    assert.equal(world.outside.countCalls("apply"), 4);
    assert.deepEqual(world.outside.effects, []);
  });

  test(
    "a target that does not even hear the deadline holds up nobody",
    { timeout: 20_000 },
    async () => {
      const world = await setup();
      world.outside.failNext("apply", "deaf");
      const id = await world.signalOn(HERE);
      await world.runUntil(addMs(NOW, HOUR_MS));
      assert.equal((await world.case(id)).state, "watching");
      assert.equal(world.outside.effects.length, 1);
    },
  );
}

function exerciseRetries(setup: Setup): void {
  test("tries back off on business time and are given up where both departments see it", async () => {
    const world = await setup();
    world.outside.failNext("dry-run", ...Array<"unavailable">(9).fill("unavailable"));
    const id = await world.signalOn(HERE);
    const tries: number[] = [];
    for (let known = 0; tries.length < 9;) {
      await world.settle();
      const count = world.outside.countCalls("dry-run");
      if (count > known) tries.push(diffMs(world.clock.now(), NOW));
      known = count;
      const next = await world.engine.findNextDue();
      if (next === undefined || (await world.case(id)).state !== "executing") break;
      world.clock.moveTo(next);
    }
    assert.deepEqual(
      tries,
      [0, 5, 15, 35].map((seconds) => seconds * SECOND_MS),
    );
    const closed = await world.case(id);
    assert.equal(closed.closeReason, "failed");
    assert.match(
      (await world.effects(id)).find(({ kind }) => kind === "act")?.last_error ?? "",
      /4 tries/,
    );
    assert.ok(await toldBoth(world, id, "not-acted"));
    assert.equal(world.outside.countCalls("apply"), 0);
  });

  test("a target that asks for a pause gets it", async () => {
    const world = await setup();
    world.outside.failNext("apply", "rate-limited");
    const id = await world.signalOn(HERE);
    await world.settle();
    assert.equal((await world.case(id)).state, "executing");
    await world.runUntil(addMs(NOW, RETRY_AFTER_MS - SECOND_MS));
    assert.equal(world.outside.countCalls("apply"), 1);
    await world.runUntil(addMs(NOW, RETRY_AFTER_MS));
    assert.equal((await world.case(id)).state, "watching");
    assert.equal(world.outside.effects.length, 1);
  });

  test("a refusal by the target closes the case as failed at once, and both are told", async () => {
    for (const step of ["read", "dry-run", "apply"] as const) {
      const world = await setup();
      // The target is looked at when the reply comes, and again before the change.
      world.outside.failNext(step, "rejected", ...(step === "read" ? (["rejected"] as const) : []));
      const id = await world.signalOn(HERE);
      await world.settle();
      assert.equal((await world.case(id)).closeReason, "failed", step);
      assert.ok(await toldBoth(world, id, "not-acted"));
      assert.deepEqual(world.outside.effects, []);
    }
  });

  test("after an outage the target is read anew: a person's edit meanwhile is what undo restores", async () => {
    const world = await setup();
    world.outside.failNext("apply", "unavailable");
    const id = await world.signalOn(HERE);
    await world.settle();
    world.outside.editByHand(resourceOf(HERE), "bid 0.8 by Asha");
    await world.runUntil(addMs(NOW, HOUR_MS));
    assert.equal(world.outside.settingOf(resourceOf(HERE)), SENT);
    await world.undo(id);
    await world.settle();
    assert.equal(world.outside.settingOf(resourceOf(HERE)), "bid 0.8 by Asha");
  });
}

/** A worker that dies is played by claiming as it does, and then doing nothing more. */
function exerciseVanishing(setup: Setup): void {
  const claim = (world: EngineWorld) =>
    world.driver.transaction((tx) =>
      claimEffects(tx, { now: world.clock.now(), limit: 10, leaseMs: 5_000 }),
    );

  test("a worker that vanished after claiming is replaced, and the change is made once", async () => {
    const world = await setup();
    const id = await world.signalOn(HERE);
    await world.stepTo(id, "executing");
    assert.equal((await claim(world)).length, 1);
    assert.equal(await runDispatch(world.engine.context), 0, "its lease still holds");
    await releaseLeases(world.driver);
    await world.settle();
    assert.equal((await world.case(id)).state, "watching");
    assert.equal(world.outside.effects.length, 1);
  });

  test("a worker that vanished after the call is replaced, and the change is found, not repeated", async () => {
    const world = await setup();
    const id = await world.signalOn(HERE);
    await world.stepTo(id, "executing");
    const [effect] = await claim(world);
    assert.ok(effect?.body.kind === "act");
    const { intervention } = effect.body;
    const key = { caseId: id, step: effect.step, fence: effect.fence };
    const call = {
      idempotencyKey: `${id}/${effect.step}`,
      fence: effect.fence,
      signal: AbortSignal.timeout(1_000),
    };
    const plan = world.outside.plan(intervention, await world.outside.read(intervention, call));
    const intent = { connector: "scripted", plan };
    await world.driver.transaction((tx) => updateIntents(tx, [{ ...key, intent }], 50));
    await world.outside.apply(plan, call);
    await releaseLeases(world.driver);
    await world.settle();
    const acted = await world.case(id);
    assert.equal(acted.state, "watching");
    assert.deepEqual(acted.action?.receipt, { readBack: "found in effect" });
    assert.equal(world.outside.effects.length, 1);
  });

  test("an answer that was lost and an edit by hand after it are left to a person, and nothing is made again", async () => {
    const world = await setup();
    const id = await world.signalOn(HERE);
    await world.stepTo(id, "executing");
    world.outside.failNext("apply", "unknown-after");
    await runDispatch(world.engine.context);
    const [made] = world.outside.effects;
    assert.ok(made);
    world.outside.editByHand(made.resource, "edited by hand");
    await world.runUntil(addMs(NOW, HOUR_MS));
    assert.equal(world.outside.effects.length, 1);
    assert.equal(world.outside.settingOf(made.resource), "edited by hand");
    assert.match((await world.case(id)).awaitingPerson?.why ?? "", /someone changed it since/);
    assert.ok(await toldBoth(world, id, "person-needed"));
  });

  test("an effect whose workers keep vanishing is set aside for a person", async () => {
    const world = await setup();
    const id = await world.signalOn(HERE);
    await world.stepTo(id, "executing");
    for (let vanished = 0; vanished < 3; vanished++) {
      assert.equal((await claim(world)).length, 1);
      await releaseLeases(world.driver);
    }
    await world.settle();
    assert.match((await world.case(id)).awaitingPerson?.why ?? "", /3 times/);
    assert.deepEqual(
      world.outside.calls.map(({ kind }) => kind),
      ["read"],
    );
    assert.ok(await toldBoth(world, id, "person-needed"));
  });
}

function exerciseUndo(setup: Setup): void {
  test("an undo by a person restores the state read before, and closes the case as undone", async () => {
    const world = await setup();
    world.outside.editByHand(resourceOf(HERE), "bid 1.2 by Asha");
    const id = await world.signalOn(HERE);
    await world.settle();
    assert.equal(world.outside.settingOf(resourceOf(HERE)), SENT);
    await world.undo(id);
    await world.settle();
    assert.equal(world.outside.settingOf(resourceOf(HERE)), "bid 1.2 by Asha");
    assert.equal((await world.case(id)).closeReason, "undone");
    assert.ok(await toldBoth(world, id, "lifted"));
    assert.equal(world.outside.effects.length, 2);
  });

  test("a person's edit since then wins over the undo, and the case closes as taken over", async () => {
    const world = await setup();
    const id = await world.signalOn(HERE);
    await world.settle();
    world.outside.editByHand(resourceOf(HERE), "paused by Asha");
    await world.undo(id);
    await world.settle();
    assert.equal(world.outside.settingOf(resourceOf(HERE)), "paused by Asha");
    assert.equal((await world.case(id)).closeReason, "taken-over");
    assert.ok(await toldBoth(world, id, "person-needed"));
    assert.equal(world.outside.effects.length, 1);
  });

  test("an action lifts itself on the day its standing ends, and leaves nothing of ours", async () => {
    const world = await setup();
    const id = await world.signalOn(HERE);
    await world.settle();
    const { standingUntil = "" } = (await world.case(id)).action ?? {};
    assert.equal(standingUntil, addMs(NOW, 14 * 24 * HOUR_MS));
    await world.runUntil(addMs(standingUntil, -SECOND_MS));
    assert.equal(world.outside.settingOf(resourceOf(HERE)), SENT);
    await world.runUntil(standingUntil);
    assert.equal(world.outside.settingOf(resourceOf(HERE)), "untouched");
    assert.equal((await world.case(id)).state, "closed");
  });

  test("an undo is tried again after an outage, also after the stop button", async () => {
    const world = await setup();
    const id = await world.signalOn(HERE);
    await world.settle();
    world.outside.failNext("apply", "unavailable", "unknown-after");
    await world.stop();
    await world.undo(id);
    await world.runUntil(addMs(NOW, HOUR_MS));
    assert.equal((await world.case(id)).closeReason, "undone");
    assert.equal(world.outside.settingOf(resourceOf(HERE)), "untouched");
    assert.equal(world.outside.effects.length, 2);
  });

  test("an undo that fails for good keeps the case open, and a person may ask again", async () => {
    const world = await setup();
    const id = await world.signalOn(HERE);
    await world.settle();
    world.outside.failNext("apply", "rejected");
    await world.undo(id);
    await world.settle();
    const open = await world.case(id);
    assert.equal(open.state, "watching");
    assert.ok(open.awaitingPerson !== undefined);
    assert.ok(await toldBoth(world, id, "person-needed"));
    await world.undo(id);
    await world.settle();
    assert.equal((await world.case(id)).closeReason, "undone");
    assert.equal(world.outside.settingOf(resourceOf(HERE)), "untouched");
  });

  test("an undo asked for twice is made once", async () => {
    const world = await setup();
    const id = await world.signalOn(HERE);
    await world.settle();
    await world.undo(id);
    await world.undo(id);
    await world.settle();
    assert.equal(world.outside.effects.length, 2);
    await assert.rejects(
      world.undo(id),
      (error) => error instanceof InterlockError && error.code === "loop/wrong-state",
    );
  });
}

function exerciseOthers(setup: Setup): void {
  test("a notice that could not be delivered is sent again, under the same id", async () => {
    const world = await setup();
    world.post.faults.push(
      new InterlockError("connector/unavailable", "mailbox busy", { retry: "later" }),
    );
    const id = await world.signalOn(HERE);
    await world.runUntil(addMs(NOW, HOUR_MS));
    assert.ok(await toldBoth(world, id, "acted"));
    assert.equal(new Set(world.post.delivered.map((notice) => notice.id)).size, 2);
  });

  test("a notice that is refused fails where the ledger shows it, and the case goes on", async () => {
    const world = await setup();
    world.post.faults.push(new InterlockError("connector/rejected", "no such mailbox"));
    const id = await world.signalOn(HERE);
    await world.settle();
    assert.equal((await world.case(id)).state, "watching");
    const entries = await world.driver.query<{ kind: string; count: number }>(
      `select text::jsonb ->> 'kind' as kind, count(*)::int as count from ledger
       where text::jsonb ->> 'case' = $1 and text::jsonb ->> 'kind' like 'notice.%'
       group by 1 order by 1`,
      [id],
    );
    assert.deepEqual(entries, [
      { kind: "notice.delivered", count: 1 },
      { kind: "notice.failed", count: 1 },
    ]);
  });

  test("a receiver that throws or breaks the contract leaves a case that waits, with both told", async () => {
    const answers = [
      () => {
        throw new InterlockError("agent/failed", "it is broken");
      },
      () => ({ kind: "accept" }) as never,
      () => null as never,
    ];
    for (const answer of answers) {
      const world = await setup();
      await world.settle();
      world.receiver.answer = answer;
      const id = await world.signalOn(HERE);
      await world.runDays(1);
      const waiting = await world.case(id);
      assert.equal(waiting.state, "evaluating");
      assert.match(waiting.awaitingPerson?.why ?? "", /broken|broke the contract/);
      assert.ok(await toldBoth(world, id, "person-needed"));
      await world.runDays(3);
      assert.equal((await world.case(id)).closeReason, "expired");
      assert.equal((await world.case(id)).awaitingPerson, undefined);
      assert.ok(await toldBoth(world, id, "not-acted"));
      assert.deepEqual(world.outside.calls, []);
    }
  });

  test("a case whose question was given up goes on when a person has it asked again", async () => {
    const world = await setup({ limits: { failuresMax: 1 } });
    const usual = world.receiver.answer;
    world.receiver.answer = () => null as never;
    const id = await world.signalOn(HERE);
    await world.settle();
    assert.match((await world.case(id)).awaitingPerson?.why ?? "", /broke the contract/);
    world.receiver.answer = usual;
    await operations.caseAsk.handler(world, { id, person: HEAD_OF.marketing });
    await world.settle();
    assert.equal((await world.case(id)).state, "watching");
    assert.equal((await world.case(id)).awaitingPerson, undefined);
    await assert.rejects(operations.caseAsk.handler(world, { id, person: HEAD_OF.marketing }), {
      code: "loop/wrong-state",
    });
  });

  test("a receiver that never answers is asked again, and then its case waits for a person", async () => {
    const world = await setup({ limits: { failuresMax: 2, callMs: 50 } });
    world.receiver.answer = () => new Promise(() => undefined);
    const id = await world.signalOn(HERE);
    await world.runDays(1);
    assert.equal(world.receiver.asked.length, 2);
    assert.equal((await world.case(id)).state, "evaluating");
    assert.ok(await toldBoth(world, id, "person-needed"));
    assert.deepEqual(world.outside.calls, []);
  });

  test("a decline or a hand-back changes nothing, and both are told why", async () => {
    const world = await setup();
    world.receiver.answer = () => ({ kind: "decline", reason: "it costs more", scored: [] });
    const declined = await world.signalOn(HERE);
    await world.settle();
    world.receiver.answer = () => ({
      kind: "bounce",
      to: "logistics",
      reason: "the courier is at fault",
      scored: [],
    });
    world.clock.moveTo(addMs(NOW, HOUR_MS));
    const bounced = await world.signalOn(HERE);
    await world.settle();
    assert.equal((await world.case(declined)).closeReason, "declined");
    assert.equal((await world.case(bounced)).closeReason, "bounced");
    assert.deepEqual(world.outside.calls, []);
    assert.match(world.post.delivered.at(-1)?.text ?? "", /the courier is at fault/i);
  });

  test("a signal that expires while more is asked for closes unacted", async () => {
    const world = await setup();
    world.receiver.answer = () => ({
      kind: "need-more",
      missing: ["courier"],
      reason: "too coarse",
    });
    const id = await world.signalOn(HERE);
    await world.settle();
    assert.equal((await world.case(id)).state, "evaluating");
    await world.runDays(4);
    assert.equal((await world.case(id)).closeReason, "expired");
  });

  test("what the receiver does to its answer afterwards changes nothing", async () => {
    const world = await setup();
    world.receiver.propose(() => BY_VERDICT.both);
    const kept: Array<{ proposal: { resource: string } }> = [];
    const usual = world.receiver.answer;
    world.receiver.answer = async (signal, contract) => {
      const reply = structuredClone(await usual(signal, contract));
      kept.push(reply as never);
      return reply;
    };
    const id = await world.signalOn(HERE);
    await world.settle();
    for (const reply of kept) reply.proposal.resource = "ads:test/everything";
    assert.equal((await world.case(id)).proposal?.resource, resourceOf(HERE));
  });
}
