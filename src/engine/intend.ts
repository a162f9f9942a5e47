/**
 * The last look before anything leaves the building, and the intention written down.
 *
 * INVARIANT (no-ungoverned-action, intent before call): in one transaction the authority is checked
 * again as it is now (case, stop button, loop, charter in force, votes on this very digest, signal not
 * expired) and the intent is committed. What fails here never reaches a connector.
 */
import { AUTONOMY_LEVELS, type AutonomyLevel, type StopFact } from "../core/charter/types.ts";
import { tallyVotes } from "../core/charter/votes.ts";
import { computeActionDigest } from "../core/case/digest.ts";
import { ballotOf } from "../core/case/ballot.ts";
import type { Case, Terms } from "../core/case/types.ts";
import type { LedgerDraft } from "../core/ledger/chain.ts";
import { assert } from "../std/assert.ts";
import { type Hash, hashJson } from "../std/hash.ts";
import { type Instant, MINUTE_MS } from "../std/time.ts";
import { dayIn } from "../std/zone.ts";
import type { Tx } from "../store/driver/driver.ts";
import {
  effectKey,
  type EffectRow,
  type Intent,
  type OutsideEffect,
  updateIntents,
} from "../store/table/effect.ts";
import { appendLedger } from "../store/table/ledger.ts";
import { lockLoop, type LoopRow } from "../store/table/loop.ts";
import { holdOffStops, listStops, type StopRow } from "../store/table/stop.ts";
import { listCasesById } from "../store/table/signal-case.ts";
import type { Ended, Ending } from "./ending.ts";
import { type CharterStanding, readStanding } from "./standing.ts";
import { describeScope, stopsCovering } from "./stops.ts";
import { getTerms } from "./terms.ts";
import type { EngineContext } from "./wiring.ts";

export type Intended = {
  readonly effect: EffectRow;
  readonly intent: Intent;
  /** Set where authority is gone since it was first sent: how it ends unless it is found to be done. */
  readonly refusal?: Ending;
};

export async function intendChanges(
  context: EngineContext,
  changes: ReadonlyArray<Intended>,
): Promise<{ readonly intended: ReadonlyArray<Intended>; readonly refused: ReadonlyArray<Ended> }> {
  const now = context.clock.now();
  return context.driver.transaction(async (tx) => {
    const cases = await listCasesById(
      tx,
      changes.map(({ effect }) => effect.case_id),
    );
    const loops = await lockLoops(tx, changes);
    await holdOffStops(tx);
    const stops = await listStops(tx);
    const standings = new StandingReader(tx);
    const allowed: Intended[] = [];
    const refused: Ended[] = [];
    for (const change of changes) {
      const of = cases.get(change.effect.case_id);
      const loop = loops.get(change.effect.loop);
      assert(of && loop, "an effect belongs to a case of a loop; foreign keys hold them");
      const refusal = await refusalOf(tx, change, of, loop, { standings, stops }, now);
      if (refusal === undefined) allowed.push(change);
      else {
        const ended = endRefused(change, refusal, now);
        // Sent before: what became of it must be found out, but it must not be sent again.
        if (change.effect.intent === null) refused.push(ended);
        else allowed.push({ ...change, refusal: ended.ending });
      }
    }
    const held = await updateIntents(
      tx,
      allowed.map(({ effect, intent }) => ({
        caseId: effect.case_id,
        step: effect.step,
        fence: effect.fence,
        intent,
      })),
      context.limits.callMs,
    );
    const intended = allowed.filter(({ effect }) =>
      held.has(effectKey(effect.case_id, effect.step)),
    );
    await appendLedger(
      tx,
      intended
        .filter(({ effect }) => effect.intent === null)
        .map((change) => intentEntry(change, cases.get(change.effect.case_id), now)),
    );
    return { intended, refused };
  });
}

type Refusal = {
  readonly because: "expired" | "ungoverned" | "suspended" | "paused";
  readonly why: string;
};

/** How soon an action held back by a paused loop is looked at again. */
const PAUSED_RECHECK_MS = 15 * MINUTE_MS;

async function refusalOf(
  tx: Tx,
  { effect, intent }: Intended,
  of: Case,
  loop: LoopRow,
  { standings, stops }: Authority,
  now: Instant,
): Promise<Refusal | undefined> {
  const { body } = effect;
  const ungoverned = (why: string): Refusal => ({ because: "ungoverned", why });
  if (body.kind === "undo") {
    if (of.undoing?.step !== effect.step) return ungoverned("the undo was settled before");
    // What is taken back goes on under every stop but that of the very connector.
    const stop = stops.find(
      ({ scope, name }) => scope === "connector" && name === intent.connector,
    );
    return stop && { because: "paused", why: describeStop(stop) };
  }
  assert(body.kind === "act", "only changes are intended");
  const { verdict } = of;
  if (verdict === undefined) return ungoverned("the case has no verdict");
  if (of.state !== "executing" || of.executingStep !== effect.step) {
    return ungoverned(`the case is ${of.state} and no longer asks for this`);
  }
  if (now >= of.signal.expiresAt) {
    return { because: "expired", why: `the signal expired at ${of.signal.expiresAt}` };
  }
  if (loop.state !== "live") {
    const why = `the loop is ${loop.state}: ${loop.why}`;
    // What people voted for keeps waiting; what nobody voted for is asked anew under the facts of then.
    const isParked = loop.state === "suspended" && of.verdict?.kind === "auto";
    return { because: isParked ? "suspended" : "paused", why };
  }
  const terms = await getTerms(tx, of.contractHash, of.charterHash);
  const { charter } = terms;
  const { connector } = intent;
  const [stop] = stopsCovering(stops, { loop: of.loop, charter, connector });
  if (stop !== undefined) return ungoverned(describeStop(stop));
  if (isBelow(loop.autonomy, verdict.facts.autonomy)) {
    return ungoverned(`the loop may only ${loop.autonomy} since this was decided`);
  }
  return (await charterRefusal(standings, terms, now)) ?? digestRefusal(of, terms, body);
}

