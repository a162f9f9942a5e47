/** What checking a document gives: its title, and findings with the line they stand on. */
import type { Document } from "../core/document.ts";
import type { Problem } from "../core/contract/types.ts";
import type { Finding } from "../core/problem.ts";

export type PlacedFinding = {
  readonly severity: Finding["severity"];
  readonly line: number;
  readonly column: number;
  readonly path: string;
  readonly message: string;
  readonly help: string;
};

export type LintResult = {
  /** No finding is an error. */
  readonly ok: boolean;
  readonly title: string;
  readonly hash: string | null;
  readonly findings: ReadonlyArray<PlacedFinding>;
};

export function toLintResult(
  document: Document,
  about: { readonly title: string; readonly hash: string | null },
  findings: ReadonlyArray<Finding>,
): LintResult {
  const placed = findings.map((finding) => ({
    severity: finding.severity,
    ...document.placeOf(finding.path),
    path: finding.path,
    message: finding.message,
    help: finding.help,
  }));
  return { ok: !placed.some(({ severity }) => severity === "error"), ...about, findings: placed };
}

/** A document that does not even parse as what it should be: every problem is an error. */
export function problemsToFindings(problems: ReadonlyArray<Problem>): ReadonlyArray<Finding> {
  return problems.map((problem) => ({
    severity: "error",
    path: problem.path,
    message: problem.message,
    help: problem.help ?? "",
  }));
}
