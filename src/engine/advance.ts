/**
 * Moves cases along inside one transaction: letters in; new states, ledger entries, effects and timers
 * out, all or nothing.
 *
 * Intake and the turn both come here, so there is one place where a case changes. The change itself is
 * `core/case`'s; this file only carries: it fetches what a transition asks to know (facts for a
 * verdict, the measured outcome), and writes what it ordered.
 */
import { transition } from "../core/case/transition.ts";
import type { Case, CaseEffect, CaseEvent, Terms } from "../core/case/types.ts";
import type { LedgerDraft } from "../core/ledger/entry.ts";
import { addMs, type Instant } from "../std/time.ts";
import { unreachable } from "../std/assert.ts";
import type { Tx } from "../store/driver/driver.ts";
import {
  deleteEventsOfClosed,
  insertCaseEvents,
  type Letterbox,
} from "../store/table/case-event.ts";
import {
  type EffectRow,
  insertEffects,
  type NewEffect,
  type OutsideEffect,
} from "../store/table/effect.ts";
import { appendLedger } from "../store/table/ledger.ts";
import {
  heldResource,
  insertCases,
  listWaitingFor,
  updateCases,
} from "../store/table/signal-case.ts";
import { demoteOnHarm } from "./autonomy.ts";
import { tellConflicts } from "./conflicts.ts";
import { FactsReader } from "./facts.ts";
import { measureOutcome } from "./measure.ts";
import { overtakenVoteEntry } from "./refused-vote.ts";
import { getTerms } from "./terms.ts";
import type { EngineContext, Pace } from "./wiring.ts";

export type CaseLetters = {
  readonly case: Case;
  readonly letters: ReadonlyArray<CaseEvent>;
  readonly isNew: boolean;
};

export type Advanced = {
  /** The cases as they now stand, in the order in which they were given. */
  readonly cases: ReadonlyArray<Case>;
  /** What was ordered and claimed for whoever moves them. */
  readonly inHand: ReadonlyArray<EffectRow>;
};

/**
 * Applies every letter, in order, case after case. `entries` stand in the ledger before what follows from
 * the letters. Of what is ordered and due now, the first `takes` are claimed as they are written.
 */
export async function advanceCases(
  tx: Tx,
  context: EngineContext,
  moved: ReadonlyArray<CaseLetters>,
  now: Instant,
  {
    entries = [],
    takes = 0,
  }: { readonly entries?: ReadonlyArray<LedgerDraft>; readonly takes?: number } = {},
): Promise<Advanced> {
  const facts = new FactsReader(tx, now, moved);
  const tray = new OutTray(context.pace);
  const after: Case[] = [];
  for (const { case: opened, letters } of moved) {
    const terms = await getTerms(tx, opened.contractHash, opened.charterHash);
    after.push(await readLetters(tx, context, { opened, letters, terms, facts, tray, now }));
  }
  const closed = after.filter(({ state }) => state === "closed");
  // Sent together, here and below: the database answers in this order, and nobody waits in between.
  const [, , unread] = await Promise.all([
    insertCases(
      tx,
      after.filter((_, index) => moved[index]?.isNew === true),
    ),
    updateCases(
      tx,
      after.filter((now, index) => !moved[index]?.isNew && now !== moved[index]?.case),
    ),
    deleteEventsOfClosed(
      tx,
      closed.map(({ id }) => id),
    ),
  ]);
  await context.reached?.("advance/cases-written");
  for (const { case_id, body } of unread) {
    const of = closed.find(({ id }) => id === case_id);
    if (of !== undefined && body.kind === "vote.cast") tray.recordOvertaken(of, body, now);
  }
  await wakeWaiting(
    tx,
    moved.map(({ case: before }, index) => ({ before, after: after[index] ?? before })),
    now,
  );
  await demoteOnHarm(
    tx,
    context,
    moved.map(({ case: before }, index) => ({ before, after: after[index] ?? before })),
  );
  await tellConflicts(
    tx,
    context,
    after.filter((of, index) => of !== moved[index]?.case),
  );
  const [inHand] = await Promise.all([
    insertEffects(tx, tray.effects, {
      taken: tray.effects.filter(({ dueAt }) => dueAt <= now).slice(0, takes),
      leaseMs: context.limits.leaseMs,
    }),
    insertCaseEvents(tx, tray.timers),
    appendLedger(tx, [...entries, ...tray.ledger]),
  ]);
  await context.reached?.("advance/ledger-written");
  return { cases: after, inHand };
}

/** Cases that waited for what these let go of are governed again. */
async function wakeWaiting(
  tx: Tx,
  moves: ReadonlyArray<{ readonly before: Case; readonly after: Case }>,
  now: Instant,
): Promise<void> {
  const freed = moves
    .filter(({ before, after }) => heldResource(before) !== null && heldResource(after) === null)
    .map(({ after }) => after.id);
  if (freed.length === 0) return;
  const waiting = await listWaitingFor(tx, freed);
  await insertCaseEvents(
    tx,
    waiting.flatMap(({ id, waits_for }) =>
      waits_for
        .filter((of) => freed.includes(of))
        .map((of) => ({ caseId: id, event: { kind: "claim.freed", at: now, of } as const })),
    ),
  );
}

