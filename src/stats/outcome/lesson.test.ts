import assert from "node:assert/strict";
import { test } from "node:test";
import { normal, type Random, randomFrom } from "../../std/random.ts";
import type { Told } from "./honesty.ts";
import { type ActionRow, computeLesson, type Setting } from "./lesson.ts";

const THRESHOLD: Setting = {
  kind: "confidence-threshold",
  about: "rule:small",
  file: "charter",
  path: "/rules/0/when/confidence/atLeast",
  now: 0.8,
};
const PRIOR: Setting = {
  kind: "option-prior",
  about: "elasticity",
  file: "economics.yaml",
  path: "/inputs/elasticity/value",
  options: ["lower_bid"],
  now: 0.65,
  low: 0.5,
  high: 0.8,
};

const told = (count: number, confidence: number, share: number): ReadonlyArray<Told> =>
  Array.from({ length: count }, (_, i) => ({
    confidence,
    clarity: 1,
    cameTrue: i < Math.round(share * count),
  }));

function acted(random: Random, count: number, ratio: number): ReadonlyArray<ActionRow> {
  return Array.from({ length: count }, () => {
    const foretold = -0.02 - 0.06 * random.next();
    const estimate = ratio * foretold + 0.01 * normal(random);
    return {
      option: "lower_bid",
      verdict: "undetermined" as const,
      foretold: { effect: foretold, fixed: 0 },
      seen: { estimate, variance: 0.01 ** 2 },
      attempts: 140,
      days: 14,
    };
  });
}

function learn(actions: ReadonlyArray<ActionRow>, rows: ReadonlyArray<Told>) {
  const settings = [THRESHOLD, PRIOR];
  return computeLesson({ actions, told: rows, settings, overDays: 30 });
}

test("with ten of fifty rows over thirty days it is not enough yet, and a hundred and twenty days more", () => {
  const [proposal] = learn([], told(10, 0.9, 0.1)).proposals;
  assert.equal(proposal?.status, "not-enough-yet");
  assert.equal(proposal.proposed, 0.8);
  assert.equal(proposal.interval, null);
  assert.deepEqual([proposal.evidence.needed, proposal.evidence.daysLeft], [50, 120]);
});

test("a sender too sure gets a higher bar within the interval; one that is honest keeps its bar", () => {
  const [off] = learn([], told(200, 0.85, 0.65)).proposals;
  assert.equal(off?.status, "enough");
  const [low, high] = off.interval ?? [0, 0];
  assert(off.proposed > 0.85 && low <= off.proposed && off.proposed <= high, String(off.proposed));
  const [honest] = learn([], told(200, 0.85, 0.85)).proposals;
  assert.deepEqual([honest?.status, honest?.proposed], ["stands", 0.8]);
});

test("what one option did is counted, pooled and priced by hand", () => {
  const one = { option: "lower_bid", verdict: "helped", attempts: 1000, days: 10 } as const;
  const lesson = computeLesson({
    actions: [
      { ...one, seen: { estimate: -0.04, variance: 0.0001 } },
      { ...one, seen: { estimate: -0.06, variance: 0.0001 } },
      { option: "lower_bid", verdict: "undetermined" },
    ],
    told: [],
    settings: [],
    failureCost: { mean: 10_000, deviation: 0 },
    overDays: 30,
  });
  const [option] = lesson.options;
  assert.deepEqual(option?.verdicts, { helped: 2, "no-effect": 0, harmed: 0, undetermined: 1 });
  assert(Math.abs((option.pooled?.mean ?? 0) + 0.05) < 1e-12);
  assert(Math.abs((option.avoided?.count ?? 0) - 100) < 1e-9);
  // 1.645 * sqrt(2 * (1000 * 0.01)^2) = 23.26
  assert(Math.abs((option.avoided?.interval[1] ?? 0) - 123.26) < 0.01);
  assert.equal(option.worth?.amountMinor, 1_000_000);
  // Half of the ten watched days; never more than all of them.
  assert(Math.abs((option.waiting?.days5 ?? 0) - 50) < 1e-9);
  assert(Math.abs((option.waiting?.days14 ?? 0) - 100) < 1e-9);
});

test("an effect that comes to seven tenths lowers the prior behind it, never below its range", () => {
  const actions = acted(randomFrom("seven-tenths"), 80, 0.7);
  const prior = learn(actions, []).proposals[1];
  assert.equal(prior?.status, "enough");
  assert(prior.proposed >= 0.5 && prior.proposed < 0.6, String(prior.proposed));
  const worse = learn(acted(randomFrom("nothing"), 80, 0), []).proposals[1];
  assert.equal(worse?.proposed, 0.5);
});

test("a part that the setting does not move says nothing about it", () => {
  const actions = acted(randomFrom("fixed"), 80, 1).map((row) => ({
    ...row,
    foretold: { effect: -0.3 + (row.foretold?.effect ?? 0), fixed: -0.3 },
    seen: { estimate: -0.3 + 0.7 * (row.seen?.estimate ?? 0), variance: 0.01 ** 2 },
  }));
  const prior = learn(actions, []).proposals[1];
  assert.equal(prior?.status, "enough");
  assert(prior.proposed >= 0.5 && prior.proposed < 0.6, String(prior.proposed));
});

test("settings that are right are proposed to change in at most 1 of 20 of 200 worlds", () => {
  let changed = 0;
  for (let world = 0; world < 200; world++) {
    const random = randomFrom(`right-${world}`);
    const { proposals } = learn(acted(random, 40, 1), []);
    if (proposals.some(({ status }) => status === "enough")) changed += 1;
  }
  assert(changed <= 10, `${changed} of 200`);
});
