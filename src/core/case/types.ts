/**
 * A case: everything that follows from one signal, until it is closed with an outcome.
 *
 * Picture a folder on a desk. Letters arrive in it (events), someone reads the newest, writes on the
 * cover where the matter stands (state), and puts orders into the out-tray (effects). Nothing is ever
 * done from the folder itself.
 */
import type { Json } from "../../std/canonical-json.ts";
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import type { Delegation } from "../charter/delegation.ts";
import type { ClockStage } from "../charter/clock.ts";
import type { CapRoom, Charter, Verdict, VerdictFacts } from "../charter/types.ts";
import type { Contract, Problem, Proposal, Reply, Signal } from "../contract/types.ts";
import type { Intervention, Plan, TargetState } from "../port/types.ts";

export const CASE_STATES = [
  "received",
  "quarantined",
  "parked",
  "evaluating",
  "governed",
  "held",
  "executing",
  "withheld",
  "watching",
  "closed",
] as const;
export type CaseState = (typeof CASE_STATES)[number];

export const CLOSE_REASONS = [
  "quarantined",
  "duplicate",
  "declined",
  "bounced",
  "forbidden",
  "rejected",
  "expired",
  "failed",
  "superseded",
  "withdrawn",
  "withheld",
  "helped",
  "no-effect",
  "harmed-undone",
  "undetermined",
  "undone",
  "taken-over",
] as const;
export type CloseReason = (typeof CLOSE_REASONS)[number];

/** The documents a case was opened under; pinned for its whole life. */
export type Terms = {
  readonly contract: Contract;
  readonly contractHash: Hash;
  readonly charter: Charter;
  readonly charterHash: Hash;
};

export const REJECT_REASONS = [
  "evidence-wrong",
  "target-wrong",
  "too-costly",
  "bad-moment",
  "handled-otherwise",
  "other",
] as const;
/** The kind of reason for a rejection; the words beside it say the rest. */
export type RejectReason = (typeof REJECT_REASONS)[number];

/** How the engine knew who voted. */
export type VoteProof =
  /** Signed with the person's own key; the envelope verifies by itself. */
  | { readonly kind: "signature"; readonly keyId: string; readonly envelope: Json }
  /** By the one-time link that only their mailbox, or only their own Slack channel, was sent. */
  | {
      readonly kind: "link";
      /** Who pressed the button that carried it; Slack's word is that the address is theirs. */
      readonly slackUser?: string;
    }
  /** In the dashboard, by a person who signed in with a passkey or at their company's provider. */
  | { readonly kind: "session"; readonly method: "passkey" | "provider" };

export type CaseVote = {
  readonly party: string;
  readonly person: string;
  readonly choice: "agree" | "reject";
  readonly reason: string;
  /** Of a rejection. */
  readonly because?: RejectReason;
  readonly digest: Hash;
  readonly at: Instant;
  readonly proof: VoteProof;
};

/** One party's clock on this case: asked, due, answered. Waiting is measured per side. */
export type PartyClock = {
  readonly party: string;
  readonly askedAt: Instant;
  readonly remindAt: Instant;
  /** Fixed when the party is asked; the last one's `dueAt` is the end. */
  readonly stages: ReadonlyArray<ClockStage>;
  /** Index of the stage that runs. */
  readonly stage: number;
  readonly answeredAt?: Instant;
  /** Set once the clock stands: time that passed, and how much of it the party was at work. */
  readonly waitedMs?: number;
  readonly waitedOpenMs?: number;
};

/** What would be changed, as it stood when the proposal was resolved against it. */
export type ResolvedTarget = {
  readonly connector: string;
  readonly before: TargetState;
  readonly after: TargetState;
  readonly readAt: Instant;
};

export type ActionRecord = {
  /** Step of the effect that did it; `<case>/<step>` is its idempotency key. */
  readonly step: number;
  readonly connector: string;
  readonly intervention: Intervention;
  readonly plan: Plan;
  readonly receipt: Json;
  readonly at: Instant;
  readonly standingUntil: Instant;
  readonly liftedAt?: Instant;
};

export type Outcome = {
  readonly verdict: "helped" | "no-effect" | "harmed" | "undetermined";
  readonly measuredAt: Instant;
  /** In words, with estimate, interval, method and what it leaves out. */
  readonly reasons: ReadonlyArray<string>;
  readonly estimate: Json;
};

/** Drawn when a case is governed, under a charter with a holdout: what it does once it may act. */
export type Lot = {
  readonly arm: "act-now" | "act-later";
  /** That the lot would say `act-now`, strictly between 0 and 1. */
  readonly probability: number;
};

