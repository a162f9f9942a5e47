/**
 * Rules that never decide, and what keeps them from it: the fewest earlier rules that leave nothing for
 * them, and the limits without which something would be left.
 */
import { listWords } from "../../problem.ts";
import {
  type Box,
  contains,
  doMeet,
  findUncovered,
  intersect,
  isEmpty,
  type Purse,
} from "./box.ts";
import type { DecidedTable } from "./decided-table.ts";
import { listLeaves } from "./diagram.ts";
import type { GapFinding } from "./finding.ts";
import { domainOf, type Table } from "./space.ts";

/** Steps for all such questions about one charter. */
const STEPS_MAX = 200_000;
const HELP = "the first rule that fits decides; move it up, narrow the others, or take it out";

export type Reached = {
  /** By rule: can it decide anywhere? True where that could not be told. */
  readonly reached: ReadonlyArray<boolean>;
  readonly findings: ReadonlyArray<GapFinding>;
};

export function findUnreachable(decided: DecidedTable): Reached {
  const { table, diagram, state, space } = decided;
  const { rules } = table.charter;
  if (state === "nothing-left") {
    return { reached: rules.map(() => false), findings: [nothingLeft(table, space.whole)] };
  }
  const purse = { steps: STEPS_MAX };
  const leaves = diagram === undefined ? undefined : listLeaves(diagram);
  const reached = rules.map((_, i) =>
    leaves === undefined ? canDecide(table, i, table.domain, purse) : leaves.has(i + 1),
  );
  const findings = reached.flatMap((is, i) => (is ? [] : [explain(table, space.whole, i, purse)]));
  return { reached, findings };
}

/** True when it cannot be told. */
function canDecide(table: Table, index: number, domain: Box, purse: Purse): boolean {
  const box = intersect(table.rules[index] ?? [], domain);
  if (isEmpty(box)) return false;
  return findUncovered(box, table.rules.slice(0, index), purse).kind !== "covered";
}

type Limits = Table["limits"];

function explain(table: Table, whole: Box, index: number, purse: Purse): GapFinding {
  const { name } = table.charter.rules[index] ?? { name: "" };
  const isShutBy = (limits: Limits): boolean =>
    !canDecide(table, index, domainOf(whole, limits), purse);
  const limits = table.limits.reduce((kept, limit) => {
    const fewer = kept.filter((one) => one !== limit);
    return isShutBy(fewer) ? fewer : kept;
  }, table.limits);
  const box = intersect(table.rules[index] ?? [], domainOf(whole, limits));
  const before = findCovers(table, index, box, purse);
  const names = before.map((i) => table.charter.rules[i]?.name ?? "");
  const finding = {
    path: `/rules/${index}`,
    rules: [...names, name],
    severity: "warning",
  } as const;
  if (limits.length === 0) {
    const message = isEmpty(box)
      ? `\`${name}\` can never decide: nothing fits its conditions`
      : `\`${name}\` can never decide: ${sayBefore(names)}`;
    return { ...finding, kind: "unreachable", message, help: HELP };
  }
  const by = listWords(
    limits.map(({ words }) => words),
    "and",
  );
  const verb = limits.length === 1 ? "forbids" : "forbid";
  const why = isEmpty(box)
    ? `${by} ${verb} all of it before any rule is asked`
    : `${by} ${verb} the rest of it, and ${sayBefore(names)}`;
  const isLifted = limits.some(({ liftedAs }) => liftedAs !== undefined);
  return isLifted
    ? {
        ...finding,
        severity: "advice",
        kind: "limit",
        message: `\`${name}\` decides only while an owner has broken the glass: ${why}`,
        help: "raise the guardrail if the rule is meant for every day",
      }
    : {
        ...finding,
        kind: "limit",
        message: `\`${name}\` can never decide: ${why}`,
        help: "change the limit or the rule's bounds, or take the rule out",
      };
}

function sayBefore(names: ReadonlyArray<string>): string {
  const quoted = names.map((name) => `\`${name}\``);
  if (names.length === 1) return `${quoted[0]} always decides before it`;
  return `${listWords(quoted, "and")} together always decide before it`;
}

/** Earlier rules that leave nothing of the box, none of which could be spared. */
function findCovers(table: Table, index: number, box: Box, purse: Purse): ReadonlyArray<number> {
  if (isEmpty(box)) return [];
  const earlier = [...table.rules.slice(0, index).entries()].filter(([, rule]) =>
    doMeet(rule, box),
  );
  const alone = earlier.find(([, rule]) => contains(rule, box));
  if (alone !== undefined) return [alone[0]];
  let kept = earlier;
  for (const one of earlier.toReversed()) {
    const fewer = kept.filter((other) => other !== one);
    const boxes = fewer.map(([, rule]) => rule);
    if (findUncovered(box, boxes, purse).kind === "covered") kept = fewer;
  }
  return kept.map(([i]) => i);
}

function nothingLeft({ limits, charter }: Table, whole: Box): GapFinding {
  const closing = limits.filter((limit) => isEmpty(domainOf(whole, [limit])));
  const words = listWords(
    closing.map((limit) => limit.words),
    "and",
  );
  const forbids = `${words} forbid${closing.length === 1 ? "s" : ""} every action`;
  const isLifted = closing.every(({ liftedAs }) => liftedAs !== undefined);
  return {
    kind: "limit",
    severity: "warning",
    path: closing[0]?.path ?? "/guardrails",
    message: isLifted
      ? `${forbids}, so rules decide only while an owner has broken the glass`
      : `${forbids}, so no rule ever decides`,
    help: "set it higher, or pause the loop instead",
    rules: charter.rules.map(({ name }) => name),
  };
}
