/** Steps between semantic versions (semver.org, 2.0.0). */
import type { Bump } from "./types.ts";

type Parts = { readonly numbers: readonly [number, number, number]; readonly pre: string };

function readVersion(version: string): Parts {
  const [core = "", pre = ""] = (version.split("+")[0] ?? "").split(/-(.*)/s);
  const [major = 0, minor = 0, patch = 0] = core.split(".").map(Number);
  return { numbers: [major, minor, patch], pre };
}

/**
 * The step from one version to the next. Below 1.0.0 the second number stands for the first, as is
 * usual: 0.2.0 after 0.1.0 is a major step.
 */
export function bumpBetween(from: string, to: string): Bump | "backwards" {
  const order = compareVersions(from, to);
  if (order > 0) return "backwards";
  const [a, b] = [readVersion(from).numbers, readVersion(to).numbers];
  if (a[0] !== b[0]) return "major";
  if (a[1] !== b[1]) return a[0] === 0 ? "major" : "minor";
  if (a[2] !== b[2]) return a[0] === 0 ? "minor" : "patch";
  if (order === 0) return "none";
  // From a candidate to another or to the release: whatever the release was announced to be.
  if (a[2] !== 0) return "patch";
  return a[1] === 0 ? "major" : "minor";
}

/** Below 0 when `a` comes before `b`. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [readVersion(a), readVersion(b)];
  for (const i of [0, 1, 2] as const) {
    if (left.numbers[i] !== right.numbers[i]) return left.numbers[i] - right.numbers[i];
  }
  if (left.pre === right.pre) return 0;
  if (left.pre === "") return 1;
  if (right.pre === "") return -1;
  return comparePre(left.pre.split("."), right.pre.split("."));
}

function comparePre(a: ReadonlyArray<string>, b: ReadonlyArray<string>): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [x, y] = [a[i], b[i]];
    if (x === undefined) return -1;
    if (y === undefined) return 1;
    if (x === y) continue;
    const [isX, isY] = [/^\d+$/.test(x), /^\d+$/.test(y)];
    if (isX && isY) return Number(x) - Number(y);
    if (isX !== isY) return isX ? -1 : 1;
    return x < y ? -1 : 1;
  }
  return 0;
}

const STEPS: ReadonlyArray<Bump> = ["none", "patch", "minor", "major"];

export function isEnough(declared: Bump | "backwards", needed: Bump): boolean {
  return declared !== "backwards" && STEPS.indexOf(declared) >= STEPS.indexOf(needed);
}
