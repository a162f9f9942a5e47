/**
 * What a period was worth to the company under a history of interventions: the truth to compare with.
 *
 * Everything is expected value, without luck, so the difference of two histories is the effect of the
 * interventions alone. Orders of `from <= day < until` are counted with all their later fate: attempted
 * over the next three days at those days' rates, delivered or returned. Ad money that is not spent here
 * earns elsewhere, the first rupee `marginalValue`, each further one less, by the elasticity of spend.
 */
import { addDays, type Day, dayToNumber } from "../../src/std/time.ts";
import { attemptDaysOf, type DemandModel } from "./demand.ts";
import { type FailureModel, leftAfterConfirmation, returnedShareOf } from "./failure.ts";
import type { Geography, Pincode } from "./geography.ts";
import type { InForce } from "./response.ts";
import { ATTEMPT_LAG_SHARES, COURIERS, type Payment, TRUTH } from "./settings.ts";

export type Totals = {
  readonly orders: number;
  readonly codOrders: number;
  /** Orders whose first attempt fails, and those that come back in the end. */
  readonly failures: number;
  readonly returns: number;
  readonly returnCostMinor: number;
  readonly spendMinor: number;
  readonly redirectedMinor: number;
  readonly contributionMinor: number;
};

/** Expected share of a payment mode's orders of one day that fail at first, and that come back. */
type Fate = { readonly failed: number; readonly returned: number };

type FatesOfDay = ReadonlyArray<{ readonly [payment in Payment]: Fate }>;

export class Economics {
  readonly #geography: Geography;
  readonly #demand: DemandModel;
  readonly #failure: FailureModel;
  /** By attempt day, then by pincode index; nothing in force changes them. */
  readonly #fates = new Map<Day, FatesOfDay>();
  readonly #usualSpends = new Map<Day, number>();

  constructor(geography: Geography, demand: DemandModel, failure: FailureModel) {
    this.#geography = geography;
    this.#demand = demand;
    this.#failure = failure;
  }

  /** Over the pincodes of `subject`; redirected money earns what the whole company's spend allows. */
  computeTotals(inForce: InForce, from: Day, until: Day, subject: string): Totals {
    const sum = { orders: 0, codOrders: 0, failures: 0, returns: 0 };
    const money = { returnCostMinor: 0, spendMinor: 0, redirectedMinor: 0, contributionMinor: 0 };
    const pincodes = this.#geography.pincodesOf.get(subject) ?? [];
    const days = dayToNumber(until) - dayToNumber(from);
    for (let offset = 0; offset < days; offset++) {
      const day = addDays(from, offset);
      const fates = attemptDaysOf(day).map((attemptDay) => this.#fatesOn(attemptDay));
      let savedMinor = 0;
      for (const pincode of pincodes) {
        const placed = this.#demand.placed(pincode, day, inForce);
        const cod = fateOfCash(fateOf(pincode, fates, "cod"), placed.codAsked > 0);
        const prepaid = fateOf(pincode, fates, "prepaid");
        const returns = placed.cod * cod.returned + placed.prepaid * prepaid.returned;
        sum.orders += placed.cod + placed.prepaid;
        sum.codOrders += placed.cod;
        sum.failures += placed.cod * cod.failed + placed.prepaid * prepaid.failed;
        sum.returns += returns;
        money.spendMinor += placed.spendMinor;
        money.returnCostMinor += returns * RETURN_COST_MINOR;
        money.contributionMinor +=
          placed.cod * marginMinor(cod.returned, TRUTH.codFeeMinor) +
          placed.prepaid * marginMinor(prepaid.returned, TRUTH.gatewayFeeMinor) -
          placed.codAsked * TRUTH.confirmationMinor -
          placed.spendMinor;
        savedMinor += placed.usualSpendMinor - placed.spendMinor;
      }
      if (savedMinor === 0) continue;
      money.redirectedMinor += savedMinor;
      money.contributionMinor += earnElsewhere(savedMinor, this.#usualSpendOn(day)) - savedMinor;
    }
    const whole = Object.entries(money).map(([name, minor]) => [name, Math.round(minor)]);
    return { ...sum, ...(Object.fromEntries(whole) as typeof money) };
  }

  #fatesOn(day: Day): FatesOfDay {
    const known = this.#fates.get(day);
    if (known !== undefined) return known;
    const dayNumber = dayToNumber(day);
    const fates = this.#geography.pincodes.map((pincode) => {
      const rates = this.#failure.expected(pincode, day, dayNumber);
      const over = (payment: Payment): Fate => {
        let failed = 0;
        let returned = 0;
        for (let courier = 0; courier < COURIERS.length; courier++) {
          const share = pincode.courierShares[courier] ?? 0;
          if (share === 0) continue;
          const rate = rates(payment, courier);
          failed += share * rate.total;
          returned += share * returnedShareOf(rate);
        }
        return { failed, returned };
      };
      return { cod: over("cod"), prepaid: over("prepaid") };
    });
    this.#fates.set(day, fates);
    return fates;
  }

  #usualSpendOn(day: Day): number {
    const known = this.#usualSpends.get(day);
    if (known !== undefined) return known;
    const spend = this.#geography.pincodes.reduce(
      (sum, pincode) => sum + this.#demand.usualSpendMinor(pincode, day),
      0,
    );
    this.#usualSpends.set(day, spend);
    return spend;
  }
}

/** Of one day's orders, whose first attempts fall on the days of `fates`. */
function fateOf(pincode: Pincode, fates: ReadonlyArray<FatesOfDay>, payment: Payment): Fate {
  let failed = 0;
  let returned = 0;
  for (const [index, ofDay] of fates.entries()) {
    const share = ATTEMPT_LAG_SHARES[index] ?? 0;
    const fate = ofDay[pincode.index]?.[payment];
    failed += share * (fate?.failed ?? 0);
    returned += share * (fate?.returned ?? 0);
  }
  return { failed, returned };
}

function fateOfCash({ failed, returned }: Fate, isConfirmed: boolean): Fate {
  const left = isConfirmed ? leftAfterConfirmation(returned) : 1;
  return { failed: failed * left, returned: returned * left };
}

/** Both freights, packing, the check, and what the goods lost. */
const RETURN_COST_MINOR =
  TRUTH.forwardMinor +
  TRUTH.reverseMinor +
  TRUTH.packingMinor +
  TRUTH.receiptMinor +
  TRUTH.writeDownShare * TRUTH.goodsMinor;

/** Contribution of one shipped order before ads, in paise, at a share of returns. */
function marginMinor(returned: number, feeMinor: number): number {
  const delivered =
    TRUTH.netPriceMinor - TRUTH.goodsMinor - feeMinor - TRUTH.forwardMinor - TRUTH.packingMinor;
  return (1 - returned) * delivered - returned * RETURN_COST_MINOR;
}

/** Value of `minor` more spend on top of `usualMinor`, where orders go as spend to a power. */
function earnElsewhere(minor: number, usualMinor: number): number {
  const { marginalValue, spendElasticity } = TRUTH;
  const growth = (1 + minor / usualMinor) ** spendElasticity - 1;
  return (marginalValue * usualMinor * growth) / spendElasticity;
}
