/**
 * One answer for each of many places, under caps that they share: money moved, actions, orders touched.
 *
 * Like packing for a journey with several limits at once (weight, room): each place offers a few answers, of
 * which one may be taken, or none. This is the multiple-choice knapsack with several constraints
 * (Kellerer, Pferschy and Pisinger 2004, chapters 9 and 11). A price for each cap (Lagrange multipliers,
 * found by Polyak's subgradient steps) gives a bound that no choice can exceed; a choice is built from those
 * prices, repaired and improved. Small problems are then searched to the end by branch and bound, with
 * the same prices as bound; for large ones the gap that is left is told.
 *
 * Deterministic; ties go to the earlier place and option. Values of different places are taken to add up.
 */
import { assert } from "../../std/assert.ts";

export type PortfolioOption = {
  readonly name: string;
  /** Expected gain over doing nothing, any unit; what gains nothing is never taken. */
  readonly value: number;
  /** What it takes of each cap, from 0. */
  readonly uses: ReadonlyArray<number>;
};

export type PortfolioPlace = {
  readonly id: string;
  readonly options: ReadonlyArray<PortfolioOption>;
};

export type PortfolioCap = { readonly name: string; readonly most: number };

export type PortfolioChoice = {
  readonly id: string;
  /** Undefined for doing nothing. */
  readonly option: string | undefined;
  readonly value: number;
  readonly reason: string;
  /** Why each other option was not taken. */
  readonly others: ReadonlyArray<{ readonly option: string; readonly reason: string }>;
};

export type Portfolio = {
  readonly choices: ReadonlyArray<PortfolioChoice>;
  readonly value: number;
  /** No choice within the caps is worth more. */
  readonly bound: number;
  /** True when the choice is the best there is. */
  readonly isOptimal: boolean;
  readonly used: ReadonlyArray<number>;
  /** Worth of one more unit of each cap, at the margin. */
  readonly prices: ReadonlyArray<number>;
};

const NONE = -1;
const STEPS = 300;
const STRIDE_KEEP = 0.95;
const REPAIR_EVERY = 10;
/** Nodes searched at most before the gap is told instead. */
const NODES_MAX = 100_000;
const SLACK = 1e-9;

/** Throws on negative uses, on caps that are not numbers from 0, and on options with other caps. */
export function choosePortfolio(
  places: ReadonlyArray<PortfolioPlace>,
  caps: ReadonlyArray<PortfolioCap>,
): Portfolio {
  for (const { most } of caps) assert(most >= 0, "a cap is a number from 0");
  for (const { id, options } of places) {
    for (const { uses } of options) {
      assert(uses.length === caps.length, `an option of \`${id}\` says another number of uses`);
      assert(
        uses.every((use) => use >= 0),
        `an option of \`${id}\` uses less than nothing`,
      );
    }
  }
  const problem = { places, most: caps.map(({ most }) => most) };
  const relaxed = findPrices(problem);
  const repaired = improve(problem, repair(problem, relaxed.picks, relaxed.prices));
  const searched = search(problem, relaxed.prices, repaired);
  const value = valueOf(places, searched.picks);
  const bound = searched.isComplete ? value : Math.max(value, relaxed.bound);
  return {
    choices: explain(places, caps, searched.picks, relaxed.prices),
    value,
    bound,
    isOptimal: searched.isComplete || bound - value <= SLACK * Math.max(1, Math.abs(bound)),
    used: usesOf(problem, searched.picks),
    prices: relaxed.prices,
  };
}

type Problem = {
  readonly places: ReadonlyArray<PortfolioPlace>;
  readonly most: ReadonlyArray<number>;
};
/** Index of the option taken at each place, or NONE. */
type Picks = number[];

/** The best option of a place when caps have prices; what is left of its value. */
function pickAt({ options }: PortfolioPlace, prices: ReadonlyArray<number>) {
  let [pick, left] = [NONE, 0];
  options.forEach(({ value, uses }, at) => {
    const rest = value - uses.reduce((sum, use, cap) => sum + use * prices[cap]!, 0);
    if (rest > left + SLACK) [pick, left] = [at, rest];
  });
  return { pick, left };
}

