/**
 * What forbids before any rule is asked, as far as it is a matter of the point alone: the caps' numbers
 * that one action cannot pass, and what the contract says of confidence and of undoing.
 *
 * Left out is what depends on more than the point: what was used today, rest after an action, freezes.
 */
import { moneyToText } from "../../../std/money.ts";
import type { Contract } from "../../contract/types.ts";
import { amountOf } from "../money-text.ts";
import type { Charter, Liftable, Range } from "../types.ts";

type LimitWords = {
  /** Where it stands: in the charter, or the contract's field. */
  readonly path: string;
  /** "`perDay.value` (Rs 10,00,000)" */
  readonly words: string;
  /** An owner who breaks the glass may lift it. */
  readonly liftedAs?: Liftable;
};

export type Limit = LimitWords &
  (
    | {
        readonly dimension: "valueAtStake" | "subjects" | "confidence";
        /** What it forbids. */
        readonly range: Range;
      }
    | {
        readonly dimension: "action";
        isForbidden(action: { readonly option: string; readonly reversible: boolean }): boolean;
      }
  );

export function listLimits(charter: Charter, contract?: Contract): ReadonlyArray<Limit> {
  const { guardrails, currency } = charter;
  const limits: Limit[] = [];
  for (const span of ["perDay", "perWeek"] as const) {
    const { value, subjects, actions } = guardrails[span];
    const liftedAs = liftedOf(charter, span);
    const amount = amountOf(value);
    const path = `/guardrails/${span}`;
    const cap = moneyToText({ amountMinor: amount, currency });
    limits.push(
      {
        dimension: "valueAtStake",
        range: { atLeast: amount + 1 },
        path: `${path}/value`,
        words: `\`${span}.value\` (${cap})`,
        ...liftedAs,
      },
      {
        dimension: "subjects",
        range: { atLeast: subjects + 1 },
        path: `${path}/subjects`,
        words: `\`${span}.subjects\` (${subjects})`,
        ...liftedAs,
      },
    );
    if (actions === 0) {
      limits.push({
        dimension: "action",
        isForbidden: () => true,
        path: `${path}/actions`,
        words: `\`${span}.actions\` (0)`,
        ...liftedAs,
      });
    }
  }
  if (contract === undefined) return limits;
  const { act } = contract.confidence.thresholds;
  const reversible = new Map(contract.options.map((option) => [option.name, option.reversible]));
  return [
    ...limits,
    {
      dimension: "confidence",
      range: { below: act },
      path: "/confidence/thresholds/act",
      words: `the contract's \`confidence.thresholds.act\` (${act})`,
    },
    {
      dimension: "action",
      isForbidden: (action) =>
        (reversible.get(action.option) ?? action.reversible) !== action.reversible,
      path: "/options",
      words: "what the contract says of undoing each option",
    },
  ];
}

function liftedOf(
  { breakGlass }: Charter,
  span: "perDay" | "perWeek",
): { readonly liftedAs?: Liftable } {
  const kind = span === "perDay" ? "per-day" : "per-week";
  return breakGlass?.lifts.includes(kind) === true ? { liftedAs: kind } : {};
}
