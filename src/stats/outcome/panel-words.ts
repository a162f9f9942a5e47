/** The effect of an action in words that a person of the other department can read. */
import type { PanelEffect, PanelEffectInput } from "./panel-effect.ts";
import type { Change } from "./panel.ts";

/** Why nothing can be said, or undefined when there is enough. */
export function explainMissing(
  treated: Change | undefined,
  controls: number,
  controlsMin: number,
  daysMin: number,
): string | undefined {
  if (treated === undefined) return "the acted subject has no data in one of the two windows";
  if (treated.daysBefore < daysMin || treated.daysAfter < daysMin) {
    return (
      `only ${treated.daysBefore} days before the change and ${treated.daysAfter} after the action ` +
      `have data; ${daysMin} of each are needed`
    );
  }
  if (controls < controlsMin) {
    return `only ${controls} untouched subjects to compare with; ${controlsMin} are needed`;
  }
  return undefined;
}

export function explainEffect(
  input: PanelEffectInput,
  result: Omit<PanelEffect, "reasons">,
): ReadonlyArray<string> {
  const { effect, treated, without, controls, placeboShare, verdict } = result;
  if (effect === undefined || treated === undefined || without === undefined) return [];
  const { unit, margin, controlsAre, earlierRise } = input;
  const said = {
    helped: "the whole interval lies on the better side of nothing",
    harmed: "the whole interval lies on the worse side of nothing",
    "no-effect": `the whole interval lies within ${number(margin)} either way, which counts as none`,
    undetermined: "the interval is too wide to tell help from harm, or either from nothing",
  }[verdict];
  return [
    `${verdict}: ${said}`,
    `${number(treated.after)} ${unit} after the action; ${number(without)} were to be expected ` +
      `without it, ${number(treated.before)} were usual before the change`,
    `the effect is ${number(effect.estimate)} (90% interval ${number(effect.low)} to ` +
      `${number(effect.high)}), against ${controls} untouched subjects`,
    `of the untouched subjects, taken as if they had been acted on, ` +
      `${Math.round((placeboShare ?? 1) * 100)}% stray at least as far`,
    "observational: nothing was held back at random. A subject that is picked when it looks bad looks " +
      "better later by itself, so the window before ends where the change began" +
      (controlsAre === "alarmed"
        ? " and the untouched subjects are ones that had raised an alarm too"
        : earlierRise === undefined
          ? "; the untouched subjects had no alarm, so the rise itself is still in the effect"
          : "; the untouched subjects had no alarm, so the rise is subtracted at its cautious size"),
  ];
}

function number(value: number): string {
  return String(Number(value.toPrecision(3)) + 0);
}
