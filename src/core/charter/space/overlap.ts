/**
 * Where only the order of two rules says what happens: both fit, neither is the exception within the
 * other, and the one that stands first lets more happen.
 *
 * Told only where the first really decides and the other would be next: where an earlier rule decides
 * anyway, or one between them would, the two contradict each other nowhere that matters. A rule that
 * lies within a later one is an exception, and that the stricter one stands first is caution; neither
 * is told.
 */
import {
  type Box,
  contains,
  findUncovered,
  intersect,
  isEmpty,
  type Purse,
  type Uncovered,
} from "./box.ts";
import type { DecidedTable } from "./decided-table.ts";
import { compareEffects, describeEffect } from "./effect.ts";
import { FINDINGS_A_KIND_MAX, type GapFinding } from "./finding.ts";
import { examplePoint, toRegion } from "./region.ts";

const STEPS_MAX = 200_000;

export function findOverlaps({ space, table, state }: DecidedTable): ReadonlyArray<GapFinding> {
  if (state === "nothing-left") return [];
  const { charter, domain } = table;
  const purse = { steps: STEPS_MAX };
  const findings: GapFinding[] = [];
  let untold = 0;
  let isUndecided = false;
  const within = table.rules.map((rule) => intersect(rule, domain));
  for (const [i, first] of charter.rules.entries()) {
    for (let j = i + 1; j < charter.rules.length; j++) {
      const second = charter.rules[j];
      if (second === undefined) continue;
      if (compareEffects(first.then, second.then) !== "easier") continue;
      const [a, b] = [within[i] ?? [], within[j] ?? []];
      const box = intersect(a, b);
      if (isEmpty(box) || contains(a, b) || contains(b, a)) continue;
      const found = findPiece(within, i, j, box, purse);
      isUndecided ||= found.kind === "undecided";
      if (found.kind !== "uncovered") continue;
      if (findings.length >= FINDINGS_A_KIND_MAX) {
        untold++;
        continue;
      }
      const region = {
        ...toRegion(space, domain, charter, box),
        example: examplePoint(space, found.piece),
      };
      findings.push({
        kind: "overlap",
        severity: "warning",
        path: `/rules/${i}`,
        message:
          `\`${first.name}\` and \`${second.name}\` both fit ${region.words}: because ` +
          `\`${first.name}\` stands first, it ${describeEffect(first.then)} there; by ` +
          `\`${second.name}\` it ${describeEffect(second.then)}`,
        help: `put \`${second.name}\` before it, or narrow one of the two so that they do not meet`,
        region,
        rules: [first.name, second.name],
      });
    }
  }
  return [
    ...findings,
    ...(untold === 0 ? [] : [more(untold)]),
    ...(isUndecided ? [UNDECIDED] : []),
  ];
}

/** A part of the box that rule `i` decides and rule `j` would decide next. */
function findPiece(
  rules: ReadonlyArray<Box>,
  i: number,
  j: number,
  box: Box,
  purse: Purse,
): Uncovered {
  const others = rules.filter((_, k) => k < j && k !== i);
  return findUncovered(box, others, purse);
}

const UNDECIDED: GapFinding = {
  kind: "not-decided",
  severity: "warning",
  path: "/rules",
  message: "not decided: there are too many pairs of rules to tell all that contradict each other",
  help: "use the same few bounds in all rules",
  rules: [],
};

function more(untold: number): GapFinding {
  return {
    kind: "overlap",
    severity: "warning",
    path: "/rules",
    message: `${untold} more pairs of rules contradict each other in the same way`,
    help: "mend these first; the list ends here",
    rules: [],
  };
}
