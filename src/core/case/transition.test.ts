import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { canonicalJson } from "../../std/canonical-json.ts";
import { addMs, DAY_MS, HOUR_MS } from "../../std/time.ts";
import { charterHash, parseCharter } from "../charter/parse.ts";
import type { AutonomyLevel, VerdictFacts } from "../charter/types.ts";
import { contractHash, parseContract } from "../contract/parse.ts";
import type { Proposal, Reply } from "../contract/types.ts";
import { parseDocument } from "../document.ts";
import { appendToTree, EMPTY_TREE } from "../ledger/tree.ts";
import { verifyEntries } from "../ledger/verify.ts";
import { openCase } from "./open.ts";
import { transition } from "./transition.ts";
import {
  type Case,
  CASE_STATES,
  type CaseEffect,
  type CaseEvent,
  CLOSE_REASONS,
  type CloseReason,
  type Lot,
  type Terms,
} from "./types.ts";

const START = "2026-03-02T00:00:00.000Z";
const FOLDER = new URL("../../../loops/logistics-marketing/", import.meta.url);

function loadTerms(): Terms {
  const read = (file: string) =>
    parseDocument(readFileSync(new URL(file, FOLDER), "utf8"), file).value;
  const contract = parseContract(read("contract.yaml"));
  const charter = parseCharter(read("charter.yaml"));
  return {
    contract,
    contractHash: contractHash(contract),
    charter,
    charterHash: charterHash(charter),
  };
}

const terms = loadTerms();

function freshCase(): Case {
  return openCase(
    {
      id: "case-1",
      loop: "logistics-marketing",
      subjectName: "Indiranagar, Bengaluru",
      signal: {
        id: "s-1",
        source: "logistics/test",
        contract: terms.contract.name,
        version: terms.contract.version,
        subject: "IN-560038",
        sentAt: START,
        asOf: START,
        expiresAt: addMs(START, 72 * HOUR_MS),
        confidence: 0.95,
        options: terms.contract.options.map((option) => option.name),
        payload: {},
      },
      contractHash: terms.contractHash,
      charterHash: terms.charterHash,
    },
    START,
  );
}

const rupees = (amount: number) => ({ amountMinor: amount * 100, currency: "INR" });

function propose(change: Partial<Proposal> = {}): Proposal {
  return {
    option: "lower_bid",
    parameters: { bidModifier: 0.5, standingDays: 14 },
    resource: "ads:google/1/geo/IN-560038",
    value: {
      mean: rupees(4000),
      p10: rupees(500),
      p50: rupees(3900),
      p90: rupees(8000),
      probabilityBetter: 0.93,
    },
    valueAtStake: rupees(9000),
    blastRadius: { subjects: 1, shareOfOrders: 0.002, shareOfSpend: 0.002 },
    standingDays: 14,
    scored: [],
    reasons: ["deliveries there fail more than they earn"],
    ...change,
  };
}

function factsAt(now: string, change: Partial<VerdictFacts> = {}): VerdictFacts {
  return {
    now,
    charterSigned: true,
    stops: [],
    autonomy: "act",
    confidence: 0.95,
    confidenceToAct: 0.7,
    reversible: true,
    usedToday: { actions: 0, subjects: 0, valueMinor: 0 },
    usedThisWeek: { actions: 0, subjects: 0, valueMinor: 0 },
    claims: [],
    ...change,
  };
}

/** Drives a case by hand: each event is applied, facts are answered, effects are collected. */
class Desk {
  case: Case = freshCase();
  facts: Partial<VerdictFacts> = {};
  lot: Lot | undefined;
  readonly ordered: CaseEffect[] = [];
  readonly path: string[] = ["received"];

  apply(event: CaseEvent): this {
    const [next, orders] = transition(this.case, event, terms);
    if (next.state !== this.case.state) this.path.push(next.state);
    this.case = next;
    for (const order of orders) {
      this.ordered.push(order);
      if (order.kind === "gather-facts") {
        this.apply({
          kind: "facts.gathered",
          at: event.at,
          facts: factsAt(event.at, this.facts),
          ...(this.lot === undefined ? {} : { lot: this.lot }),
        });
      }
    }
    return this;
  }

  draw(arm: Lot["arm"]): this {
    this.lot = { arm, probability: 0.8 };
    return this;
  }

