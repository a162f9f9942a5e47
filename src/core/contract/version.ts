/**
 * Semantic versions in their order (semver.org, rule 11): numbers by size, a pre-release before its
 * release, build names ignored. Only texts that the contract's schema lets through come here.
 */

/** Negative when `a` comes before `b`, 0 when neither does, positive otherwise. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [readVersion(a), readVersion(b)];
  for (const [i, number] of left.numbers.entries()) {
    const difference = number - (right.numbers[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return comparePreRelease(left.preRelease, right.preRelease);
}

function readVersion(version: string) {
  const [whole = ""] = version.split("+");
  const dash = whole.indexOf("-");
  const core = dash < 0 ? whole : whole.slice(0, dash);
  return {
    numbers: core.split(".").map(Number),
    preRelease: dash < 0 ? [] : whole.slice(dash + 1).split("."),
  };
}

function comparePreRelease(a: ReadonlyArray<string>, b: ReadonlyArray<string>): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (const [i, left] of a.entries()) {
    const right = b[i];
    if (right === undefined) return 1;
    const difference = compareIdentifiers(left, right);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Numbers come before words, and by size; words by their characters. */
function compareIdentifiers(a: string, b: string): number {
  const [isNumberA, isNumberB] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumberA && isNumberB) return Number(a) - Number(b);
  if (isNumberA !== isNumberB) return isNumberA ? -1 : 1;
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
