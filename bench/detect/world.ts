/**
 * A country whose truth is known: what the detectors are let loose on.
 *
 * Few geographies with many orders, many with few (log-normal); rates that differ by state and pincode;
 * weekdays, festivals and sales; days that vary more than coin tosses do; rates that wander; feeds that
 * fail for a day; one- and two-day spikes; shares of cash orders that change while the rates do not; and,
 * among all that, lasting rises of 5 to 25 points in single pincodes, districts and states.
 *
 * The rate of a cash order is `sigmoid(x + CASH)` and of a prepaid one `sigmoid(x + PREPAID)`, where x is the
 * geography's logit on that day. Everything is drawn from the seed.
 */
import type { Subject } from "../../src/core/port/types.ts";
import { CheapRandom } from "../cheap-random.ts";

export type WorldSettings = {
  readonly seed: number;
  readonly geographies: number;
  /** Days before anything is judged, and days judged. */
  readonly historyDays: number;
  readonly days: number;
  /** Mean rate, 0..1. */
  readonly baseRate: number;
  /** Share of geographies that break in 30 days; of districts; of states. */
  readonly breaksPerMonth: {
    readonly pincode: number;
    readonly district: number;
    readonly state: number;
  };
  readonly spikesPerMonth: number;
  /** Share of districts whose share of cash orders changes in 30 days. */
  readonly mixShiftsPerMonth: number;
};

export const WORLD_DEFAULTS: Omit<WorldSettings, "seed"> = {
  geographies: 5_000,
  historyDays: 90,
  days: 180,
  baseRate: 0.18,
  breaksPerMonth: { pincode: 0.017, district: 0.01, state: 0.01 },
  spikesPerMonth: 0.1,
  mixShiftsPerMonth: 0.02,
};

export const RISES = [0.05, 0.1, 0.15, 0.2, 0.25];
/** Days after a break within which its harm is counted; no break begins later than that before the end. */
export const HARM_DAYS = 60;

export type WorldBreak = {
  readonly unit: number;
  readonly startDay: number;
  readonly size: number;
};
export type WorldSpike = {
  readonly unit: number;
  readonly startDay: number;
  readonly days: number;
  readonly size: number;
};

/** Units are numbered pincodes first, then districts, states and the nation. */
export type World = {
  readonly settings: WorldSettings;
  readonly subjects: ReadonlyArray<Subject>;
  readonly bySubject: ReadonlyMap<string, number>;
  readonly parent: Int32Array;
  readonly leaves: number;
  readonly allDays: number;
  /** Mean orders a day. */
  readonly volume: Float64Array;
  /** Per day and pincode, at `day * leaves + leaf`: orders and failures, cash and prepaid. */
  readonly cashTrials: Uint16Array;
  readonly cashEvents: Uint16Array;
  readonly prepaidTrials: Uint16Array;
  readonly prepaidEvents: Uint16Array;
  /** Failure rate of the day's orders if nothing had broken and nothing had spiked. */
  readonly usualRate: Float32Array;
  /** Intra-day correlation of each pincode. */
  readonly rho: Float32Array;
  /** Rise that each unit has, or would have. */
  readonly rise: Float32Array;
  readonly breaks: ReadonlyArray<WorldBreak>;
  readonly spikes: ReadonlyArray<WorldSpike>;
};

const CASH = 0.45;
const PREPAID = -1.35;
const CASH_SHARE = 0.65;
const STATES = 30;
const PINCODES_PER_DISTRICT = 16;
const WEEKDAYS = [0.1, 0.02, -0.03, -0.05, -0.02, 0.06, 0.14];
const SALE_FACTOR = 2.5;