  admit(): this {
    return this.apply({ kind: "signal.admitted", at: START });
  }

  reply(reply: Reply): this {
    return this.apply({ kind: "reply.received", at: START, step: 1, reply });
  }

  accept(change: Partial<Proposal> = {}): this {
    return this.admit().reply({ kind: "accept", proposal: propose(change) });
  }

  act(at = START): this {
    const act = this.ordered.findLast((order) => order.kind === "act");
    assert(act, "an action was ordered");
    return this.apply({
      kind: "action.done",
      at,
      step: act.step,
      connector: "google-ads",
      intervention: act.intervention,
      plan: { before: {}, after: { modifier: 0.5 }, request: {} },
      receipt: {},
    });
  }

  measure(verdict: "helped" | "no-effect" | "harmed" | "undetermined"): this {
    const at = addMs(START, 15 * DAY_MS);
    this.apply({ kind: "maturity.reached", at });
    return this.apply({
      kind: "outcome.measured",
      at,
      outcome: { verdict, measuredAt: at, reasons: [], estimate: {} },
    });
  }

  lift(at = addMs(START, 16 * DAY_MS)): this {
    if (this.case.undoing === undefined) this.apply({ kind: "standing.ended", at });
    const step = this.case.undoing?.step;
    assert(step !== undefined, "an undo was ordered");
    return this.apply({ kind: "undo.done", at, step, receipt: {} });
  }

  vote(party: string, choice: "agree" | "reject" = "agree"): this {
    const person = terms.charter.parties.find((p) => p.department === party)?.owner.email ?? "";
    const digest = this.case.digest ?? "";
    return this.apply({
      kind: "vote.cast",
      at: addMs(START, HOUR_MS),
      vote: {
        party,
        person,
        choice,
        reason: "as agreed",
        digest,
        at: addMs(START, HOUR_MS),
        proof: { kind: "link" },
      },
    });
  }
}

const bothDecide = {
  option: "exclude_geo",
  blastRadius: { subjects: 1, shareOfOrders: 0.03, shareOfSpend: 0.03 },
};

test("a small reversible action runs by itself, is watched, lifted and closed with its outcome", () => {
  const desk = new Desk().accept().act().measure("helped").lift();
  assert.deepEqual(desk.path, [
    "received",
    "evaluating",
    "governed",
    "executing",
    "watching",
    "closed",
  ]);
  assert.equal(desk.case.closeReason, "helped");
});

test("a verdict that asks both sides executes only after one vote from each", () => {
  const desk = new Desk().accept(bothDecide);
  assert.equal(desk.case.state, "held");
  desk.vote("marketing");
  assert.equal(desk.case.state, "held");
  desk.vote("marketing");
  assert.equal(desk.case.state, "held", "two votes of one side are not one of each");
  desk.vote("logistics");
  assert.equal(desk.case.state, "executing");
});

test("a case that the lot holds back tells both, acts never, and closes when its outcome would be read", () => {
  for (const change of [{}, bothDecide]) {
    const desk = new Desk().draw("act-later").accept(change);
    if (desk.case.state === "held") desk.vote("marketing").vote("logistics");
    const { withheld } = desk.case;
    assert.equal(desk.case.state, "withheld");
    assert(withheld);
    const days = terms.charter.outcome.maturityDays;
    assert.equal(withheld.until, addMs(withheld.at, days * DAY_MS));
    const letters = desk.ordered.flatMap((order) =>
      order.kind === "notify" && order.letter.topic === "not-acted" ? [order.letter] : [],
    );
    assert.deepEqual(letters.map(({ department }) => department).sort(), [
      "logistics",
      "marketing",
    ]);
    assert.match(letters[0]?.text ?? "", /by lot it waits until/);
    const [timer] = desk.ordered.flatMap((order) =>
      order.kind === "wake" && order.event.kind === "holdout.ended" ? [order.event] : [],
    );
    assert.equal(timer?.at, withheld.until);
    desk.apply({ kind: "holdout.ended", at: withheld.until });
    assert.equal(desk.case.closeReason, "withheld");
    assert(!desk.ordered.some((order) => order.kind === "act"));
  }
});

