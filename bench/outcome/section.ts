/**
 * How honestly effects are told: alarms of the worst places with a holdout by lot, panels with a known
 * answer through the estimator of `outcome estimate`, and pools of actions.
 */
import { table } from "../../src/cli/output.ts";
import { computeAlarmsNeeded, computeHoldoutPower } from "../../src/stats/outcome/holdout.ts";
import type { Section } from "../section.ts";
import { ALARM_SETTINGS } from "./alarm-world.ts";
import { DESIGNS, type DesignSum, type EffectSum, runAlarms } from "./alarms.ts";
import { PANEL_RIVALS } from "./panel-rivals.ts";
import { addPanelSums, type PanelSum, runPanels, type WorldSum } from "./panels.ts";
import { type PoolSum, runPools } from "./pools.ts";

const SEEDS = [1, 2];
const EFFECTS = [0, -0.03, -0.06];
const STUDIES = 150;
const DRAWS = 20;
const POOLS = 20;
const QUICK = { studies: 12, draws: 2, pools: 2 };
const POWER_ALARMS = [50, 100, 150, 300, 600];
const POWER_EFFECTS = [-0.02, -0.04, -0.06, -0.08];
const HOLDOUT = DESIGNS.length - 1;

type Goal = { readonly goal: string; readonly measured: string; readonly met: boolean };

export const outcome: Section = {
  name: "outcome",
  words: "effects told honestly: a holdout by lot, panels with a known answer, pools of actions",
  async run(context) {
    const seeds = context.seeds ?? (context.quick ? [1] : SEEDS);
    const { studies, draws, pools } = context.quick
      ? QUICK
      : { studies: STUDIES, draws: DRAWS, pools: POOLS };
    const alarms = runAlarms(seeds, studies, EFFECTS, context.report("alarms"));
    const panels = runPanels(seeds, draws, context.report("panels"));
    const pool = runPools(seeds, pools);
    const deviation = computeDeviation(alarms);
    const goals = judgeGoals(alarms, panels, pool);
    await Promise.resolve();
    return {
      json: {
        seeds,
        alarms: alarms.map(toAlarmJson),
        panels: panels.map(toPanelJson),
        pool,
        deviation,
        goals,
      },
      text: [
        `seeds ${seeds.join(", ")}`,
        alarmText(alarms),
        powerText(deviation),
        panelText(panels),
        poolText(pool),
        table(
          goals.map(({ goal, measured, met }) => [
            `goal ${goal}`,
            measured,
            met ? "met" : "NOT met",
          ]),
        ),
      ].join("\n\n"),
    };
  },
};

function alarmText(alarms: ReadonlyArray<EffectSum>): string {
  const { alarmsAWeek, alarmWeeks, heldBack, probes } = ALARM_SETTINGS;
  return [
    `Alarms of the worst places, ${alarmsAWeek * alarmWeeks} a study, ${percent(heldBack)} held back by lot, ` +
      `${percent(probes)} of an acted place's traffic kept; points of the rate`,
    table([
      [
        "true effect",
        "design",
        "bias",
        "rmse",
        "covered 90%",
        "helped",
        "harmed",
        "no effect",
        "undetermined",
      ],
      ...alarms.flatMap(({ effect, designs }) =>
        designs.map((sum, d) => [
          points(effect),
          DESIGNS[d]?.name ?? "",
          points(sum.error / sum.studies),
          points(Math.sqrt(sum.squares / sum.studies)),
          share(sum.covered, sum.studies),
          share(sum.helped, sum.studies),
          share(sum.harmed, sum.studies),
          share(sum.noEffect, sum.studies),
          share(sum.studies - sum.helped - sum.harmed - sum.noEffect, sum.studies),
        ]),
      ),
    ]),
  ].join("\n");
}

/**
 * Deviation of one alarm around what is expected of it, as the holdout's error under no effect
 * shows.
 */
function computeDeviation(alarms: ReadonlyArray<EffectSum>): number {
  const sum = getDesign(alarms, 0, HOLDOUT);
  const held = ALARM_SETTINGS.heldBack;
  return Math.sqrt((sum.squares / sum.studies) * (sum.alarms / sum.studies) * held * (1 - held));
}

function powerText(deviation: number): string {
  const share = ALARM_SETTINGS.heldBack;
  return [
    `Power of the holdout (p at most 0.05), one alarm straying by ${points(deviation)} points`,
    table([
      ["alarms", ...POWER_EFFECTS.map((effect) => `${points(effect)} points`)],
      ...POWER_ALARMS.map((alarms) => [
        String(alarms),
        ...POWER_EFFECTS.map((effect) =>
          computeHoldoutPower({ alarms, share, effect, deviation }).toFixed(2),
        ),
      ]),
      [
        "for 0.80",
        ...POWER_EFFECTS.map((effect) => String(computeAlarmsNeeded({ share, effect, deviation }))),
      ],
    ]),
  ].join("\n");
}

