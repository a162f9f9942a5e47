/** Effects of many actions taken together: does the interval of their mean hold what it promises? */
import { poolEffects } from "../../src/stats/outcome/pooled.ts";
import { CheapRandom } from "../cheap-random.ts";
import { estimatePanel } from "./panels.ts";
import { drawPanel, PANEL_WORLDS } from "./panel-world.ts";

const ACTIONS = 8;
const MEAN = 0.04;
const SPREAD = 0.015;
/** A 90% interval of a Student's t with the degrees of 38 controls, in standard errors either way. */
const REACH = 1.687;

export type PoolSum = {
  readonly pools: number;
  readonly actions: number;
  readonly bias: number;
  readonly covered: number;
  /** Root mean squared error of single actions' effects: as seen, and drawn towards the mean. */
  readonly seen: number;
  readonly shrunk: number;
};

export function runPools(seeds: ReadonlyArray<number>, pools: number): PoolSum {
  let [error, covered, seen, shrunk, all] = [0, 0, 0, 0, 0];
  const cities = PANEL_WORLDS[0];
  if (cities === undefined) throw new Error("there is a first world");
  for (const seed of seeds) {
    for (let pool = 0; pool < pools; pool++) {
      const random = new CheapRandom(seed, 9001, pool);
      const truths = Array.from({ length: ACTIONS }, () => MEAN + SPREAD * random.normal());
      const effects = truths.map((lift, i) => {
        const { estimate, low, high } = estimatePanel(drawPanel(cities, lift, seed, 9002, pool, i));
        return { estimate, variance: ((high - low) / (2 * REACH)) ** 2 };
      });
      const pooled = poolEffects(effects);
      const [low, high] = pooled.interval;
      error += pooled.mean - MEAN;
      covered += Number(low <= MEAN && MEAN <= high);
      truths.forEach((truth, i) => {
        seen += ((effects[i]?.estimate ?? 0) - truth) ** 2;
        shrunk += ((pooled.shrunk[i]?.estimate ?? 0) - truth) ** 2;
      });
      all += 1;
    }
  }
  return {
    pools: all,
    actions: all * ACTIONS,
    bias: error / all,
    covered: covered / all,
    seen: Math.sqrt(seen / (all * ACTIONS)),
    shrunk: Math.sqrt(shrunk / (all * ACTIONS)),
  };
}