test("a lot decides nothing where nothing may be done, and the lot to act changes nothing", () => {
  const stops = [{ scope: "everything", name: "", person: "a", reason: "b" }] as const;
  const stopped = new Desk().draw("act-later");
  stopped.facts = { stops };
  assert.equal(stopped.accept().case.closeReason, "forbidden");
  const rejected = new Desk().draw("act-later").accept(bothDecide).vote("logistics", "reject");
  assert.equal(rejected.case.closeReason, "rejected");
  assert.equal(new Desk().draw("act-now").accept().case.state, "executing");
});

test("a signal taken back or a loop that comes first ends the waiting; nothing else does", () => {
  const at = addMs(START, DAY_MS);
  const waiting = (): Desk => new Desk().draw("act-later").accept();
  const ended = waiting().apply({ kind: "signal.withdrawn", at, why: "counted twice" });
  assert.equal(ended.case.closeReason, "withdrawn");
  const outranked = waiting().apply({ kind: "claim.outranked", at, by: "case-2", loop: "other" });
  assert.equal(outranked.case.closeReason, "superseded");
  const others: ReadonlyArray<CaseEvent> = [
    { kind: "signal.superseded", at, by: "case-2" },
    { kind: "signal.expired", at },
    { kind: "charter.replaced", at, charterHash: terms.charterHash },
    { kind: "autonomy.lowered", at },
    { kind: "loop.suspended", at, why: "the receiver is down" },
    { kind: "subject.recovered", at, why: "as before" },
    { kind: "undo.requested", at, person: "p", why: "w" },
    { kind: "maturity.reached", at },
  ];
  for (const event of others) {
    const desk = waiting();
    const before = desk.case;
    assert.equal(desk.apply(event).case, before, event.kind);
  }
});

test("a forbidden or rejected action orders no effect on the outside", () => {
  const forbidden = new Desk();
  forbidden.facts = { stops: [{ scope: "everything", name: "", person: "a", reason: "b" }] };
  forbidden.accept();
  const rejected = new Desk().accept(bothDecide).vote("logistics", "reject");
  for (const desk of [forbidden, rejected]) {
    assert.equal(desk.case.state, "closed");
    assert(!desk.ordered.some((order) => order.kind === "act"));
  }
});

test("silence escalates once to the deputies and then expires; it never allows", () => {
  const desk = new Desk().accept({
    blastRadius: { subjects: 3, shareOfOrders: 0.002, shareOfSpend: 0.002 },
  });
  assert.equal(desk.case.verdict?.rule, "marketing-decides");
  const timeOver = (stage: number) => {
    const at = desk.case.clocks[0]?.stages[stage]?.dueAt ?? "";
    desk.apply({ kind: "clock.ran-out", at, party: "marketing", round: desk.case.round, stage });
  };
  timeOver(0);
  assert.equal(desk.case.state, "held");
  assert(desk.ordered.some((o) => o.kind === "notify" && o.letter.topic === "approval-escalated"));
  timeOver(0);
  assert.equal(desk.case.state, "held", "a timer of the stage before");
  timeOver(1);
  assert.equal(desk.case.closeReason, "expired");
});

test("votes on another action are not counted after the case was governed again", () => {
  const desk = new Desk().accept(bothDecide);
  desk.apply({
    kind: "vote.cast",
    at: START,
    vote: {
      party: "marketing",
      person: "head@marketing.example.com",
      choice: "agree",
      reason: "",
      digest: "0".repeat(64),
      at: START,
      proof: { kind: "link" },
    },
  });
  assert.deepEqual(desk.case.votes, []);
});

test("an action refused at dispatch is governed again and forbidden after the third refusal", () => {
  const desk = new Desk().accept();
  for (let round = 0; round < 3; round++) {
    const step = desk.case.executingStep;
    assert(step !== undefined);
    desk.apply({
      kind: "action.refused",
      at: START,
      step,
      because: "ungoverned",
      code: "action/unvoted",
      why: "stopped",
    });
  }
  assert.equal(desk.case.closeReason, "forbidden");
});

test("a harmful action is undone by rule", () => {
  const desk = new Desk().accept().act().measure("harmed");
  assert.equal(desk.case.undoing?.cause, "harm");
  assert.equal(desk.lift().case.closeReason, "harmed-undone");
});

