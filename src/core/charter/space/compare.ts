/**
 * What changes between two versions of a charter: first where another decision falls, exactly and as
 * regions, then everything else that somebody signs for.
 *
 * Both tables are decided over one space and laid on each other; every point at which they differ is in
 * a region that is told. What a guardrail forbids is forbidden, whatever the rules say, and so is an
 * option that a charter does not cover. That another rule decides the same is no change.
 *
 * Left out: which rules were moved or renamed, and the words of `because`.
 */
import { canonicalJson } from "../../../std/canonical-json.ts";
import type { Charter, Rule, RuleEffect, VoteRequirement } from "../types.ts";
import { describeVote } from "../words.ts";
import { type Box, isEmpty } from "./box.ts";
import { compareTerms } from "./compare-terms.ts";
import { buildDiagram, chooseOrder, listLeaves } from "./diagram.ts";
import { compareEffects, describeEffect, describePastEffect, type Ease } from "./effect.ts";
import { listLimits } from "./limit.ts";
import { pairDiagrams } from "./pair.ts";
import { type Region, toRegion } from "./region.ts";
import { findRegions } from "./regions.ts";
import { buildSpace, DIMENSIONS, type Space, type Table } from "./space.ts";

export type CharterChange = {
  /** `decision`: another effect; `votes`: as many votes, given otherwise; `terms`: the rest. */
  readonly kind: "decision" | "votes" | "terms" | "not-decided";
  /** For what the loop would do: `easier` lets more happen. */
  readonly direction: "easier" | "harder" | "other";
  readonly message: string;
  readonly region?: Region;
  /** Effects before and after, of a `decision`. */
  readonly before?: RuleEffect;
  readonly after?: RuleEffect;
};

export type CharterComparison = {
  /** Nothing that anybody signs for is another. */
  readonly isSame: boolean;
  /** False when regions were left out. */
  readonly isComplete: boolean;
  /** The most important first. */
  readonly changes: ReadonlyArray<CharterChange>;
};

const FORBIDDEN: RuleEffect = { kind: "forbid" };

export function compareCharters(before: Charter, after: Charter): CharterComparison {
  const { changes, isComplete } = compareDecisions(before, after);
  const terms = compareTerms(before, after);
  const all = [...[...changes].sort((a, b) => rankOf(a) - rankOf(b)), ...terms];
  return { isSame: all.length === 0 && isComplete, isComplete, changes: all };
}

type Decisions = { readonly changes: ReadonlyArray<CharterChange>; readonly isComplete: boolean };

function compareDecisions(before: Charter, after: Charter): Decisions {
  if (before.currency !== after.currency) {
    return undecided("amounts in different currencies cannot be compared");
  }
  const space = buildSpace([before, after], undefined, (charter) => [
    ...listLimits(charter),
    {
      dimension: "action",
      isForbidden: ({ option }) => !charter.options.includes(option),
      path: "/options",
      words: "the options that the charter covers",
    },
  ]);
  const [first, second] = space.tables;
  if (first === undefined || second === undefined) return { changes: [], isComplete: true };
  const [rowsBefore, rowsAfter] = [rowsOf(space, first), rowsOf(space, second)];
  const domain = domainOfBoth(first, second);
  if (isEmpty(domain)) return { changes: [], isComplete: true };
  const order = chooseOrder([...rowsBefore, ...rowsAfter], domain);
  const sizes = space.dimensions.map(({ size }) => size);
  const one = buildDiagram(rowsBefore, domain, sizes, undefined, order);
  const other = buildDiagram(rowsAfter, domain, sizes, undefined, order);
  const both = one && other && pairDiagrams(one, other);
  if (both === undefined) return undecided("the rules have too many combinations to compare");
  const leavesAfter = rowsAfter.length + 1;
  const classes = new Map<string, { change: Change; leaves: Set<number> }>();
  for (const leaf of listLeaves(both)) {
    const change = changeOf(
      decisionOf(first, Math.floor(leaf / leavesAfter)),
      decisionOf(second, leaf % leavesAfter),
    );
    if (change === undefined) continue;
    const known = classes.get(change.key) ?? { change, leaves: new Set<number>() };
    known.leaves.add(leaf);
    classes.set(change.key, known);
  }
  let isComplete = true;
  const changes: CharterChange[] = [];
  for (const { change, leaves } of classes.values()) {
    const regions = findRegions(both, domain, (leaf) => leaves.has(leaf));
    isComplete &&= regions.isComplete;
    for (const box of regions.boxes) {
      const region = toRegion(space, domain, after, box);
      changes.push({ ...change.say(region.words), region });
    }
  }
  return { changes: isComplete ? changes : [...changes, CUT], isComplete };
}