export function createWorld(settings: WorldSettings): World {
  const { seed, geographies: leaves, historyDays, days } = settings;
  const allDays = historyDays + days;
  const tree = createTree(leaves);
  const random = new CheapRandom(seed, 1);
  const units = tree.parent.length;
  const volume = new Float64Array(units);
  for (let leaf = 0; leaf < leaves; leaf++) {
    const own = Math.min(400, Math.exp(0.2 + 1.75 * random.normal()));
    forUnitAndAbove(tree.parent, leaf, (unit) => (volume[unit]! += own));
  }
  const rise = Float32Array.from({ length: units }, () => RISES[random.integer(0, RISES.length)]!);
  const breaks = drawBreaks(settings, tree, rise);
  const spikes = drawSpikes(settings, tree);
  const logits = drawLogits(settings, tree);
  const cash = drawCashShares(settings, tree);
  const size = allDays * leaves;
  const world: World = {
    settings,
    subjects: tree.subjects,
    bySubject: new Map(tree.subjects.map(({ id }, unit) => [id, unit])),
    parent: tree.parent,
    leaves,
    allDays,
    volume,
    cashTrials: new Uint16Array(size),
    cashEvents: new Uint16Array(size),
    prepaidTrials: new Uint16Array(size),
    prepaidEvents: new Uint16Array(size),
    usualRate: new Float32Array(size),
    rho: Float32Array.from({ length: leaves }, () =>
      Math.min(0.08, 0.0125 * Math.exp(0.6 * random.normal())),
    ),
    rise,
    breaks,
    spikes,
  };
  const added = sumAdded(world, tree);
  const sales = [random.integer(20, historyDays - 10), historyDays + random.integer(20, days - 30)];
  const isDark = drawOutages(settings, tree);
  for (let day = 0; day < allDays; day++) {
    const factor = sales.some((from) => day >= from && day < from + 4) ? SALE_FACTOR : 1;
    for (let leaf = 0; leaf < leaves; leaf++) {
      if (isDark(leaf, day) || random.next() < 0.01) continue;
      const at = day * leaves + leaf;
      const share = cash(leaf, day);
      const n = random.poisson(volume[leaf]! * factor);
      if (n === 0) continue;
      const m = random.binomial(n, share);
      const x = logits(leaf, day);
      const extra = added[at] ?? 0;
      const rates = [sigmoid(x + CASH), sigmoid(x + PREPAID)] as const;
      world.usualRate[at] = (m * rates[0] + (n - m) * rates[1]) / n;
      const k = (1 - world.rho[leaf]!) / world.rho[leaf]!;
      // One draw moves the whole day: cash and prepaid orders share the van.
      const mean = clip(world.usualRate[at] + extra, 0.002, 0.97);
      const shift = logit(clip(random.beta(mean * k, (1 - mean) * k), 1e-4, 0.9999)) - logit(mean);
      const drawn = rates.map((rate) => sigmoid(logit(clip(rate + extra, 0.002, 0.97)) + shift));
      world.cashTrials[at] = m;
      world.prepaidTrials[at] = n - m;
      world.cashEvents[at] = random.binomial(m, drawn[0]!);
      world.prepaidEvents[at] = random.binomial(n - m, drawn[1]!);
    }
  }
  return world;
}

type Tree = {
  readonly subjects: ReadonlyArray<Subject>;
  readonly parent: Int32Array;
  readonly districts: readonly [number, number];
  readonly states: readonly [number, number];
  readonly leavesOf: ReadonlyArray<ReadonlyArray<number>>;
};

function createTree(leaves: number): Tree {
  const districtCount = Math.ceil(leaves / PINCODES_PER_DISTRICT);
  const districts = [leaves, leaves + districtCount] as const;
  const states = [districts[1], districts[1] + STATES] as const;
  const units = states[1] + 1;
  const parent = new Int32Array(units).fill(-1);
  const subjects: Subject[] = [];
  const add = (unit: number, id: string, level: Subject["level"], above: number): void => {
    parent[unit] = above;
    subjects[unit] = { id, kind: "geography", level, name: id, parent: null };
  };
  for (let leaf = 0; leaf < leaves; leaf++) {
    add(leaf, `IN-${100_000 + leaf}`, "pincode", districts[0] + (leaf % districtCount));
  }
  for (let i = 0; i < districtCount; i++) {
    add(districts[0] + i, `IN-D-${i}`, "district", states[0] + (i % STATES));
  }
  for (let i = 0; i < STATES; i++) add(states[0] + i, `IN-S-${i}`, "state", states[1]);
  add(states[1], "IN", "nation", -1);
  const leavesOf: number[][] = Array.from({ length: units }, () => []);
  for (let leaf = 0; leaf < leaves; leaf++) {
    forUnitAndAbove(parent, leaf, (unit) => leavesOf[unit]!.push(leaf));
  }
  return {
    subjects: subjects.map((subject, unit) => {
      const above = parent[unit]!;
      return above === -1 ? subject : { ...subject, parent: subjects[above]!.id };
    }),
    parent,
    districts,
    states,
    leavesOf,
  };
}

