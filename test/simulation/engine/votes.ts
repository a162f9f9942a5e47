/** Votes that come early, late, twice or at one moment: each counts, or is on record with its code. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { registerSimulatedKey } from "../../../src/app/simulated-owners.ts";
import { runTurn } from "../../../src/engine/turn.ts";
import { operations } from "../../../src/operation/index.ts";
import { InterlockError } from "../../../src/std/errors.ts";
import { addMs, DAY_MS, MINUTE_MS } from "../../../src/std/time.ts";
import { listLedger } from "../../../src/store/table/ledger.ts";
import {
  BY_VERDICT,
  type EngineWorld,
  HEAD_OF,
  HERE,
  NOW,
  PLACES,
  type Side,
} from "../../kit/engine-world.ts";
import type { Setup } from "./setup.ts";

const NO_LIMIT = { actions: 100, subjects: 100, value: "INR 9999999999" };
const DEPUTY = "deputy@logistics.example.com";
const refusedAs = (code: string) => (error: unknown) =>
  error instanceof InterlockError && error.code === code;

export function exerciseBallots(setup: Setup): void {
  exerciseMoments(setup);
  exerciseOvertaken(setup);
  exerciseShown(setup);
}

async function hold(setup: Setup): Promise<{ world: EngineWorld; id: string }> {
  const world = await setup();
  world.receiver.propose(() => BY_VERDICT.both);
  const id = await world.signalOn(HERE);
  await world.settle();
  return { world, id };
}

/** Codes of the votes on a case that are on record as refused, sorted. */
async function refusalsOf(world: EngineWorld, id: string): Promise<ReadonlyArray<string>> {
  const entries = (await listLedger(world.driver, 0, 10_000)).map(
    ({ text }) => JSON.parse(text) as { kind: string; case?: string; body: { code: string } },
  );
  return entries
    .filter((entry) => entry.kind === "vote.refused" && entry.case === id)
    .map(({ body }) => body.code)
    .sort();
}

function exerciseMoments(setup: Setup): void {
  test("one vote that arrives four times at one moment counts once, and the rest is on record", async () => {
    const { world, id } = await hold(setup);
    const results = await Promise.allSettled([1, 2, 3, 4].map(() => world.vote(id, "marketing")));
    assert.equal(results.filter(({ status }) => status === "fulfilled").length, 1);
    assert.deepEqual(await refusalsOf(world, id), Array(3).fill("vote/already-cast"));
    await world.settle();
    assert.equal((await world.case(id)).votes.length, 1);
  });

  test("of agreements and a rejection at one moment the case ends one way, and none is lost", async () => {
    const world = await setup({
      charter: (charter) => ({
        ...charter,
        guardrails: { ...charter.guardrails, perDay: NO_LIMIT, perWeek: NO_LIMIT },
      }),
    });
    world.receiver.propose(() => BY_VERDICT.both);
    for (const person of [HEAD_OF.logistics, DEPUTY, HEAD_OF.marketing]) {
      await registerSimulatedKey(world.engine, person);
    }
    for (const [n, place] of PLACES.slice(0, 4).entries()) {
      const id = await world.signalOn(place);
      await world.settle();
      const cast = (party: Side, person: string, choice: "agree" | "reject" = "agree") =>
        world.voteAs({ case: id, party, person, choice });
      const papers = [
        () => cast("logistics", HEAD_OF.logistics),
        () => cast("marketing", HEAD_OF.marketing),
        () => cast("logistics", DEPUTY, "reject"),
        () => cast("logistics", DEPUTY),
      ];
      const votes = [...papers.slice(n), ...papers.slice(0, n)].map((vote) => vote());
      const [results] = await Promise.all([
        Promise.allSettled(votes),
        runTurn(world.engine.context),
        runTurn(world.engine.context),
      ]);
      await world.settle();
      const after = await world.case(id);
      const said = results.map(({ status }) => status);
      const refused = await refusalsOf(world, id);
      // Each is in the case, or on record as refused.
      assert.equal(after.votes.length + refused.length, papers.length, refused.join());
      const rejected = after.votes.some(({ choice }) => choice === "reject");
      const counts = `${said.join()}, refused ${refused.join()}`;
      assert.equal(after.closeReason ?? after.state, rejected ? "rejected" : "watching", counts);
      const applied = world.outside.effects.filter(({ resource }) => resource.endsWith(place));
      assert.equal(applied.length, rejected ? 0 : 1, counts);
    }
  });

  test("what the votes that wait have decided stays so: later ones are too late", async () => {
    const { world, id } = await hold(setup);
    await world.vote(id, "marketing", "reject");
    await assert.rejects(world.vote(id, "marketing", "reject"), refusedAs("vote/too-late"));
    await assert.rejects(world.vote(id, "logistics"), refusedAs("vote/too-late"));
    assert.deepEqual(await refusalsOf(world, id), ["vote/too-late", "vote/too-late"]);
    await world.settle();
    assert.equal((await world.case(id)).closeReason, "rejected");
    const other = await hold(setup);
    await other.world.vote(other.id, "logistics");
    await other.world.vote(other.id, "marketing");
    const late = { case: other.id, party: "logistics", person: DEPUTY, choice: "reject" } as const;
    await assert.rejects(other.world.voteAs(late), refusedAs("vote/too-late"));
    await other.world.settle();
    assert.equal((await other.world.case(other.id)).state, "watching");
  });

  test("a vote before the case asks is too early, and a proved one that has ended is on record", async () => {
    const world = await setup();
    world.receiver.propose(() => BY_VERDICT.both);
    const id = await world.signalOn(HERE);
    await assert.rejects(world.vote(id, "marketing"), refusedAs("vote/too-early"));
    await world.settle();
    const ended = { case: id, party: "marketing", person: HEAD_OF.marketing, expires: NOW };
    await assert.rejects(world.voteAs(ended), refusedAs("vote/expired"));
    assert.deepEqual(await refusalsOf(world, id), ["vote/expired", "vote/too-early"]);
  });
}