/** Why an undo is under way; decides how the case closes. */
export type UndoCause =
  "standing-over" | "harm" | "recovery" | "person" | "withdrawn" | "outranked" | "stop";

export type Case = {
  readonly id: string;
  readonly loop: string;
  readonly signal: Signal;
  /** The subject in words, e.g. `Patna, Bihar`. */
  readonly subjectName: string;
  readonly contractHash: Hash;
  readonly charterHash: Hash;
  readonly state: CaseState;
  readonly closeReason?: CloseReason;
  readonly openedAt: Instant;
  readonly changedAt: Instant;
  readonly closedAt?: Instant;
  /** Steps handed out so far; the next effect outside gets this number plus one. */
  readonly steps: number;
  /** The step whose answer `executing` waits for. */
  readonly executingStep?: number;
  readonly problems: ReadonlyArray<Problem>;
  readonly reply?: Reply;
  readonly proposal?: Proposal;
  /** The target as the proposal found it; part of the digest. */
  readonly target?: ResolvedTarget;
  /** Times the case was governed; part of the digest, so that a vote of an earlier round is void. */
  readonly round: number;
  /** Digest of the resolved action; votes bind to it and dispatch recomputes it. */
  readonly digest?: Hash;
  /** People who had a hand in the proposal, by email; none of them votes on it. */
  readonly authors: ReadonlyArray<string>;
  readonly verdict?: Verdict;
  /** Absent where nothing is drawn: the charter has no holdout, or the subject had its turn of waiting. */
  readonly lot?: Lot;
  readonly votes: ReadonlyArray<CaseVote>;
  readonly clocks: ReadonlyArray<PartyClock>;
  /** Who is asked instead of whom; each ends by itself. */
  readonly delegations?: ReadonlyArray<Delegation>;
  /** Cases of loops that yield to this one; it goes on when they have let go of the resource. */
  readonly waitsFor?: ReadonlyArray<string>;
  /** A case that comes first claimed the resource while this one's call was under way. */
  readonly outrankedBy?: string;
  /** Times the dispatch refused and the case was governed again. */
  readonly refusals: number;
  /** A call outside whose effect only a person can settle. */
  readonly awaitingPerson?: { readonly step: number; readonly why: string };
  /** By the lot: it might act and does not, from one instant until another. */
  readonly withheld?: { readonly at: Instant; readonly until: Instant };
  readonly action?: ActionRecord;
  readonly undoing?: { readonly step: number; readonly cause: UndoCause };
  readonly outcome?: Outcome;
};

/** Why an action that was decided on did not leave the building. */
export type ActionRefusal =
  | "action/signal-expired"
  | "action/not-live"
  | "action/stopped"
  | "action/autonomy-lowered"
  | "action/charter-replaced"
  | "action/charter-expired"
  | "action/charter-withdrawn"
  | "action/charter-unsigned"
  | "action/proposal-changed"
  | "action/order-changed"
  | "action/target-changed"
  | "action/unvoted"
  | "action/not-asked";

type At = { readonly at: Instant };

/** Set when the signal was sent under an older version of its contract and migrated up from it. */
type Migrated = { readonly migratedFrom?: string };

