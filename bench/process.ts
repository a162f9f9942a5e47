/** What Linux says of processes: their time, their memory, and what the whole machine did meanwhile. */
import { readdirSync, readFileSync } from "node:fs";

/** What Linux calls USER_HZ; the same on every architecture that Node runs on. */
const TICKS_PER_SECOND = 100;

type Times = { readonly pid: number; readonly parent: number; readonly ticks: number };

/** Undefined once the process is gone, and where there is no `/proc`. Ended children count. */
function readTimes(pid: number): Times | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold spaces; what follows it does not.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    const ticks = [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0);
    return { pid, parent: Number(fields[1]), ticks };
  } catch {
    return undefined;
  }
}

function listProcesses(): ReadonlyArray<Times> {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readTimes(Number(name)) ?? []);
  } catch {
    return [];
  }
}

function treeOf(tops: ReadonlyArray<number>): ReadonlyArray<Times> {
  const all = listProcesses();
  const known = new Set(tops);
  for (let grown = -1; grown !== known.size;) {
    grown = known.size;
    for (const { pid, parent } of all) if (known.has(parent)) known.add(pid);
  }
  return all.filter(({ pid }) => known.has(pid));
}

/** Processes that stand below `top`, itself included. */
export function listTree(top: number): ReadonlyArray<number> {
  return treeOf([top]).map(({ pid }) => pid);
}

/** Seconds of CPU used so far by these processes and all below them, those that have ended included. */
export function readCpu(...tops: ReadonlyArray<number>): number {
  return treeOf(tops).reduce((sum, { ticks }) => sum + ticks, 0) / TICKS_PER_SECOND;
}

/** The most memory that each process of the tree ever held, added up. */
export function readPeakMb(top: number): number {
  return listTree(top).reduce((sum, pid) => sum + readHighWater(pid), 0) / 1_024;
}

function readHighWater(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Seconds of CPU that everybody on this machine has used since it started. */
export function readMachineCpu(): number {
  try {
    const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n");
    const [, user = 0, nice = 0, system = 0, , , irq = 0, soft = 0, steal = 0] = line
      .split(/\s+/)
      .map(Number);
    return (user + nice + system + irq + soft + steal) / TICKS_PER_SECOND;
  } catch {
    return NaN;
  }
}