function panelText(panels: ReadonlyArray<WorldSum>): string {
  const row = (name: string, words: string, sum: PanelSum) => [
    name,
    String(sum.actions),
    rmse(sum.squares, sum),
    ...sum.rivalSquares.map((squares) => rmse(squares, sum)),
    points(sum.error / sum.actions),
    share(sum.covered, sum.actions),
    points(sum.width / sum.actions),
    share(sum.falseVerdicts, sum.nulls),
    share(sum.seen, sum.actions - sum.nulls),
    share(sum.wrong, sum.actions - sum.nulls),
    share(sum.undetermined, sum.actions),
    (sum.milliseconds / sum.actions).toFixed(0),
    words,
  ];
  return [
    "Panels with a known answer: half null, a quarter +5%, a quarter -5%; root mean squared errors in points",
    table([
      [
        "world",
        "n",
        "ours",
        ...PANEL_RIVALS.map(({ name }) => name),
        "bias",
        "covered",
        "width",
        "false",
        "seen",
        "wrong",
        "undet.",
        "ms",
        "",
      ],
      ...panels.map(({ world, sum }) => row(world.name, world.words, sum)),
      row("all", "", addPanelSums(panels.map(({ sum }) => sum))),
    ]),
  ].join("\n");
}

function poolText(pool: PoolSum): string {
  return [
    "Pools of eight actions with effects of their own (mean 4%, spread 1.5 points)",
    table([
      ["pools", "bias", "covered 90%", "rmse of one effect as seen", "drawn to the mean"],
      [
        String(pool.pools),
        points(pool.bias),
        pool.covered.toFixed(3),
        points(pool.seen),
        points(pool.shrunk),
      ],
    ]),
  ].join("\n");
}

function judgeGoals(
  alarms: ReadonlyArray<EffectSum>,
  panels: ReadonlyArray<WorldSum>,
  pool: PoolSum,
): ReadonlyArray<Goal> {
  const none = getDesign(alarms, 0, HOLDOUT);
  const all = addDesigns(alarms.map(({ designs }) => designs[HOLDOUT] as DesignSum));
  const sum = addPanelSums(panels.map((panel) => panel.sum));
  const bias = none.error / none.studies;
  const inRange = (covered: number) => covered >= 0.88 && covered <= 0.93;
  const best = Math.min(...sum.rivalSquares);
  const goal = (text: string, measured: string, met: boolean): Goal => ({
    goal: text,
    measured,
    met,
  });
  return [
    goal("holdout: placebo bias at most 0.5 point", points(bias), Math.abs(bias) <= 0.005),
    goal(
      "holdout: 90% intervals cover 0.88 to 0.93",
      `${share(all.covered, all.studies)} of ${all.studies} studies, ${all.alarms} actions`,
      inRange(all.covered / all.studies),
    ),
    goal(
      "holdout: false `helped` at most 5%, the worst selected",
      share(none.helped, none.studies),
      none.helped / none.studies <= 0.05,
    ),
    goal("panels: 500 actions or more, half of them null", String(sum.actions), sum.actions >= 500),
    goal(
      "panels: 90% intervals cover 0.88 to 0.93",
      share(sum.covered, sum.actions),
      inRange(sum.covered / sum.actions),
    ),
    goal(
      "panels: false `helped` at most 5%",
      share(sum.falseHelped, sum.nulls),
      sum.falseHelped / sum.nulls <= 0.05,
    ),
    goal(
      "panels: false `helped` or `harmed` at most 5% in all",
      share(sum.falseVerdicts, sum.nulls),
      sum.falseVerdicts / sum.nulls <= 0.05,
    ),
    goal(
      "panels: bias at most 0.3 point",
      points(sum.error / sum.actions),
      Math.abs(sum.error / sum.actions) <= 0.003,
    ),
    goal(
      "panels: error below every rival's",
      `${rmse(sum.squares, sum)} against ${rmse(best, sum)}`,
      sum.squares < best,
    ),
    goal(
      "pools: drawn effects nearer than seen ones",
      points(pool.seen - pool.shrunk),
      pool.shrunk < pool.seen,
    ),
  ];
}

function getDesign(alarms: ReadonlyArray<EffectSum>, effect: number, design: number): DesignSum {
  const found = alarms.find((sum) => sum.effect === effect)?.designs[design];
  if (found === undefined) throw new Error("every effect has every design");
  return found;
}

function addDesigns(sums: ReadonlyArray<DesignSum>) {
  return {
    studies: sums.reduce((total, sum) => total + sum.studies, 0),
    alarms: sums.reduce((total, sum) => total + sum.alarms, 0),
    covered: sums.reduce((total, sum) => total + sum.covered, 0),
  };
}

function toAlarmJson({ effect, designs }: EffectSum) {
  return { effect, designs: designs.map((sum, d) => ({ design: DESIGNS[d]?.name, ...sum })) };
}

function toPanelJson({ world, sum }: WorldSum) {
  return { world: world.name, ...sum };
}

function rmse(squares: number, sum: PanelSum): string {
  return (100 * Math.sqrt(squares / sum.actions)).toFixed(2);
}

function points(value: number): string {
  return (100 * value).toFixed(2);
}

function share(part: number, whole: number): string {
  return whole === 0 ? "-" : (part / whole).toFixed(3);
}

function percent(value: number): string {
  return `${Math.round(100 * value)}%`;
}