type Reading = {
  readonly opened: Case;
  readonly letters: ReadonlyArray<CaseEvent>;
  readonly terms: Terms;
  readonly facts: FactsReader;
  readonly tray: OutTray;
  readonly now: Instant;
};

async function readLetters(tx: Tx, context: EngineContext, reading: Reading): Promise<Case> {
  const { facts, tray, now } = reading;
  let { opened: current, terms } = reading;
  const inTray = [...reading.letters];
  for (let letter = inTray.shift(); letter !== undefined; letter = inTray.shift()) {
    const event =
      letter.kind === "vote.cast" && current.state === "held"
        ? { ...letter, room: await facts.readRoom(current, terms) }
        : letter;
    const [next, orders] = transition(current, event, terms);
    if (next !== current) tray.record(current, event, next, orders);
    else if (event.kind === "vote.cast") tray.recordOvertaken(current, event, now);
    facts.note(current, next);
    current = next;
    if (current.charterHash !== terms.charterHash) {
      terms = await getTerms(tx, current.contractHash, current.charterHash);
    }
    for (const order of orders) {
      switch (order.kind) {
        case "gather-facts": {
          const gathered = await facts.gather(current, terms);
          const lot = await facts.drawLot(current, terms);
          const delegations = await facts.listDelegations(current, terms);
          inTray.unshift({
            kind: "facts.gathered",
            at: event.at,
            facts: gathered,
            ...(lot === undefined ? {} : { lot }),
            ...(delegations.length === 0 ? {} : { delegations }),
          });
          break;
        }
        case "measure":
          inTray.unshift({
            kind: "outcome.measured",
            at: event.at,
            outcome: await measureOutcome(tx, context, current, event.at),
          });
          break;
        case "wake":
          if (order.event.at <= now) file(inTray, order.event);
          else tray.timers.push({ caseId: current.id, event: order.event });
          break;
        case "displace":
          tray.timers.push({
            caseId: order.case,
            event: {
              kind: "claim.outranked",
              at: event.at,
              by: current.id,
              loop: current.loop,
            },
          });
          break;
        case "ask":
        case "act":
        case "undo":
        case "notify":
          tray.send(current, order, event.at);
          break;
        default:
          unreachable(order);
      }
    }
  }
  // A closed case waits for nothing.
  if (current.state === "closed") tray.dropTimersOf(current.id);
  return current;
}

/** After a pause a timer may be due that is set only now; it is read at its instant, not at the end. */
function file(inTray: CaseEvent[], letter: CaseEvent): void {
  const later = inTray.findIndex(({ at }) => at > letter.at);
  inTray.splice(later === -1 ? inTray.length : later, 0, letter);
}

/** What one transaction will write besides the cases themselves. */
class OutTray {
  readonly effects: NewEffect[] = [];
  readonly ledger: LedgerDraft[] = [];
  timers: Letterbox[] = [];
  readonly #pace: Pace;

  constructor(pace: Pace) {
    this.#pace = pace;
  }

  send(from: Case, body: OutsideEffect, at: Instant): void {
    const dueAt = addMs(at, paceOf(this.#pace, body.kind));
    const { blastRadius, valueAtStake } = from.proposal ?? {};
    this.effects.push({
      caseId: from.id,
      loop: from.loop,
      body,
      dueAt,
      createdAt: at,
      ...(body.kind === "act" && blastRadius && valueAtStake
        ? { use: { subjects: blastRadius.subjects, valueMinor: valueAtStake.amountMinor } }
        : {}),
    });
  }

  dropTimersOf(caseId: string): void {
    this.timers = this.timers.filter((timer) => timer.caseId !== caseId);
  }

  recordOvertaken(of: Case, { vote }: CaseEvent & { kind: "vote.cast" }, at: Instant): void {
    this.ledger.push(overtakenVoteEntry(of, vote, at));
  }

  /** INVARIANT (ledger): every change of a case is one entry, in the same transaction. */
  record(before: Case, event: CaseEvent, after: Case, orders: ReadonlyArray<CaseEffect>): void {
    const { kind, at, ...said } = event;
    this.ledger.push({
      at,
      kind,
      loop: after.loop,
      case: after.id,
      actor: actorOf(event, before),
      contract: after.contractHash,
      charter: after.charterHash,
      body: {
        from: before.state,
        to: after.state,
        ...(after.closeReason === undefined ? {} : { closeReason: after.closeReason }),
        ...(before.state === "received" ? { signal: before.signal } : {}),
        ...(after.verdict === before.verdict ? {} : { verdict: after.verdict }),
        ...(after.digest === before.digest ? {} : { digest: after.digest }),
        event: said,
        orders: orders.flatMap((order) => ("step" in order ? [`${order.step} ${order.kind}`] : [])),
      },
    });
  }
}

function paceOf(pace: Pace, kind: OutsideEffect["kind"]): number {
  if (kind === "ask") return pace.askMs;
  return kind === "notify" ? pace.notifyMs : pace.actMs;
}

function actorOf(event: CaseEvent, of: Case): string {
  switch (event.kind) {
    case "vote.cast":
      return event.vote.person;
    case "vote.delegated":
      return event.delegation.person;
    case "delegation.ended":
    case "undo.requested":
    case "question.repeated":
    case "step.retried":
    case "step.given-up":
      return event.person;
    case "reply.received":
      return "receiver";
    case "signal.withdrawn":
      return of.signal.source;
    default:
      return "engine";
  }
}
