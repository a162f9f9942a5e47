/**
 * The next page of a case: `transition(case, event, terms)` gives the case after the event and the
 * orders that follow from it. No clock, no chance, no I/O; the engine, replay and tests call this one
 * function and nothing else moves a case.
 *
 *   received -> quarantined | parked | evaluating
 *   evaluating -> governed -> held | executing | closed           evaluating -> parked
 *   held -> executing | closed          executing -> watching | governed | parked | closed
 *   parked -> evaluating | closed       watching -> closed
 *
 * Under a charter with a holdout, what would go to `executing` may by lot go to `withheld -> closed`.
 *
 * An event that no longer applies (a reminder after the vote, the answer to a question of an earlier
 * step) changes nothing and orders nothing: the same case object comes back. Timers are therefore
 * never cancelled; they arrive late and are ignored.
 *
 * An action that stands keeps its case open: it closes when its effect is measured AND it has been
 * lifted, so that "closed" always means that nothing of ours is left outside.
 */
import { computeVerdict } from "../charter/verdict.ts";
import { assert, unreachable } from "../../std/assert.ts";
import { addMs, DAY_MS } from "../../std/time.ts";
import { delegate, endDelegation, hold, remind, runOut, takeVote } from "./held.ts";
import { Page } from "./page.ts";
import type { Case, CaseEvent, Terms, Turn } from "./types.ts";

/** Dispatch refusals after which a case is forbidden rather than governed again. */
export const REFUSALS_MAX = 3;
/** A quarantined signal waits this long for its owners before its case closes. */
export const QUARANTINE_DAYS = 7;

export function transition(before: Case, event: CaseEvent, terms: Terms): Turn {
  const page = new Page(before, event, terms);
  write(page, event);
  return page.turn();
}

