/**
 * The last look before an action leaves the building: is it still what was decided, by whom it takes,
 * under papers that still bind? Each refusal has a code of its own, which the ledger keeps.
 *
 * INVARIANT (no-ungoverned-action): authority is checked as it is now, in the transaction that commits
 * the intent. What fails here never reaches a connector.
 */
import { computeActionDigest, interventionOf } from "../core/case/digest.ts";
import { ballotOf } from "../core/case/ballot.ts";
import type { ActionRefusal, Case, Terms } from "../core/case/types.ts";
import { AUTONOMY_LEVELS, type AutonomyLevel, type StopFact } from "../core/charter/types.ts";
import { tallyVotes } from "../core/charter/votes.ts";
import { assert } from "../std/assert.ts";
import { canonicalJson } from "../std/canonical-json.ts";
import type { Hash } from "../std/hash.ts";
import type { Instant } from "../std/time.ts";
import { dayIn } from "../std/zone.ts";
import type { Tx } from "../store/driver/driver.ts";
import type { EffectRow, Intent, OutsideEffect } from "../store/table/effect.ts";
import type { LoopRow } from "../store/table/loop.ts";
import { holdOffStops, listStops, type StopRow } from "../store/table/stop.ts";
import { type CharterStanding, readStanding } from "./standing.ts";
import { describeScope, stopsCovering } from "./stops.ts";
import { getTerms } from "./terms.ts";

export type Refusal = {
  /** `paused` is looked at again; the others end the order. */
  readonly because: "expired" | "ungoverned" | "suspended" | "paused";
  readonly code: ActionRefusal;
  readonly why: string;
  /** The later version under which the case is to be governed again. */
  readonly charterHash?: Hash;
};

/** What the looks of one transaction share: stops, which stay as they are until it ends, and papers. */
export class LastLook {
  readonly #tx: Tx;
  readonly #now: Instant;
  readonly #stops: ReadonlyArray<StopRow>;
  readonly #standings = new Map<Hash, CharterStanding>();

  private constructor(tx: Tx, now: Instant, stops: ReadonlyArray<StopRow>) {
    this.#tx = tx;
    this.#now = now;
    this.#stops = stops;
  }

  static async open(tx: Tx, now: Instant): Promise<LastLook> {
    const [, stops] = await Promise.all([holdOffStops(tx), listStops(tx)]);
    return new LastLook(tx, now, stops);
  }

