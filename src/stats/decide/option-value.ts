/**
 * What each intervention is worth in one geography, per day, when everything is known.
 *
 * A geography is a tap that ads keep open. One can close it (exclusion), turn it down (budget), let
 * through only those who pay first (COD off), or ring before sending (confirmation). Money taken from the
 * tap waters other places, and returns there less and less.
 *
 * Contributions, spend and results are money in one unit per day; orders are per day; shares are 0..1.
 * Formulas: the project's note on the domain, section 6; orders that ads bring go as spend to the power
 * `spendElasticity` (constant elasticity). Left out: word of mouth, stock-outs, competitors' answers.
 */
import { computeContribution, type OrderEconomics } from "./contribution.ts";

/** One geography on one day. */
export type Geography = {
  readonly orders: number;
  readonly codShare: number;
  /** Contribution of one COD order before ads, at the return rate there. */
  readonly codContribution: number;
  readonly prepaidContribution: number;
  readonly spend: number;
};

/** How orders answer to ad spend, and what moved money earns elsewhere. */
export type AdResponse = {
  /** psi: share of orders that ads bring; the others come by themselves. */
  readonly paidShare: number;
  /** beta: paid orders go as spend to this power, 0..1. */
  readonly spendElasticity: number;
  /** kappa: contribution before ads of the first unit of money moved elsewhere. */
  readonly redirectedReturn: number;
};

/** V_gross = N[s CM_c + (1-s) CM_p]: contribution before ads. */
export function computeGrossValue(at: Geography): number {
  return (
    at.orders * (at.codShare * at.codContribution + (1 - at.codShare) * at.prepaidContribution)
  );
}

/** V_none = V_gross - S. */
export function computeNothingValue(at: Geography): number {
  return computeGrossValue(at) - at.spend;
}

/**
 * V_cod_off = N[(1-s) + s tau] CM_p - S - discount, where `switchShare` is tau, the share of COD buyers
 * who pay ahead when they must. Better than nothing iff tau > CM_c / CM_p.
 */
export function computeCodOffValue(at: Geography, switchShare: number, discount = 0): number {
  const kept = at.orders * (1 - at.codShare + at.codShare * switchShare);
  return kept * at.prepaidContribution - at.spend - discount;
}

/** Share of orders left when spend is multiplied by `spendFactor`: psi f^beta + 1 - psi. */
export function computeOrdersFactor(response: AdResponse, spendFactor: number): number {
  return response.paidShare * spendFactor ** response.spendElasticity + 1 - response.paidShare;
}

/**
 * V_budget(x) = [psi(1-x)^beta + 1 - psi] V_gross - S(1-x) + (return on Sx - Sx), for a cut `x` of 0..1.
 * `elsewhereSpend` is what the company spends in all other places: the more is moved relative to it,
 * the less it returns there. Infinity is the formula of the note, kappa for every unit.
 */
export function computeBudgetValue(
  at: Geography,
  response: AdResponse,
  cut: number,
  elsewhereSpend = Infinity,
): number {
  const moved = at.spend * cut;
  return (
    computeOrdersFactor(response, 1 - cut) * computeGrossValue(at) -
    (at.spend - moved) +
    computeRedirectedReturn(response, moved, elsewhereSpend) -
    moved
  );
}

/** V_exclude = (1 - psi) V_gross + S(kappa - 1): the budget cut to nothing. */
export function computeExclusionValue(
  at: Geography,
  response: AdResponse,
  elsewhereSpend = Infinity,
): number {
  return computeBudgetValue(at, response, 1, elsewhereSpend);
}

/**
 * What `moved` money earns when added to `elsewhere`: kappa E / beta ((1 + D/E)^beta - 1), the integral
 * of a marginal return that starts at kappa and falls with the elasticity. Nobody has to spend at
 * a loss that only its own amount causes: never less than keeping it, or than kappa if that is worse.
 */
export function computeRedirectedReturn(
  { redirectedReturn: kappa, spendElasticity: beta }: AdResponse,
  moved: number,
  elsewhere: number,
): number {
  if (elsewhere === Infinity) return kappa * moved;
  const kept = Math.min(kappa, 1) * moved;
  const ratio = moved / elsewhere;
  if (!Number.isFinite(ratio)) return kept;
  const diminished = ((kappa * elsewhere) / beta) * Math.expm1(beta * Math.log1p(ratio));
  return Math.max(diminished, kept);
}

export type Confirmation = {
  /** eta: share by which confirmation lowers the COD return rate. */
  readonly reduction: number;
  /** q: share of COD orders that it cancels before shipping. */
  readonly cancelledShare: number;
  /** v: money per contacted order. */
  readonly costPerOrder: number;
};

/**
 * V_confirm = N[s(1-q) CM_c(r') + (1-s) CM_p] - S - N s v with r' = max(0, (r(1-eta) - q)/(1-q)): the
 * cancelled orders are the ones that would have come back. `codReturnRate` is r.
 */
export function computeConfirmationValue(
  at: Geography,
  order: OrderEconomics,
  codReturnRate: number,
  confirmation: Confirmation,
): number {
  const { reduction, cancelledShare, costPerOrder } = confirmation;
  const left = Math.max(
    0,
    (codReturnRate * (1 - reduction) - cancelledShare) / (1 - cancelledShare),
  );
  const shipped = at.codShare * (1 - cancelledShare) * computeContribution(order, "cod", left);
  return (
    at.orders * (shipped + (1 - at.codShare) * at.prepaidContribution) -
    at.spend -
    at.orders * at.codShare * costPerOrder
  );
}

/** CAC per delivered order: the spend over the orders that stay sold. Infinity when none does. */
export function computeNetAcquisitionCost(
  at: Pick<Geography, "orders" | "codShare" | "spend">,
  codReturnRate: number,
  prepaidReturnRate: number,
): number {
  const delivered =
    at.orders * (at.codShare * (1 - codReturnRate) + (1 - at.codShare) * (1 - prepaidReturnRate));
  return delivered > 0 ? at.spend / delivered : Infinity;
}
