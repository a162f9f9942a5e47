/**
 * A rule that would close a gap, as a draft for both heads.
 *
 * It stands last, so it decides only what nobody decided before. It asks whom the neighbouring rules
 * ask, the strictest of them; where none of them asks anybody it forbids, which is what happens anyway,
 * but then as a decision.
 */
import { Document, isScalar, Scalar, visit } from "yaml";
import type { Charter, Rule, RuleEffect, VoteRequirement } from "../types.ts";
import type { Box } from "./box.ts";
import type { Suggestion } from "./finding.ts";
import { conditionsOf } from "./region.ts";
import type { Space, Table } from "./space.ts";

/** From here down, collections are written on one line. */
const LINE_DEPTH = 6;

/** `number` tells several gaps apart. */
export function suggestRule(space: Space, table: Table, box: Box, number: number): Suggestion {
  const { charter, domain } = table;
  const neighbour = findStrictest(listNeighbours(table, box));
  const asked = neighbour?.then.kind === "approve" ? neighbour.then.votes : [];
  const parties = asked.map(({ party }) => party);
  const accountable = parties.find((party) => party === neighbour?.accountable) ?? parties[0];
  const then: RuleEffect =
    asked.length > 0 ? { kind: "approve", votes: asked } : { kind: "forbid" };
  const rule: Rule = {
    name: freeName(charter, number),
    because:
      neighbour === undefined
        ? "nobody has decided this, so nothing is done"
        : `nobody has decided this; it is asked of those whom ${neighbour.name} asks`,
    when: conditionsOf(space, domain, box, charter.currency),
    then,
    ...(accountable === undefined ? {} : { accountable }),
  };
  return { rule, yaml: writeYaml(rule) };
}

/** As a person would write it: what is within a condition or a vote on one line. */
function writeYaml(rule: Rule): string {
  const document = new Document([rule], { aliasDuplicateObjects: false });
  visit(document, {
    Collection: (_, node, path) => {
      // Document, list, rule, its field `when` or `then`: pairs count as well.
      if (path.length >= LINE_DEPTH) node.flow = true;
    },
    Scalar: (key, node) => {
      if (key === "value" && isScalar(node) && /^\d\d:\d\d$/.test(String(node.value))) {
        node.type = Scalar.QUOTE_DOUBLE;
      }
    },
  });
  return document.toString({ lineWidth: 100, flowCollectionPadding: true });
}

/** Rules that the box would meet if one of its dimensions did not matter. */
function listNeighbours({ charter, rules }: Table, box: Box): ReadonlyArray<Rule> {
  return charter.rules.filter((_, i) => {
    const rule = rules[i] ?? [];
    const missed = box.filter((set, dimension) => (set & (rule[dimension] ?? 0n)) === 0n);
    return missed.length === 1;
  });
}

function findStrictest(rules: ReadonlyArray<Rule>): Rule | undefined {
  const [strictest] = rules
    .flatMap((rule) => (rule.then.kind === "approve" ? [{ rule, votes: rule.then.votes }] : []))
    .sort((a, b) => b.votes.length - a.votes.length || sumOf(b.votes) - sumOf(a.votes));
  return strictest?.rule;
}

function sumOf(votes: ReadonlyArray<VoteRequirement>): number {
  return votes.reduce((sum, { quorum }) => sum + quorum, 0);
}

function freeName({ rules }: Charter, number: number): string {
  const taken = new Set(rules.map(({ name }) => name));
  let name = `gap-${number}`;
  while (taken.has(name)) name = `${name}-x`;
  return name;
}
