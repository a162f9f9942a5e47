/**
 * The detector against its slow twin: everything computed again each day from the whole history, with
 * plain objects, and neighbours summed one by one. It knows no rings, no discounting by recursion, no
 * sums up a tree, no gamma function in the likelihood ratio. The days' mix is not in it: see `mix.test.ts`.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Subject } from "../../core/port/types.ts";
import { randomFrom } from "../../std/random.ts";
import { Detector } from "./detector.ts";
import type { DetectorDay } from "./detector.ts";
import { createCounts, createNetwork } from "./network.fixture.ts";
import { DETECTOR_DEFAULTS } from "./settings.ts";

const LEVELS = ["pincode", "district", "state", "nation"] as const;
const S = {
  ...DETECTOR_DEFAULTS,
  lagDays: 7,
  warmupDays: 20,
  // Out of reach, so that no alarm resets anything: here the evidence alone is compared.
  evidenceFloor: 1e90,
};

type Twin = {
  readonly subject: Subject;
  readonly firstDay: number;
  /** Corrected and deflated counts by day, and the llr of each rise by day since the last release. */
  readonly kept: Map<number, { readonly y: number; readonly n: number }>;
  llrs: Array<ReadonlyArray<number>>;
  /** Mean evidence after each of those days, before the two best days are held down. */
  evidences: number[];
  wasActed: boolean;
};