test("the answer to a step that nobody waits for any more changes nothing", () => {
  const desk = new Desk().accept();
  const before = desk.case;
  desk.apply({
    kind: "reply.received",
    at: START,
    step: 1,
    reply: { kind: "decline", reason: "", scored: [] },
  });
  assert.equal(desk.case, before);
});

test("every close reason of the design is reachable", () => {
  const at = START;
  const routes: Record<CloseReason, () => Desk> = {
    quarantined: () =>
      new Desk()
        .apply({ kind: "signal.quarantined", at, problems: [] })
        .apply({ kind: "quarantine.lapsed", at }),
    duplicate: () => new Desk().apply({ kind: "signal.duplicated", at, of: "case-0" }),
    declined: () =>
      new Desk().admit().reply({ kind: "decline", reason: "nothing is best", scored: [] }),
    bounced: () =>
      new Desk().admit().reply({ kind: "bounce", to: "logistics", reason: "courier", scored: [] }),
    forbidden: () =>
      new Desk().accept({ blastRadius: { subjects: 1, shareOfOrders: 0.5, shareOfSpend: 0 } }),
    rejected: () => new Desk().accept(bothDecide).vote("marketing", "reject"),
    expired: () => new Desk().admit().apply({ kind: "signal.expired", at }),
    failed: () => {
      const desk = new Desk().accept();
      return desk.apply({
        kind: "action.failed",
        at,
        step: desk.case.executingStep ?? 0,
        why: "no",
      });
    },
    superseded: () => new Desk().admit().apply({ kind: "signal.superseded", at, by: "case-2" }),
    withdrawn: () => new Desk().admit().apply({ kind: "signal.withdrawn", at, why: "mistake" }),
    withheld: () => new Desk().draw("act-later").accept().apply({ kind: "holdout.ended", at }),
    helped: () => new Desk().accept().act().measure("helped").lift(),
    "no-effect": () => new Desk().accept().act().lift().measure("no-effect"),
    "harmed-undone": () => new Desk().accept().act().measure("harmed").lift(),
    undetermined: () => new Desk().accept().act().measure("undetermined").lift(),
    undone: () =>
      new Desk()
        .accept()
        .act()
        .apply({ kind: "undo.requested", at, person: "head@marketing.example.com", why: "sale" })
        .lift(),
    "taken-over": () => {
      const desk = new Desk().accept().act().apply({ kind: "standing.ended", at });
      const step = desk.case.undoing?.step ?? 0;
      return desk.apply({ kind: "undo.conflicted", at, step, why: "edited by hand" });
    },
  };
  for (const reason of CLOSE_REASONS) {
    const desk = routes[reason]();
    assert.equal(desk.case.state, "closed", reason);
    assert.equal(desk.case.closeReason, reason);
  }
});

test("every state of the design is reachable", () => {
  const seen = new Set([
    ...new Desk()
      .accept(bothDecide)
      .vote("marketing")
      .vote("logistics")
      .act()
      .measure("helped")
      .lift().path,
    ...new Desk().draw("act-later").accept().path,
    ...new Desk().apply({ kind: "signal.parked", at: START, unmet: ["paused"] }).path,
    ...new Desk().apply({ kind: "signal.quarantined", at: START, problems: [] }).path,
  ]);
  assert.deepEqual([...CASE_STATES].sort(), [...seen].sort());
});

test("a parked signal proceeds when its loop goes live again", () => {
  const desk = new Desk().apply({ kind: "signal.parked", at: START, unmet: ["paused"] });
  assert.equal(desk.apply({ kind: "loop.resumed", at: START }).case.state, "evaluating");
});

// Random histories ------------------------------------------------------------------------------------

type Move = (desk: Desk, at: string) => void;

/** Events with steps that are right, stale or invented, in any order. */
const moves = fc.array(
  fc.record({
    pick: fc.nat(30),
    stale: fc.boolean(),
    party: fc.constantFrom("marketing", "logistics"),
  }),
  { minLength: 1, maxLength: 40 },
);

