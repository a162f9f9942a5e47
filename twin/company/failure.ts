/**
 * How often first attempts fail: a rate for every pincode, day, payment mode and courier.
 *
 * The usual rate is a sum of logits (place, payment, courier, weekday and festival, slow drift, the
 * day's own noise); breaks and spikes add points on top. The noise is common to all strata of a
 * pincode's day, with smaller parts common to its district and state, so counts vary more than a
 * binomial does: to second moments a beta-binomial of intra-class correlation p(1-p) times the noise's
 * variance.
 *
 * Drift is smooth noise between knots four weeks apart, each knot a draw of its own; no walk has to be
 * replayed to know a day.
 */
import { normal, randomFrom } from "../../src/std/random.ts";
import type { Day } from "../../src/std/time.ts";
import type { Calendar } from "./calendar.ts";
import { sigmoid } from "./draw.ts";
import type { Geography, Pincode } from "./geography.ts";
import { type Payment, TRUTH } from "./settings.ts";
import { type Origin, RETURN_SHARES } from "./reason.ts";
import { type Break, isBroken, isSpiking, type Spike, type Truth } from "./truth.ts";

const RATE_MAX = 0.95;
const KNOT_DAYS = 28;
const PINCODE_DRIFT_LOGIT = 0.07;
const STATE_DRIFT_LOGIT = 0.05;
const DISTRICT_NOISE_LOGIT = 0.05;
const STATE_NOISE_LOGIT = 0.04;

/** What one stratum of a pincode's day fails by; `parts` are points by origin, before the ceiling. */
export type FailureRate = {
  readonly total: number;
  readonly parts: ReadonlyArray<readonly [Origin, number]>;
};

/** Share of a stratum's orders that come back in the end. */
export function returnedShareOf({ total, parts }: FailureRate): number {
  let points = 0;
  let returning = 0;
  for (const [origin, rate] of parts) {
    points += rate;
    returning += rate * RETURN_SHARES[origin];
  }
  return total * (returning / points);
}

/**
 * What is left of failures and returns where orders are confirmed before they are shipped: those that
 * are cancelled would have come back, and some others are mended.
 */
export function leftAfterConfirmation(returned: number): number {
  const { confirmationReduction, confirmationCancelled } = TRUTH;
  const left = returned * (1 - confirmationReduction) - confirmationCancelled;
  return Math.max(0, left / (1 - confirmationCancelled)) / returned;
}

/** As `rate`, where so many of the orders were confirmed. */
export function afterConfirmation(rate: FailureRate, confirmedShare: number): FailureRate {
  if (confirmedShare === 0) return rate;
  const left = 1 - confirmedShare * (1 - leftAfterConfirmation(returnedShareOf(rate)));
  return {
    total: rate.total * left,
    parts: rate.parts.map(([origin, points]) => [origin, points * left] as const),
  };
}

export type FailureRates = (payment: Payment, courier: number) => FailureRate;

export class FailureModel {
  readonly #seed: number;
  readonly #calendar: Calendar;
  readonly #breaks: ReadonlyMap<string, ReadonlyArray<Break>>;
  readonly #spikes: ReadonlyMap<string, ReadonlyArray<Spike>>;
  readonly #draws = new Map<string, number>();

  constructor(seed: number, geography: Geography, truth: Truth, calendar: Calendar) {
    this.#seed = seed;
    this.#calendar = calendar;
    this.#breaks = groupByPincode(truth.breaks, geography);
    this.#spikes = groupByPincode(truth.spikes, geography);
  }

  /** Breaks that stand over a pincode on a day, its district's included. */
  breaksOn(pincode: Pincode, day: Day): ReadonlyArray<Break> {
    return this.#breaks.get(pincode.id)?.filter((of) => isBroken(of, day)) ?? [];
  }

  /** COD share of the orders placed on a day while COD is offered. */
  codShareOn(pincode: Pincode, day: Day): number {
    let share = pincode.codShare;
    for (const { cause, rise } of this.breaksOn(pincode, day)) if (cause === "mix") share += rise;
    return Math.min(RATE_MAX, share);
  }

  /** The rates that a day is drawn from, its noise included. `dayNumber` is `dayToNumber(day)`. */
  drawn(pincode: Pincode, day: Day, dayNumber: number): FailureRates {
    const noise =
      pincode.dayNoiseLogit * normal(randomFrom(this.#seed, "noise", pincode.index, dayNumber)) +
      DISTRICT_NOISE_LOGIT * this.#drawOf("noise", pincode.district, dayNumber) +
      STATE_NOISE_LOGIT * this.#drawOf("noise", pincode.state, dayNumber);
    return this.#rates(pincode, day, dayNumber, noise);
  }

  /** The rates without the day's noise. */
  expected(pincode: Pincode, day: Day, dayNumber: number): FailureRates {
    return this.#rates(pincode, day, dayNumber, 0);
  }

  #rates(pincode: Pincode, day: Day, dayNumber: number, noise: number): FailureRates {
    const ofDay =
      noise +
      this.#calendar(day, pincode.region).failureLogit +
      PINCODE_DRIFT_LOGIT * this.#drift(pincode.id, dayNumber) +
      STATE_DRIFT_LOGIT * this.#drift(pincode.state, dayNumber);
    const breaks = this.breaksOn(pincode, day);
    const spikes = this.#spikes.get(pincode.id)?.filter((of) => isSpiking(of, day)) ?? [];
    return (payment, courier) => {
      const placeLogit = payment === "cod" ? pincode.codLogit : pincode.prepaidLogit;
      const usual = sigmoid(placeLogit + ofDay + (pincode.courierLogits[courier] ?? 0));
      const parts: Array<readonly [Origin, number]> = [[`usual-${payment}`, usual]];
      for (const broken of breaks) {
        if (broken.cause === "mix" || !isConcerned(broken, payment, courier)) continue;
        parts.push([broken.cause, broken.rise]);
      }
      for (const spike of spikes) parts.push(["spike", spike.size]);
      if (parts.length === 1) return { total: Math.min(RATE_MAX, usual), parts };
      const sum = parts.reduce((all, [, points]) => all + points, 0);
      return { total: Math.min(RATE_MAX, sum), parts };
    };
  }

  #drift(place: string, dayNumber: number): number {
    const at = dayNumber / KNOT_DAYS;
    const knot = Math.floor(at);
    const blend = (1 - Math.cos(Math.PI * (at - knot))) / 2;
    return (
      (1 - blend) * this.#drawOf("drift", place, knot) +
      blend * this.#drawOf("drift", place, knot + 1)
    );
  }

  /** A standard normal of a place and a number, drawn once. */
  #drawOf(kind: string, place: string, number: number): number {
    const key = `${kind} ${place} ${number}`;
    const known = this.#draws.get(key);
    if (known !== undefined) return known;
    const drawn = normal(randomFrom(this.#seed, kind, place, number));
    this.#draws.set(key, drawn);
    return drawn;
  }
}

function isConcerned(of: Break, payment: Payment, courier: number): boolean {
  if (of.cause === "demand") return payment === "cod";
  return of.cause === "address" || courier === of.courier;
}

function groupByPincode<T extends { readonly subject: string }>(
  events: ReadonlyArray<T>,
  { pincodesOf }: Geography,
): ReadonlyMap<string, ReadonlyArray<T>> {
  const groups = new Map<string, T[]>();
  for (const event of events) {
    for (const { id } of pincodesOf.get(event.subject) ?? []) {
      const group = groups.get(id) ?? [];
      group.push(event);
      groups.set(id, group);
    }
  }
  return groups;
}
