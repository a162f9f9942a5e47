/**
 * What a geography's orders are worth under each intervention, for known parameters.
 *
 * Symbols follow the published worked example of cash-on-delivery economics that the tests reproduce:
 * per shipped order P net price, C goods, F and R forward and reverse freight, K packing, W re-receipt,
 * delta write-down share of C, h COD fee, g gateway fee; per geography N orders, s COD share, S ad
 * spend, psi paid share, beta spend elasticity (orders go as spend^beta), kappa contribution before ads
 * of a marginal unit of spend elsewhere, tau share of COD buyers who pay ahead when COD is off.
 * Money is in any one unit; the results are in the same. Return rates `r` are of shipped orders, 0..1.
 *
 * Left out: what changes the product's standing, lifetime value, and stock.
 */

export type OrderEconomics = {
  readonly netPrice: number;
  readonly goods: number;
  readonly forward: number;
  readonly reverse: number;
  readonly packing: number;
  readonly receipt: number;
  /** 0..1 of goods, lost when an order comes back. */
  readonly writeDownShare: number;
  readonly codFee: number;
  readonly gatewayFee: number;
};

export type Market = {
  readonly orders: number;
  /** 0..1 */
  readonly codShare: number;
  readonly spend: number;
  /** 0..1 of orders that ads bring. */
  readonly paidShare: number;
  readonly spendElasticity: number;
  readonly marginalValue: number;
  /** 0..1 of COD buyers who pay ahead when COD is off. */
  readonly prepaidSwitchShare: number;
  /** Return rates of shipped COD and prepaid orders, 0..1. */
  readonly codReturns: number;
  readonly prepaidReturns: number;
};

/** CM_m(r) = (1-r)(P-C-fee_m) - F - K - r(R+W+delta C): contribution per shipped order before ads. */
export function contributionPerOrder(
  order: OrderEconomics,
  payment: "cod" | "prepaid",
  returns: number,
): number {
  const fee = payment === "cod" ? order.codFee : order.gatewayFee;
  return (
    (1 - returns) * (order.netPrice - order.goods - fee) -
    order.forward -
    order.packing -
    returns * (order.reverse + order.receipt + order.writeDownShare * order.goods)
  );
}

/** r* = (P-C-h-F-K-CAC)/(P-C-h+R+W+delta C): the COD return rate at which an order earns nothing. */
export function breakEvenReturns(order: OrderEconomics, acquisitionCost: number): number {
  const margin = order.netPrice - order.goods - order.codFee;
  return (
    (margin - order.forward - order.packing - acquisitionCost) /
    (margin + order.reverse + order.receipt + order.writeDownShare * order.goods)
  );
}

/** V_gross = N [s CM_c + (1-s) CM_p]. */
export function grossValue(order: OrderEconomics, market: Market): number {
  const { orders, codShare, codReturns, prepaidReturns } = market;
  return (
    orders *
    (codShare * contributionPerOrder(order, "cod", codReturns) +
      (1 - codShare) * contributionPerOrder(order, "prepaid", prepaidReturns))
  );
}

/** V_none = V_gross - S. */
export function valueOfNothing(order: OrderEconomics, market: Market): number {
  return grossValue(order, market) - market.spend;
}

/**
 * V_budget = [psi (1-x)^beta + 1-psi] V_gross - S(1-x) + S x (kappa-1), for a cut of share x.
 * x = 1 is the exclusion: (1-psi) V_gross + S (kappa-1).
 */
export function valueOfSpendCut(order: OrderEconomics, market: Market, cut: number): number {
  const { spend, paidShare, spendElasticity, marginalValue } = market;
  const kept = paidShare * (1 - cut) ** spendElasticity + 1 - paidShare;
  return kept * grossValue(order, market) - spend * (1 - cut) + spend * cut * (marginalValue - 1);
}

/** V_cod_off = N [(1-s) + s tau] CM_p - S. */
export function valueOfCodOff(order: OrderEconomics, market: Market): number {
  const { orders, codShare, prepaidSwitchShare, prepaidReturns, spend } = market;
  const kept = 1 - codShare + codShare * prepaidSwitchShare;
  return orders * kept * contributionPerOrder(order, "prepaid", prepaidReturns) - spend;
}
