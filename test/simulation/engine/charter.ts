/** A charter's life while its loop runs: a later version, a withdrawal, broken glass, the ladder. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { signAsOwner, simulatedSecretOf } from "../../../src/app/simulated-owners.ts";
import { charterHash } from "../../../src/core/charter/parse.ts";
import type { AutonomyTerms, Charter } from "../../../src/core/charter/types.ts";
import { openEnvelope, signEnvelope } from "../../../src/core/sign/envelope.ts";
import type { PromotionStatement } from "../../../src/engine/autonomy.ts";
import { operations } from "../../../src/operation/index.ts";
import { InterlockError } from "../../../src/std/errors.ts";
import { addMs, HOUR_MS } from "../../../src/std/time.ts";
import { findLoop } from "../../../src/store/table/loop.ts";
import {
  BY_VERDICT,
  dayBatch,
  ELSEWHERE,
  type EngineWorld,
  HEAD_OF,
  HERE,
  LOOP,
  NOW,
  THERE,
} from "../../kit/engine-world.ts";
import { measureAfter, stands28 } from "./data.ts";
import type { Setup } from "./setup.ts";

const SIDES = ["logistics", "marketing"] as const;
const refusedWith = (code: string) => (error: unknown) =>
  error instanceof InterlockError && error.code === code;

export function exerciseCharter(setup: Setup): void {
  exerciseVersions(setup);
  exerciseWithdrawal(setup);
  exerciseGlass(setup);
  exerciseLadder(setup);
}

async function propose(world: EngineWorld, charter: Charter): Promise<string> {
  const row = await operations.charterPropose.handler(world, {
    loop: LOOP,
    document: JSON.stringify(charter),
    person: HEAD_OF.logistics,
  });
  return row.hash;
}

async function signBoth(world: EngineWorld, charter: Charter): Promise<void> {
  const hash = charterHash(charter);
  for (const side of SIDES) await signAsOwner(world.engine, LOOP, charter, hash, side);
}

/** The second version of the world's charter. */
function second({ wiring }: EngineWorld, change: Partial<Charter>): Charter {
  return { ...wiring.charter, version: 2, ...change };
}

async function newsOf({ driver }: EngineWorld): Promise<ReadonlyArray<string>> {
  const rows = await driver.query<{ line: string }>(
    "select department || ': ' || topic as line from loop_notice order by created_at, 1",
  );
  return rows.map(({ line }) => line);
}

function exerciseVersions(setup: Setup): void {
  test("a case that waits for votes is governed again under a later version, and its votes are void", async () => {
    const world = await setup();
    world.receiver.propose(() => BY_VERDICT.both);
    const id = await world.signalOn(HERE);
    await world.settle();
    await world.vote(id, "logistics");
    await world.settle();
    const before = await world.case(id);
    const later = second(world, { openCases: "regovern", title: "Said better" });
    await propose(world, later);
    await signBoth(world, later);
    await world.settle();
    const after = await world.case(id);
    assert.equal(after.state, "held");
    assert.equal(after.charterHash, charterHash(later));
    assert.deepEqual(after.votes, []);
    assert.notEqual(after.digest, before.digest);
    await assert.rejects(
      world.voteAs({
        case: id,
        party: "marketing",
        person: HEAD_OF.marketing,
        digest: before.digest ?? "",
      }),
      refusedWith("vote/other-action"),
    );
    for (const side of SIDES) await world.vote(id, side);
    await world.settle();
    assert.equal((await world.case(id)).state, "watching");
  });

  test("where the later version lets open cases finish, they end under the one they began under", async () => {
    const world = await setup();
    world.receiver.propose(() => BY_VERDICT.both);
    const id = await world.signalOn(HERE);
    await world.settle();
    const later = second(world, { openCases: "finish" });
    await propose(world, later);
    await signBoth(world, later);
    for (const side of SIDES) await world.vote(id, side);
    await world.settle();
    const done = await world.case(id);
    assert.equal(done.state, "watching");
    assert.equal(done.charterHash, charterHash(world.wiring.charter));
    world.receiver.propose(() => BY_VERDICT.auto);
    const next = await world.case(await world.signalOn(THERE));
    assert.equal(next.charterHash, charterHash(later));
  });

  test("an older version, a revert under its old number and another's successor are refused", async () => {
    const world = await setup();
    const first = world.wiring.charter;
    const later = second(world, { replaces: charterHash(first) });
    await propose(world, later);
    await signBoth(world, later);
    const revert = { ...first, title: "as it was", version: 1 };
    await assert.rejects(propose(world, revert), refusedWith("charter/not-newer"));
    await assert.rejects(signBoth(world, first), refusedWith("charter/not-newer"));
    const orphan = { ...later, version: 3, replaces: charterHash(first) };
    await assert.rejects(propose(world, orphan), refusedWith("charter/not-newer"));
    const { replaces: _, ...plain } = later;
    await propose(world, { ...plain, version: 3, title: first.title });
  });

  test("both heads are told of a proposal and of its coming into force", async () => {
    const world = await setup();
    const later = second(world, {});
    await propose(world, later);
    await signBoth(world, later);
    const news = await newsOf(world);
    for (const topic of ["charter-proposed", "charter-in-force"]) {
      for (const side of SIDES) assert.ok(news.includes(`${side}: ${topic}`), `${side}: ${topic}`);
    }
  });
}