function exerciseOvertaken(setup: Setup): void {
  test("a vote that its case no longer reads, because it closed first, is on record", async () => {
    const { world, id } = await hold(setup);
    const newer = { id: "newer", sentAt: addMs(NOW, 1), asOf: NOW };
    await world.send(world.signal(HERE, newer));
    await world.vote(id, "marketing");
    await world.settle();
    assert.equal((await world.case(id)).closeReason, "superseded");
    assert.deepEqual(await refusalsOf(world, id), ["vote/too-late"]);
  });

  test("a vote that lies unread when its case is closed is on record", async () => {
    const { world, id } = await hold(setup);
    await world.vote(id, "marketing");
    // As when it was taken by a worker whose clock is a moment ahead.
    await world.driver.query(
      "update case_event set due_at = $2 where case_id = $1 and kind = 'vote.cast'",
      [id, addMs(NOW, MINUTE_MS)],
    );
    await world.vote(id, "logistics", "reject");
    await world.settle();
    assert.equal((await world.case(id)).closeReason, "rejected");
    assert.deepEqual(await refusalsOf(world, id), ["vote/too-late"]);
  });
}

function exerciseShown(setup: Setup): void {
  test("whoever has the agent asked again does not vote on what it then proposes, and is not asked to", async () => {
    const world = await setup();
    world.receiver.fault = new InterlockError("agent/failed", "no answer", { retry: "later" });
    const id = await world.signalOn(HERE);
    await world.runUntil(addMs(NOW, DAY_MS));
    delete world.receiver.fault;
    world.receiver.propose(() => BY_VERDICT.both);
    await operations.caseAsk.handler(world, { id, person: HEAD_OF.marketing });
    await world.settle();
    assert.equal((await world.case(id)).state, "held");
    await assert.rejects(world.vote(id, "marketing"), refusedAs("vote/self-approval"));
    const asked = world.post.delivered.filter(({ text }) => text.includes("To answer:"));
    assert.ok(asked.length > 0 && asked.every(({ address }) => address !== HEAD_OF.marketing));
  });

  for (const [what, tamper] of [
    ["could not be read for the vote", (world) => world.outside.failNext("read", "rejected")],
    ["is planned otherwise than it was shown", () => undefined],
  ] satisfies Array<[string, (world: EngineWorld) => unknown]>) {
    test(`a change that ${what} is not made: people are shown it and asked anew`, async () => {
      const world = await setup();
      world.receiver.propose(() => BY_VERDICT.both);
      tamper(world);
      const id = await world.signalOn(HERE);
      await world.settle();
      await world.vote(id, "logistics");
      await world.vote(id, "marketing");
      if ((await world.case(id)).target !== undefined) {
        const { plan } = world.outside;
        world.outside.plan = (intervention, before) => {
          const made = plan(intervention, before);
          return { ...made, after: { ...made.after, setting: "everything off" } };
        };
      }
      await world.settle();
      const again = await world.case(id);
      assert.equal(world.outside.countCalls("apply"), 0);
      assert.deepEqual([again.state, again.votes], ["held", []]);
      assert.ok(again.target !== undefined && again.round > 1);
      await world.vote(id, "logistics");
      await world.vote(id, "marketing");
      await world.settle();
      assert.equal((await world.case(id)).state, "watching");
      assert.equal(world.outside.effects.length, 1);
    });
  }
}
