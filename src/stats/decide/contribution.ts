/**
 * What one shipped order leaves behind before ads, and what it costs when it comes back.
 *
 * An order is a parcel that is paid for going out whatever happens, and paid for again when it returns.
 * Money is in any one unit (rupees, paise) and comes out in the same; rates and shares are 0..1.
 *
 * RTO (return to origin) is not NDR (non-delivery report): most failed attempts are delivered later.
 * Left out: customer returns after delivery, interest on cash that couriers remit late, and overheads.
 */
import { assert } from "../../std/assert.ts";

/** Per shipped order; fees only on delivered ones. */
export type OrderEconomics = {
  /** Net revenue without tax and discount. */
  readonly netPrice: number;
  readonly goods: number;
  readonly forwardFreight: number;
  readonly reverseFreight: number;
  /** Packing and picking. */
  readonly packing: number;
  /** Receiving and checking a returned parcel. */
  readonly receipt: number;
  /** Share of `goods` that a return writes down, 0..1. */
  readonly writeDownShare: number;
  readonly codFee: number;
  readonly gatewayFee: number;
};

export type PaymentMode = "cod" | "prepaid";

/**
 * CM_m(r) = (1-r)(P - C - fee_m) - F - K - r(R + W + dC): contribution of one shipped order before ads,
 * at the return rate `returnRate` (0..1) of its payment mode.
 */
export function computeContribution(
  order: OrderEconomics,
  mode: PaymentMode,
  returnRate: number,
): number {
  const { netPrice, goods, forwardFreight, reverseFreight, packing, receipt } = order;
  const fee = mode === "cod" ? order.codFee : order.gatewayFee;
  const backward = reverseFreight + receipt + order.writeDownShare * goods;
  return (
    (1 - returnRate) * (netPrice - goods - fee) - forwardFreight - packing - returnRate * backward
  );
}

/** F + R + K + W + dC: what one return costs, the ads that won the order not counted. */
export function computeLossPerReturn(order: OrderEconomics): number {
  const { goods, forwardFreight, reverseFreight, packing, receipt, writeDownShare } = order;
  return forwardFreight + reverseFreight + packing + receipt + writeDownShare * goods;
}

/**
 * r* = (P - C - h - F - K - CAC) / (P - C - h + R + W + dC): the COD return rate at which an order that
 * cost `adSpendPerOrder` to win leaves nothing. Below 0 the order never pays, above 1 it always does.
 */
export function computeBreakEvenReturnRate(order: OrderEconomics, adSpendPerOrder: number): number {
  const delivered = order.netPrice - order.goods - order.codFee;
  const backward = order.reverseFreight + order.receipt + order.writeDownShare * order.goods;
  assert(delivered + backward > 0, "a delivered order is worth more than a returned one");
  return (
    (delivered - order.forwardFreight - order.packing - adSpendPerOrder) / (delivered + backward)
  );
}

/** RTO = NDR x (1 - recovery): failed first attempts, less those that are delivered in the end. */
export function computeReturnRate(ndrRate: number, recovery: number): number {
  return ndrRate * (1 - recovery);
}