const CUT: CharterChange = {
  kind: "not-decided",
  direction: "other",
  message: "there are more regions than these in which another decision falls",
};

function undecided(why: string): Decisions {
  const message = `not decided: where another decision falls is not known, for ${why}`;
  return { changes: [{ kind: "not-decided", direction: "other", message }], isComplete: false };
}

/** Without the cells that limits of both forbid: nothing changes there, and no word is lost on them. */
function domainOfBoth(first: Table, second: Table): Box {
  return first.domain.map((cells, i) => cells | (second.domain[i] ?? 0n));
}

/** The limits as rows that forbid, before the rules. */
function rowsOf(space: Space, { limits, rules }: Table): ReadonlyArray<Box> {
  const forbidding = limits.map(({ dimension, forbids }) =>
    space.whole.map((all, i) => (DIMENSIONS[i] === dimension ? forbids : all)),
  );
  return [...forbidding, ...rules];
}

type Decision = {
  readonly charter: Charter;
  readonly effect: RuleEffect;
  readonly rule?: Rule;
};

function decisionOf({ charter, limits }: Table, leaf: number): Decision {
  const rule = leaf === 0 ? undefined : charter.rules[leaf - 1 - limits.length];
  return rule === undefined ? { charter, effect: FORBIDDEN } : { charter, effect: rule.then, rule };
}

type Change = {
  /** The same for all points that are told together. */
  readonly key: string;
  say(where: string): CharterChange;
};

function changeOf(before: Decision, after: Decision): Change | undefined {
  const ease = compareEffects(after.effect, before.effect);
  if (ease !== "same") {
    const [was, is] = [describePastEffect(before.effect), describeEffect(after.effect)];
    return {
      key: `decision ${was} ${is}`,
      say: (where) => ({
        kind: "decision",
        direction: ease,
        message: `${where} ${was} and now ${is}`,
        before: before.effect,
        after: after.effect,
      }),
    };
  }
  const differences = listDifferences(before, after);
  if (differences.length === 0) return undefined;
  const words = differences.join("; ");
  return {
    key: `votes ${words}`,
    say: (where) => ({ kind: "votes", direction: "other", message: `${where}: ${words}` }),
  };
}

/** What is signed for besides the effect, which is the same. A party's own clock is told with the party. */
function listDifferences(before: Decision, after: Decision): ReadonlyArray<string> {
  const votesOf = ({ effect }: Decision): ReadonlyArray<VoteRequirement> =>
    effect.kind === "approve" ? effect.votes : [];
  const votes = votesOf(after).flatMap((vote) => {
    const was = votesOf(before).find(({ party }) => party === vote.party);
    if (was === undefined || canonicalJson(was) === canonicalJson(vote)) return [];
    const [old, now] = [describeVote(before.charter, was), describeVote(after.charter, vote)];
    return [`before, ${old}; now, ${now}`];
  });
  const [was, is] = [before.rule?.accountable, after.rule?.accountable];
  const isLetHappen = after.effect.kind !== "forbid";
  if (!isLetHappen || was === is) return votes;
  return [...votes, `${was ?? "nobody"} answered for it, now ${is ?? "nobody"} does`];
}

/** What is let happen that was not comes first, and what by itself before all. */
function rankOf({ kind, direction, after }: CharterChange): number {
  if (kind === "not-decided") return 0;
  if (kind === "votes") return 5;
  const ranks: { readonly [direction in Exclude<Ease, "same">]: number } = {
    easier: after?.kind === "auto" ? 1 : 2,
    other: 3,
    harder: 4,
  };
  return ranks[direction];
}
