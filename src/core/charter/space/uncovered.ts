/** Where no rule decides: as few and as large regions as there are, each with a rule that would close it. */
import type { Charter } from "../types.ts";
import { type Box, findUncovered } from "./box.ts";
import type { DecidedTable } from "./decided-table.ts";
import { DIAGRAM_STEPS_MAX, NO_RULE } from "./diagram.ts";
import type { GapFinding } from "./finding.ts";
import { type Region, toRegion } from "./region.ts";
import { findRegions } from "./regions.ts";
import { suggestRule } from "./suggest.ts";

const HELP = "it is forbidden there; say so in a rule, so that it is a decision";
/** Of the plain search that is left when the table is too large for a diagram. */
const SEARCH_STEPS_MAX = 200_000;

export type UncoveredReport = {
  readonly findings: ReadonlyArray<GapFinding>;
  /** Together exactly what no rule decides, unless `isComplete` is false. */
  readonly isComplete: boolean;
};

export function findUncoveredRegions(decided: DecidedTable, regionsMax?: number): UncoveredReport {
  const { space, table, diagram } = decided;
  const { charter, domain } = table;
  const tell = (boxes: ReadonlyArray<Box>): GapFinding[] =>
    boxes
      .map((box) => ({ box, region: toRegion(space, domain, charter, box) }))
      // What is said with few conditions is large, and is read first.
      .sort((a, b) => Object.keys(a.region.where).length - Object.keys(b.region.where).length)
      .map(({ box, region }, i) => ({
        kind: "uncovered",
        severity: "error",
        path: pathOf(charter, region),
        message: `no rule covers ${region.words}`,
        help: HELP,
        region,
        rules: [],
        suggestion: suggestRule(space, table, box, i + 1),
      }));
  if (diagram !== undefined) {
    const { boxes, isComplete } = findRegions(
      diagram,
      domain,
      (leaf) => leaf === NO_RULE,
      regionsMax,
    );
    const findings = tell(boxes);
    return { isComplete, findings: isComplete ? findings : [...findings, more(findings.length)] };
  }
  const found = findUncovered(domain, table.rules, { steps: SEARCH_STEPS_MAX });
  if (found.kind === "covered") return { findings: [], isComplete: true };
  const pieces = found.kind === "uncovered" ? tell([found.piece]) : [];
  return { findings: [...pieces, notDecided(pieces.length > 0)], isComplete: false };
}

function pathOf({ options }: Charter, { where }: Region): string {
  const named = [...new Set(where.actions.map(({ option }) => option))];
  const index = options.indexOf(named[0] ?? "");
  return named.length === 1 && index !== -1 ? `/options/${index}` : "/rules";
}

function more(told: number): GapFinding {
  return {
    kind: "uncovered",
    severity: "error",
    path: "/rules",
    message: `no rule covers more regions than these ${told}; the list ends here`,
    help: "end the rules with one that has no conditions, or use the same few bounds in all rules",
    rules: [],
  };
}

function notDecided(isSomeKnown: boolean): GapFinding {
  const unknown = isSomeKnown ? "what else no rule covers" : "whether a rule covers everything";
  return {
    kind: "not-decided",
    severity: "error",
    path: "/rules",
    message:
      `not decided: ${unknown} is not known, for the rules have more combinations than ` +
      `${DIAGRAM_STEPS_MAX.toLocaleString("en-GB")} steps can try`,
    help: "use the same few bounds in all rules",
    rules: [],
  };
}
