/** The effect on a group of units in words that a person of the other department can read. */
import { VERDICT_LEVEL, type GroupEffect, type GroupEffectInput } from "./group-effect.ts";
import type { Setting } from "./group-setting.ts";
import type { ComparableRows } from "./unit-panel.ts";

export function explainGroupEffect(
  input: GroupEffectInput,
  result: Omit<GroupEffect, "reasons">,
): ReadonlyArray<string> {
  const { verdict, pValue, controls, fit, power, relative, absolute } = result;
  const margin = percent(input.margin);
  const better = input.betterWhen;
  const direction = absolute.estimate > 0 ? "higher" : "lower";
  const beyond = `${direction} than chance would make it (p ${p(pValue)}), and ${better} is better`;
  const said = {
    helped: beyond,
    harmed: beyond,
    "no-effect": `the whole 90% interval lies within ${margin} either way, which counts as none`,
    undetermined:
      `chance could have done it (p ${p(pValue)}, where at most ${VERDICT_LEVEL} is asked for), and the ` +
      `interval reaches beyond ${margin}, so neither an effect nor its absence is shown`,
  }[verdict];
  const effect = relative ?? absolute;
  const text = relative === undefined ? number : percent;
  const detectable =
    power.detectable.relative === undefined
      ? number(power.detectable.absolute)
      : percent(power.detectable.relative);
  const reasons = [
    `${verdict}: ${said}`,
    `the effect is ${text(effect.estimate)} (90% interval ${text(effect.interval[0])} to ` +
      `${text(effect.interval[1])}), against ${controls.used} untouched units`,
    `of these, taken as if they had been acted on, ${Math.round(controls.placeboShare * 100)}% ` +
      `stray at least as far`,
    `an effect of ${detectable} would have been seen four times in five`,
  ];
  if (relative !== undefined && verdict !== "no-effect" && verdict !== "undetermined") {
    const [low, high] = relative.interval;
    if (low > -input.margin && high < input.margin) {
      reasons.push(`it is plain, but smaller than the margin of ${margin}`);
    }
  }
  if (fit.judgement === "poor") {
    reasons.push(
      "before the start the treated units did not move with the others; the interval is wider for it, " +
        "and an effect that looks like their own way of moving would not be told from it",
    );
  }
  return reasons;
}

export function describeMethod(rows: ComparableRows, setting: Setting): string {
  const { adapt, shape, isLog } = setting;
  const scale = isLog
    ? "logarithms of shares of each unit's level before"
    : rows.isRelative
      ? "shares of each unit's level before"
      : "values as they are";
  const weights =
    adapt === 0
      ? "difference-in-differences, all controls alike"
      : `synthetic difference-in-differences with ridge weights (trust in likeness ${adapt})`;
  return (
    `${weights}, on ${scale}; noise taken as ${shape.words}; ` +
    "interval from placebos in space, each in its own unrest, Student's t"
  );
}

function percent(share: number): string {
  return `${number(share * 100)}%`;
}

function number(value: number): string {
  return String(Number(value.toPrecision(3)) + 0);
}

function p(value: number): string {
  return value < 0.001 ? "below 0.001" : String(Number(value.toPrecision(2)));
}
