/** What a loop's actions were worth together, and what the hand-over between people would have lost of it. */
import type { OutcomeReport } from "../../../src/operation/show-outcomes.ts";
import { addMoney } from "../../../src/stats/outcome/money.ts";

type Options = OutcomeReport["options"];

export type Worth = {
  readonly amountMinor: number;
  readonly interval: readonly [low: number, high: number];
  /** Lost of it by 5 and by 14 days of waiting; null where that cannot be told. */
  readonly lost: { readonly days5Minor: number; readonly days14Minor: number } | null;
};

/** Undefined where nothing could be priced. */
export function sumWorth(options: Options): Worth | undefined {
  const priced = options.flatMap(({ worth }) => (worth === null ? [] : [worth]));
  if (priced.length === 0) return undefined;
  const lost = options.flatMap(({ worth, avoided, waiting }) => {
    if (worth === null || avoided === null || waiting === null || avoided.count === 0) return [];
    const each = worth.amountMinor / avoided.count;
    return [{ days5Minor: each * waiting.days5, days14Minor: each * waiting.days14 }];
  });
  return {
    ...addMoney(priced),
    lost:
      lost.length === 0
        ? null
        : {
            days5Minor: lost.reduce((sum, one) => sum + one.days5Minor, 0),
            days14Minor: lost.reduce((sum, one) => sum + one.days14Minor, 0),
          },
  };
}
