/** The comparison with peers: what is judged of its rows, without running it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Crash } from "../bench/peer/crash.ts";
import { judgeGoals, type Measured } from "../bench/peer/goals.ts";
import { ROSTER } from "../bench/peer/roster.ts";
import { putBetween } from "../bench/peer/section.ts";

const SURVIVED: Crash = {
  offered: 100,
  accepted: 90,
  lost: 0,
  quietSeconds: 75,
  repeats: 3,
  doubles: 0,
  startSeconds: 1,
  firstActionSeconds: 0.2,
  strandedSeconds: 2,
};

function row(change: Partial<Measured>): Measured {
  const perSecond = { median: 3_000, min: 2_900, max: 3_100 };
  return {
    ...{ peer: "interlock", title: "Interlock", ingress: "bulk", durable: true, store: "postgres" },
    ...{ perSecond, cpu: 0.3, peakMb: 200, p50Ms: null, p99Ms: null, crash: null },
    ...change,
  };
}

const rate = (median: number): Pick<Measured, "perSecond"> => ({
  perSecond: { median, min: median, max: median },
});

const ROWS: ReadonlyArray<Measured> = [
  row({}),
  row({ ingress: "http", cpu: 0.4, p50Ms: 6, p99Ms: 20, crash: SURVIVED }),
  row({ peer: "pgboss", title: "pg-boss", ...rate(1_000), cpu: 0.7, p50Ms: 12, p99Ms: 15 }),
  row({ peer: "restate", title: "Restate", ingress: "http", store: "own", ...rate(999), cpu: 1.5 }),
  // Bounds of the machine, and what forgets, are nothing to be no worse than.
  row({ peer: "batch", p50Ms: 1, p99Ms: 1 }),
  row({ peer: "nodered", durable: false, p50Ms: 1, p99Ms: 1 }),
];

function judged(rows: ReadonlyArray<Measured>, installMb: number | null = 64) {
  return new Map(judgeGoals(rows, installMb).map(({ goal, isMet }) => [goal, isMet]));
}

test("a goal compares the same ingress, and is met at its bound", () => {
  const goals = judged(ROWS);
  assert.equal(goals.get("over HTTP, 3 times Restate's signals a second"), true);
  assert.equal(goals.get("in bulk on PostgreSQL, 2.5 times pg-boss's"), true);
  assert.equal(goals.get("CPU of a signal in bulk, half of pg-boss's"), true);
  assert.equal(goals.get("CPU of a signal over HTTP, a quarter of Restate's"), false);
  assert.equal(goals.get("install without PostgreSQL, at most 60 MB"), false);
});

test("a wait is held against the best durable peer, not against what was written by hand", () => {
  const goals = judged(ROWS);
  assert.equal(
    goals.get("p50 at 20 a second, at most 4 ms or no worse than the best durable peer"),
    true,
  );
  assert.equal(goals.get("p99 at 20 a second, no worse than the best durable peer"), false);
});

test("what was not run is neither met nor missed", () => {
  const goals = judged([row({})], null);
  assert.equal(goals.get("embedded, every commit flushed, 2 times pg-boss's"), null);
  assert.equal(goals.get("install without PostgreSQL, at most 60 MB"), null);
});

test("one signal lost, or one effect too many, fails the kill", () => {
  const killed = (crash: Partial<Crash>) =>
    [...judged([row({ ingress: "http", crash: { ...SURVIVED, ...crash } })])].find(([goal]) =>
      goal.startsWith("killed"),
    )?.[1];
  assert.equal(killed({}), true);
  assert.equal(killed({ lost: 1 }), false);
  assert.equal(killed({ doubles: 1 }), false);
  assert.equal(killed({ firstActionSeconds: 1.1 }), false);
});

test("a row that is not ours names the packages that it is made of", () => {
  for (const { title, folder, packages } of ROSTER) {
    assert.equal(packages.length > 0, folder !== null, title);
  }
});

test("a run's table replaces the one before it and nothing else of the page", () => {
  const page = "above\n<!-- peers: written by the bench -->\nold\n<!-- peers: end -->\nbelow\n";
  const once = putBetween(page, "| a |");
  assert.equal(putBetween(once, "| a |"), once);
  assert.match(once, /^above\n[^]*\| a \|[^]*\nbelow\n$/);
  assert.doesNotMatch(once, /old/);
  assert.throws(() => putBetween("no marks", "| a |"), /has no/);
});