/** Prices under which the bound is lowest, and what each place would then take. */
function findPrices(problem: Problem): { prices: number[]; picks: Picks; bound: number } {
  const { places, most } = problem;
  // Rupees and shares are caps alike: slopes are told in parts of the cap.
  const scale = most.map((cap) => (cap > 0 ? cap : 1));
  let prices = most.map(() => 0);
  let best = { prices, picks: [] as Picks, bound: Infinity };
  let target = 0;
  let stride = 1;
  for (let step = 0; step < STEPS; step++) {
    let bound = most.reduce((sum, cap, at) => sum + cap * prices[at]!, 0);
    const picks = places.map((place) => {
      const { pick, left } = pickAt(place, prices);
      bound += left;
      return pick;
    });
    if (bound < best.bound - SLACK) best = { prices: [...prices], picks, bound };
    else stride *= STRIDE_KEEP;
    const used = usesOf(problem, picks);
    const slope = most.map((cap, at) => (used[at]! - cap) / scale[at]!);
    if (step % REPAIR_EVERY === 0) {
      target = Math.max(target, valueOf(places, repair(problem, picks, prices)));
    }
    const size = slope.reduce((sum, s, at) => sum + (prices[at]! > 0 || s > 0 ? s * s : 0), 0);
    if (size === 0 || bound - target <= SLACK) break;
    // Polyak's step towards the best choice known, shortened when it does not help.
    const length = (stride * (bound - target)) / size;
    prices = prices.map((price, at) => Math.max(0, price + (length * slope[at]!) / scale[at]!));
  }
  return best;
}

/** Gives up what is worth least for the room it takes, dearest room first, until all caps hold. */
function repair(problem: Problem, picks: Picks, prices: ReadonlyArray<number>): Picks {
  const { places, most } = problem;
  const mended = [...picks];
  const used = usesOf(problem, mended);
  const isOver = (cap: number) => used[cap]! > most[cap]! + SLACK;
  const scale = most.map((cap) => (cap > 0 ? cap : SLACK));
  const ranked = mended
    .flatMap((pick, place) => {
      const option = places[place]!.options[pick];
      if (option === undefined) return [];
      const paid = option.uses.reduce((sum, use, cap) => sum + use * prices[cap]!, 0);
      const room = option.uses.reduce((sum, use, cap) => sum + use / scale[cap]!, 0);
      return [{ place, option, worth: option.value / (paid + SLACK * room + Number.MIN_VALUE) }];
    })
    .sort((a, b) => a.worth - b.worth || b.place - a.place);
  for (const { place, option } of ranked) {
    if (!most.some((_, cap) => isOver(cap))) break;
    if (!option.uses.some((use, cap) => use > 0 && isOver(cap))) continue;
    option.uses.forEach((use, cap) => (used[cap]! -= use));
    mended[place] = NONE;
  }
  return mended;
}

/** Takes any single change that gains and fits, the best first, until there is none. */
function improve(problem: Problem, picks: Picks): Picks {
  const { places, most } = problem;
  const better = [...picks];
  const used = usesOf(problem, better);
  for (;;) {
    let best: { place: number; pick: number; gain: number } | undefined;
    places.forEach(({ options }, place) => {
      const now = options[better[place]!];
      options.forEach((option, pick) => {
        const gain = option.value - (now?.value ?? 0);
        if (gain <= (best?.gain ?? SLACK)) return;
        const fits = most.every(
          (cap, at) => used[at]! - (now?.uses[at] ?? 0) + option.uses[at]! <= cap + SLACK,
        );
        if (fits) best = { place, pick, gain };
      });
    });
    if (best === undefined) return better;
    const { place, pick } = best;
    const now = places[place]!.options[better[place]!];
    const next = places[place]!.options[pick]!;
    most.forEach((_, at) => (used[at]! += next.uses[at]! - (now?.uses[at] ?? 0)));
    better[place] = pick;
  }
}

