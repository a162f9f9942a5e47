/**
 * The joint governance document of a loop, and what it says of one proposal.
 *
 * Rules are an ordered decision table: the first row whose every condition holds decides. A missing
 * condition holds for anything. Nothing matching is `forbid`: silence never allows.
 *
 * What stands in the document stands here as it was written: money as text with its currency, days and
 * hours of a named time zone. So the paper that a head reads, its hash and this type are one thing.
 */
import type { Hash } from "../../std/hash.ts";
import type { Day, Instant } from "../../std/time.ts";

/** `INR 75000` or `INR 75000.50`: an ISO 4217 code and an amount; `money-text.ts` reads it. */
export type MoneyText = string;

/** One who may speak for a department, from the first day of a term to the day before its last. */
export type Person = {
  readonly name: string;
  readonly email: string;
  readonly from?: Day;
  readonly until?: Day;
};

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Weekday = (typeof WEEKDAYS)[number];

/** Hours of the wall clock on some days of the week, `from` to before `until`, `09:30` to `18:30`. */
export type WeekWindow = {
  readonly days: ReadonlyArray<Weekday>;
  readonly from: string;
  /** Up to `24:00`. */
  readonly until: string;
};

/** When a department works: hours of a week in its own time zone, but for its holidays. */
export type Calendar = {
  /** IANA name such as `Asia/Kolkata`. */
  readonly timeZone: string;
  readonly open: ReadonlyArray<WeekWindow>;
  readonly holidays: ReadonlyArray<{ readonly day: Day; readonly name: string }>;
};

/** Who in a party: its `owner`, its `deputies`, or the people of one of its groups by name. */
export type Seat = string;

/** How a party is asked for a vote, and what its silence means; silence never allows. */
export type ClockTerms = {
  /** `working-hours` run only while the party's calendar is open, `all-hours` always. */
  readonly counts: "working-hours" | "all-hours";
  readonly remindAfterHours: number;
  readonly answerWithinHours: number;
  /** Asked one after the other once the time is over; each seat gets its own hours more. */
  readonly escalate: ReadonlyArray<{ readonly to: Seat; readonly withinHours: number }>;
  readonly atEnd: "expire" | "decline";
};

export type Party = {
  readonly department: string;
  readonly owner: Person;
  readonly deputies: ReadonlyArray<Person>;
  readonly groups: { readonly [name: string]: ReadonlyArray<Person> };
  readonly calendar: Calendar;
  readonly clock: ClockTerms;
};

/** Half-open range [atLeast, below). */
export type Range = { readonly atLeast?: number; readonly below?: number };
/** Half-open as well. */
export type MoneyRange = { readonly atLeast?: MoneyText; readonly below?: MoneyText };

export type RuleConditions = {
  readonly option?: ReadonlyArray<string>;
  readonly valueAtStake?: MoneyRange;
  readonly confidence?: Range;
  readonly reversible?: boolean;
  readonly subjects?: Range;
  readonly shareOfOrders?: Range;
  readonly shareOfSpend?: Range;
  /** Hours of the week in the charter's time zone; any of the windows. */
  readonly time?: ReadonlyArray<WeekWindow>;
};

/** What one party must do for an `approve`. */
export type VoteRequirement = {
  readonly party: string;
  /** Votes needed from different people of this party. */
  readonly quorum: number;
  /**
   * Who is asked first. They may vote, and so may the deputies and whoever the clock escalates to, from
   * the beginning: escalation changes who is asked, never who may answer.
   */
  readonly from: ReadonlyArray<Seat>;
  /** Instead of the party's own clock. */
  readonly clock?: ClockTerms;
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
  /** The party that answers for what this rule lets happen; of every rule that lets anything happen. */
  readonly accountable?: string;
};

/** The most that may be done in a day, or in seven, in the charter's time zone. */
export type Caps = {
  readonly actions: number;
  readonly subjects: number;
  readonly value: MoneyText;
};

export type Guardrails = {
  readonly perDay: Caps;
  readonly perWeek: Caps;
  readonly coolDownDays: number;
  readonly standingDaysMax: number;
  readonly freezes: ReadonlyArray<{
    readonly from: Day;
    readonly until: Day;
    readonly because: string;
  }>;
};

/** What a department can be told of; every address hears of everything unless it names its events. */
export const NOTIFY_EVENTS = [
  "acted",
  "not-acted",
  "lifted",
  "outcome",
  "person-needed",
  "quarantined",
] as const;
export type NotifyEvent = (typeof NOTIFY_EVENTS)[number];

export type NotifyTarget = {
  readonly department: string;
  readonly channel: "email";
  readonly address: string;
  readonly on?: ReadonlyArray<NotifyEvent>;
};

export const AUTONOMY_LEVELS = ["shadow", "advise", "act"] as const;
/** `shadow` never acts, `advise` asks for every vote, `act` obeys the rules. */
export type AutonomyLevel = (typeof AUTONOMY_LEVELS)[number];

/** How far the loop may go by itself, what lets it go further, what takes it back at once. */
export type AutonomyTerms = {
  readonly start: AutonomyLevel;
  /** All of it, counted since the last step; a step up is then proposed and needs both signatures. */
  readonly promote: {
    /** Outcomes read after their maturity; in shadow, verdicts reached. */
    readonly matured: number;
    readonly helpedShareAtLeast: number;
    readonly harmedAtMost: number;
  };
  /** So many harmed within so many days take it down one step, with no signature. */
  readonly demote: { readonly harmed: number; readonly withinDays: number };
};

