/**
 * The words two agents share: contract, signal, proposal, reply.
 *
 * A contract is the promise, a signal is one thing said under it, a proposal is what the receiver
 * wants to do about it. All are plain data: they are written as YAML or JSON, travel as JSON and are
 * hashed by their canonical JSON.
 */
import type { Json } from "../../std/canonical-json.ts";
import type { Money } from "../../std/money.ts";
import type { Instant } from "../../std/time.ts";

/** A JSON Schema 2020-12. Numeric leaves carry the extra keyword `unit` ("1" for a plain rate). */
export type JsonSchema = { readonly [key: string]: Json };

/** One enumerated kind of answer. */
export type ContractOption = {
  readonly name: string;
  readonly description: string;
  /** True when undoing it restores the state before it. */
  readonly reversible: boolean;
  /** `act` changes something outside, `none` changes nothing, `hand-back` returns the case. */
  readonly kind: "act" | "none" | "hand-back";
  readonly parameters: JsonSchema;
};

export type EvidenceItem = { readonly name: string; readonly path: string; readonly why: string };

/** One step of a migration. In a path, `*` stands for every item of a list. */
export type MigrationStep =
  | { readonly op: "add"; readonly path: string; readonly value: Json }
  | { readonly op: "remove"; readonly path: string }
  | { readonly op: "move" | "copy"; readonly from: string; readonly path: string }
  | { readonly op: "scale"; readonly path: string; readonly by: number }
  | {
      readonly op: "map";
      readonly path: string;
      readonly values: ReadonlyArray<{ readonly from: Json; readonly to: Json }>;
    };

/** How payloads of an older version become payloads of this one, and back. */
export type Migration = {
  /** The older version. */
  readonly from: string;
  readonly up: ReadonlyArray<MigrationStep>;
  readonly down: ReadonlyArray<MigrationStep>;
  /** JSON Pointers into the old payload: what does not come back on the way down. */
  readonly lossy?: ReadonlyArray<string>;
  /** Payloads that show it: `up` makes `new` of `old`, `down` makes `old` of `new`. */
  readonly golden: ReadonlyArray<{
    readonly old: { readonly [key: string]: Json };
    readonly new: { readonly [key: string]: Json };
  }>;
};

export type Contract = {
  readonly interlock: "contract/1";
  readonly name: string;
  /** Semantic version. */
  readonly version: string;
  readonly title: string;
  readonly description: string;
  readonly sender: { readonly department: string };
  readonly receiver: { readonly department: string };
  readonly subject: {
    readonly kind: string;
    readonly description: string;
    /** Regular expression that every subject id matches. */
    readonly pattern: string;
  };
  readonly payload: JsonSchema;
  readonly options: ReadonlyArray<ContractOption>;
  readonly confidence: {
    readonly meaning: string;
    readonly calibration: string;
    /** 0..1: below `signal` the sender stays silent; below `act` the receiver may only hand back. */
    readonly thresholds: { readonly signal: number; readonly act: number };
    /** 0..1: how far the share that came true may be from the confidence said; 0.1 if left out. */
    readonly tolerance?: number;
  };
  readonly evidence: { readonly required: ReadonlyArray<EvidenceItem> };
  readonly expiry: { readonly afterHours: number };
  readonly migrations?: ReadonlyArray<Migration>;
};

/** What an agent sends: an envelope and a payload that keeps the contract's schema. */
export type Signal = {
  readonly id: string;
  /** Who sent it: `department/agent`. `source` and `id` together are unique for ever. */
  readonly source: string;
  readonly contract: string;
  readonly version: string;
  readonly subject: string;
  readonly sentAt: Instant;
  /** The data behind it is complete up to here. */
  readonly asOf: Instant;
  readonly expiresAt: Instant;
  /** 0..1, with the meaning that the contract gives it. */
  readonly confidence: number;
  /** Option names, a non-empty subset of the contract's. */
  readonly options: ReadonlyArray<string>;
  readonly payload: { readonly [key: string]: Json };
};

/** A distribution of money by five numbers; `probabilityBetter` compares with doing nothing. */
export type ValueDistribution = {
  readonly mean: Money;
  readonly p10: Money;
  readonly p50: Money;
  readonly p90: Money;
  readonly probabilityBetter: number;
};

export type ScoredOption = {
  readonly option: string;
  readonly parameters: { readonly [key: string]: Json };
  readonly value: ValueDistribution;
  readonly feasible: boolean;
  /** Why it was, or was not, chosen; in words for the other department. */
  readonly reason: string;
};

export type Proposal = {
  readonly option: string;
  readonly parameters: { readonly [key: string]: Json };
  /** Canonical name of what would be changed, e.g. `ads:google/1234567890/campaign/9/geo/IN-560001`. */
  readonly resource: string;
  readonly value: ValueDistribution;
  /** Money moved or forgone if it is wrong; what the charter's tiers are about. Never negative. */
  readonly valueAtStake: Money;
  readonly blastRadius: {
    readonly subjects: number;
    /** 0..1 of all the company's orders, and of all its ad spend. */
    readonly shareOfOrders: number;
    readonly shareOfSpend: number;
  };
  /** How long it stands before it lifts itself. */
  readonly standingDays: number;
  readonly scored: ReadonlyArray<ScoredOption>;
  readonly reasons: ReadonlyArray<string>;
};

/** The receiver's typed answer to a signal. */
export type Reply =
  | { readonly kind: "accept"; readonly proposal: Proposal }
  | { readonly kind: "modify"; readonly proposal: Proposal; readonly changed: string }
  | {
      readonly kind: "decline";
      readonly reason: string;
      readonly scored: ReadonlyArray<ScoredOption>;
    }
  | {
      readonly kind: "bounce";
      readonly to: string;
      readonly reason: string;
      readonly scored: ReadonlyArray<ScoredOption>;
    }
  | {
      readonly kind: "need-more";
      readonly missing: ReadonlyArray<string>;
      readonly reason: string;
    };

/** One thing wrong with an input: where (JSON Pointer), a stable code and a sentence. */
export type Problem = {
  readonly path: string;
  readonly code: string;
  readonly message: string;
  readonly help?: string;
};