function write(page: Page, event: CaseEvent): void {
  switch (event.kind) {
    case "signal.admitted":
      if (page.is("received")) page.evaluate();
      return;
    case "signal.parked":
      if (!page.is("received")) return;
      page.set({ state: "parked" });
      page.wake(page.case.signal.expiresAt, { kind: "signal.expired" });
      return;
    case "signal.quarantined":
      if (!page.is("received")) return;
      page.set({ state: "quarantined", problems: event.problems });
      page.wake(addMs(event.at, QUARANTINE_DAYS * DAY_MS), { kind: "quarantine.lapsed" });
      page.tell("quarantined", "sender", { why: `${event.problems.length} problem(s)` });
      return;
    case "quarantine.lapsed":
      if (page.is("quarantined")) page.close("quarantined");
      return;
    case "signal.duplicated":
      if (page.is("received")) page.close("duplicate");
      return;
    case "signal.superseded":
      if (page.is("held")) page.closeUnacted("superseded", "a newer signal took its place");
      else if (page.is("parked", "evaluating", "governed")) page.close("superseded");
      return;
    case "signal.withdrawn":
      if (page.is("received", "quarantined", "parked", "evaluating", "governed", "held")) {
        page.close("withdrawn");
      } else if (page.is("withheld")) {
        page.closeUnacted("withdrawn", event.why);
      } else if (page.is("watching")) page.undo("withdrawn");
      return;
    case "signal.expired":
      if (page.is("parked", "evaluating") || page.isWaiting()) {
        page.closeUnacted("expired", "the signal expired");
      }
      return;
    case "loop.suspended":
      // The question is taken back; it is asked anew, under the facts of then, once the loop is live.
      if (page.is("evaluating")) page.park();
      return;
    case "loop.resumed":
      if (page.is("parked")) page.evaluate();
      return;
    case "reply.received":
      if (page.is("evaluating") && event.step === page.case.steps) takeReply(page, event);
      return;
    case "reply.failed":
      if (!page.is("evaluating") || event.step !== page.case.steps) return;
      // No answer is no decision: the case stays in sight, with its owners told, until it expires.
      page.set({ awaitingPerson: { step: event.step, why: event.why } });
      page.tell("person-needed", "both", {
        why:
          `the receiving agent gave no usable answer: ${event.why}; once it is mended, have it ` +
          `asked again: interlock case ask ${page.case.id} --person YOUR-ADDRESS`,
      });
      return;
    case "question.repeated":
      if (!page.is("evaluating") || page.case.awaitingPerson === undefined) return;
      // Whoever has it asked again had a hand in what it answers.
      page.set({ authors: [...new Set([...page.case.authors, event.person])] });
      page.evaluate();
      return;
    case "step.retried":
      if (page.case.awaitingPerson?.step === event.step) page.drop("awaitingPerson");
      return;
    case "step.given-up":
      giveUp(page, event);
      return;
    case "facts.gathered":
      if (page.is("governed")) govern(page, event);
      return;
    case "vote.cast":
      if (page.is("held") && event.vote.digest === page.case.digest) takeVote(page, event);
      return;
    case "vote.delegated":
      delegate(page, event);
      return;
    case "delegation.ended":
      endDelegation(page, event);
      return;
    case "claim.outranked":
      outrank(page, event);
      return;
    case "claim.freed":
      if (page.is("governed") && page.case.waitsFor?.includes(event.of)) page.govern({});
      return;
    case "charter.replaced":
      if (page.is("received", "quarantined", "parked", "evaluating")) {
        page.set({ charterHash: event.charterHash });
      } else if (page.is("governed", "held")) page.govern({ charterHash: event.charterHash });
      return;
    case "autonomy.lowered":
      if (page.is("governed", "held")) page.govern({});
      return;
    case "subject.recovered":
      if (page.is("watching") && page.terms.charter.rollback.onRecovery) page.undo("recovery");
      return;
    case "clock.reminded":
      remind(page, event);
      return;
    case "clock.ran-out":
      runOut(page, event);
      return;
    case "action.refused":
      if (!page.isExecutingStep(event.step)) return;
      if (event.because === "expired") return page.closeUnacted("expired", event.why);
      if (event.because === "suspended") return page.park();
      if (page.case.refusals + 1 >= REFUSALS_MAX) return page.closeUnacted("forbidden", event.why);
      page.govern({
        refusals: page.case.refusals + 1,
        ...(event.target === undefined ? {} : { target: event.target }),
        ...(event.charterHash === undefined ? {} : { charterHash: event.charterHash }),
      });
      return;
    case "action.done":
      if (page.isExecutingStep(event.step)) watch(page, event);
      return;
    case "action.failed":
      if (!page.isExecutingStep(event.step)) return;
      page.closeUnacted("failed", event.why);
      return;
    case "action.unsettled":
      if (!page.isExecutingStep(event.step)) return;
      page.set({ awaitingPerson: { step: event.step, why: event.why } });
      page.tell("person-needed", "both", { why: event.why });
      return;
    case "holdout.ended":
      if (page.is("withheld")) {
        page.closeUnacted(
          "withheld",
          "its days of waiting are over; where the change lasts, the next signal acts",
        );
      }
      return;
    case "maturity.reached":
      if (page.is("watching") && page.case.outcome === undefined) page.order({ kind: "measure" });
      return;
    case "outcome.measured":
      if (page.is("watching") && page.case.outcome === undefined) takeOutcome(page, event);
      return;
    case "standing.ended":
      if (page.is("watching")) page.undo("standing-over");
      return;
    case "undo.requested":
      if (page.is("watching")) page.undo(event.cause ?? "person");
      return;
    case "undo.done":
    case "undo.conflicted":
    case "undo.failed":
      if (page.case.undoing?.step === event.step) settleUndo(page, event);
      return;
    default:
      return unreachable(event);
  }
}

function takeReply(page: Page, event: CaseEvent & { kind: "reply.received" }): void {
  const { reply, target } = event;
  page.set({ reply });
  switch (reply.kind) {
    case "accept":
    case "modify":
      return page.propose(reply.proposal, target);
    case "decline":
      return page.closeUnacted("declined", reply.reason);
    case "bounce":
      return page.closeUnacted("bounced", reply.reason);
    case "need-more":
      // The case stays visible and open; its sender is asked, and the signal's expiry is the limit.
      return page.tell("person-needed", "sender", {
        why: `more is needed: ${reply.missing.join(", ")}; ${reply.reason}`,
      });
    default:
      return unreachable(reply);
  }
}

