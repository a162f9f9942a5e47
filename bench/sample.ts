/** Several rounds of one figure, and what is said of them: the middle one, and how far they strayed. */

export type Sample = { readonly median: number; readonly min: number; readonly max: number };

export function summarise(values: ReadonlyArray<number>): Sample {
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: quantile(sorted, 0.5),
    min: sorted[0] ?? NaN,
    max: sorted.at(-1) ?? NaN,
  };
}

/** Of sorted values; between two of them, the line that joins them. */
export function quantile(sorted: ReadonlyArray<number>, share: number): number {
  const at = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(at)] ?? NaN, sorted[Math.ceil(at)] ?? NaN];
  return low + (high - low) * (at - Math.floor(at));
}

export async function secondsOf(work: () => Promise<void> | void): Promise<number> {
  const from = performance.now();
  await work();
  return (performance.now() - from) / 1_000;
}

/** One line of the report: a thing done so many times a second, beside what else is known of it. */
export type Row = {
  readonly name: string;
  readonly unit: string;
  readonly perSecond: Sample;
  /** Further figures of the same runs, by name. */
  readonly beside: { readonly [name: string]: number | string };
};
