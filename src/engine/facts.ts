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
import type { VerdictFacts } from "../core/charter/types.ts";
import { findOption } from "../core/contract/option.ts";
import { assert } from "../std/assert.ts";
import { addDays, dayOf, type Instant, instantOn } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { listSignatures } from "../store/table/charter.ts";
import { lockLoop, type LoopRow } from "../store/table/loop.ts";
import {
  heldResource,
  listHolders,
  listLastActions,
  readUsage,
  type Usage,
} from "../store/table/signal-case.ts";
import type { EngineContext } from "./wiring.ts";

/** A case about to move, and what it will read. */
type Moving = { readonly case: Case; readonly letters: ReadonlyArray<CaseEvent> };

type LoopFacts = {
  readonly row: LoopRow;
  usage: Usage;
  readonly lastActionAt: ReadonlyMap<string, Instant>;
  /** Holder, or undefined, of every resource that was looked up. */
  readonly holders: Map<string, string | undefined>;
  readonly signedByCharter: Map<string, boolean>;
};

export class FactsReader {
  readonly #tx: Tx;
  readonly #context: EngineContext;
  readonly #now: Instant;
  readonly #moving: ReadonlyArray<Moving>;
  readonly #loops = new Map<string, LoopFacts>();
  /** Resources taken or freed by cases of this batch: holder, or null when freed. */
  readonly #moved = new Map<string, string | null>();

  constructor(tx: Tx, context: EngineContext, now: Instant, moving: ReadonlyArray<Moving>) {
    this.#tx = tx;
    this.#context = context;
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
      const stake = after.proposal?.valueAtStake.amountMinor ?? 0;
      loop.usage = {
        actions_today: loop.usage.actions_today + 1,
        actions_this_week: loop.usage.actions_this_week + 1,
        value_today_minor: loop.usage.value_today_minor + stake,
      };
    }
  }

  async gather(of: Case, terms: Terms): Promise<VerdictFacts> {
    const { proposal } = of;
    assert(proposal, "only a proposal is governed");
    const loop = await this.#loop(of.loop);
    const lastActionAt = loop.lastActionAt.get(of.signal.subject);
    const holder = await this.#holderOf(loop, proposal.resource);
    return {
      now: this.#now,
      charterSigned: await this.#isSigned(loop, terms),
      stopped: loop.row.stopped,
      autonomy: loop.row.autonomy,
      confidence: of.signal.confidence,
      confidenceToAct: terms.contract.confidence.thresholds.act,
      reversible: findOption(terms.contract, proposal.option)?.reversible ?? false,
      actionsToday: loop.usage.actions_today,
      actionsThisWeek: loop.usage.actions_this_week,
      valueTodayMinor: loop.usage.value_today_minor,
      ...(lastActionAt === undefined ? {} : { lastActionOnSubjectAt: lastActionAt }),
      ...(holder === undefined || holder === of.id ? {} : { resourceHeldBy: holder }),
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

  async #loop(name: string): Promise<LoopFacts> {
    const known = this.#loops.get(name);
    if (known !== undefined) return known;
    const row = await lockLoop(this.#tx, name);
    assert(row, "a case belongs to a loop; a foreign key holds it");
    const offset = this.#context.zoneOffsetMinutes;
    const today = dayOf(this.#now, offset);
    const usage = await readUsage(
      this.#tx,
      name,
      instantOn(today, 0, offset),
      instantOn(addDays(today, -6), 0, offset),
    );
    const moving = this.#moving.filter(({ case: of }) => of.loop === name);
    const lastActionAt = await listLastActions(
      this.#tx,
      name,
      moving.map(({ case: of }) => of.signal.subject),
    );
    const holders = new Map<string, string | undefined>();
    await this.#lookUpHolders(holders, moving.flatMap(listResources));
    const facts: LoopFacts = { row, usage, lastActionAt, holders, signedByCharter: new Map() };
    this.#loops.set(name, facts);
    return facts;
  }

  async #isSigned(loop: LoopFacts, terms: Terms): Promise<boolean> {
    const known = loop.signedByCharter.get(terms.charterHash);
    if (known !== undefined) return known;
    const signatures = await listSignatures(this.#tx, terms.charterHash);
    const signed = terms.charter.parties.every((party) =>
      signatures.some((signature) => signature.party === party.department),
    );
    loop.signedByCharter.set(terms.charterHash, signed);
    return signed;
  }
}

function listResources({ case: of, letters }: Moving): ReadonlyArray<string> {
  const proposed = letters.flatMap((letter) =>
    letter.kind === "reply.received" && "proposal" in letter.reply ? [letter.reply.proposal] : [],
  );
  return [...(of.proposal === undefined ? [] : [of.proposal]), ...proposed].map(
    ({ resource }) => resource,
  );
}
