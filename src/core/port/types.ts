/**
 * What the outside must supply. The engine sees only these shapes; agents, connectors and notifiers
 * implement them; `app` introduces them to each other. Nothing here runs.
 */
import type { Json } from "../../std/canonical-json.ts";
import type { Money } from "../../std/money.ts";
import type { Day, Instant } from "../../std/time.ts";
import type { Contract, Proposal, Reply, Signal } from "../contract/types.ts";
import type { VoteSheet } from "../case/vote-sheet.ts";
import type { OwnRecord } from "../loop/own-record.ts";

/** Business time: what the calendar says. Virtual in demo, replay and simulation. */
export type Clock = { now(): Instant };

// Observations ------------------------------------------------------------------------------------

/** A thing that is measured, and the coarser thing it belongs to. */
export type Subject = {
  readonly id: string;
  readonly kind: string;
  readonly level: "pincode" | "district" | "state" | "nation";
  readonly name: string;
  readonly parent: string | null;
};

/**
 * One metric of one subject for one day, in one stratum: `n` trials and `k` events.
 * `stratum` is canonical, sorted by key, e.g. `courier=ekart|payment=cod`; empty when not split.
 * `reasons` splits `k` by reason code where the data has it. Absence of a row is "no data", never 0.
 */
export type Observation = {
  readonly metric: string;
  readonly subject: string;
  readonly day: Day;
  readonly stratum: string;
  readonly n: number;
  readonly k: number;
  readonly reasons?: { readonly [reason: string]: number };
};

/** Everything a source says of one delivery; the same `id` twice counts once. */
export type ObservationBatch = {
  readonly source: string;
  readonly id: string;
  readonly metric: string;
  /** Days of which this batch says the last word for now: complete and mature. */
  readonly completeDays: ReadonlyArray<Day>;
  readonly subjects: ReadonlyArray<Subject>;
  readonly observations: ReadonlyArray<Observation>;
};

// Agents ------------------------------------------------------------------------------------------

/** Why nothing was sent for a subject that a person might have expected to see. */
export type NearMiss = { readonly subject: string; readonly reason: string };

export type DayReading = {
  readonly day: Day;
  readonly evaluated: number;
  readonly notEvaluated: ReadonlyArray<{ readonly reason: string; readonly subjects: number }>;
  readonly signals: ReadonlyArray<Signal>;
  readonly nearMisses: ReadonlyArray<NearMiss>;
  /** Subjects whose change is confirmed to be over, judged on whatever still runs there. */
  readonly recovered?: ReadonlyArray<string>;
};

/**
 * The sending end: folds one complete day after another and says what it saw.
 *
 * INVARIANT (replay): `foldDay` is a function of the state and its arguments alone. `save` and
 * `restore` carry the state across processes; restoring and folding on equals never having stopped.
 */
export type SendingAgent = {
  readonly department: string;
  readonly name: string;
  readonly version: string;
  foldDay(input: {
    readonly day: Day;
    /** Business time of the evaluation; becomes `sentAt`. */
    readonly now: Instant;
    readonly subjects: ReadonlyMap<string, Subject>;
    readonly observations: ReadonlyArray<Observation>;
    /** Above 0, up to 1: share of the day's outcomes known; absent where the source does not say. */
    readonly knownShare?: number;
    /** Subjects under a standing action of ours: kept out of the baseline, not signalled again. */
    readonly acted: ReadonlySet<string>;
  }): DayReading;
  save(): Uint8Array;
  restore(state: Uint8Array): void;
};

/** The receiving end: answers one signal. Same request, same answer. Changes nothing outside. */
export type ReceivingAgent = {
  readonly department: string;
  readonly name: string;
  readonly version: string;
  /** True of one in another process: it registers itself, and its name and version are there. */
  readonly isRemote?: boolean;
  evaluate(request: {
    readonly caseId: string;
    readonly signal: Signal;
    readonly contract: Contract;
    readonly now: Instant;
  }): Promise<Reply>;
  /**
   * What it would have said of its own domain before, beside what came: the record by which its own
   * department trusts it. Undefined for an agent that keeps none.
   */
  predictOwnDomain?(input: {
    readonly now: Instant;
    /** Subjects to choose from: none of them under an action of ours. */
    readonly subjects: ReadonlyArray<Subject>;
  }): Promise<OwnPredictions>;
};

/** Predictions whose answers are known, and how many fell inside their intervals. */
export type OwnPredictions = OwnRecord & {
  /** What was predicted, from what, in a sentence for the head of the department. */
  readonly words: string;
};

// Effects outside ---------------------------------------------------------------------------------