class SlowDetector {
  readonly units = new Map<string, Twin>();
  #first: number | undefined;
  #kappaDay = 0;
  readonly #days: number[] = [];
  #kappa: Record<string, number> = { ...S.kappa };
  /** Misses of every unit and day, from which the overdispersion is learned. */
  readonly #misses: Array<{
    readonly day: number;
    readonly level: string;
    readonly left: number;
    readonly scale: number;
  }> = [];
  readonly #weekdays: Array<{
    readonly weekday: number;
    readonly effect: number;
    readonly weight: number;
  }> = [];

  fold(input: DetectorDay): void {
    const t = input.day;
    this.#first ??= this.#kappaDay = t;
    const counts = input.counts.filter(({ subject }) => !(input.immature?.has(subject) ?? false));
    for (const { subject } of counts) this.#meet(subject, t, input);
    const isActed = (id: string) =>
      [id, ...this.#ancestors(id)].some((each) => input.acted.has(each));
    for (const [id, unit] of this.units) {
      if (unit.wasActed && !isActed(id)) [unit.llrs, unit.evidences] = [[], []];
      unit.wasActed = isActed(id);
    }
    const clean = counts.filter(({ subject }) => !isActed(subject));
    const under = (id: string) =>
      clean.filter(({ subject }) => subject === id || this.#ancestors(subject).includes(id));
    const isFirst = t - this.#first < S.lagDays;
    const weekday = (t + 3) % 7;
    const d = this.#weekdayEffect(weekday);
    const leaves = clean.map(({ subject, n, k }) => ({
      subject,
      n,
      k,
      m: this.#mean(subject, t).m,
    }));
    const rhoOf = Object.fromEntries(LEVELS.map((level) => [level, this.#rho(level, t)]));
    const at = (shift: number) =>
      leaves.map((leaf) => ({ leaf, ...residual(leaf, shift, rhoOf["pincode"]!) }));
    const whole = at(d);
    const common = clip(sum(whole, "r") / (sum(whole, "v") + 25), -1, 1);
    const near = at(d + common);

    for (const [id, unit] of this.units) {
      const rows = under(id);
      const n = rows.reduce((total, row) => total + row.n, 0);
      const y = rows.reduce((total, row) => total + row.k, 0);
      if (n === 0) continue;
      const rho = rhoOf[unit.subject.level]!;
      const effect = 1 + (n - 1) * rho;
      const { m, error } = this.#mean(id, t);
      if (isFirst) {
        unit.kept.set(t, { y: Math.fround(y / effect), n: Math.fround(n / effect) });
        continue;
      }
      const others = near.filter(
        ({ leaf }) => leaf.subject !== id && !this.#ancestors(leaf.subject).includes(id),
      );
      const path = this.#ancestors(id).reverse();
      let a = 0;
      path.forEach((ancestor, depth) => {
        if (depth === 0) {
          a = common + (sum(others, "r") - 25 * common) / (sum(others, "v") + 25);
          return;
        }
        const kin = others.filter(
          ({ leaf }) =>
            leaf.subject === ancestor || this.#ancestors(leaf.subject).includes(ancestor),
        );
        a += (sum(kin, "r") - sum(kin, "v") * (a - common)) / (sum(kin, "v") + 1 / S.dayVariance);
      });
      const p = clip(sigma(logit(m) + d + clip(a, -1.2, 1.2)), 0.005, 0.995);
      const upper = sigma(logit(p) + S.caution[unit.subject.level] * error);
      const spike = Math.max(1, n * p + 2.5 * Math.sqrt(n * p * (1 - p) * effect) + 0.5);
      unit.kept.set(t, {
        y: Math.fround((Math.min(y, spike) - n * (p - m)) / effect),
        n: Math.fround(n / effect),
      });
      if (n > 1) {
        const v = p * (1 - p);
        const squared = Math.min((y - n * p) ** 2 / (n * v), 9 * effect);
        const left = ((n - 1) * (squared - 1 - (n - 1) * error ** 2 * v)) / effect ** 2;
        const scale = ((n - 1) / effect) ** 2;
        this.#misses.push({ day: t, level: unit.subject.level, left, scale });
      }
      if (t - unit.firstDay < S.warmupDays) continue;
      unit.llrs.push(
        S.rises.map((rise) =>
          Math.min(llr(n, y, upper, sigma(logit(upper) + rise), rho), S.cap[unit.subject.level]),
        ),
      );
      unit.evidences.push(meanEvidence(unit.llrs));
    }
    this.#days.push(t);
    if (isFirst) return;
    const v = sum(whole, "v");
    const effect = v === 0 ? 0 : v * clip(d + sum(whole, "r") / v, -0.5, 0.5);
    this.#weekdays.push({ weekday, effect, weight: v });
    if (t - this.#kappaDay >= 30) this.#learnKappa(t);
  }

  /** ln M: of the days since it was last at rest, the two that raised it most count `pairCap` at most. */
  logEvidenceOf(id: string): number {
    const { evidences } = this.units.get(id)!;
    const last = evidences.at(-1);
    if (last === undefined) return -Infinity;
    const rested = evidences.findLastIndex((evidence) => evidence <= 1);
    const gains = evidences
      .map((evidence, at) => Math.log(evidence / Math.max(1, evidences[at - 1] ?? 0)))
      .slice(rested + 1)
      .filter((gain) => gain > 0)
      .sort((x, y) => y - x);
    const best = (gains[0] ?? 0) + (gains[1] ?? 0);
    return Math.log(last) - Math.max(0, best - S.pairCap);
  }

  #meet(id: string, day: number, input: DetectorDay): void {
    const subject = input.lookup(id)!;
    if (subject.parent !== null) this.#meet(subject.parent, day, input);
    if (this.units.has(id)) return;
    this.units.set(id, {
      subject,
      firstDay: day,
      kept: new Map(),
      llrs: [],
      evidences: [],
      wasActed: false,
    });
  }

  /** Nearest first. */
  #ancestors(id: string): string[] {
    const parent = this.units.get(id)!.subject.parent;
    return parent === null ? [] : [parent, ...this.#ancestors(parent)];
  }

  #history(id: string, t: number): { readonly y: number; readonly n: number } {
    let [y, n] = [0, 0];
    for (const [day, kept] of this.units.get(id)!.kept) {
      if (day > t - S.lagDays) continue;
      const weight = 2 ** (-(t - S.lagDays - day) / S.halfLifeDays);
      y += weight * kept.y;
      n += weight * kept.n;
    }
    return { y, n };
  }

  #mean(id: string, t: number): { readonly m: number; readonly error: number } {
    const { y, n } = this.#history(id, t);
    const { level, parent } = this.units.get(id)!.subject;
    const weight = parent === null ? S.priorCounts : this.#kappa[level]!;
    const prior = parent === null ? S.priorRate : this.#mean(parent, t).m;
    const m = clip((weight * prior + y) / (weight + n), 0.005, 0.995);
    return { m, error: Math.sqrt((m * (1 - m)) / (weight + n + 1)) / (m * (1 - m)) };
  }

  #rho(level: (typeof LEVELS)[number], t: number): number {
    const rows = this.#misses
      .filter((miss) => miss.level === level)
      .map(({ day, left, scale }) => ({ left, scale, weight: this.#dispersionWeight(day, t) }));
    const total = (key: "left" | "scale") =>
      rows.reduce((all, row) => all + row.weight * row[key], 0);
    if (rows.reduce((all, { weight }) => all + weight, 0) < 60) return S.rho[level];
    return clip((1.25 * total("left")) / total("scale"), S.rho[level], 0.1);
  }

  /** Fades with each day that was folded since. */
  #dispersionWeight(day: number, t: number): number {
    const folded = this.#days.filter((each) => each > day && each < t).length;
    return 2 ** (-folded / 60);
  }

  #weekdayEffect(weekday: number): number {
    const raw = [0, 1, 2, 3, 4, 5, 6].map((w) => {
      const days = this.#weekdays.filter((day) => day.weekday === w).reverse();
      const weight = days.reduce((total, day, age) => total + 0.97 ** age * day.weight, 0);
      const effect = days.reduce((total, day, age) => total + 0.97 ** age * day.effect, 0);
      return { weight, effect: effect / (weight + 25) };
    });
    const all = raw.reduce((total, { weight }) => total + weight, 0);
    if (all === 0 || raw[weekday]!.weight === 0) return 0;
    const centre = raw.reduce((total, { weight, effect }) => total + weight * effect, 0) / all;
    return raw[weekday]!.effect - centre;
  }

  #learnKappa(t: number): void {
    const learned = { ...this.#kappa };
    for (const level of LEVELS) {
      const voters = [...this.units.values()]
        .filter(({ subject }) => subject.level === level && subject.parent !== null)
        .map(({ subject }) => ({
          ...this.#history(subject.id, t),
          m: this.#mean(subject.parent!, t).m,
        }))
        .filter(({ n }) => n >= 2);
      if (voters.length < 10) continue;
      let best = -Infinity;
      for (const k of [15, 25, 40, 60, 90, 140, 220, 400]) {
        const likelihood = voters
          .map(
            ({ y, n, m }) =>
              logBeta(clip(y, 0, n) + m * k, n - clip(y, 0, n) + (1 - m) * k) -
              logBeta(m * k, (1 - m) * k),
          )
          .reduce((a, b) => a + b, 0);
        if (likelihood > best) [best, learned[level]] = [likelihood, k];
      }
    }
    this.#kappa = learned;
    this.#kappaDay = t;
  }
}

/** The mean over rises of the sum over starts of the product of capped ratios from there on. */
function meanEvidence(llrs: ReadonlyArray<ReadonlyArray<number>>): number {
  const perRise = S.rises.map((_, rise) => {
    let total = 0;
    for (let start = 0; start < llrs.length; start++) {
      let log = 0;
      for (let at = start; at < llrs.length; at++) log += llrs[at]![rise]!;
      total += Math.exp(log);
    }
    return total;
  });
  return perRise.reduce((a, b) => a + b, 0) / S.rises.length;
}

function residual(
  leaf: { readonly n: number; readonly k: number; readonly m: number },
  shift: number,
  rho: number,
): { readonly r: number; readonly v: number } {
  const p = sigma(logit(leaf.m) + shift);
  const effect = 1 + (leaf.n - 1) * rho;
  const v = (leaf.n * p * (1 - p)) / effect;
  const bound = 3 * Math.sqrt(v + 0.2);
  return { r: clip((leaf.k - leaf.n * p) / effect, -bound, bound), v };
}

function llr(n: number, y: number, p0: number, p1: number, rho: number): number {
  const k = (1 - rho) / rho;
  let log = 0;
  for (let i = 0; i < y; i++) log += Math.log((p1 * k + i) / (p0 * k + i));
  for (let i = 0; i < n - y; i++) log += Math.log(((1 - p1) * k + i) / ((1 - p0) * k + i));
  return log;
}

/** By the product formula for the gamma function's logarithm, far from zero. */
function logBeta(a: number, b: number): number {
  const logGamma = (x: number): number =>
    x < 30
      ? logGamma(x + 1) - Math.log(x)
      : (x - 0.5) * Math.log(x) -
        x +
        0.5 * Math.log(2 * Math.PI) +
        1 / (12 * x) -
        1 / (360 * x ** 3);
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

function sum(
  rows: ReadonlyArray<{ readonly r: number; readonly v: number }>,
  key: "r" | "v",
): number {
  return rows.reduce((total, row) => total + row[key], 0);
}
function clip(x: number, low: number, high: number): number {
  return Math.min(Math.max(x, low), high);
}
function sigma(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
function logit(p: number): number {
  return Math.log(p) - Math.log(1 - p);
}

for (const seed of [1, 2, 3]) {
  test(`the detector's evidence equals its slow twin's on random network ${seed}`, () => {
    const network = createNetwork({ pins: 16, districts: 5, states: 2 }, (i) => {
      const random = randomFrom(seed, "pin", i);
      return { ordersPerDay: 0.5 + 60 * random.next() ** 3, rate: 0.05 + 0.3 * random.next() };
    });
    const detector = new Detector(S);
    const slow = new SlowDetector();
    let compared = 0;
    for (let day = 20_000; day < 20_080; day++) {
      if (day === 20_044 || day === 20_045) continue;
      const counts = createCounts(network, seed, day, (pin) => {
        const risen = pin.id === "IN-100003" && day > 20_050 ? 0.2 : 0;
        const festival = day === 20_060 ? 0.15 : 0;
        const wobble = 0.2 * (randomFrom(seed, "wobble", pin.id, day).next() - 0.5);
        return pin.rate + risen + festival + wobble + ((day + 3) % 7 === 6 ? 0.04 : 0);
      });
      const input: DetectorDay = {
        day,
        // Two subjects appear late.
        counts: counts.filter(({ subject }) => day > 20_030 || !/0[12]$/.test(subject)),
        lookup: (id) => network.subjects.get(id),
        acted: new Set(day > 20_055 && day < 20_066 ? ["IN-D-1", "IN-100005"] : []),
        immature: new Set(day > 20_070 ? ["IN-100007"] : []),
      };
      detector.fold(input);
      slow.fold(input);
      for (const id of slow.units.keys()) {
        const [fast, twin] = [detector.logEvidenceOf(id), slow.logEvidenceOf(id)];
        if (twin === -Infinity) assert.equal(fast, -Infinity, `${id} on ${day}`);
        else assert.ok(Math.abs(fast - twin) < 1e-6, `${id} on ${day}: ${fast} and ${twin}`);
        compared += 1;
      }
    }
    assert.ok(compared > 1_500, `only ${compared} values were compared`);
    assert.ok(detector.logEvidenceOf("IN-100003") > 3, "the lasting rise left no evidence");
  });
}