function govern(page: Page, event: CaseEvent & { kind: "facts.gathered" }): void {
  const { proposal } = page.case;
  assert(proposal, "a governed case has a proposal");
  const verdict = computeVerdict(page.terms.charter, page.case.charterHash, proposal, event.facts);
  page.drop("lot");
  page.set({
    verdict,
    ...(event.lot === undefined ? {} : { lot: event.lot }),
    ...(event.delegations === undefined
      ? {}
      : { delegations: [...event.delegations, ...(page.case.delegations ?? [])] }),
  });
  if (verdict.kind === "forbid") return page.closeUnacted("forbidden", verdict.reasons.join("; "));
  if (verdict.displaces.length > 0) return page.waitFor(verdict.displaces);
  if (verdict.kind === "auto") return page.execute();
  hold(page, verdict);
}

/** Another loop's case comes first: what was not done yet ends, what stands is taken back. */
function outrank(page: Page, event: CaseEvent & { kind: "claim.outranked" }): void {
  if (page.is("governed", "held", "withheld")) {
    page.closeUnacted("superseded", `the loop ${event.loop} comes first (case ${event.by})`);
  } else if (page.is("executing")) page.set({ outrankedBy: event.by });
  else if (page.is("watching")) page.undo("outranked");
}

function watch(page: Page, event: CaseEvent & { kind: "action.done" }): void {
  const { proposal } = page.case;
  assert(proposal, "an executed case has a proposal");
  const standingUntil = addMs(event.at, proposal.standingDays * DAY_MS);
  page.drop("awaitingPerson");
  page.set({
    state: "watching",
    action: {
      step: event.step,
      connector: event.connector,
      intervention: event.intervention,
      plan: event.plan,
      receipt: event.receipt,
      at: event.at,
      standingUntil,
    },
  });
  const { maturityDays } = page.terms.charter.outcome;
  page.wake(addMs(event.at, maturityDays * DAY_MS), { kind: "maturity.reached" });
  page.wake(standingUntil, { kind: "standing.ended" });
  // INVARIANT (both-told): an action orders a notice to each department in the same turn.
  page.tell("acted", "both", {});
  // Outranked while it was under way: a call is never torn, so it is finished and then taken back.
  if (page.case.outrankedBy !== undefined) page.undo("outranked");
}

function takeOutcome(page: Page, event: CaseEvent & { kind: "outcome.measured" }): void {
  page.set({ outcome: event.outcome });
  page.tell("outcome", "both", {});
  if (event.outcome.verdict === "harmed" && page.terms.charter.rollback.onHarm) {
    page.undo("harm");
  }
  page.closeIfSettled();
}

/** A person gave up what had been set aside; both departments are told what and why. */
function giveUp(page: Page, { step, person, why }: CaseEvent & { kind: "step.given-up" }): void {
  const said = `${person} gave up step ${step}: ${why}`;
  if (page.isExecutingStep(step)) return page.closeUnacted("failed", said);
  if (page.is("closed")) return;
  if (page.case.awaitingPerson?.step === step) page.drop("awaitingPerson");
  page.tell("person-needed", "both", { why: said });
}

function settleUndo(
  page: Page,
  event: CaseEvent & { kind: "undo.done" | "undo.conflicted" | "undo.failed" },
): void {
  const { undoing, action } = page.case;
  assert(undoing && action, "an undo belongs to an action");
  if (event.kind === "undo.failed") {
    page.drop("undoing");
    page.set({ awaitingPerson: { step: event.step, why: event.why } });
    return page.tell("person-needed", "both", { why: `the undo failed: ${event.why}` });
  }
  page.set({ action: { ...action, liftedAt: event.at } });
  if (event.kind === "undo.conflicted") {
    page.tell("person-needed", "both", { why: `left as it is: ${event.why}` });
    return page.close("taken-over");
  }
  page.tell("lifted", "both", {});
  if (undoing.cause === "harm") return page.close("harmed-undone");
  const isOwnEnd = undoing.cause === "standing-over" || undoing.cause === "recovery";
  if (!isOwnEnd) return page.close("undone");
  page.drop("undoing");
  page.closeIfSettled();
}
