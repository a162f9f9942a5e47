/**
 * Claims on resources, as one batch of cases sees them: what stands in the store, and what its own
 * earlier cases took or gave back.
 *
 * A claim is its case's: held from a verdict that may act until the action is lifted, at the latest until
 * its lease ends, because every such state has a timer. Claims that could overlap have one root, and
 * whoever reads them locks it, so two loops never both find a resource free (INVARIANT one live claim).
 */
import {
  comparePrecedence,
  CYCLE_DAYS,
  findCycle,
  type PastAct,
} from "../core/charter/precedence.ts";
import { overlaps, rootOf } from "../core/contract/resource.ts";
import type { Case, CaseEvent, Terms } from "../core/case/types.ts";
import type { ClaimFact, CycleFact } from "../core/charter/types.ts";
import { assert } from "../std/assert.ts";
import { addMs, DAY_MS, type Instant } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { findCharter } from "../store/table/charter.ts";
import {
  type ClaimRow,
  heldResource,
  listClaims,
  listPastActs,
  lockRoots,
} from "../store/table/signal-case.ts";

export type Moving = { readonly case: Case; readonly letters: ReadonlyArray<CaseEvent> };

export class ClaimsReader {
  readonly #tx: Tx;
  readonly #now: Instant;
  readonly #held = new Map<string, ClaimRow>();
  readonly #given = new Set<string>();
  readonly #seen = new Set<string>();
  #acts: ReadonlyArray<PastAct> = [];

  constructor(tx: Tx, now: Instant) {
    this.#tx = tx;
    this.#now = now;
  }

  /** Reads once what all of them name, behind the locks of their roots. */
  async prepare(resources: ReadonlyArray<string>): Promise<void> {
    const unseen = [...new Set(resources)].filter((resource) => !this.#seen.has(resource));
    if (unseen.length === 0) return;
    const since = addMs(this.#now, -CYCLE_DAYS * DAY_MS);
    const [, claims, acts] = await Promise.all([
      lockRoots(this.#tx, [...new Set(unseen.map(rootOf))].sort()),
      listClaims(this.#tx, unseen),
      listPastActs(this.#tx, unseen, since),
    ]);
    for (const row of claims) if (!this.#given.has(row.id)) this.#held.set(row.id, row);
    this.#acts = [...this.#acts, ...acts];
    for (const resource of unseen) this.#seen.add(resource);
  }

  /** Counts in what a case of this batch just took or gave back. */
  note(before: Case, after: Case): void {
    const [given, taken] = [heldResource(before), heldResource(after)];
    if (given === taken) return;
    this.#held.delete(after.id);
    if (taken === null) this.#given.add(after.id);
    else {
      const { id, loop, charterHash } = after;
      this.#held.set(id, { id, loop, charter_hash: charterHash, holds: taken });
    }
  }

  /** Claims of other cases that overlap what this one wants, with what both charters say of them. */
  async listFor(of: Case, { charter }: Terms): Promise<ReadonlyArray<ClaimFact>> {
    const { proposal } = of;
    assert(proposal, "only a proposal claims a resource");
    await this.prepare([proposal.resource]);
    const facts: ClaimFact[] = [];
    for (const row of this.#held.values()) {
      if (row.id === of.id || !overlaps(row.holds, proposal.resource)) continue;
      const theirs = await findCharter(this.#tx, row.charter_hash);
      assert(theirs, "a case's charter is registered; a foreign key holds it");
      facts.push({
        case: row.id,
        loop: row.loop,
        resource: row.holds,
        precedence: row.loop === of.loop ? "same-loop" : comparePrecedence(charter, theirs),
      });
    }
    return facts;
  }

  findCycleFor(of: Case): CycleFact | undefined {
    const resource = of.proposal?.resource ?? "";
    const acts = this.#acts.filter((act) => overlaps(act.resource, resource));
    return findCycle(acts, of.loop, this.#now);
  }
}

/** What a batch may ask for: the resources that its proposals and letters name. */
export function listResources({ case: of, letters }: Moving): ReadonlyArray<string> {
  const proposed = letters.flatMap((letter) =>
    letter.kind === "reply.received" && "proposal" in letter.reply ? [letter.reply.proposal] : [],
  );
  return [...(of.proposal === undefined ? [] : [of.proposal]), ...proposed].map(
    ({ resource }) => resource,
  );
}
