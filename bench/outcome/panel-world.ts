/**
 * Panels with a known answer: units over times, two or more of them lifted from a day on.
 *
 * Each world bends one thing that comparisons lean on: likeness, level, trend, noise without memory, many
 * controls, a long time before. A unit is its size times exp(week + what all share + its loads on hidden
 * factors + its own trend + its own noise), or the same as a sum.
 */
import { CheapRandom } from "../cheap-random.ts";

export type PanelWorld = {
  readonly name: string;
  readonly words: string;
  readonly settings: Partial<PanelSettings>;
};

export type PanelSettings = {
  readonly units: number;
  readonly treated: number;
  readonly times: number;
  readonly before: number;
  /** Spread of ln size, and size of a usual unit. */
  readonly spread: number;
  readonly size: number;
  /** Levels add up instead of multiplying. */
  readonly isSum: boolean;
  readonly noise: number;
  /** Correlation of a unit's noise from one time to the next. */
  readonly memory: number;
  /** Step of a unit's own random walk. */
  readonly wander: number;
  readonly factors: number;
  /** Extra load of the treated on every factor: outside the hull of the others. */
  readonly treatedLoad: number;
  /** Spread of units' own trends over the whole time, and the treated's extra. */
  readonly trend: number;
  readonly treatedTrend: number;
  /** Values are counts drawn around their level. */
  readonly isCount: boolean;
  readonly hasHeavyTails: boolean;
  /** Share of cells that are lost. */
  readonly lost: number;
  /** A shock of one control after the start. */
  readonly shock: number;
  /** The treated are the largest. */
  readonly treatsLargest: boolean;
};

const USUAL: PanelSettings = {
  units: 40,
  treated: 2,
  times: 105,
  before: 77,
  spread: 0.3,
  size: 1000,
  isSum: false,
  noise: 0.08,
  memory: 0,
  wander: 0,
  factors: 0,
  treatedLoad: 0,
  trend: 0,
  treatedTrend: 0,
  isCount: false,
  hasHeavyTails: false,
  lost: 0,
  shock: 0,
  treatsLargest: false,
};

export const PANEL_WORLDS: ReadonlyArray<PanelWorld> = [
  { name: "cities", words: "40 cities, a week, noise", settings: {} },
  { name: "sums", words: "levels that add up", settings: { isSum: true, spread: 0.6 } },
  { name: "factors", words: "three hidden factors", settings: { factors: 3 } },
  {
    name: "outside",
    words: "treated outside the hull",
    settings: { factors: 2, treatedLoad: 1.5 },
  },
  { name: "trends", words: "a trend for each unit", settings: { trend: 0.3 } },
  {
    name: "own trend",
    words: "treated with a trend of their own",
    settings: { trend: 0.1, treatedTrend: 0.3 },
  },
  { name: "memory", words: "noise that lasts", settings: { memory: 0.7 } },
  { name: "wander", words: "levels that wander", settings: { wander: 0.02, noise: 0.04 } },
  { name: "five", words: "five controls", settings: { units: 6, treated: 1 } },
  {
    name: "many",
    words: "400 controls and factors",
    settings: { units: 405, treated: 5, factors: 3 },
  },
  { name: "short", words: "12 times before, 14 after", settings: { times: 26, before: 12 } },
  {
    name: "sizes",
    words: "counts, very different sizes",
    settings: { spread: 1.5, size: 200, isCount: true },
  },
  {
    name: "largest",
    words: "the largest are treated",
    settings: {
      spread: 1.2,
      size: 300,
      isCount: true,
      treatsLargest: true,
      noise: 0.05,
      factors: 1,
    },
  },
  { name: "shock", words: "a control with a shock", settings: { shock: -0.3, units: 25 } },
  { name: "lost", words: "one cell in ten lost", settings: { lost: 0.1, factors: 1 } },
  { name: "tails", words: "heavy tails", settings: { hasHeavyTails: true } },
];

export type Panel = {
  readonly values: ReadonlyArray<Float64Array>;
  /** Units 0..treated-1. */
  readonly treated: number;
  readonly before: number;
  readonly times: number;
  /** Sum of what the action added over sum of what would have been. */
  readonly truth: number;
};

export function drawPanel(world: PanelWorld, lift: number, ...seeds: number[]): Panel {
  const s = { ...USUAL, ...world.settings };
  const random = new CheapRandom(...seeds);
  const week = Array.from({ length: 7 }, () => 0.15 * random.normal());
  const shared = drawWalk(random, s.times, 0.95, 0.02);
  const factors = Array.from({ length: s.factors }, () => {
    const walk = drawWalk(random, s.times, 0.9, Math.sqrt(1 - 0.81));
    return walk.map((value) => 0.1 * value);
  });
  const sizes = Array.from(
    { length: s.units },
    () => s.size * Math.exp(s.spread * random.normal()),
  );
  if (s.treatsLargest) sizes.sort((a, b) => b - a);

  let [added, usual] = [0, 0];
  const values = sizes.map((size, unit) => {
    const isTreated = unit < s.treated;
    const loads = factors.map(() => 0.5 + 0.7 * random.normal() + (isTreated ? s.treatedLoad : 0));
    const trend = s.trend * random.normal() + (isTreated ? s.treatedTrend : 0);
    const noise = drawNoise(random, s);
    return Float64Array.from({ length: s.times }, (_, t) => {
      let level = (week[t % 7] ?? 0) + (shared[t] ?? 0) + trend * (t / s.times - 0.5);
      level += noise[t] ?? 0;
      factors.forEach((factor, k) => (level += (loads[k] ?? 0) * (factor[t] ?? 0)));
      let value = s.isSum ? Math.max(0, size + 0.8 * s.size * level) : size * Math.exp(level);
      const isAfter = t >= s.before;
      if (unit === s.treated && isAfter) value *= 1 + s.shock;
      if (isTreated && isAfter) {
        usual += value;
        added += value * lift;
        value *= 1 + lift;
      }
      if (s.isCount) value = random.poisson(value);
      return random.next() < s.lost ? NaN : value;
    });
  });
  return { values, treated: s.treated, before: s.before, times: s.times, truth: added / usual };
}

function drawNoise(random: CheapRandom, s: PanelSettings): Float64Array {
  const noise = new Float64Array(s.times);
  let [own, walk] = [random.normal(), 0];
  for (let t = 0; t < s.times; t++) {
    // Student's t of three degrees, brought to a variance of one.
    const fresh = s.hasHeavyTails
      ? random.normal() / Math.sqrt(random.gamma(1.5) / 1.5) / Math.sqrt(3)
      : random.normal();
    own = s.memory * own + Math.sqrt(1 - s.memory ** 2) * fresh;
    walk += s.wander * random.normal();
    noise[t] = s.noise * own + walk;
  }
  return noise;
}

function drawWalk(random: CheapRandom, length: number, memory: number, step: number): Float64Array {
  let value = (step / Math.sqrt(1 - memory ** 2)) * random.normal();
  return Float64Array.from({ length }, () => {
    value = memory * value + step * random.normal();
    return value;
  });
}
