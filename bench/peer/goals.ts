/**
 * What Interlock set out to reach, as ratios to the best peer of the same ingress in the same run: absolute
 * figures are the machine's, ratios less so. Pure: rows in, lines out.
 */
import type { Sample } from "../sample.ts";
import type { Crash } from "./crash.ts";
import type { Ingress } from "./roster.ts";

/** As far as a goal looks at it. Durable peers only are compared with. */
export type Measured = {
  readonly peer: string;
  readonly title: string;
  readonly ingress: Ingress;
  readonly durable: boolean;
  readonly store: "postgres" | "own";
  readonly perSecond: Sample | null;
  /** Engine and PostgreSQL, CPU seconds for 1,000 signals. */
  readonly cpu: number | null;
  readonly peakMb: number | null;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  readonly crash: Crash | null;
};

export type Goal = {
  readonly goal: string;
  readonly reached: string;
  readonly against: string;
  /** Null where something that it looks at was not run. */
  readonly isMet: boolean | null;
};

/** These are bounds of what a machine can do, not systems that one would run. */
const BY_HAND = new Set(["batch", "transaction"]);
const P50_MS = 4;
const PEAK_MB = 250;
const INSTALL_MB = 60;
const RESUME_SECONDS = 1;

export function judgeGoals(
  rows: ReadonlyArray<Measured>,
  installMb: number | null,
): ReadonlyArray<Goal> {
  const ours = (ingress: Ingress, store: Measured["store"]) =>
    rows.find((row) => row.peer === "interlock" && row.ingress === ingress && row.store === store);
  const rival = (peer: string, ingress: Ingress) =>
    rows.find((row) => row.peer === peer && row.ingress === ingress);
  const rivals = rows.filter(
    ({ peer, durable }) => durable && peer !== "interlock" && !BY_HAND.has(peer),
  );
  const [bulk, door, embedded] = [
    ours("bulk", "postgres"),
    ours("http", "postgres"),
    ours("bulk", "own"),
  ];
  const [boss, restate] = [rival("pgboss", "bulk"), rival("restate", "http")];
  const bestWait = (key: "p50Ms" | "p99Ms") => least(rivals, key);
  return [
    atLeast("over HTTP, 3 times Restate's signals a second", 3, door, restate),
    atLeast("in bulk on PostgreSQL, 2.5 times pg-boss's", 2.5, bulk, boss),
    atLeast("embedded, every commit flushed, 2 times pg-boss's", 2, embedded, boss),
    cpuAtMost("CPU of a signal in bulk, half of pg-boss's", 0.5, bulk, boss),
    cpuAtMost("CPU of a signal over HTTP, a quarter of Restate's", 0.25, door, restate),
    waitAtMost("p50 at 20 a second", "p50Ms", door, bestWait("p50Ms"), P50_MS),
    waitAtMost("p99 at 20 a second", "p99Ms", door, bestWait("p99Ms"), 0),
    ...[bulk, door, embedded].flatMap((row) => (row === undefined ? [] : [peakAtMost(row)])),
    bounded("install without PostgreSQL, at most 60 MB", installMb, INSTALL_MB, "MB"),
    ...[door, embedded].flatMap((row) => (row === undefined ? [] : [survives(row)])),
  ];
}

function atLeast(goal: string, times: number, us?: Measured, them?: Measured): Goal {
  const [mine, theirs] = [us?.perSecond?.median ?? null, them?.perSecond?.median ?? null];
  return ratio(goal, mine, theirs, (of) => of >= times, "a second", 0);
}

function cpuAtMost(goal: string, share: number, us?: Measured, them?: Measured): Goal {
  return ratio(goal, us?.cpu ?? null, them?.cpu ?? null, (of) => of <= share, "s", 2);
}

function ratio(
  goal: string,
  mine: number | null,
  theirs: number | null,
  holds: (of: number) => boolean,
  unit: string,
  digits: number,
): Goal {
  if (mine === null || theirs === null) return notRun(goal);
  const of = mine / theirs;
  return {
    goal,
    reached: `${of.toFixed(2)} times`,
    against: `${mine.toFixed(digits)} to ${theirs.toFixed(digits)} ${unit}`,
    isMet: holds(of),
  };
}

/** At most so much, or no worse than the best. */
function waitAtMost(
  goal: string,
  key: "p50Ms" | "p99Ms",
  us: Measured | undefined,
  best: Measured | undefined,
  enoughMs: number,
): Goal {
  const [mine, theirs] = [us?.[key] ?? null, best?.[key] ?? null];
  const words = `${goal}${enoughMs > 0 ? `, at most ${enoughMs} ms or` : ","} no worse than the best durable peer`;
  if (mine === null) return notRun(words);
  const against =
    best === undefined || theirs === null ? "" : `${best.title}: ${theirs.toFixed(1)} ms`;
  if (theirs === null && mine > enoughMs) return notRun(words);
  return {
    goal: words,
    reached: `${mine.toFixed(1)} ms`,
    against,
    isMet: mine <= enoughMs || (theirs !== null && mine <= theirs),
  };
}

function peakAtMost({ title, ingress, peakMb }: Measured): Goal {
  return bounded(`peak memory, at most ${PEAK_MB} MB: ${title}, ${ingress}`, peakMb, PEAK_MB, "MB");
}

function bounded(goal: string, value: number | null, most: number, unit: string): Goal {
  if (value === null) return notRun(goal);
  return { goal, reached: `${value.toFixed(0)} ${unit}`, against: "", isMet: value <= most };
}

function survives({ title, crash }: Measured): Goal {
  const goal = `killed: nothing lost, one effect a key, at work within ${RESUME_SECONDS} s of restart: ${title}`;
  if (crash?.firstActionSeconds == null) return notRun(goal);
  const { accepted, lost, doubles, firstActionSeconds } = crash;
  return {
    goal,
    reached: `${lost} of ${accepted} lost, ${doubles} double, ${firstActionSeconds.toFixed(1)} s`,
    against: "",
    isMet: lost === 0 && doubles === 0 && firstActionSeconds <= RESUME_SECONDS,
  };
}

function least(rows: ReadonlyArray<Measured>, key: "p50Ms" | "p99Ms"): Measured | undefined {
  return rows.filter((row) => row[key] !== null).sort((a, b) => (a[key] ?? 0) - (b[key] ?? 0))[0];
}

function notRun(goal: string): Goal {
  return { goal, reached: "not run", against: "", isMet: null };
}
