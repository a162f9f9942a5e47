/** Many panels with a known answer, through the estimator of `outcome estimate` and its rivals. */
import { estimateGroupEffect, type GroupVerdict } from "../../src/stats/outcome/group-effect.ts";
import { PANEL_RIVALS } from "./panel-rivals.ts";
import { drawPanel, PANEL_WORLDS, type Panel, type PanelWorld } from "./panel-world.ts";

/** Half of all actions do nothing; of the rest, half help and half harm. */
export const LIFTS = [0, 0.05, 0, -0.05];
const MARGIN = 0.025;

export type PanelSum = {
  actions: number;
  nulls: number;
  covered: number;
  error: number;
  squares: number;
  width: number;
  /** `helped` or `harmed` where nothing was done. */
  falseVerdicts: number;
  falseHelped: number;
  /** The true direction, where something was done. */
  seen: number;
  /** The wrong direction, or `no-effect` where there was one. */
  wrong: number;
  undetermined: number;
  noEffectOnNulls: number;
  rivalSquares: number[];
  milliseconds: number;
};

export type WorldSum = { readonly world: PanelWorld; readonly sum: PanelSum };

export function newPanelSum(): PanelSum {
  return {
    actions: 0,
    nulls: 0,
    covered: 0,
    error: 0,
    squares: 0,
    width: 0,
    falseVerdicts: 0,
    falseHelped: 0,
    seen: 0,
    wrong: 0,
    undetermined: 0,
    noEffectOnNulls: 0,
    rivalSquares: PANEL_RIVALS.map(() => 0),
    milliseconds: 0,
  };
}

export function runPanels(
  seeds: ReadonlyArray<number>,
  draws: number,
  report: (done: number, total: number) => void,
): ReadonlyArray<WorldSum> {
  return PANEL_WORLDS.map((world, at) => {
    const sum = newPanelSum();
    for (const seed of seeds) {
      for (let draw = 0; draw < draws; draw++) {
        const lift = LIFTS[draw % LIFTS.length] ?? 0;
        gradePanel(sum, drawPanel(world, lift, seed, at, draw), lift);
      }
    }
    report(at + 1, PANEL_WORLDS.length);
    return { world, sum };
  });
}

function gradePanel(sum: PanelSum, panel: Panel, lift: number): void {
  const startedAt = performance.now();
  const effect = estimatePanel(panel);
  sum.milliseconds += performance.now() - startedAt;
  const { estimate, low, high, verdict } = effect;
  sum.actions += 1;
  sum.covered += Number(low <= panel.truth && panel.truth <= high);
  sum.error += estimate - panel.truth;
  sum.squares += (estimate - panel.truth) ** 2;
  sum.width += high - low;
  sum.undetermined += Number(verdict === "undetermined");
  if (lift === 0) {
    sum.nulls += 1;
    sum.falseVerdicts += Number(verdict === "helped" || verdict === "harmed");
    sum.falseHelped += Number(verdict === "helped");
    sum.noEffectOnNulls += Number(verdict === "no-effect");
  } else {
    const right: GroupVerdict = lift > 0 ? "helped" : "harmed";
    sum.seen += Number(verdict === right);
    sum.wrong += Number(verdict !== right && verdict !== "undetermined");
  }
  PANEL_RIVALS.forEach(({ estimate: rival }, i) => {
    sum.rivalSquares[i] = (sum.rivalSquares[i] ?? 0) + (rival(panel) - panel.truth) ** 2;
  });
}

export function estimatePanel(panel: Panel): {
  readonly estimate: number;
  readonly low: number;
  readonly high: number;
  readonly verdict: GroupVerdict;
} {
  const units = panel.values.map((values, i) => ({ id: `u${i}`, values }));
  const effect = estimateGroupEffect({
    panel: {
      units,
      times: Array.from({ length: panel.times }, (_, t) => t),
      isDaily: true,
    },
    question: {
      treated: units.slice(0, panel.treated).map(({ id }) => id),
      start: panel.before,
      end: panel.times,
    },
    betterWhen: "higher",
    margin: MARGIN,
  });
  if ("missing" in effect || effect.relative === undefined) {
    return { estimate: 0, low: -Infinity, high: Infinity, verdict: "undetermined" };
  }
  const [low, high] = effect.relative.interval;
  return { estimate: effect.relative.estimate, low, high, verdict: effect.verdict };
}

export function addPanelSums(sums: ReadonlyArray<PanelSum>): PanelSum {
  const whole = newPanelSum();
  for (const sum of sums) {
    whole.actions += sum.actions;
    whole.nulls += sum.nulls;
    whole.covered += sum.covered;
    whole.error += sum.error;
    whole.squares += sum.squares;
    whole.width += sum.width;
    whole.falseVerdicts += sum.falseVerdicts;
    whole.falseHelped += sum.falseHelped;
    whole.seen += sum.seen;
    whole.wrong += sum.wrong;
    whole.undetermined += sum.undetermined;
    whole.noEffectOnNulls += sum.noEffectOnNulls;
    whole.milliseconds += sum.milliseconds;
    sum.rivalSquares.forEach((squares, i) => {
      whole.rivalSquares[i] = (whole.rivalSquares[i] ?? 0) + squares;
    });
  }
  return whole;
}
