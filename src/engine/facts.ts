/**
 * The facts a verdict may look at, read in the same transaction that will write the verdict.
 *
 * Reading them holds the loop's row, so two workers never spend the same room under a cap
 * (INVARIANT caps hold under races); cases earlier in the same batch are counted in as they move.
 *
 * What a batch may ask is known when it begins: its subjects, and the resources its letters and
 * proposals name. The first verdict of a loop reads them all at once, behind the loop's lock; a query
 * for each case would be most of a busy turn.
 */
import type { Case, CaseEvent, Terms } from "../core/case/types.ts";
import type { ClaimFact, StopFact, Usage, VerdictFacts } from "../core/charter/types.ts";
import { findOption } from "../core/contract/option.ts";
import type { Proposal } from "../core/contract/types.ts";
import { assert } from "../std/assert.ts";
import { addDays, type Instant } from "../std/time.ts";
import { dayIn, startOfDay } from "../std/zone.ts";
import type { Tx } from "../store/driver/driver.ts";
import { readStanding } from "./standing.ts";
import { stopsCovering } from "./stops.ts";
import { listStops, type StopRow } from "../store/table/stop.ts";
import { lockLoop, type LoopRow } from "../store/table/loop.ts";
import {
  heldResource,
  listHolders,
  listLastActions,
  readUsage,
} from "../store/table/signal-case.ts";

/** A case about to move, and what it will read. */
type Moving = { readonly case: Case; readonly letters: ReadonlyArray<CaseEvent> };

type LoopFacts = {
  readonly row: LoopRow;
  usedToday: Usage;
  usedThisWeek: Usage;
  readonly lastActionAt: ReadonlyMap<string, Instant>;
  /** Holder, or undefined, of every resource that was looked up. */
  readonly holders: Map<string, string | undefined>;
  readonly standings: Map<string, Pick<VerdictFacts, "charterSigned" | "withdrawn">>;
};

export class FactsReader {
  readonly #tx: Tx;
  readonly #now: Instant;
  readonly #moving: ReadonlyArray<Moving>;
  readonly #loops = new Map<string, LoopFacts>();
  /** Resources taken or freed by cases of this batch: holder, or null when freed. */
  readonly #moved = new Map<string, string | null>();

  #stops: ReadonlyArray<StopRow> | undefined;

  constructor(tx: Tx, now: Instant, moving: ReadonlyArray<Moving>) {
    this.#tx = tx;
    this.#now = now;
    this.#moving = moving;
  }

  /** Counts in what a case of this batch just took or gave back. */
  note(before: Case, after: Case): void {
    const [given, taken] = [heldResource(before), heldResource(after)];
    if (given !== taken) {
      if (given !== null) this.#moved.set(given, null);
      if (taken !== null) this.#moved.set(taken, after.id);
    }
    const loop = this.#loops.get(after.loop);
    if (loop && before.state !== "executing" && after.state === "executing") {
      loop.usedToday = addUse(loop.usedToday, after);
      loop.usedThisWeek = addUse(loop.usedThisWeek, after);
    }
  }

  async gather(of: Case, terms: Terms): Promise<VerdictFacts> {
    const { proposal } = of;
    assert(proposal, "only a proposal is governed");
    const loop = await this.#loop(of.loop, terms);
    const lastActionAt = loop.lastActionAt.get(of.signal.subject);
    const holder = await this.#holderOf(loop, proposal.resource);
    return {
      now: this.#now,
      ...(await this.#readStanding(loop, terms)),
      stops: await this.#readStops(of, terms),
      autonomy: loop.row.autonomy,
      confidence: of.signal.confidence,
      confidenceToAct: terms.contract.confidence.thresholds.act,
      reversible: findOption(terms.contract, proposal.option)?.reversible ?? false,
      usedToday: loop.usedToday,
      usedThisWeek: loop.usedThisWeek,
      ...(lastActionAt === undefined ? {} : { lastActionOnSubjectAt: lastActionAt }),
      claims: holder === undefined || holder === of.id ? [] : [claimOf(holder, of, proposal)],
    };
  }

  async #holderOf(loop: LoopFacts, resource: string): Promise<string | undefined> {
    const moved = this.#moved.get(resource);
    if (moved !== undefined) return moved ?? undefined;
    if (!loop.holders.has(resource)) await this.#lookUpHolders(loop.holders, [resource]);
    return loop.holders.get(resource);
  }

  async #lookUpHolders(
    holders: Map<string, string | undefined>,
    resources: ReadonlyArray<string>,
  ): Promise<void> {
    const found = await listHolders(this.#tx, resources);
    for (const resource of resources) holders.set(resource, found.get(resource));
  }

  async #loop(name: string, { charter }: Terms): Promise<LoopFacts> {
    const known = this.#loops.get(name);
    if (known !== undefined) return known;
    const row = await lockLoop(this.#tx, name);
    assert(row, "a case belongs to a loop; a foreign key holds it");
    const { timeZone } = charter;
    const today = dayIn(this.#now, timeZone);
    const used = await readUsage(
      this.#tx,
      name,
      startOfDay(today, timeZone),
      startOfDay(addDays(today, -6), timeZone),
    );
    const moving = this.#moving.filter(({ case: of }) => of.loop === name);
    const lastActionAt = await listLastActions(
      this.#tx,
      name,
      moving.map(({ case: of }) => of.signal.subject),
    );
    const holders = new Map<string, string | undefined>();
    await this.#lookUpHolders(holders, moving.flatMap(listResources));
    const facts: LoopFacts = {
      row,
      usedToday: used.today,
      usedThisWeek: used.thisWeek,
      lastActionAt,
      holders,
      standings: new Map(),
    };
    this.#loops.set(name, facts);
    return facts;
  }

  async #readStops(of: Case, { charter }: Terms): Promise<ReadonlyArray<StopFact>> {
    this.#stops ??= await listStops(this.#tx);
    return stopsCovering(this.#stops, {
      loop: of.loop,
      charter,
      connector: of.target?.connector,
    });
  }

  async #readStanding(
    { standings }: LoopFacts,
    { charter, charterHash }: Terms,
  ): Promise<Pick<VerdictFacts, "charterSigned" | "withdrawn">> {
    const known = standings.get(charterHash);
    if (known !== undefined) return known;
    const { isSigned, withdrawn } = await readStanding(this.#tx, charter, charterHash);
    const read = { charterSigned: isSigned, ...(withdrawn === undefined ? {} : { withdrawn }) };
    standings.set(charterHash, read);
    return read;
  }
}

function addUse(used: Usage, { proposal }: Case): Usage {
  return {
    actions: used.actions + 1,
    subjects: used.subjects + (proposal?.blastRadius.subjects ?? 0),
    valueMinor: used.valueMinor + (proposal?.valueAtStake.amountMinor ?? 0),
  };
}

function claimOf(holder: string, of: Case, { resource }: Proposal): ClaimFact {
  return { case: holder, loop: of.loop, resource, precedence: "same-loop" };
}

function listResources({ case: of, letters }: Moving): ReadonlyArray<string> {
  const proposed = letters.flatMap((letter) =>
    letter.kind === "reply.received" && "proposal" in letter.reply ? [letter.reply.proposal] : [],
  );
  return [...(of.proposal === undefined ? [] : [of.proposal]), ...proposed].map(
    ({ resource }) => resource,
  );
}
