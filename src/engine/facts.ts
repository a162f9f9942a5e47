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
import type { Case, Lot, Terms } from "../core/case/types.ts";
import type { Delegation } from "../core/charter/delegation.ts";
import type { CapRoom, Usage, VerdictFacts } from "../core/charter/types.ts";
import { findOption } from "../core/contract/option.ts";
import { assignHoldout } from "../stats/outcome/holdout.ts";
import { assert } from "../std/assert.ts";
import { addDays, addMs, DAY_MS, type Instant } from "../std/time.ts";
import { dayIn, startOfDay } from "../std/zone.ts";
import type { Tx } from "../store/driver/driver.ts";
import { ClaimsReader, listResources, type Moving } from "./claims.ts";
import { readStanding } from "./standing.ts";
import { stopsCovering } from "./stops.ts";
import { listAbsences, toDelegation } from "../store/table/absence.ts";
import { listStops, type StopRow } from "../store/table/stop.ts";
import { findGlass } from "../store/table/broken-glass.ts";
import { lockLoop, type LoopRow } from "../store/table/loop.ts";
import { listLastActions, listSubjectsWithheld, readUsage } from "../store/table/signal-case.ts";

/** A place that waited by lot is acted on next time: it waits once in so many days. */
const WAIT_AGAIN_DAYS = 60;

type LoopFacts = {
  readonly row: LoopRow;
  usedToday: Usage;
  usedThisWeek: Usage;
  readonly lastActionAt: ReadonlyMap<string, Instant>;
  readonly withheld: ReadonlySet<string>;
  readonly glass: VerdictFacts["glass"];
  /** Of people of the loop who are away now. */
  readonly delegations: ReadonlyArray<Delegation>;
  readonly stops: ReadonlyArray<StopRow>;
  readonly standings: Map<string, Pick<VerdictFacts, "charterSigned" | "withdrawn">>;
};

export class FactsReader {
  readonly #tx: Tx;
  readonly #now: Instant;
  readonly #moving: ReadonlyArray<Moving>;
  readonly #loops = new Map<string, LoopFacts>();
  readonly #claims: ClaimsReader;
  readonly #rows = new Map<string, LoopRow>();

  constructor(tx: Tx, now: Instant, moving: ReadonlyArray<Moving>) {
    this.#tx = tx;
    this.#now = now;
    this.#moving = moving;
    this.#claims = new ClaimsReader(tx, now);
  }

  /** Counts in what a case of this batch just took or gave back. */
  note(before: Case, after: Case): void {
    this.#claims.note(before, after);
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
    const claims = await this.#claims.listFor(of, terms);
    const cycle = this.#claims.findCycleFor(of);
    return {
      now: this.#now,
      ...(await this.#readStanding(loop, terms)),
      stops: stopsCovering(loop.stops, {
        loop: of.loop,
        charter: terms.charter,
        connector: of.target?.connector,
      }),
      autonomy: loop.row.autonomy,
      confidence: of.signal.confidence,
      confidenceToAct: terms.contract.confidence.thresholds.act,
      reversible: findOption(terms.contract, proposal.option)?.reversible ?? false,
      usedToday: loop.usedToday,
      usedThisWeek: loop.usedThisWeek,
      ...(lastActionAt === undefined ? {} : { lastActionOnSubjectAt: lastActionAt }),
      ...(loop.glass === undefined ? {} : { glass: loop.glass }),
      claims,
      ...(cycle === undefined ? {} : { cycle }),
    };
  }

  /** What of the caps is used now, behind the loop's lock. */
  async readRoom(of: Case, terms: Terms): Promise<CapRoom> {
    const { usedToday, usedThisWeek, glass } = await this.#loop(of.loop, terms);
    return {
      now: this.#now,
      usedToday,
      usedThisWeek,
      ...(glass === undefined ? {} : { glass }),
    };
  }

  /** Of people of the loop who are away now. */
  async listDelegations(of: Case, terms: Terms): Promise<ReadonlyArray<Delegation>> {
    return (await this.#loop(of.loop, terms)).delegations;
  }

  /**
   * Drawn before anybody votes and without looking at what is proposed, so it says nothing of the case.
   * The loop's name and the case's id draw it: a second round or a later charter does not draw anew.
   */
  async drawLot(of: Case, terms: Terms): Promise<Lot | undefined> {
    const { holdout } = terms.charter.outcome;
    if (holdout === undefined) return undefined;
    const { withheld } = await this.#loop(of.loop, terms);
    if (withheld.has(of.signal.subject)) return undefined;
    return assignHoldout({ seed: of.loop, caseId: of.id, stratum: "", share: holdout.share });
  }

  async #loop(name: string, { charter }: Terms): Promise<LoopFacts> {
    const known = this.#loops.get(name);
    if (known !== undefined) return known;
    const { timeZone } = charter;
    const today = dayIn(this.#now, timeZone);
    const moving = this.#moving.filter(({ case: of }) => of.loop === name);
    const subjects = moving.map(({ case: of }) => of.signal.subject);
    const since = addMs(this.#now, -WAIT_AGAIN_DAYS * DAY_MS);
    // Sent together, the locks first: what is read behind them is read once they are held.
    const [row, used, lastActionAt, withheld, glass, absences, stops] = await Promise.all([
      this.#lock(name),
      readUsage(
        this.#tx,
        name,
        startOfDay(today, timeZone),
        startOfDay(addDays(today, -6), timeZone),
      ),
      listLastActions(this.#tx, name, subjects),
      listSubjectsWithheld(this.#tx, name, subjects, since),
      findGlass(this.#tx, name, this.#now),
      listAbsences(this.#tx, this.#now, name),
      listStops(this.#tx),
    ]);
    const facts: LoopFacts = {
      row,
      usedToday: used.today,
      usedThisWeek: used.thisWeek,
      lastActionAt,
      withheld,
      glass: glass && { person: glass.person, reason: glass.reason, until: glass.until },
      delegations: absences.map(toDelegation),
      stops,
      standings: new Map(),
    };
    this.#loops.set(name, facts);
    return facts;
  }

  /** All loops of the batch, in one order, then the roots of all it may claim: nobody waits in a ring. */
  async #lock(name: string): Promise<LoopRow> {
    if (this.#rows.size === 0) {
      const names = [...new Set([name, ...this.#moving.map(({ case: of }) => of.loop)])].sort();
      const [rows] = await Promise.all([
        Promise.all(names.map((one) => lockLoop(this.#tx, one))),
        this.#claims.prepare(this.#moving.flatMap(listResources)),
      ]);
      for (const row of rows) if (row !== undefined) this.#rows.set(row.name, row);
    }
    const row = this.#rows.get(name);
    assert(row, "a case belongs to a loop; a foreign key holds it");
    return row;
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
