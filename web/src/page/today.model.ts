/** The inbox: whose word each question waits for, and which of them are like enough to answer together. */
import type { VoteLine } from "../../../src/operation/show-today.ts";
import type { Money } from "../../../src/std/money.ts";

/**
 * Questions to one party about one option under one rule of one loop: what a person answers by the same
 * consideration. Whether they do so together is theirs to say, and each answer is bound to its own action.
 */
export type VoteGroup = {
  readonly key: string;
  readonly party: string;
  readonly option: string | null;
  readonly rule: string;
  readonly lines: ReadonlyArray<VoteLine>;
};

/** In the order in which the first of each runs out. */
export function groupVotes(lines: ReadonlyArray<VoteLine>): ReadonlyArray<VoteGroup> {
  const groups = new Map<string, VoteGroup & { readonly lines: VoteLine[] }>();
  for (const line of lines) {
    const { party, option, rule, loop } = line;
    const key = [loop, party, option, rule].join(" ");
    const known = groups.get(key) ?? { key, party, option, rule, lines: [] };
    known.lines.push(line);
    groups.set(key, known);
  }
  return [...groups.values()];
}

/** Of the first's currency; undefined when there is nothing to add up. Loops have one currency each. */
export function sumMoney(values: ReadonlyArray<Money | null>): Money | undefined {
  const known = values.filter((value) => value !== null);
  const currency = known[0]?.currency;
  if (currency === undefined) return undefined;
  const same = known.filter((value) => value.currency === currency);
  return { currency, amountMinor: same.reduce((sum, { amountMinor }) => sum + amountMinor, 0) };
}