/** What an owner may lift for a while, with a reason: guardrails only, and only towards a vote of all. */
export const LIFTABLE = ["per-day", "per-week", "cool-down", "freeze"] as const;
export type Liftable = (typeof LIFTABLE)[number];
export type BreakGlass = {
  readonly hoursMax: number;
  readonly lifts: ReadonlyArray<Liftable>;
};

/** `share` of the cases that may act, above 0 and at most a half. */
export type Holdout = { readonly share: number; readonly because: string };

export type Charter = {
  readonly interlock: "charter/1";
  readonly name: string;
  readonly version: number;
  /** Hash of the version that this one takes the place of. */
  readonly replaces?: Hash;
  readonly loop: string;
  readonly title: string;
  readonly currency: string;
  /** IANA name; of every day and hour of this document that is not a party's own. */
  readonly timeZone: string;
  readonly parties: ReadonlyArray<Party>;
  readonly options: ReadonlyArray<string>;
  readonly rules: ReadonlyArray<Rule>;
  readonly guardrails: Guardrails;
  readonly notify: ReadonlyArray<NotifyTarget>;
  /**
   * Against other loops that claim the same resource. It counts only where the other loop's charter says
   * the same from its side: nobody gets precedence by claiming it.
   */
  readonly precedence?: {
    readonly over?: ReadonlyArray<string>;
    readonly yieldsTo?: ReadonlyArray<string>;
  };
  readonly rollback: {
    /** Parties of which anyone may undo an action. */
    readonly by: ReadonlyArray<string>;
    readonly onHarm: boolean;
    readonly onRecovery: boolean;
  };
  readonly autonomy: AutonomyTerms;
  readonly breakGlass?: BreakGlass;
  /** What becomes of open cases when a later version comes into force: this is the later one's word. */
  readonly openCases: "finish" | "regovern";
  readonly outcome: {
    /** Days after the action before its effect is read. */
    readonly maturityDays: number;
    /** Both heads accept that many an effect will be too small a place's to tell. */
    readonly acceptUndetermined?: boolean;
    /**
     * Some of what may act waits by lot, as long as outcomes take to mature, so that what acting did can be
     * told from what would have come anyway. Absent: everything that may act does.
     */
    readonly holdout?: Holdout;
  };
  /** From the first moment of `from` to the first moment of `until`, in the charter's time zone. */
  readonly effective: { readonly from: Day; readonly review: Day; readonly until: Day };
};

export type Usage = {
  readonly actions: number;
  readonly subjects: number;
  readonly valueMinor: number;
};

/** A stop that covers the proposal: of the loop, a department, a connector or everything. */
export type StopFact = {
  readonly scope: "loop" | "department" | "connector" | "everything";
  /** Name of what is stopped; empty for everything. */
  readonly name: string;
  readonly person: string;
  readonly reason: string;
};

/** An open case that holds the proposal's resource, or one that contains it or lies within it. */
export type ClaimFact = {
  readonly case: string;
  readonly loop: string;
  readonly resource: string;
  /** What both charters agree on; `same-loop` needs no agreement. */
  readonly precedence: "ours" | "theirs" | "undecided" | "same-loop";
};

/** Our loop acted on the resource, another has acted on it since, and now it is our turn again. */
export type CycleFact = {
  readonly through: ReadonlyArray<string>;
  readonly resource: string;
  readonly since: Instant;
};

/** Everything `computeVerdict` may look at besides charter and proposal. */
export type VerdictFacts = {
  readonly now: Instant;
  readonly charterSigned: boolean;
  /** A party took its signature back. */
  readonly withdrawn?: { readonly party: string; readonly person: string; readonly at: Instant };
  readonly stops: ReadonlyArray<StopFact>;
  readonly autonomy: AutonomyLevel;
  readonly confidence: number;
  readonly confidenceToAct: number;
  readonly reversible: boolean;
  readonly usedToday: Usage;
  readonly usedThisWeek: Usage;
  readonly lastActionOnSubjectAt?: Instant;
  /** The glass that is broken now. */
  readonly glass?: { readonly person: string; readonly reason: string; readonly until: Instant };
  /** Claims that overlap the proposal's resource, oldest first. */
  readonly claims: ReadonlyArray<ClaimFact>;
  readonly cycle?: CycleFact;
};

/** What of the caps is used, and whether they are lifted, at one moment. */
export type CapRoom = Pick<VerdictFacts, "now" | "usedToday" | "usedThisWeek" | "glass">;

export type Verdict = {
  readonly kind: "auto" | "approve" | "forbid";
  /** Name of the rule, or of the gate or guardrail that decided before any rule. */
  readonly rule: string;
  readonly decidedBy:
    "in-force" | "stop" | "autonomy" | "guardrail" | "arbitration" | "rule" | "no-rule";
  readonly reasons: ReadonlyArray<string>;
  readonly votes: ReadonlyArray<VoteRequirement>;
  /** The party that answers for it; absent where nothing may happen. */
  readonly accountable?: string;
  /** Cases of loops that yield to this one; it waits until they have let go of the resource. */
  readonly displaces: ReadonlyArray<string>;
  readonly facts: VerdictFacts;
  readonly charterHash: string;
};
