/** What is found of a charter as a whole: a finding with its kind, and the region it is about. */
import type { Finding } from "../../problem.ts";
import type { Rule } from "../types.ts";
import type { Region } from "./region.ts";

export const GAP_KINDS = {
  "not-decided": "the rules have too many combinations for an exact answer",
  uncovered: "no rule decides",
  unreachable: "a rule never decides, because others always do before it",
  limit: "a guardrail or the contract keeps a rule from ever deciding",
  overlap: "two rules fit, and only their order says which decides",
  currency: "money in another currency than the charter's",
  approver: "nobody, or too few, can give a vote that is asked for",
  clock: "a vote that cannot come in time",
  accountable: "nobody answers for what a rule lets happen",
  notify: "a department is not told",
} as const satisfies Record<string, string>;
export type GapKind = keyof typeof GAP_KINDS;

/** A rule that would close what was found, as it would stand in the document. */
export type Suggestion = { readonly rule: Rule; readonly yaml: string };

export type GapFinding = Finding & {
  readonly kind: GapKind;
  readonly region?: Region;
  /** Names of the rules that it is about, in their order. */
  readonly rules: ReadonlyArray<string>;
  readonly suggestion?: Suggestion;
};

/** Kinds with more findings than this are cut, and say so. */
export const FINDINGS_A_KIND_MAX = 50;