function moveOf({ pick, stale, party }: { pick: number; stale: boolean; party: string }): Move {
  const stepOf = (right: number | undefined) => (stale ? 999 : (right ?? 0));
  const outcome =
    (["helped", "no-effect", "harmed", "undetermined"] as const)[pick % 4] ?? "helped";
  const plan = { before: {}, after: {}, request: {} };
  const all: Move[] = [
    (d, at) => d.apply({ kind: "signal.admitted", at }),
    (d, at) => d.apply({ kind: "signal.parked", at, unmet: [] }),
    (d, at) => d.apply({ kind: "loop.resumed", at }),
    (d, at) =>
      d.apply({
        kind: "reply.received",
        at,
        step: stepOf(d.case.steps),
        reply: { kind: "accept", proposal: propose() },
      }),
    (d, at) =>
      d.apply({
        kind: "reply.received",
        at,
        step: stepOf(d.case.steps),
        reply: { kind: "accept", proposal: propose(bothDecide) },
      }),
    (d, at) =>
      d.apply({
        kind: "reply.received",
        at,
        step: stepOf(d.case.steps),
        reply: { kind: "need-more", missing: ["spend"], reason: "" },
      }),
    (d) => void d.vote(party),
    (d) => void d.vote(party, pick % 5 === 0 ? "reject" : "agree"),
    (d, at) => d.apply({ kind: "clock.reminded", at, party, round: d.case.round }),
    (d, at) => d.apply({ kind: "clock.ran-out", at, party, round: d.case.round, stage: pick % 2 }),
    (d, at) =>
      d.apply({
        kind: "action.refused",
        at,
        step: stepOf(d.case.executingStep),
        because: "ungoverned",
        code: "action/unvoted",
        why: "",
      }),
    (d, at) =>
      d.apply({
        kind: "action.done",
        at,
        step: stepOf(d.case.executingStep),
        connector: "x",
        intervention: { option: "lower_bid", parameters: {}, subject: "s", resource: "r" },
        plan,
        receipt: {},
      }),
    (d, at) =>
      d.apply({ kind: "action.unsettled", at, step: stepOf(d.case.executingStep), why: "" }),
    (d, at) => d.apply({ kind: "maturity.reached", at }),
    (d, at) =>
      d.apply({
        kind: "outcome.measured",
        at,
        outcome: { verdict: outcome, measuredAt: at, reasons: [], estimate: {} },
      }),
    (d, at) => d.apply({ kind: "standing.ended", at }),
    (d, at) => d.apply({ kind: "undo.requested", at, person: "p", why: "" }),
    (d, at) => d.apply({ kind: "undo.done", at, step: stepOf(d.case.undoing?.step), receipt: {} }),
    (d, at) => d.apply({ kind: "undo.failed", at, step: stepOf(d.case.undoing?.step), why: "" }),
    (d, at) =>
      d.apply({ kind: "undo.conflicted", at, step: stepOf(d.case.undoing?.step), why: "" }),
    (d, at) => d.apply({ kind: "signal.expired", at }),
    (d, at) => d.apply({ kind: "holdout.ended", at }),
    (d, at) => d.apply({ kind: "signal.superseded", at, by: "other" }),
    (d, at) => d.apply({ kind: "signal.withdrawn", at, why: "" }),
    (d, at) => d.apply({ kind: "action.failed", at, step: stepOf(d.case.executingStep), why: "" }),
  ];
  // Earlier moves are likelier, so that many histories come far.
  return all[pick % all.length] ?? (() => undefined);
}

const levels = fc.constantFrom("act", "advise", "shadow");
const lots = fc.constantFrom(undefined, "act-now", "act-later");

test("whatever happens in whatever order, the invariants of a case hold", () => {
  let [acted, withheld, closed] = [0, 0, 0];
  fc.assert(
    fc.property(moves, levels, lots, (history, autonomy, arm) => {
      const desk = liveThrough(history, { autonomy, arm }, checkInvariants);
      // INVARIANT (replay): the same history gives the same case and the same orders, word for word.
      const again = liveThrough(history, { autonomy, arm });
      assert.equal(canonicalJson(again.case), canonicalJson(desk.case));
      assert.equal(canonicalJson(again.ordered), canonicalJson(desk.ordered));
      checkLedger(desk);
      acted += desk.ordered.some((order) => order.kind === "act") ? 1 : 0;
      withheld += desk.case.withheld === undefined ? 0 : 1;
      closed += desk.case.state === "closed" ? 1 : 0;
      // INVARIANT (once): a step is ordered once, ever.
      const steps = desk.ordered.flatMap((order) => ("step" in order ? [order.step] : []));
      assert.equal(new Set(steps).size, steps.length);
      assert.equal(steps.length, desk.case.steps);
    }),
    { numRuns: 3_000 },
  );
  // The histories must be rich enough to have tried what they claim to check.
  assert(
    acted > 60 && withheld > 20 && closed > 100,
    `acted ${acted}, withheld ${withheld}, closed ${closed}`,
  );
});