function exerciseWithdrawal(setup: Setup): void {
  const withdraw = (
    world: EngineWorld,
    change: object = {},
    signer: string = HEAD_OF.marketing,
  ) => {
    const said = {
      charter: charterHash(world.wiring.charter),
      loop: LOOP,
      party: "marketing",
      person: HEAD_OF.marketing,
      reason: "we want to look at it again",
      at: NOW,
      ...change,
    };
    const envelope = signEnvelope(openEnvelope("withdrawal", said), simulatedSecretOf(signer));
    return operations.charterWithdraw.handler(world, { loop: LOOP, envelope });
  };

  test("one side's signed act stops the loop: what was decided is not done, what comes waits", async () => {
    const world = await setup();
    const id = await world.signalOn(HERE);
    await world.stepTo(id, "executing");
    await withdraw(world);
    await world.settle();
    assert.equal((await world.case(id)).state, "parked");
    assert.equal(world.outside.countCalls("apply"), 0);
    assert.equal((await findLoop(world.driver, LOOP))?.state, "suspended");
    const next = await world.signalOn(THERE);
    assert.equal((await world.case(next)).state, "parked");
    const later = second(world, {});
    await propose(world, later);
    await signBoth(world, later);
    await world.passTests(later);
    await world.engine.review(LOOP);
    await world.settle();
    assert.equal((await findLoop(world.driver, LOOP))?.state, "live");
    for (const one of [id, next]) assert.equal((await world.case(one)).state, "watching");
  });

  test("a withdrawal by another's key, in another's name or from another charter changes nothing", async () => {
    const world = await setup();
    await assert.rejects(withdraw(world, {}, HEAD_OF.logistics), refusedWith("sign/other-person"));
    await assert.rejects(
      withdraw(world, { person: HEAD_OF.logistics }, HEAD_OF.logistics),
      refusedWith("charter/not-owner"),
    );
    await assert.rejects(
      withdraw(world, { charter: "0".repeat(64) }),
      refusedWith("charter/not-found"),
    );
    assert.equal((await findLoop(world.driver, LOOP))?.state, "live");
  });
}

function exerciseGlass(setup: Setup): void {
  const breakGlass = (world: EngineWorld, change: object = {}) =>
    operations.glassBreak.handler(world, {
      loop: LOOP,
      party: "marketing",
      person: HEAD_OF.marketing,
      reason: "a flood",
      hours: 4,
      ...change,
    });
  const full = (charter: Charter): Charter => ({
    ...charter,
    guardrails: {
      ...charter.guardrails,
      perDay: { ...charter.guardrails.perDay, actions: 0 },
    },
  });

  test("broken glass turns a guardrail's no into a vote of all, and who broke it has none", async () => {
    const world = await setup({ charter: full });
    const forbidden = await world.signalOn(HERE);
    await world.settle();
    assert.equal((await world.case(forbidden)).verdict?.rule, "actions-per-day");
    await breakGlass(world);
    const id = await world.signalOn(THERE);
    await world.settle();
    const held = await world.case(id);
    assert.equal(held.state, "held");
    assert.deepEqual(held.verdict?.votes.map(({ party }) => party).sort(), SIDES);
    assert.match(held.verdict?.reasons.join() ?? "", /broke the glass until .*: a flood/);
    await world.vote(id, "logistics");
    await assert.rejects(world.vote(id, "marketing"), refusedWith("vote/self-approval"));
    const deputy = "deputy@marketing.example.com";
    await world.voteAs({ case: id, party: "marketing", person: deputy });
    await world.settle();
    assert.equal((await world.case(id)).state, "watching");
    world.clock.moveTo(addMs(NOW, 5 * HOUR_MS));
    const late = await world.signalOn(ELSEWHERE);
    await world.settle();
    assert.equal((await world.case(late)).verdict?.rule, "actions-per-day");
  });

  test("glass is broken by an owner, as far as the charter goes, once at a time, and told to both", async () => {
    const world = await setup();
    const deputy = "deputy@marketing.example.com";
    await assert.rejects(breakGlass(world, { person: deputy }), refusedWith("glass/not-entitled"));
    await assert.rejects(breakGlass(world, { hours: 9 }), refusedWith("glass/too-long"));
    await breakGlass(world);
    await assert.rejects(breakGlass(world), refusedWith("glass/already-broken"));
    const news = await newsOf(world);
    for (const side of SIDES) assert.ok(news.includes(`${side}: glass-broken`), news.join());
    const { glass } = await operations.loopShow.handler(world, { loop: LOOP });
    assert.equal(glass?.person, HEAD_OF.marketing);
    const { breakGlass: _, ...without } = world.wiring.charter;
    const other = await setup({ charter: () => without });
    await assert.rejects(breakGlass(other), refusedWith("glass/not-agreed"));
  });
}

