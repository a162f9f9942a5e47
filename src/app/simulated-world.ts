/**
 * The world outside a simulated run: data is delivered morning after morning, heads of departments
 * sign, and people vote when they get round to it.
 *
 * It remembers nothing. What was delivered is read off the agent's progress and who voted off the
 * cases, so a run that was killed goes on exactly where the database stands.
 */
import type { Case, PartyClock } from "../core/case/types.ts";
import type { ObservationBatch } from "../core/port/types.ts";
import type { Engine } from "../engine/engine.ts";
import type { LoopWiring } from "../engine/wiring.ts";
import { caseVote } from "../operation/vote-case.ts";
import { addMs, type Day, HOUR_MS, type Instant } from "../std/time.ts";
import { findAgentProgress } from "../store/table/agent-state.ts";
import { findLoop } from "../store/table/loop.ts";
import { listCases } from "../store/table/signal-case.ts";
import { goLive } from "./go-live.ts";
import type { World } from "./run-world.ts";
import { registerSimulatedKey, signVote } from "./simulated-owners.ts";

export type Delivery = { readonly day: Day; readonly at: Instant };

export type VoteAnswer = {
  readonly at: Instant;
  readonly choice: "agree" | "reject";
  readonly reason: string;
};

export type SimulatedWorldOptions = {
  readonly engine: Engine;
  readonly wiring: LoopWiring;
  /** In order of day; `at` never falls. */
  readonly deliveries: ReadonlyArray<Delivery>;
  batchFor(day: Day): ObservationBatch;
  /** When and how a person of `party` answers; undefined is silence. */
  answerVote(caseId: string, party: string, askedAt: Instant): VoteAnswer | undefined;
  /** Conformance cases for each end before the loop goes live. */
  readonly conformanceCases: number;
  onDelivered(done: number, total: number): void;
};

/** Cases waiting for votes that are looked at, at most. */
const HELD_MAX = 10_000;
/** A signed vote counts this long. */
const VOTE_COUNTS_MS = HOUR_MS;

export function createSimulatedWorld(options: SimulatedWorldOptions): World {
  const { engine, wiring, deliveries } = options;
  const { driver } = engine.context;

  async function findNextDelivery(): Promise<{ index: number; next: Delivery } | undefined> {
    const progress = await findAgentProgress(driver, wiring.name);
    const index = deliveries.findIndex(
      ({ day }) => progress === undefined || day > progress.as_of_day,
    );
    const next = deliveries[index];
    return next === undefined ? undefined : { index, next };
  }

  async function listVotesToCome(): Promise<ReadonlyArray<Pending>> {
    const held = await listCases(driver, { loop: wiring.name, state: "held" }, HELD_MAX);
    return held
      .flatMap((of) => of.clocks.flatMap((clock) => pendingVote(options, of, clock)))
      .sort((a, b) => (a.at === b.at ? compare(a.of.id, b.of.id) : compare(a.at, b.at)));
  }

  return {
    async findNextAct() {
      const delivery = await findNextDelivery();
      const [vote] = await listVotesToCome();
      if (delivery === undefined || vote === undefined) return delivery?.next.at ?? vote?.at;
      return delivery.next.at < vote.at ? delivery.next.at : vote.at;
    },
    async act(now) {
      for (const vote of await listVotesToCome()) {
        if (vote.at <= now) await castVote(options, vote);
      }
      const delivery = await findNextDelivery();
      if (delivery === undefined || delivery.next.at > now) return;
      // Before the delivery: whoever goes on after a crash sees by what was folded what is still to do.
      await goLiveWhenReady(options);
      await engine.drillWhenDue(wiring.name);
      await engine.review(wiring.name);
      await engine.receive(options.batchFor(delivery.next.day));
      await engine.fold(wiring.name);
      options.onDelivered(delivery.index + 1, deliveries.length);
    },
  };
}

type Pending = VoteAnswer & { readonly of: Case; readonly party: string; readonly person: string };

function pendingVote(
  { wiring, answerVote }: SimulatedWorldOptions,
  of: Case,
  clock: PartyClock,
): ReadonlyArray<Pending> {
  const party = wiring.charter.parties.find(({ department }) => department === clock.party);
  if (!party || of.digest === undefined || clock.answeredAt !== undefined) return [];
  // The head is asked first; once it went to the deputies, a deputy answers.
  const stage = clock.stages[clock.stage];
  if (stage === undefined) return [];
  const deputy = stage.seats.includes("owner") ? undefined : party.deputies[0];
  const name = deputy === undefined ? clock.party : `${clock.party}/deputy`;
  const answer = answerVote(of.id, name, stage.from);
  if (answer === undefined) return [];
  return [{ ...answer, of, party: clock.party, person: (deputy ?? party.owner).email }];
}

async function castVote({ engine }: SimulatedWorldOptions, vote: Pending): Promise<void> {
  const { id, digest = "" } = vote.of;
  const { party, person, choice, reason } = vote;
  await registerSimulatedKey(engine, person);
  const at = engine.context.clock.now();
  const because = choice === "reject" ? ({ because: "other" } as const) : {};
  const paper = { case: id, party, person, choice, ...because, reason, digest, at };
  const envelope = signVote({ ...paper, expires: addMs(at, VOTE_COUNTS_MS) });
  await caseVote.handler({ engine }, { id, envelope });
}

/** The loop goes live on the first morning on which it has learned enough. */
async function goLiveWhenReady(options: SimulatedWorldOptions): Promise<void> {
  const { engine, wiring, conformanceCases } = options;
  const { driver } = engine.context;
  const loop = await findLoop(driver, wiring.name);
  if (loop === undefined || loop.state === "live" || loop.state === "paused") return;
  const progress = await findAgentProgress(driver, wiring.name);
  if (progress === undefined || progress.days_folded < wiring.calibrationDays) return;
  await goLive(engine, wiring, conformanceCases);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
