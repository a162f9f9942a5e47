/** Orders placed and ad spend of a pincode's day, as expected under what is in force. */
import { addDays, type Day } from "../../src/std/time.ts";
import type { Calendar } from "./calendar.ts";
import type { FailureModel } from "./failure.ts";
import type { Pincode } from "./geography.ts";
import { computeResponse, type InForce } from "./response.ts";
import { ATTEMPT_LAG_SHARES, TRUTH } from "./settings.ts";

export type Demand = {
  /** Those that are shipped: what nobody confirms, where it is asked, is not. */
  readonly cod: number;
  /** COD orders whose buyers are asked to confirm; all or none of a day's. */
  readonly codAsked: number;
  readonly prepaid: number;
  readonly spendMinor: number;
  /** What would be spent with nothing in force. Spend follows demand, as paced budgets do. */
  readonly usualSpendMinor: number;
};

export type Attempted = {
  readonly cod: number;
  readonly prepaid: number;
  /** Of the COD orders, those that were confirmed before they were shipped. */
  readonly codConfirmedShare: number;
};

/** Days whose orders have their first attempt on `day`, latest first, as in `ATTEMPT_LAG_SHARES`. */
export function orderDaysOf(day: Day): ReadonlyArray<Day> {
  return ATTEMPT_LAG_SHARES.map((_, index) => addDays(day, -1 - index));
}

/** Days of the first attempts of `day`'s orders, earliest first. */
export function attemptDaysOf(day: Day): ReadonlyArray<Day> {
  return ATTEMPT_LAG_SHARES.map((_, index) => addDays(day, 1 + index));
}

export class DemandModel {
  readonly #calendar: Calendar;
  readonly #failure: FailureModel;

  constructor(calendar: Calendar, failure: FailureModel) {
    this.#calendar = calendar;
    this.#failure = failure;
  }

  placed(pincode: Pincode, day: Day, inForce: InForce): Demand {
    const response = computeResponse(pincode, day, inForce);
    const usual = pincode.ordersPerDay * this.#calendar(day, pincode.region).orders;
    const orders = usual * response.orders;
    const wantCod = orders * this.#failure.codShareOn(pincode, day);
    const usualSpendMinor = this.usualSpendMinor(pincode, day);
    const switched = response.isPrepaidOnly ? wantCod * TRUTH.prepaidSwitchShare : 0;
    const cod = response.isPrepaidOnly ? 0 : wantCod;
    const codAsked = response.isConfirmed ? cod : 0;
    return {
      cod: cod - codAsked * TRUTH.confirmationCancelled,
      codAsked,
      prepaid: orders - wantCod + switched,
      spendMinor: usualSpendMinor * response.spend,
      usualSpendMinor,
    };
  }

  usualSpendMinor(pincode: Pincode, day: Day): number {
    const orders = pincode.ordersPerDay * this.#calendar(day, pincode.region).orders;
    return orders * pincode.spendPerOrderMinor;
  }

  /** Expected first attempts of a day, from the orders of its `orderDaysOf`. */
  attempted(pincode: Pincode, orderDays: ReadonlyArray<Day>, inForce: InForce): Attempted {
    let cod = 0;
    let prepaid = 0;
    let confirmed = 0;
    for (const [index, day] of orderDays.entries()) {
      const share = ATTEMPT_LAG_SHARES[index] ?? 0;
      const placed = this.placed(pincode, day, inForce);
      cod += share * placed.cod;
      if (placed.codAsked > 0) confirmed += share * placed.cod;
      prepaid += share * placed.prepaid;
    }
    return { cod, prepaid, codConfirmedShare: cod === 0 ? 0 : confirmed / cod };
  }
}
