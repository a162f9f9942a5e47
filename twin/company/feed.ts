/**
 * The couriers' feed: counts of first attempts and failures as logistics receives them.
 *
 * Each pincode's day has its own stream of luck, and each stratum its own within it, so an intervention
 * elsewhere changes nothing here, and an intervention here keeps the luck of what remains. Now and then
 * a pincode, or a whole state, is silent for a day: its rows are absent, which is not the same as zero.
 */
import { type Random, randomFrom } from "../../src/std/random.ts";
import { type Day, dayToNumber } from "../../src/std/time.ts";
import type { Observation } from "../../src/core/port/types.ts";
import { type Attempted, type DemandModel, orderDaysOf } from "./demand.ts";
import { binomial, pick, poissonAt } from "./draw.ts";
import { afterConfirmation, type FailureModel, type FailureRate } from "./failure.ts";
import type { Pincode } from "./geography.ts";
import { drawReason } from "./reason.ts";
import type { InForce } from "./response.ts";
import { type CompanySettings, COURIERS, PAYMENTS } from "./settings.ts";

export class CourierFeed {
  readonly #settings: CompanySettings;
  readonly #demand: DemandModel;
  readonly #failure: FailureModel;

  constructor(settings: CompanySettings, demand: DemandModel, failure: FailureModel) {
    this.#settings = settings;
    this.#demand = demand;
    this.#failure = failure;
  }

  /** Everything that is said of a day. */
  report(pincodes: ReadonlyArray<Pincode>, day: Day, inForce: InForce): ReadonlyArray<Observation> {
    const dayNumber = dayToNumber(day);
    const orderDays = orderDaysOf(day);
    return pincodes
      .filter((pincode) => !this.#isSilent(pincode, dayNumber))
      .flatMap((pincode) => {
        const attempted = this.#demand.attempted(pincode, orderDays, inForce);
        return this.#draw(pincode, day, dayNumber, attempted);
      });
  }

  #draw(
    pincode: Pincode,
    day: Day,
    dayNumber: number,
    attempted: Attempted,
  ): ReadonlyArray<Observation> {
    const { seed } = this.#settings;
    const rates = this.#failure.drawn(pincode, day, dayNumber);
    const volume = randomFrom(seed, "volume", pincode.index, dayNumber);
    const observations: Observation[] = [];
    for (const [courier, courierName] of COURIERS.entries()) {
      const share = pincode.courierShares[courier] ?? 0;
      for (const payment of PAYMENTS) {
        const n = poissonAt(volume.next(), attempted[payment] * share);
        if (n === 0) continue;
        const confirmed = payment === "cod" ? attempted.codConfirmedShare : 0;
        const rate = afterConfirmation(rates(payment, courier), confirmed);
        const luck = randomFrom(seed, "luck", pincode.index, dayNumber, courier, payment);
        const k = binomial(luck, n, rate.total);
        const reasonLuck = randomFrom(seed, "reason", pincode.index, dayNumber, courier, payment);
        observations.push({
          metric: "ndr_rate",
          subject: pincode.id,
          day,
          stratum: `courier=${courierName}|payment=${payment}`,
          n,
          k,
          ...(k === 0 ? {} : { reasons: drawReasons(reasonLuck, k, rate) }),
        });
      }
    }
    return observations;
  }

  #isSilent({ index, state }: Pincode, dayNumber: number): boolean {
    const { seed, silentPincodeShare, silentStateShare } = this.#settings;
    return (
      randomFrom(seed, "silent", index, dayNumber).next() < silentPincodeShare ||
      randomFrom(seed, "silent", state, dayNumber).next() < silentStateShare
    );
  }
}

function drawReasons(random: Random, k: number, { parts }: FailureRate): Record<string, number> {
  const weights = parts.map(([, points]) => points);
  const reasons: Record<string, number> = {};
  for (let i = 0; i < k; i++) {
    const origin = parts[pick(random, weights)]?.[0];
    const reason = origin === undefined ? "unknown" : drawReason(random, origin);
    reasons[reason] = (reasons[reason] ?? 0) + 1;
  }
  return reasons;
}