/** No two of them on one pincode: whose rise it is must have one answer. */
function drawBreaks(
  { seed, historyDays, days, breaksPerMonth }: WorldSettings,
  { districts, states, leavesOf }: Tree,
  rise: Float32Array,
): WorldBreak[] {
  const random = new CheapRandom(seed, 2);
  const span = days - HARM_DAYS;
  const taken = new Set<number>();
  const breaks: WorldBreak[] = [];
  const draw = (from: number, until: number, perMonth: number): void => {
    for (let unit = from; unit < until; unit++) {
      const breaksNow = random.next() < (perMonth * span) / 30;
      const startDay = historyDays + random.integer(0, Math.max(1, span));
      if (!breaksNow || leavesOf[unit]!.some((leaf) => taken.has(leaf))) continue;
      for (const leaf of leavesOf[unit]!) taken.add(leaf);
      breaks.push({ unit, startDay, size: rise[unit]! });
    }
  };
  draw(states[0], states[1], breaksPerMonth.state);
  draw(districts[0], districts[1], breaksPerMonth.district);
  draw(0, districts[0], breaksPerMonth.pincode);
  return breaks;
}

function drawSpikes(
  { seed, historyDays, days, spikesPerMonth }: WorldSettings,
  tree: Tree,
): WorldSpike[] {
  const random = new CheapRandom(seed, 3);
  const spikes: WorldSpike[] = [];
  const draw = (from: number, until: number, perMonth: number, low: number, high: number): void => {
    for (let unit = from; unit < until; unit++) {
      for (let day = 0; day < historyDays + days; day++) {
        if (random.next() >= perMonth / 30) continue;
        const size = low + (high - low) * random.next();
        spikes.push({ unit, startDay: day, days: 1 + random.integer(0, 2), size });
      }
    }
  };
  draw(0, tree.districts[0], spikesPerMonth, 0.15, 0.6);
  draw(tree.districts[0], tree.districts[1], spikesPerMonth / 5, 0.1, 0.4);
  return spikes;
}