function exerciseLadder(setup: Setup): void {
  const ladder =
    (terms: Partial<AutonomyTerms>) =>
    (charter: Charter): Charter => ({
      ...charter,
      autonomy: {
        start: "shadow",
        promote: { matured: 2, helpedShareAtLeast: 0.5, harmedAtMost: 0 },
        demote: { harmed: 1, withinDays: 60 },
        ...terms,
      },
    });
  const levelOf = async ({ driver }: EngineWorld) => (await findLoop(driver, LOOP))?.autonomy;

  async function promote(world: EngineWorld, side: (typeof SIDES)[number], change: object = {}) {
    const { autonomy } = await operations.loopShow.handler(world, { loop: LOOP });
    const { proposed } = autonomy;
    const said: PromotionStatement = {
      loop: LOOP,
      charter: charterHash(world.wiring.charter),
      from: "shadow",
      to: "advise",
      evidence: proposed?.evidence_hash ?? "",
      party: side,
      person: HEAD_OF[side],
      ...change,
    };
    const secret = simulatedSecretOf(HEAD_OF[side]);
    const envelope = signEnvelope(openEnvelope("promotion", said), secret);
    await operations.loopPromote.handler(world, { loop: LOOP, envelope });
  }

  test("a step up is proposed on evidence, and taken when both heads signed that evidence", async () => {
    const world = await setup({ charter: ladder({}) });
    world.clock.moveTo(addMs(NOW, HOUR_MS));
    await world.signalOn(HERE);
    await world.settle();
    await world.engine.watch();
    await assert.rejects(promote(world, "logistics"), refusedWith("autonomy/nothing-proposed"));
    await world.signalOn(THERE);
    await world.settle();
    assert.deepEqual(world.outside.effects, [], "in shadow nothing is changed");
    await world.engine.watch();
    await assert.rejects(
      promote(world, "logistics", { evidence: "0".repeat(64) }),
      refusedWith("autonomy/other-step"),
    );
    await promote(world, "logistics");
    assert.equal(await levelOf(world), "shadow");
    await promote(world, "marketing");
    assert.equal(await levelOf(world), "advise");
    const id = await world.signalOn(ELSEWHERE);
    await world.settle();
    assert.equal((await world.case(id)).state, "held", "every action is voted on");
    const news = await newsOf(world);
    for (const side of SIDES) {
      assert.ok(news.includes(`${side}: promotion-proposed`) && news.includes(`${side}: promoted`));
    }
  });

  test("harm takes the loop a step down with nobody's signature, and both heads are told", async () => {
    const world = await setup({ charter: ladder({ start: "act" }) });
    world.receiver.propose(() => stands28);
    const id = await measureAfter(world, { before: 30, after: 150 });
    assert.equal((await world.case(id)).outcome?.verdict, "harmed");
    assert.equal(await levelOf(world), "advise");
    const news = await newsOf(world);
    for (const side of SIDES) assert.ok(news.includes(`${side}: demoted`), news.join());
  });

  test("what was decided under a higher level and not yet done is decided anew", async () => {
    const world = await setup({ charter: ladder({ start: "act" }) });
    const id = await world.signalOn(HERE);
    await world.stepTo(id, "executing");
    await world.driver.query("update loop set autonomy = 'advise'");
    await world.settle();
    assert.equal((await world.case(id)).state, "held");
    assert.equal(world.outside.countCalls("apply"), 0);
  });

  test("a place that is well again is released where the charter says so, and not elsewhere", async () => {
    for (const onRecovery of [true, false]) {
      const world = await setup({
        charter: (charter) => ({ ...charter, rollback: { ...charter.rollback, onRecovery } }),
      });
      const id = await world.signalOn(HERE);
      await world.settle();
      world.sender.recovered.set("2026-03-02", [HERE]);
      world.clock.moveTo(addMs(NOW, 24 * HOUR_MS));
      await world.engine.receive(dayBatch("2026-03-02"));
      await world.engine.fold(LOOP);
      await world.settle();
      const { action } = await world.case(id);
      assert.equal(action?.liftedAt !== undefined, onRecovery);
    }
  });

  test("only who the charter gives the authority takes an action back", async () => {
    const world = await setup({
      charter: (charter) => ({ ...charter, rollback: { ...charter.rollback, by: ["logistics"] } }),
    });
    const id = await world.signalOn(HERE);
    await world.settle();
    await assert.rejects(world.undo(id), refusedWith("case/undo-not-entitled"));
    const person = "lead-ndr@logistics.example.com";
    await operations.caseUndo.handler(world, { id, person, why: "it helps nobody" });
    await world.settle();
    assert.equal((await world.case(id)).closeReason, "undone");
  });
}
