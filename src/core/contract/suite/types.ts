/** What a conformance test consists of: cases, what came back, what was wrong, and the report. */
import type { Hash } from "../../../std/hash.ts";
import type { Random } from "../../../std/random.ts";
import type { Instant } from "../../../std/time.ts";
import type { SendingAgent } from "../../port/types.ts";
import type { Contract, Signal } from "../types.ts";
import type { FaultName } from "./fault.ts";

export type Side = "sender" | "receiver";

export const CASE_KINDS = {
  golden: "ordinary content",
  boundary: "the ends of every range, every value, every optional field absent",
  combination: "every combination of options that can be offered",
  hostile: "what breaks the contract",
  injection: "instructions in free text",
  repeat: "the same once more",
  "duplicate-id": "one id, two contents",
  restored: "saved and restored half way",
  record: "what was really sent or seen here",
  calibration: "how often what was said came true",
} as const satisfies Record<string, string>;

export type CaseKind = keyof typeof CASE_KINDS;

/** What a receiver must do with a case's signal. */
export type Expectation =
  | { readonly kind: "answer" }
  /** Refuse it, under one of these codes. */
  | { readonly kind: "refusal"; readonly codes: ReadonlyArray<string> };

export type ReceiverCase = {
  readonly id: string;
  readonly kind: CaseKind;
  /** What is particular about it, such as `/measure/rate at its least, 0`. */
  readonly about: string;
  /** May be anything at all. */
  readonly signal: unknown;
  readonly expect: Expectation;
  /** Its answer is compared with that of an earlier case. */
  readonly like?: {
    readonly case: string;
    /** `answer`: everything but words. `decision`: what would be done. */
    readonly same: "answer" | "decision" | "decision-by-content";
    /** The texts that stand in this case where plain words stand in the other. */
    readonly injected?: ReadonlyArray<string>;
  };
};

export type ReceiverSuite = {
  readonly cases: ReadonlyArray<ReceiverCase>;
  /** Places of the contract for which no case could be made, and why. */
  readonly uncovered: ReadonlyArray<string>;
};

/** What came back from a receiver. */
export type Answer =
  | { readonly kind: "reply"; readonly reply: unknown }
  | { readonly kind: "refused"; readonly codes: ReadonlyArray<string>; readonly message: string }
  | { readonly kind: "late" | "failed" | "malformed" | "unreachable"; readonly message: string };

export type Failure = {
  readonly fault: FaultName;
  readonly case: string;
  readonly kind: CaseKind;
  readonly about: string;
  readonly sent: string;
  readonly came: string;
  /** What exactly is wrong, in a sentence. */
  readonly words: string;
};

/** What one fold of a day is given. */
export type FoldInput = Parameters<SendingAgent["foldDay"]>[0];

/** A made-up past whose truth is known. */
export type SenderHistory = {
  readonly kind: "golden" | "boundary" | "hostile" | "record";
  readonly about: string;
  /** Fresh days at each call, always the same ones. */
  days(): Iterable<FoldInput>;
  /**
   * Is what the signal claims with its confidence true? Undefined where nobody knows, or where the
   * past is too odd for its confidence to be scored.
   */
  isTrue(signal: Signal): boolean | undefined;
};

/** What a loop supplies so that its sender can be tested. */
export type SenderTrial = {
  /** A sender that has seen nothing. */
  createSender(): SendingAgent;
  /** Never ends; the same chance gives the same histories. The first ones are the special ones. */
  histories(random: (key: number | string) => Random): Iterable<SenderHistory>;
  /** What the histories are like, in a sentence: calibration holds for such a world. */
  readonly words: string;
};

type Estimate = { readonly mean: number; readonly low: number; readonly high: number };

/** How often what was said came true, band by band; all numbers 0..1. */
export type CalibrationVerdict = {
  readonly scored: number;
  /** How far a band may be off, by the contract. */
  readonly tolerance: number;
  readonly expectedError: Estimate;
  readonly brier: Estimate;
  readonly bands: ReadonlyArray<{
    readonly from: number;
    readonly to: number;
    readonly count: number;
    /** Mean confidence, and the share that came true with its 95% interval. */
    readonly confidence: number;
    readonly share: number;
    readonly low: number;
    readonly high: number;
    /** `too-few`: not refuted, and not enough to be called good. */
    readonly verdict: "within" | "too-few" | "overconfident" | "underconfident";
  }>;
  /** What kind of world it was scored in. */
  readonly words: string;
};

export type ConformanceReport = {
  readonly loop: string;
  readonly side: Side;
  readonly contract: Pick<Contract, "name" | "version">;
  readonly contractHash: Hash;
  readonly agent: { readonly department: string; readonly name: string; readonly version: string };
  readonly seed: number;
  readonly cases: number;
  /** Cases tried, and those that failed, of each kind. */
  readonly byKind: ReadonlyArray<{
    readonly kind: CaseKind;
    readonly cases: number;
    readonly failed: number;
  }>;
  /** Faults found, with the number of cases, most frequent first. */
  readonly byFault: ReadonlyArray<{
    readonly fault: FaultName;
    readonly cases: number;
    readonly words: string;
    readonly advice: string;
  }>;
  /** The first failures of each fault. */
  readonly failures: ReadonlyArray<Failure>;
  readonly failed: number;
  /** Cases that were not tried any more, and why. */
  readonly untried: number;
  readonly stopped: string;
  readonly uncovered: ReadonlyArray<string>;
  readonly calibration?: CalibrationVerdict;
  /** How it was tried, in sentences. */
  readonly notes: ReadonlyArray<string>;
  readonly madeAt: Instant;
  readonly tookMs: number;
};