function isBelow(level: AutonomyLevel, other: AutonomyLevel): boolean {
  return AUTONOMY_LEVELS.indexOf(level) < AUTONOMY_LEVELS.indexOf(other);
}

type Authority = {
  readonly standings: StandingReader;
  readonly stops: ReadonlyArray<StopRow>;
};

function describeStop({ scope, name, person, reason }: StopFact): string {
  return `${person} stopped ${describeScope({ scope, name })}: ${reason}`;
}

/** Whether each charter binds, read once per transaction. */
class StandingReader {
  readonly #tx: Tx;
  readonly #byCharter = new Map<Hash, CharterStanding>();

  constructor(tx: Tx) {
    this.#tx = tx;
  }

  async of({ charter, charterHash }: Terms): Promise<CharterStanding> {
    const known = this.#byCharter.get(charterHash);
    if (known !== undefined) return known;
    const standing = await readStanding(this.#tx, charter, charterHash);
    this.#byCharter.set(charterHash, standing);
    return standing;
  }
}

async function charterRefusal(
  standings: StandingReader,
  terms: Terms,
  now: Instant,
): Promise<Refusal | undefined> {
  const { effective, parties, timeZone } = terms.charter;
  const ungoverned = (why: string): Refusal => ({ because: "ungoverned", why });
  const today = dayIn(now, timeZone);
  if (today < effective.from || today >= effective.until) {
    return ungoverned(`the charter is in force only until ${effective.until}`);
  }
  const { withdrawn, signedBy } = await standings.of(terms);
  if (withdrawn !== undefined) {
    return ungoverned(`${withdrawn.person} withdrew ${withdrawn.party} from the charter`);
  }
  const missing = parties.find(({ department }) => !signedBy.includes(department));
  return missing && ungoverned(`the charter is not signed by ${missing.department}`);
}

function digestRefusal(
  of: Case,
  terms: Terms,
  { intervention, digest }: Extract<OutsideEffect, { kind: "act" }>,
): Refusal | undefined {
  const { proposal, verdict } = of;
  assert(proposal && verdict, "an executing case has a proposal and a verdict");
  const { subject } = of.signal;
  const { option, parameters, resource } = proposal;
  const recomputed = computeActionDigest(of);
  const isAsDecided =
    recomputed === digest &&
    recomputed === of.digest &&
    hashJson(intervention) === hashJson({ option, parameters, subject, resource });
  if (!isAsDecided) {
    return { because: "ungoverned", why: "the action is not the one that was decided on" };
  }
  if (verdict.kind === "auto") return undefined;
  const ballot = ballotOf(of, terms);
  return ballot !== undefined && tallyVotes(ballot, of.votes).kind === "agreed"
    ? undefined
    : { because: "ungoverned", why: "the votes it needs are not all there" };
}

function endRefused({ effect }: Intended, refusal: Refusal, now: Instant): Ended {
  const { body, step } = effect;
  const { because, why } = refusal;
  if (because === "paused") {
    const wait = { waitMs: PAUSED_RECHECK_MS, isFailure: false, isUnsent: false };
    return { effect, ending: { kind: "again", why, ...wait } };
  }
  return {
    effect,
    ending:
      body.kind === "act"
        ? {
            kind: "failed",
            why: `refused at dispatch: ${why}`,
            letter: { kind: "action.refused", at: now, step, because, why },
          }
        : { kind: "failed", why },
  };
}

async function lockLoops(
  tx: Tx,
  changes: ReadonlyArray<Intended>,
): Promise<ReadonlyMap<string, LoopRow>> {
  const rows = new Map<string, LoopRow>();
  for (const name of [...new Set(changes.map(({ effect }) => effect.loop))].sort()) {
    const row = await lockLoop(tx, name);
    if (row !== undefined) rows.set(name, row);
  }
  return rows;
}

function intentEntry(
  { effect, intent }: Intended,
  of: Case | undefined,
  now: Instant,
): LedgerDraft {
  return {
    at: now,
    kind: effect.body.kind === "undo" ? "undo.intended" : "action.intended",
    loop: effect.loop,
    case: effect.case_id,
    actor: "engine",
    ...(of === undefined ? {} : { contract: of.contractHash, charter: of.charterHash }),
    body: {
      step: effect.step,
      key: effectKey(effect.case_id, effect.step),
      connector: intent.connector,
      plan: intent.plan,
    },
  };
}