/** Everything that can happen to a case. Kinds are noun, past verb; they are the ledger's kinds too. */
export type CaseEvent = At &
  (
    | ({ readonly kind: "signal.admitted" } & Migrated)
    | ({ readonly kind: "signal.parked"; readonly unmet: ReadonlyArray<string> } & Migrated)
    | { readonly kind: "signal.quarantined"; readonly problems: ReadonlyArray<Problem> }
    | { readonly kind: "signal.duplicated"; readonly of: string }
    | { readonly kind: "signal.superseded"; readonly by: string }
    | { readonly kind: "signal.withdrawn"; readonly why: string }
    | { readonly kind: "signal.expired" }
    | { readonly kind: "quarantine.lapsed" }
    | { readonly kind: "loop.suspended"; readonly why: string }
    | { readonly kind: "loop.resumed" }
    | {
        readonly kind: "reply.received";
        readonly step: number;
        readonly reply: Reply;
        /** Of a reply that would act: what it would change. */
        readonly target?: ResolvedTarget;
      }
    | { readonly kind: "reply.failed"; readonly step: number; readonly why: string }
    | { readonly kind: "question.repeated"; readonly person: string }
    | {
        readonly kind: "facts.gathered";
        readonly facts: VerdictFacts;
        readonly lot?: Lot;
        /** Of people who are away. */
        readonly delegations?: ReadonlyArray<Delegation>;
      }
    | { readonly kind: "step.retried"; readonly step: number; readonly person: string }
    | {
        readonly kind: "step.given-up";
        readonly step: number;
        readonly person: string;
        readonly why: string;
      }
    /** `room` is read with the vote, whenever that is: what was free when the case was held may be used by now. */
    | { readonly kind: "vote.cast"; readonly vote: CaseVote; readonly room?: CapRoom }
    /** Somebody is asked instead of somebody from now on, where an answer is still owed. */
    | { readonly kind: "vote.delegated"; readonly delegation: Delegation }
    | { readonly kind: "delegation.ended"; readonly party: string; readonly person: string }
    | { readonly kind: "clock.reminded"; readonly party: string; readonly round: number }
    | {
        readonly kind: "clock.ran-out";
        readonly party: string;
        readonly round: number;
        readonly stage: number;
      }
    /** A loop that comes first claims the resource. */
    | { readonly kind: "claim.outranked"; readonly by: string; readonly loop: string }
    /** A case that this one waited for has let go. */
    | { readonly kind: "claim.freed"; readonly of: string }
    /** A later charter came into force, and its word is that open cases are governed again. */
    | { readonly kind: "charter.replaced"; readonly charterHash: Hash }
    /** The loop went down the ladder: what was not done yet is decided anew. */
    | { readonly kind: "autonomy.lowered" }
    | { readonly kind: "subject.recovered"; readonly why: string }
    | {
        readonly kind: "action.refused";
        readonly step: number;
        readonly because: "expired" | "ungoverned" | "suspended";
        readonly code: ActionRefusal;
        readonly why: string;
        /** The later version of the charter that the case is governed under from now on. */
        readonly charterHash?: Hash;
        /** The target as it is now, when it is no longer what was decided on. */
        readonly target?: ResolvedTarget;
      }
    | {
        readonly kind: "action.done";
        readonly step: number;
        readonly connector: string;
        readonly intervention: Intervention;
        readonly plan: Plan;
        readonly receipt: Json;
      }
    | { readonly kind: "action.failed"; readonly step: number; readonly why: string }
    | { readonly kind: "action.unsettled"; readonly step: number; readonly why: string }
    | { readonly kind: "holdout.ended" }
    | { readonly kind: "maturity.reached" }
    | { readonly kind: "outcome.measured"; readonly outcome: Outcome }
    | { readonly kind: "standing.ended" }
    | {
        readonly kind: "undo.requested";
        readonly person: string;
        readonly why: string;
        /** A stop button that takes back what stands; a person's own wish when left out. */
        readonly cause?: "stop";
      }
    | { readonly kind: "undo.done"; readonly step: number; readonly receipt: Json }
    | { readonly kind: "undo.conflicted"; readonly step: number; readonly why: string }
    | { readonly kind: "undo.failed"; readonly step: number; readonly why: string }
  );

export type CaseEventKind = CaseEvent["kind"];

export type NoticeTopic =
  | "quarantined"
  | "approval-asked"
  | "approval-reminded"
  | "approval-escalated"
  | "approval-delegated"
  | "not-acted"
  | "acted"
  | "lifted"
  | "outcome"
  | "person-needed";

/** A letter to one department, rendered when it was decided, so that a retry sends the same words. */
export type Letter = {
  readonly topic: NoticeTopic;
  readonly department: string;
  /** One address; empty when the charter names none, so that its failure can be seen. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** Of a letter that asks for a vote: the link it carries is made for this when it is sent. */
  readonly asks?: { readonly party: string; readonly digest: Hash; readonly expires: Instant };
};

/** What a transition orders. `ask`, `act`, `undo` and `notify` leave the building; the rest do not. */
export type CaseEffect =
  | { readonly kind: "ask"; readonly step: number; readonly department: string }
  | {
      readonly kind: "act";
      readonly step: number;
      readonly intervention: Intervention;
      readonly digest: Hash;
    }
  | {
      readonly kind: "undo";
      readonly step: number;
      readonly of: ActionRecord;
      readonly cause: UndoCause;
    }
  | { readonly kind: "notify"; readonly step: number; readonly letter: Letter }
  | { readonly kind: "wake"; readonly event: CaseEvent }
  /** Tells another loop's case that this one comes first. */
  | { readonly kind: "displace"; readonly case: string }
  | { readonly kind: "gather-facts" }
  | { readonly kind: "measure" };

/** What a transition gives: the case after the event, and what follows from it. */
export type Turn = readonly [Case, ReadonlyArray<CaseEffect>];
