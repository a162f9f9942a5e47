/**
 * Loops at run time: registering their papers and ends, and moving them through their life. Where a
 * loop stands is read off its gates (`gates.ts`); this file only carries out what follows.
 */
import { computeLoopStep, type LoopRequest, type LoopStep } from "../core/loop/lifecycle.ts";
import { charterHash } from "../core/charter/parse.ts";
import { contractHash } from "../core/contract/parse.ts";
import { assert } from "../std/assert.ts";
import type { Tx } from "../store/driver/driver.ts";
import { upsertAgent } from "../store/table/agent.ts";
import { insertCaseEvents } from "../store/table/case-event.ts";
import { findCharterState, insertCharter } from "../store/table/charter.ts";
import { insertContract } from "../store/table/contract.ts";
import { wakeActions } from "../store/table/effect.ts";
import { appendLedger } from "../store/table/ledger.ts";
import {
  insertLoop,
  lockLoop,
  type LoopRow,
  updateLoopPapers,
  updateLoopState,
} from "../store/table/loop.ts";
import { countCases, listCases } from "../store/table/signal-case.ts";
import { demoteOnLapse } from "./autonomy.ts";
import { type DatedGate, readGates } from "./gates.ts";
import { writeLoopNews } from "./loop-news.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

/** Cases that are moved together with their loop, at most. */
const MOVED_MAX = 100_000;

/**
 * Registers a loop's papers and in-process ends, and creates the loop if it is new. A charter that its
 * folder changed is registered beside the one in force, which stays until every owner signed the other.
 */
export async function registerLoop(context: EngineContext, wiring: LoopWiring): Promise<void> {
  const now = context.clock.now();
  const stated = {
    contract_hash: contractHash(wiring.contract),
    charter_hash: charterHash(wiring.charter),
  };
  await context.driver.transaction(async (tx) => {
    await insertContract(tx, stated.contract_hash, wiring.contract, now);
    await insertCharter(tx, stated.charter_hash, wiring.charter, now);
    const created = await insertLoop(tx, {
      name: wiring.name,
      autonomy: wiring.charter.autonomy.start,
      ...stated,
      changed_at: now,
    });
    const row = await lockLoop(tx, wiring.name);
    assert(row, "the loop was just made, or was there before");
    const isGoverned = (await findCharterState(tx, row.charter_hash)) === "in-force";
    const papers = isGoverned ? { ...stated, charter_hash: row.charter_hash } : stated;
    const changed =
      row.contract_hash !== papers.contract_hash || row.charter_hash !== papers.charter_hash;
    if (changed) {
      await updateLoopPapers(tx, wiring.name, { ...papers, changed_at: now });
    }
    if (created || changed) {
      await appendLedger(tx, [
        loopEntry(context, wiring.name, created ? "loop.created" : "loop.papers-changed", papers),
      ]);
    }
    for (const side of ["sender", "receiver"] as const) {
      const agent = wiring[side];
      const isHere = agent !== null && !("isRemote" in agent && agent.isRemote === true);
      if (!isHere) continue;
      await upsertAgent(tx, {
        loop: wiring.name,
        side,
        department: agent.department,
        name: agent.name,
        version: agent.version,
        route: "in-process",
        url: null,
        heartbeat_seconds: null,
        seen_at: now,
      });
    }
  });
}

/**
 * Asks for a change of a loop's life and carries it out if the gates allow it. `review` is asked at
 * every heartbeat: it suspends a live loop whose gate lapsed and lets it go on once all hold again.
 *
 * INVARIANT (no-void): the state, the parking or letting through of its cases and the news to both
 * owners are one transaction.
 */
export async function requestLoop(
  context: EngineContext,
  wiring: LoopWiring,
  request: LoopRequest,
): Promise<LoopStep> {
  const { gates } = await readGates(context, wiring, request === "activate" ? "fresh" : "recent");
  return context.driver.transaction(async (tx) => {
    const row = await lockLoop(tx, wiring.name);
    assert(row, "a registered loop has a row");
    const step = computeLoopStep(row.state, request, gates);
    if (step.kind === "moved") {
      await moveLoop(tx, context, wiring, row, step, gates);
      await context.reached?.("loop/moved");
    }
    return step;
  });
}

async function moveLoop(
  tx: Tx,
  context: EngineContext,
  wiring: LoopWiring,
  row: LoopRow,
  { to, why }: Extract<LoopStep, { kind: "moved" }>,
  gates: ReadonlyArray<DatedGate>,
): Promise<void> {
  const now = context.clock.now();
  await updateLoopState(tx, wiring.name, { state: to, why, changed_at: now });
  await appendLedger(tx, [
    loopEntry(context, wiring.name, "loop.moved", { from: row.state, to, why }),
  ]);
  if (to === "live") {
    const parked = await letThrough(tx, context, wiring);
    if (row.state === "suspended") {
      await writeLoopNews(tx, context, wiring, now, { topic: "resumed", parked });
    }
  }
  if (to === "suspended") {
    const parked = await holdBack(tx, context, wiring, why);
    const unmet = gates.filter((gate) => !gate.holds);
    await demoteOnLapse(tx, context, wiring, unmet);
    await writeLoopNews(tx, context, wiring, now, { topic: "suspended", unmet, parked });
  }
}

/** Parked signals proceed in the order in which they came; actions held back are looked at again. */
async function letThrough(tx: Tx, context: EngineContext, wiring: LoopWiring): Promise<number> {
  const now = context.clock.now();
  const parked = await listCases(tx, { loop: wiring.name, state: "parked" }, MOVED_MAX);
  await insertCaseEvents(
    tx,
    parked.map((of) => ({ caseId: of.id, event: { kind: "loop.resumed", at: now } as const })),
  );
  await wakeActions(tx, wiring.name, now);
  return parked.length;
}

/** Questions nobody answered yet are taken back: their signals wait, and are asked anew later. */
async function holdBack(
  tx: Tx,
  context: EngineContext,
  wiring: LoopWiring,
  why: string,
): Promise<number> {
  const now = context.clock.now();
  const asked = await listCases(tx, { loop: wiring.name, state: "evaluating" }, MOVED_MAX);
  await insertCaseEvents(
    tx,
    asked.map((of) => ({
      caseId: of.id,
      event: { kind: "loop.suspended", at: now, why } as const,
    })),
  );
  const counts = await countCases(tx, wiring.name);
  const parked = counts.find(({ state }) => state === "parked")?.count ?? 0;
  return asked.length + parked;
}

export function loopEntry(
  context: EngineContext,
  loop: string,
  kind: string,
  body: { readonly [key: string]: string },
  actor = "engine",
) {
  return { at: context.clock.now(), kind, loop, case: null, actor, body };
}
