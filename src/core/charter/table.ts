/**
 * The decision table as geometry: each rule is a box with sides parallel to the axes, the first box
 * around a point decides.
 *
 * Bounds are half-open, so between two neighbouring bounds of any rules nothing changes: the lowest
 * point of each such cell stands for all of it, and a walk over the cells answers exactly which rules
 * can ever decide and whether some point is in no box. "Exactly" means with every axis free of the
 * others; that a small value at stake and a large share of orders never come together is not known here.
 */
import type { Contract } from "../contract/types.ts";
import type { Charter, Range, Rule, RuleConditions } from "./types.ts";

/** Cells walked at most, over all options of one charter. */
export const CELLS_MAX = 400_000;

export const AXES = [
  "valueAtStakeMinor",
  "confidence",
  "subjects",
  "shareOfOrders",
  "shareOfSpend",
] as const;
export type Axis = (typeof AXES)[number];

export type Point = { readonly option: string; readonly reversible: boolean } & {
  readonly [axis in Axis]: number;
};

/** Half-open, as `Range` says. NaN, which compares false with everything, is in no stated range. */
export function isInRange(value: number, { atLeast, below }: Range): boolean {
  return (atLeast === undefined || value >= atLeast) && (below === undefined || value < below);
}

export function holdsAt(when: RuleConditions, point: Point): boolean {
  if (when.option !== undefined && !when.option.includes(point.option)) return false;
  if (when.reversible !== undefined && when.reversible !== point.reversible) return false;
  for (const axis of AXES) {
    const range = when[axis];
    if (range !== undefined && !isInRange(point[axis], range)) return false;
  }
  return true;
}

/** True when every point of `inner` is in `outer`, whatever the domain. */
export function containsRule(outer: RuleConditions, inner: RuleConditions): boolean {
  const { option } = outer;
  if (option !== undefined && !inner.option?.every((name) => option.includes(name))) return false;
  if (outer.reversible !== undefined && outer.reversible !== inner.reversible) return false;
  return AXES.every((axis) => {
    const { atLeast = 0, below = Infinity } = outer[axis] ?? {};
    const { atLeast: innerAtLeast = 0, below: innerBelow = Infinity } = inner[axis] ?? {};
    return atLeast <= innerAtLeast && innerBelow <= below;
  });
}

export type OptionReach = {
  readonly option: string;
  /** Indices of the rules that decide some point of this option. */
  readonly reached: ReadonlySet<number>;
  /** The lowest point that no rule holds at, if there is one. */
  readonly gap?: Point;
};

/**
 * Which rules can decide for each option of the charter; undefined when there are more cells than
 * `CELLS_MAX`. With a contract, only the confidences and reversibilities that it lets happen.
 */
export function computeReach(
  charter: Charter,
  contract?: Contract,
): ReadonlyArray<OptionReach> | undefined {
  const plans = charter.options.map((option) => {
    const rules = charter.rules.filter(
      ({ when }) => when.option === undefined || when.option.includes(option),
    );
    const known = contract?.options.find(({ name }) => name === option);
    const reversibles = known ? [known.reversible] : [true, false];
    const confidenceLeast = contract?.confidence.thresholds.act ?? 0;
    const steps = AXES.map((axis) => stepsOf(rules, axis, confidenceLeast));
    const cells = steps.reduce((product, list) => product * list.length, reversibles.length);
    return { option, rules, reversibles, steps, cells };
  });
  if (plans.reduce((sum, { cells }) => sum + cells, 0) > CELLS_MAX) return undefined;
  return plans.map((plan) => {
    const reached = new Set<number>();
    let gap: Point | undefined;
    for (const point of pointsOf(plan.option, plan.reversibles, plan.steps)) {
      const rule = plan.rules.find(({ when }) => holdsAt(when, point));
      if (rule) reached.add(charter.rules.indexOf(rule));
      else gap ??= point;
    }
    return { option: plan.option, reached, ...(gap === undefined ? {} : { gap }) };
  });
}

function stepsOf(
  rules: ReadonlyArray<Rule>,
  axis: Axis,
  confidenceLeast: number,
): ReadonlyArray<number> {
  const least = axis === "confidence" ? confidenceLeast : axis === "subjects" ? 1 : 0;
  const most = axis === "valueAtStakeMinor" || axis === "subjects" ? Infinity : 1;
  const bounds = rules.flatMap(({ when }) => [when[axis]?.atLeast, when[axis]?.below]);
  const inside = bounds.filter((b): b is number => b !== undefined && b > least && b <= most);
  return [...new Set([least, ...inside])].sort((a, b) => a - b);
}

function* pointsOf(
  option: string,
  reversibles: ReadonlyArray<boolean>,
  [values, confidences, subjects, orders, spends]: ReadonlyArray<ReadonlyArray<number>>,
): Generator<Point> {
  for (const reversible of reversibles)
    for (const valueAtStakeMinor of values ?? [])
      for (const confidence of confidences ?? [])
        for (const count of subjects ?? [])
          for (const shareOfOrders of orders ?? [])
            for (const shareOfSpend of spends ?? [])
              yield {
                option,
                reversible,
                valueAtStakeMinor,
                confidence,
                subjects: count,
                shareOfOrders,
                shareOfSpend,
              };
}