/** Branch and bound over the places, the most undecided first; stops at `NODES_MAX`. */
function search(
  problem: Problem,
  prices: ReadonlyArray<number>,
  start: Picks,
): { picks: Picks; isComplete: boolean } {
  const { places, most } = problem;
  const order = places
    .map((place, at) => ({ at, left: pickAt(place, prices).left }))
    .sort((a, b) => b.left - a.left || a.at - b.at);
  // What the places from here on can add at most, prices paid.
  const rest = new Float64Array(order.length + 1);
  for (let i = order.length - 1; i >= 0; i--) rest[i] = rest[i + 1]! + order[i]!.left;
  let best = { picks: start, value: valueOf(places, start) };
  let nodes = 0;
  const picks = places.map(() => NONE);
  const free = [...most];
  const visit = (depth: number, value: number): boolean => {
    nodes += 1;
    if (nodes > NODES_MAX) return false;
    const bound =
      value + rest[depth]! + free.reduce((sum, room, at) => sum + room * prices[at]!, 0);
    if (bound <= best.value + SLACK) return true;
    if (depth === order.length) {
      if (value > best.value) best = { picks: [...picks], value };
      return true;
    }
    const { at } = order[depth]!;
    const { options } = places[at]!;
    const ranked = options
      .map((option, pick) => ({ option, pick }))
      .filter(({ option }) => option.value > 0)
      .sort((a, b) => b.option.value - a.option.value || a.pick - b.pick);
    for (const { option, pick } of ranked) {
      if (option.uses.some((use, cap) => use > free[cap]! + SLACK)) continue;
      option.uses.forEach((use, cap) => (free[cap]! -= use));
      picks[at] = pick;
      const isDone = visit(depth + 1, value + option.value);
      picks[at] = NONE;
      option.uses.forEach((use, cap) => (free[cap]! += use));
      if (!isDone) return false;
    }
    return visit(depth + 1, value);
  };
  const isComplete = visit(0, 0);
  return { picks: best.picks, isComplete };
}

function explain(
  places: ReadonlyArray<PortfolioPlace>,
  caps: ReadonlyArray<PortfolioCap>,
  picks: Picks,
  prices: ReadonlyArray<number>,
): PortfolioChoice[] {
  const tight = caps.filter((_, at) => prices[at]! > 0).map(({ name }) => name);
  const priceOf = ({ uses }: PortfolioOption) =>
    uses.reduce((sum, use, cap) => sum + use * prices[cap]!, 0);
  return places.map(({ id, options }, place) => {
    const taken = options[picks[place]!];
    const reasonOf = (option: PortfolioOption): string => {
      if (option.value <= 0) return "gains nothing";
      if (taken !== undefined && option.value <= taken.value)
        return `${taken.name} gains more here`;
      const asks = priceOf(option) - (taken === undefined ? 0 : priceOf(taken));
      const gains = option.value - (taken?.value ?? 0);
      return asks >= gains
        ? `what it takes of ${tight.join(" and ")} gains more elsewhere`
        : "does not fit beside what was taken elsewhere";
    };
    return {
      id,
      option: taken?.name,
      value: taken?.value ?? 0,
      reason:
        taken !== undefined
          ? "gains most here for what it takes of the caps"
          : options.some(({ value }) => value > 0)
            ? "the caps are used where they gain more"
            : "nothing gains here",
      others: options
        .filter((option) => option !== taken)
        .map((option) => ({ option: option.name, reason: reasonOf(option) })),
    };
  });
}

function valueOf(places: ReadonlyArray<PortfolioPlace>, picks: Picks): number {
  return picks.reduce((sum, pick, at) => sum + (places[at]!.options[pick]?.value ?? 0), 0);
}

function usesOf({ places, most }: Problem, picks: Picks): number[] {
  return most.map((_, cap) =>
    picks.reduce((sum, pick, at) => sum + (places[at]!.options[pick]?.uses[cap] ?? 0), 0),
  );
}