function liveThrough(
  history: ReadonlyArray<{ pick: number; stale: boolean; party: string }>,
  { autonomy, arm }: { autonomy: AutonomyLevel; arm: Lot["arm"] | undefined },
  check: typeof checkInvariants = () => undefined,
): Desk {
  const desk = new Desk();
  desk.facts = { autonomy };
  if (arm !== undefined) desk.draw(arm);
  desk.admit();
  let at = START;
  for (const move of history) {
    at = addMs(at, HOUR_MS);
    const before = desk.case;
    const ordersBefore = desk.ordered.length;
    moveOf(move)(desk, at);
    check(before, desk.case, desk.ordered.slice(ordersBefore));
  }
  return desk;
}

/** INVARIANT (ledger): a history written as entries verifies; with any one entry altered it does not. */
function checkLedger(desk: Desk): void {
  const { entries } = appendToTree(
    EMPTY_TREE,
    desk.path.map((state, index) => ({
      at: START,
      kind: "case.moved",
      loop: desk.case.loop,
      case: desk.case.id,
      actor: "test",
      body: { state, index },
    })),
  );
  assert("tree" in verifyEntries(EMPTY_TREE, entries));
  const altered = desk.case.steps % entries.length;
  const forged = entries.map((entry, index) =>
    index === altered ? { ...entry, text: entry.text.replace('"test"', '"somebody"') } : entry,
  );
  const checked = verifyEntries(EMPTY_TREE, forged);
  assert("fault" in checked);
  assert.equal(checked.fault.n, altered + 1);
}

function checkInvariants(before: Case, after: Case, orders: ReadonlyArray<CaseEffect>): void {
  // INVARIANT (conservation): in exactly one state; closed exactly when there is a reason and a time.
  assert(CASE_STATES.includes(after.state));
  assert.equal(
    after.state === "closed",
    after.closeReason !== undefined && after.closedAt !== undefined,
  );
  // Closed is final.
  if (before.state === "closed") {
    assert.equal(after, before);
    assert.deepEqual(orders, []);
  }
  for (const order of orders) {
    if (order.kind === "act") {
      assert.notEqual(after.lot?.arm, "act-later", "what waits by lot is never done");
      // INVARIANT (no-ungoverned-action)
      assert(after.verdict !== undefined && after.verdict.kind !== "forbid");
      assert.equal(order.digest, after.digest);
      assert.equal(after.verdict.charterHash, terms.charterHash);
      if (after.verdict.kind === "approve") {
        for (const asked of after.verdict.votes) {
          assert(
            after.votes.some(
              (v) => v.party === asked.party && v.choice === "agree" && v.digest === order.digest,
            ),
          );
        }
      }
    }
    if (order.kind === "undo") {
      // INVARIANT (undo): what is undone is what was done, once, while it stands.
      assert.equal(order.of, after.action);
      assert.equal(order.of.liftedAt, undefined);
      assert.equal(before.undoing, undefined);
    }
  }
  // INVARIANT (both-told): an action, and its taking back, tells each department in the same turn.
  const told = (topic: string) =>
    orders.flatMap((o) =>
      o.kind === "notify" && o.letter.topic === topic ? [o.letter.department] : [],
    );
  if (before.action === undefined && after.action !== undefined) {
    assert.deepEqual(told("acted").sort(), ["logistics", "marketing"]);
  }
  if (
    before.action?.liftedAt === undefined &&
    after.action?.liftedAt !== undefined &&
    after.closeReason !== "taken-over"
  ) {
    assert.deepEqual(told("lifted").sort(), ["logistics", "marketing"]);
  }
  // Nothing of ours is left outside when a case closes, unless a person took it over.
  if (after.state === "closed" && after.action !== undefined) {
    assert(after.action.liftedAt !== undefined);
  }
}