/** The logit of each pincode on each day: place, wandering, weekday, festivals. */
function drawLogits(settings: WorldSettings, tree: Tree): (leaf: number, day: number) => number {
  const { seed, historyDays, days, baseRate } = settings;
  const random = new CheapRandom(seed, 4);
  const allDays = historyDays + days;
  // The logit at which cash and prepaid together fail at the rate wanted.
  const centre = (rate: number): number => {
    let [low, high] = [-8, 8];
    for (let i = 0; i < 40; i++) {
      const x = (low + high) / 2;
      const mean = CASH_SHARE * sigmoid(x + CASH) + (1 - CASH_SHARE) * sigmoid(x + PREPAID);
      if (mean < rate) low = x;
      else high = x;
    }
    return low;
  };
  const betaAround = (mean: number, weight: number) =>
    clip(random.beta(mean * weight, (1 - mean) * weight), 0.01, 0.7);
  const stateRates = Array.from({ length: STATES }, () => betaAround(baseRate, 40));
  const wander = (deviation: number) => {
    const path = new Float32Array(allDays);
    for (let day = 1; day < allDays; day++)
      path[day] = path[day - 1]! + deviation * random.normal();
    return path;
  };
  const stateWander = stateRates.map(() => wander(0.006));
  const stateOf = (leaf: number) => tree.parent[tree.parent[leaf]!]! - tree.states[0];
  const own = Float32Array.from({ length: tree.districts[0] }, (_, leaf) =>
    centre(betaAround(stateRates[stateOf(leaf)]!, 60)),
  );
  // Pincodes wander too: a straight line each, which costs nothing to store.
  const slope = Float32Array.from(own, () => 0.001 * random.normal());
  const festivals = Array.from({ length: 7 }, (_, i) => ({
    from: random.integer(10, allDays - 10),
    days: random.integer(1, 5),
    size: 0.15 + 0.3 * random.next(),
    states: new Set(
      Array.from({ length: STATES }, (_state, at) => at).filter(
        () => i < 3 || random.next() < 0.25,
      ),
    ),
  }));
  return (leaf, day) => {
    const state = stateOf(leaf);
    let x = own[leaf]! + stateWander[state]![day]! + slope[leaf]! * (day - historyDays);
    x += WEEKDAYS[day % 7]!;
    for (const festival of festivals) {
      const { from, size, states } = festival;
      if (day >= from && day < from + festival.days && states.has(state)) x += size;
    }
    return x;
  };
}

/** The share of cash orders of a pincode, which in some districts rises for good. */
function drawCashShares(
  settings: WorldSettings,
  tree: Tree,
): (leaf: number, day: number) => number {
  const { seed, historyDays, days, mixShiftsPerMonth } = settings;
  const random = new CheapRandom(seed, 5);
  const usual = Float32Array.from({ length: tree.districts[0] }, () =>
    clip(CASH_SHARE + 0.1 * random.normal(), 0.2, 0.9),
  );
  const shifts = new Map<number, { readonly day: number; readonly size: number }>();
  for (let district = tree.districts[0]; district < tree.districts[1]; district++) {
    if (random.next() >= (mixShiftsPerMonth * days) / 30) continue;
    shifts.set(district, {
      day: historyDays + random.integer(0, days - 20),
      size: 0.1 + 0.2 * random.next(),
    });
  }
  return (leaf, day) => {
    const shift = shifts.get(tree.parent[leaf]!);
    const more = shift !== undefined && day >= shift.day ? shift.size : 0;
    return Math.min(0.97, usual[leaf]! + more);
  };
}

/** Days on which a whole state's feed, or one pincode's, said nothing. */
function drawOutages({ seed, historyDays, days }: WorldSettings, tree: Tree) {
  const random = new CheapRandom(seed, 6);
  const dark = Array.from({ length: STATES }, () =>
    Uint8Array.from({ length: historyDays + days }, () => (random.next() < 0.015 ? 1 : 0)),
  );
  return (leaf: number, day: number): boolean =>
    dark[tree.parent[tree.parent[leaf]!]! - tree.states[0]]![day] === 1;
}

/** Rate points that breaks and spikes add, per day and pincode. */
function sumAdded({ allDays, leaves, breaks, spikes }: World, { leavesOf }: Tree): Float32Array {
  const added = new Float32Array(allDays * leaves);
  const addTo = (unit: number, from: number, until: number, size: number): void => {
    for (const leaf of leavesOf[unit]!) {
      for (let day = from; day < Math.min(until, allDays); day++)
        added[day * leaves + leaf]! += size;
    }
  };
  for (const { unit, startDay, size } of breaks) addTo(unit, startDay, allDays, size);
  for (const { unit, startDay, days, size } of spikes) addTo(unit, startDay, startDay + days, size);
  return added;
}

export function forUnitAndAbove(
  parent: Int32Array,
  unit: number,
  visit: (unit: number) => void,
): void {
  for (let at = unit; at !== -1; at = parent[at]!) visit(at);
}

function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}

function logit(p: number): number {
  return Math.log(p / (1 - p));
}

function clip(x: number, low: number, high: number): number {
  return x < low ? low : x > high ? high : x;
}
