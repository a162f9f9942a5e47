/**
 * How many trials it takes to see an effect: the sample size of a comparison of two proportions.
 *
 * Fleiss, Levin, Paik: Statistical Methods for Rates and Proportions, 3rd ed., eq. 4.14, without the
 * continuity correction. Two-sided at 5%, seen four times in five.
 *
 * Left out: overdispersion and drift of the comparison, which both ask for more; what this calls too few is
 * too few in any case.
 */
const Z_TWO_SIDED_5_PERCENT = 1.96;
const Z_POWER_80_PERCENT = 0.8416;

/**
 * Trials needed before and again after an action to see a rate fall from `rate` by `effect`, both 0..1
 * with 0 < effect <= rate < 1.
 */
export function computeTrialsNeeded(rate: number, effect: number): number {
  const after = rate - effect;
  const middle = (rate + after) / 2;
  const underNone = Z_TWO_SIDED_5_PERCENT * Math.sqrt(2 * middle * (1 - middle));
  const underEffect = Z_POWER_80_PERCENT * Math.sqrt(rate * (1 - rate) + after * (1 - after));
  return Math.ceil(((underNone + underEffect) / effect) ** 2);
}
