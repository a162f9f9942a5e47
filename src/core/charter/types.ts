/**
 * The joint governance document of a loop, and what it says of one proposal.
 *
 * Rules are an ordered decision table: the first row whose every condition holds decides. A missing
 * condition holds for anything. Nothing matching is `forbid`: silence never allows.
 */
import type { Instant } from "../../std/time.ts";

export type Person = { readonly name: string; readonly email: string };

export type Party = {
  readonly department: string;
  readonly owner: Person;
  readonly deputies: ReadonlyArray<Person>;
  readonly approvers: ReadonlyArray<Person>;
};

/** Half-open range [atLeast, below). */
export type Range = { readonly atLeast?: number; readonly below?: number };

export type RuleConditions = {
  readonly option?: ReadonlyArray<string>;
  /** Minor units of the charter's currency. */
  readonly valueAtStakeMinor?: Range;
  readonly confidence?: Range;
  readonly reversible?: boolean;
  readonly subjects?: Range;
  readonly shareOfOrders?: Range;
  readonly shareOfSpend?: Range;
};

/** What one party must do for an `approve`, and what its silence means; silence never allows. */
export type VoteRequirement = {
  readonly party: string;
  /** Votes needed from different people of this party. */
  readonly quorum: number;
  readonly withinHours: number;
  readonly remindAfterHours: number;
  /** `escalate` asks the deputies and gives `escalateHours` more, then the case expires. */
  readonly onTimeout: "expire" | "decline" | "escalate";
  readonly escalateHours?: number;
};

export type RuleEffect =
  | { readonly kind: "auto" }
  | { readonly kind: "approve"; readonly votes: ReadonlyArray<VoteRequirement> }
  | { readonly kind: "forbid" };

export type Rule = {
  readonly name: string;
  readonly because: string;
  readonly when: RuleConditions;
  readonly then: RuleEffect;
};

export type Guardrails = {
  readonly actionsPerDay: number;
  readonly actionsPerWeek: number;
  readonly valuePerDayMinor: number;
  readonly coolDownDays: number;
  readonly standingDaysMax: number;
  readonly freezes: ReadonlyArray<{
    readonly from: Instant;
    readonly until: Instant;
    readonly because: string;
  }>;
};

export type NotifyTarget = {
  readonly department: string;
  readonly channel: "email";
  readonly address: string;
};

export type Charter = {
  readonly interlock: "charter/1";
  readonly name: string;
  readonly version: number;
  readonly loop: string;
  readonly title: string;
  readonly currency: string;
  readonly parties: ReadonlyArray<Party>;
  readonly options: ReadonlyArray<string>;
  readonly rules: ReadonlyArray<Rule>;
  readonly guardrails: Guardrails;
  readonly notify: ReadonlyArray<NotifyTarget>;
  readonly outcome: {
    /** Days after the action before its effect is read. */
    readonly maturityDays: number;
    /** Undo by rule when the effect is harmful. */
    readonly undoOnHarm: boolean;
    /** Both heads accept that many an effect will be too small a place's to tell. */
    readonly acceptUndetermined?: boolean;
  };
  readonly effective: { readonly from: Instant; readonly until: Instant };
};

/** Everything `computeVerdict` may look at besides charter and proposal. */
export type VerdictFacts = {
  readonly now: Instant;
  readonly charterSigned: boolean;
  /** A stop button covers this loop. */
  readonly stopped: boolean;
  /** Autonomy of the loop: `shadow` never acts, `advise` asks for every vote, `act` obeys the rules. */
  readonly autonomy: "shadow" | "advise" | "act";
  readonly confidence: number;
  readonly confidenceToAct: number;
  readonly reversible: boolean;
  readonly actionsToday: number;
  readonly actionsThisWeek: number;
  readonly valueTodayMinor: number;
  readonly lastActionOnSubjectAt?: Instant;
  /** The open case, if any, that already holds the proposal's resource. */
  readonly resourceHeldBy?: string;
};

export type Verdict = {
  readonly kind: "auto" | "approve" | "forbid";
  /** Name of the rule, or of the gate or guardrail that decided before any rule. */
  readonly rule: string;
  readonly decidedBy:
    "in-force" | "stop" | "autonomy" | "guardrail" | "arbitration" | "rule" | "no-rule";
  readonly reasons: ReadonlyArray<string>;
  readonly votes: ReadonlyArray<VoteRequirement>;
  readonly facts: VerdictFacts;
  readonly charterHash: string;
};