/** What every call outside carries. */
export type Call = {
  /** Stable over every retry of one step of one case. */
  readonly idempotencyKey: string;
  /** Rises with each claim; a connector passes it on where the other side supports preconditions. */
  readonly fence: number;
  /** Aborts at the deadline, which always falls before the lease's end. */
  readonly signal: AbortSignal;
};

/** What the connector is asked to do, resolved down to the last parameter. */
export type Intervention = {
  readonly option: string;
  readonly parameters: { readonly [key: string]: Json };
  readonly subject: string;
  readonly resource: string;
};

/** A target's state as JSON: whatever the connector needs to compare and to undo. */
export type TargetState = { readonly [key: string]: Json };

/** The change worked out against a known state: what will be sent and what must be read back. */
export type Plan = {
  readonly before: TargetState;
  readonly after: TargetState;
  readonly request: Json;
};

/**
 * How a call of unknown outcome may be left.
 * `idempotent`: send again with the same key. `readable`: read back and compare. `opaque`: ask a person.
 */
export type ConnectorClass = "idempotent" | "readable" | "opaque";

/**
 * One outside system that can be changed. Only translation lives here: no retries, no clock, no
 * store. Failures are `InterlockError`s of `connector/*`:
 * - nothing happened and never will: `connector/rejected`, `connector/unauthorised` (retry "never")
 * - nothing happened, try later: `connector/rate-limited`, `connector/unavailable` (retry "later")
 * - it may have happened: `connector/unknown-outcome` (time-out, reset or garbage after sending)
 */
export type Connector = {
  readonly name: string;
  readonly class: ConnectorClass;
  /** Option names it can carry out. */
  readonly options: ReadonlyArray<string>;
  read(intervention: Intervention, call: Call): Promise<TargetState>;
  /** Pure. Throws `connector/conflict` if the intervention does not fit the state. */
  plan(intervention: Intervention, before: TargetState): Plan;
  /** Asks the outside to check the plan without doing it. */
  dryRun(plan: Plan, call: Call): Promise<void>;
  apply(plan: Plan, call: Call): Promise<{ readonly receipt: Json }>;
  /** Pure. True when `current` shows the plan in effect, whatever else changed beside it. */
  isApplied(plan: Plan, current: TargetState): boolean;
  /**
   * Pure. The plan that takes back exactly what `plan` did, given the state now; or why it cannot,
   * because someone else changed our part of the target since.
   */
  planUndo(
    plan: Plan,
    current: TargetState,
  ):
    | { readonly kind: "undo"; readonly plan: Plan }
    | { readonly kind: "nothing-left"; readonly why: string }
    | { readonly kind: "conflict"; readonly why: string };
};

/** A message to a department, already rendered. `id` is stable over retries. */
export type Notice = {
  readonly id: string;
  readonly department: string;
  readonly address: string;
  readonly subject: string;
  readonly text: string;
  /** Id of the first notice of the same case, so that mail threads. */
  readonly thread: string;
  /** Of one that asks for a vote which still stands. */
  readonly vote?: VoteNotice;
};

/** A question to one person: the sheet that every channel shows, and the ways to answer. */
export type VoteNotice = {
  readonly sheet: VoteSheet;
  readonly picture?: NoticePicture;
  /** Votes as this one person, once: only for what nobody else reads. */
  readonly token: string;
  /** The page on which it is looked at and answered, with that token in it. */
  readonly link?: string;
  /** The case in the dashboard, where whoever signs in votes as themselves: for what others read too. */
  readonly casePage?: string;
  /** Where a reply by mail says that somebody is away or hands it on; it never votes. */
  readonly replyTo?: string;
};

export type NoticePicture = {
  readonly png: Uint8Array;
  /** For who cannot see it. */
  readonly words: string;
  /** In characters. */
  readonly line: string;
  /** Where it can be fetched from outside, if it can. */
  readonly url?: string;
};

export type Notifier = {
  readonly channel: string;
  send(notice: Notice, call: Call): Promise<{ readonly receipt: Json }>;
  /** Finds out whether it could send now, without sending; throws what `send` would. */
  probe?(call: Call): Promise<void>;
};

/** What marketing knows of a geography beyond the signal; read from its own systems. */
export type MarketingFacts = {
  readonly subject: string;
  /** Ad spend per day over the look-back, and everything the company spends per day. */
  readonly spendPerDay: Money;
  readonly spendPerDayAll: Money;
  /** Orders per day over the look-back, here and everywhere. */
  readonly ordersPerDay: number;
  readonly ordersPerDayAll: number;
  readonly lookbackDays: number;
};

export type MarketingFactsSource = {
  /** Over the `lookbackDays` whole days before the day of `asOf`; the source's own if left out. */
  readFacts(
    subject: string,
    asOf: Instant,
    lookbackDays?: number,
  ): Promise<MarketingFacts | undefined>;
};

export type { Proposal };
