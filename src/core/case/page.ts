/**
 * The page of a case that one event is being written on: the case so far, and the out-tray.
 *
 * It lives for one transition. The moves that several events share (ask, propose, execute, undo, tell,
 * close) are here, so that each is made in one way; which event makes which move is `transition.ts`'s.
 */
import { assert } from "../../std/assert.ts";
import { addMs, DAY_MS } from "../../std/time.ts";
import { measureWait } from "../charter/clock.ts";
import type { Party } from "../charter/types.ts";
import { findOption } from "../contract/option.ts";
import type { Proposal } from "../contract/types.ts";
import { computeActionDigest, interventionOf } from "./digest.ts";
import { type LetterDraft, renderLetters } from "./letter.ts";
import type {
  Case,
  CaseEffect,
  CaseEvent,
  CloseReason,
  NoticeTopic,
  ResolvedTarget,
  Terms,
  Turn,
  UndoCause,
} from "./types.ts";

/** What asking and deciding wrote on the page. */
const DECIDED_FIELDS = [
  "reply",
  "proposal",
  "digest",
  "verdict",
  "lot",
  "executingStep",
  "awaitingPerson",
  "target",
  "waitsFor",
] as const;

export class Page {
  case: Case;
  readonly at: string;
  readonly terms: Terms;
  readonly #before: Case;
  readonly #orders: CaseEffect[] = [];

  constructor(before: Case, event: CaseEvent, terms: Terms) {
    this.case = before;
    this.#before = before;
    this.at = event.at;
    this.terms = terms;
  }

  turn(): Turn {
    return this.case === this.#before && this.#orders.length === 0
      ? [this.#before, []]
      : [{ ...this.case, changedAt: this.at }, this.#orders];
  }

  is(...states: ReadonlyArray<Case["state"]>): boolean {
    return states.includes(this.case.state);
  }

  /** Governed, and waiting for another loop's case to let go. */
  isWaiting(): boolean {
    return this.case.state === "governed" && this.case.waitsFor !== undefined;
  }

  isExecutingStep(step: number): boolean {
    return this.case.state === "executing" && this.#executingStep() === step;
  }

  #executingStep(): number {
    return this.case.executingStep ?? -1;
  }

  set(change: Partial<Case>): void {
    this.case = { ...this.case, ...change };
  }

  drop(field: "undoing" | (typeof DECIDED_FIELDS)[number]): void {
    const { [field]: _dropped, ...rest } = this.case;
    this.case = rest;
  }

  order(effect: CaseEffect): void {
    this.#orders.push(effect);
  }

  nextStep(): number {
    this.set({ steps: this.case.steps + 1 });
    return this.case.steps;
  }

  wake(at: string, event: DistributiveOmit<CaseEvent, "at">): void {
    this.order({ kind: "wake", event: { ...event, at } as CaseEvent });
  }

  evaluate(): void {
    this.drop("awaitingPerson");
    this.set({ state: "evaluating" });
    const step = this.nextStep();
    this.order({ kind: "ask", step, department: this.terms.contract.receiver.department });
    this.wake(this.case.signal.expiresAt, { kind: "signal.expired" });
  }

  /** Back to waiting for the loop, as if just arrived; an answer to an earlier question is void. */
  park(): void {
    for (const field of DECIDED_FIELDS) this.drop(field);
    this.set({ state: "parked", votes: [], clocks: [] });
  }

  propose(proposal: Proposal, target: ResolvedTarget | undefined): void {
    const option = findOption(this.terms.contract, proposal.option);
    assert(option?.kind === "act", "the engine only lets through proposals that act");
    this.govern({ proposal, ...(target === undefined ? {} : { target }) });
  }

  /** Cases of loops that yield let go first; the signal's expiry is the limit. */
  waitFor(cases: ReadonlyArray<string>): void {
    this.set({ waitsFor: cases });
    for (const of of cases) this.order({ kind: "displace", case: of });
    this.wake(this.case.signal.expiresAt, { kind: "signal.expired" });
  }

  /** A new round: what was decided and voted before is void, and the verdict is asked for anew. */
  govern(change: Partial<Case>): void {
    const { digest } = this.case;
    if (digest !== undefined && change.proposal === undefined && !this.#isAsDecided(digest)) {
      return this.closeUnacted("forbidden", "the case is no longer what was decided on");
    }
    this.drop("waitsFor");
    const round = this.case.round + 1;
    this.set({ ...change, state: "governed", round, votes: [], clocks: [] });
    this.set({ digest: computeActionDigest(this.case) });
    this.order({ kind: "gather-facts" });
  }

  #isAsDecided(digest: string): boolean {
    return computeActionDigest(this.case) === digest;
  }

