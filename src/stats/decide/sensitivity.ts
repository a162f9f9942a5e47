/**
 * Which unknown moves the choice most, and so is worth finding out first.
 *
 * One input at a time runs through its quantiles while the others stay at their medians; the variance it
 * causes, as a share of all such variances, is its weight. Left out: inputs that matter only together.
 */
export type SensitiveInput<Name extends string> = {
  readonly name: Name;
  /** Equally likely values. */
  readonly values: ReadonlyArray<number>;
};

export type VarianceShare<Name extends string> = { readonly name: Name; readonly share: number };

/**
 * Shares of 0..1 that sum to 1, the largest first; empty when nothing moves the value.
 * `valueOf` gives the value with one input changed and the others at their medians.
 */
export function computeVarianceShares<Name extends string>(
  inputs: ReadonlyArray<SensitiveInput<Name>>,
  valueOf: (name: Name, value: number) => number,
): ReadonlyArray<VarianceShare<Name>> {
  const variances = inputs.map(({ name, values }) => {
    const results = values.map((value) => valueOf(name, value));
    return { name, variance: varianceOf(results) };
  });
  const whole = variances.reduce((sum, { variance }) => sum + variance, 0);
  if (whole <= 0) return [];
  return variances
    .map(({ name, variance }) => ({ name, share: variance / whole }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share || (a.name < b.name ? -1 : 1));
}

function varianceOf(values: ReadonlyArray<number>): number {
  if (values.length === 0) return 0;
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
}
