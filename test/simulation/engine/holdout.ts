/** A charter that holds some back by lot: who waits, what is told, what it shows afterwards. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeShow } from "../../../src/operation/show-outcomes.ts";
import type { Charter } from "../../../src/core/charter/types.ts";
import type { Case } from "../../../src/core/case/types.ts";
import { addDays, addMs, DAY_MS, HOUR_MS } from "../../../src/std/time.ts";
import {
  dayBatch,
  type EngineWorld,
  LOOP,
  NOW,
  PLACES,
  resourceOf,
} from "../../kit/engine-world.ts";
import type { Setup } from "./setup.ts";

const MANY = { actions: 1_000, subjects: 1_000, value: "INR 9999999999" };

function withHoldout(charter: Charter): Charter {
  return {
    ...charter,
    guardrails: { ...charter.guardrails, perDay: MANY, perWeek: MANY },
    outcome: { ...charter.outcome, holdout: { share: 0.5, because: "we want to know" } },
  };
}

/** Of 40 attempts a day: usually 5 fail, 14 since the rise, 6 where it was acted on. */
async function deliver(world: EngineWorld, day: string, acted: ReadonlySet<string>): Promise<void> {
  const jitter = (subject: string) => (Number(subject.slice(-2)) + Number(day.slice(-2))) % 3;
  const k = (subject: string) => (acted.has(subject) ? 6 : day < "2026-02-18" ? 5 : 14);
  await world.engine.receive(
    dayBatch(day, { id: `lot-${day}` }, (subject) => ({ n: 40, k: k(subject) + jitter(subject) })),
  );
}

async function runHoldout(world: EngineWorld): Promise<ReadonlyArray<Case>> {
  const nobody = new Set<string>();
  for (let day = "2026-01-20"; day < "2026-03-01"; day = addDays(day, 1)) {
    await deliver(world, day, nobody);
  }
  for (const place of PLACES) await world.signalOn(place);
  await world.settle();
  const cases = await world.cases();
  const acted = new Set(
    cases.filter((of) => of.action !== undefined).map((of) => of.signal.subject),
  );
  for (let n = 1; n <= 16; n++) {
    await world.runUntil(addMs(NOW, n * DAY_MS - HOUR_MS));
    await deliver(world, addDays("2026-03-01", n), acted);
  }
  await world.runDays(3);
  return cases;
}

export function exerciseHoldout(setup: Setup): void {
  test("some of what may act waits by lot: nothing is called for it, both are told, it closes as withheld", async () => {
    const world = await setup({ charter: withHoldout });
    const drawn = await runHoldout(world);
    const withheld = drawn.filter(({ state }) => state === "withheld");
    assert(withheld.length >= 3 && withheld.length <= 9, `${withheld.length} of ${drawn.length}`);
    for (const { id, signal } of withheld) {
      assert.equal(world.outside.settingOf(resourceOf(signal.subject)), "untouched");
      const told = await world.told(id);
      for (const side of ["logistics", "marketing"]) assert(told.includes(`${side}: not-acted`));
      assert.equal((await world.case(id)).closeReason, "withheld");
    }
    const [first] = withheld;
    assert(first);
    const next = await world.signalOn(first.signal.subject);
    await world.settle();
    const second = await world.case(next);
    assert.deepEqual([second.lot, second.state], [undefined, "watching"], "it waits only once");

    const report = await outcomeShow.handler(world, { loop: LOOP });
    const { holdout } = report;
    assert.equal(holdout?.later, withheld.length);
    assert.equal(holdout.now, drawn.length - withheld.length);
    assert("estimate" in holdout.effect, JSON.stringify(holdout.effect));
    // 14 of 40 without acting, 6 of 40 with: twenty points.
    assert(Math.abs(holdout.effect.estimate + 0.2) < 0.02, JSON.stringify(holdout.effect));
  });

  test("without a holdout in the charter nothing is drawn, and the report says nothing of lots", async () => {
    const world = await setup();
    const of = await world.case(await world.signalOn(PLACES[0] ?? ""));
    await world.settle();
    assert.equal(of.lot, undefined);
    assert.equal((await outcomeShow.handler(world, { loop: LOOP })).holdout, null);
  });
}