  /** What may be done is done, unless the lot says that this one waits. */
  execute(): void {
    const { digest, lot } = this.case;
    assert(digest, "only a proposal with a digest is executed");
    this.stopClocks();
    if (lot?.arm === "act-later") return this.withhold();
    const step = this.nextStep();
    this.set({ state: "executing", executingStep: step });
    this.order({ kind: "act", step, digest, intervention: interventionOf(this.case) });
  }

  /**
   * As long as an acted case waits for its outcome, so that both are read over the same days. It keeps its
   * resource. A signal does not live that long, and its facts even less: what acts afterwards is the
   * next signal.
   */
  withhold(): void {
    const { maturityDays, holdout } = this.terms.charter.outcome;
    const until = addMs(this.at, maturityDays * DAY_MS);
    this.set({ state: "withheld", withheld: { at: this.at, until } });
    this.wake(until, { kind: "holdout.ended" });
    this.tell("not-acted", "both", {
      why:
        `it might act, and by lot it waits until ${until}: about ${Math.round(100 * (holdout?.share ?? 0))} in ` +
        `100 do, so that what acting did can be told from what would have come anyway`,
    });
  }

  /** Nobody is waited for any more; or one party is not. */
  stopClocks(party?: string): void {
    const clocks = this.case.clocks.map((clock) => {
      if (clock.waitedMs !== undefined || (party ?? clock.party) !== clock.party) return clock;
      const waited = measureWait(this.partyOf(clock.party), clock.askedAt, this.at);
      return { ...clock, ...waited, ...(party === undefined ? {} : { answeredAt: this.at }) };
    });
    this.set({ clocks });
  }

  partyOf(department: string): Party {
    const party = this.terms.charter.parties.find((one) => one.department === department);
    assert(party, "only parties of the charter are asked");
    return party;
  }

  undo(cause: UndoCause): void {
    const { action, undoing } = this.case;
    if (!action || action.liftedAt !== undefined || undoing !== undefined) return;
    const step = this.nextStep();
    this.set({ undoing: { step, cause } });
    this.order({ kind: "undo", step, of: action, cause });
  }

  tell(topic: NoticeTopic, to: LetterDraft["to"], detail: Pick<LetterDraft, "why" | "only">): void {
    for (const letter of renderLetters(this.case, this.terms, {
      topic,
      to,
      at: this.at,
      ...detail,
    })) {
      this.order({ kind: "notify", step: this.nextStep(), letter });
    }
  }

  closeUnacted(reason: CloseReason, why: string): void {
    this.set({ closeReason: reason });
    this.stopClocks();
    this.tell("not-acted", "both", { why });
    this.close(reason);
  }

  close(reason: CloseReason): void {
    this.drop("undoing");
    this.drop("awaitingPerson");
    this.stopClocks();
    this.set({ state: "closed", closeReason: reason, closedAt: this.at });
  }

  closeIfSettled(): void {
    const { action, outcome, undoing } = this.case;
    if (!outcome || !action?.liftedAt || undoing) return;
    this.close(outcome.verdict === "harmed" ? "harmed-undone" : outcome.verdict);
  }
}

type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