  async findRefusal(
    { effect, intent }: { readonly effect: EffectRow; readonly intent: Intent },
    of: Case,
    loop: LoopRow,
  ): Promise<Refusal | undefined> {
    const { body, step } = effect;
    if (body.kind === "undo") return this.#refuseUndo(of, step, intent.connector);
    assert(body.kind === "act", "only changes are intended");
    if (of.state !== "executing" || of.executingStep !== step) {
      return ungoverned("action/not-asked", `the case is ${of.state} and no longer asks for this`);
    }
    if (this.#now >= of.signal.expiresAt) {
      const why = `the signal expired at ${of.signal.expiresAt}`;
      return { because: "expired", code: "action/signal-expired", why };
    }
    const terms = await getTerms(this.#tx, of.contractHash, of.charterHash);
    return (
      refuseUnlessLive(of, loop) ??
      this.#refuseStopped(of, terms, intent.connector) ??
      refuseLowered(of, loop) ??
      (await this.#refuseReplaced(of, loop)) ??
      (await this.#refuseUnbound(terms)) ??
      refuseOther(of, body) ??
      refuseUnvoted(of, terms)
    );
  }

  #refuseUndo(of: Case, step: number, connector: string): Refusal | undefined {
    if (of.undoing?.step !== step) {
      return ungoverned("action/not-asked", "the undo was settled before");
    }
    // What is taken back goes on under every stop but that of the very connector.
    const stop = this.#stops.find(({ scope, name }) => scope === "connector" && name === connector);
    return stop && { because: "paused", code: "action/stopped", why: describeStop(stop) };
  }

  #refuseStopped(of: Case, { charter }: Terms, connector: string): Refusal | undefined {
    const [stop] = stopsCovering(this.#stops, { loop: of.loop, charter, connector });
    return stop && ungoverned("action/stopped", describeStop(stop));
  }

  /** A later version whose word is that open cases are governed again: this one still is open. */
  async #refuseReplaced(of: Case, loop: LoopRow): Promise<Refusal | undefined> {
    const { charter_hash: charterHash } = loop;
    if (of.charterHash === charterHash) return undefined;
    const later = await getTerms(this.#tx, loop.contract_hash, charterHash);
    if (later.charter.openCases === "finish") return undefined;
    const why = `version ${later.charter.version} of the charter came into force`;
    return { ...ungoverned("action/charter-replaced", why), charterHash };
  }

  async #refuseUnbound({ charter, charterHash }: Terms): Promise<Refusal | undefined> {
    const { effective, parties, timeZone } = charter;
    const today = dayIn(this.#now, timeZone);
    if (today < effective.from || today >= effective.until) {
      const why = `the charter is in force only until ${effective.until}`;
      return ungoverned("action/charter-expired", why);
    }
    const { withdrawn, signedBy } = await this.#standingOf(charter, charterHash);
    if (withdrawn !== undefined) {
      const why = `${withdrawn.person} withdrew ${withdrawn.party} from the charter`;
      return ungoverned("action/charter-withdrawn", why);
    }
    const missing = parties.find(({ department }) => !signedBy.includes(department));
    if (missing === undefined) return undefined;
    return ungoverned(
      "action/charter-unsigned",
      `${missing.department} has not signed the charter`,
    );
  }

  async #standingOf(charter: Terms["charter"], hash: Hash): Promise<CharterStanding> {
    const known = this.#standings.get(hash);
    if (known !== undefined) return known;
    const standing = await readStanding(this.#tx, charter, hash);
    this.#standings.set(hash, standing);
    return standing;
  }
}

function ungoverned(code: ActionRefusal, why: string): Refusal {
  return { because: "ungoverned", code, why };
}

function describeStop({ scope, name, person, reason }: StopFact): string {
  return `${person} stopped ${describeScope({ scope, name })}: ${reason}`;
}

function refuseUnlessLive(of: Case, loop: LoopRow): Refusal | undefined {
  if (loop.state === "live") return undefined;
  const why = `the loop is ${loop.state}: ${loop.why}`;
  // What people voted for keeps waiting; what nobody voted for is asked anew under the facts of then.
  const isParked = loop.state === "suspended" && of.verdict?.kind === "auto";
  return { because: isParked ? "suspended" : "paused", code: "action/not-live", why };
}

function refuseLowered({ verdict }: Case, { autonomy }: LoopRow): Refusal | undefined {
  if (verdict === undefined) return ungoverned("action/not-asked", "the case has no verdict");
  if (!isBelow(autonomy, verdict.facts.autonomy)) return undefined;
  const why = `the loop may only ${autonomy} since this was decided`;
  return ungoverned("action/autonomy-lowered", why);
}

function isBelow(level: AutonomyLevel, other: AutonomyLevel): boolean {
  return AUTONOMY_LEVELS.indexOf(level) < AUTONOMY_LEVELS.indexOf(other);
}

type Order = Extract<OutsideEffect, { kind: "act" }>;

/** Is the case still what was decided on, and the order what the case asks for? */
function refuseOther(of: Case, { intervention, digest }: Order): Refusal | undefined {
  if (computeActionDigest(of) !== of.digest) {
    return ungoverned("action/proposal-changed", "the proposal is not the one that was decided on");
  }
  const isAsked = canonicalJson(intervention) === canonicalJson(interventionOf(of));
  if (digest === of.digest && isAsked) return undefined;
  return ungoverned("action/order-changed", "the order is not the one that was decided on");
}

function refuseUnvoted(of: Case, terms: Terms): Refusal | undefined {
  if (of.verdict?.kind === "auto") return undefined;
  const ballot = ballotOf(of, terms);
  if (ballot !== undefined && tallyVotes(ballot, of.votes).kind === "agreed") return undefined;
  return ungoverned("action/unvoted", "the votes it needs are not all there");
}
