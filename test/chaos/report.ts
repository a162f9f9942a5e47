/** What a run says of itself: a table for people, in Markdown, and the same as JSON for programs. */
import type { Check, Figures } from "./check.ts";

export type Report = {
  readonly scenario: string;
  readonly seed: number;
  readonly holds: boolean;
  readonly tookSeconds: number;
  readonly checks: ReadonlyArray<Check>;
  readonly figures: { readonly [name: string]: number | string };
};

export function figuresToRows(figures: Figures): Report["figures"] {
  const { claims, claimsPerEffect, takeoverP50Ms, takeoverP99Ms, takeoverMaxMs, ...plain } =
    figures;
  return {
    "signals accepted": plain.accepted,
    "cases open": plain.open,
    "cases closed": plain.closed,
    "effects outside": plain.effectsOutside,
    "effects made twice": plain.duplicates,
    "left to a person": plain.leftToPerson,
    "letters delivered": plain.letters,
    "claims per effect": claimsPerEffect.toFixed(3),
    "effects by claims (1, 2, 3, ...)": claims.join(", "),
    "taken over from the dead": plain.takeovers,
    "takeover p50, p99, longest, ms": `${takeoverP50Ms}, ${takeoverP99Ms}, ${takeoverMaxMs}`,
    "ledger entries": plain.ledgerEntries,
  };
}

export function reportToText(report: Report): string {
  const figures = Object.entries(report.figures).map(
    ([name, value]) => `| ${name} | ${typeof value === "number" ? grouped(value) : value} |`,
  );
  const checks = report.checks.map(
    ({ what, holds, seen }) => `| ${holds ? "yes" : "**NO**"} | ${what} | ${seen} |`,
  );
  return [
    `### ${report.scenario}, seed ${report.seed}: ${report.holds ? "holds" : "DOES NOT HOLD"}`,
    "",
    "| figure | |",
    "|---|---|",
    ...figures,
    `| seconds | ${grouped(Math.round(report.tookSeconds))} |`,
    "",
    "| holds | what | seen |",
    "|---|---|---|",
    ...checks,
    "",
  ].join("\n");
}

function grouped(value: number): string {
  return value.toLocaleString("en-US");
}
