/**
 * What is really going on, which Interlock has to find out: lasting breaks and passing spikes.
 *
 * A break changes some orders of a pincode or of a whole district from its day on: COD orders are
 * refused (demand), one courier fails (courier), addresses are bad (address), or more buyers choose COD
 * while each payment mode stays as it was (mix: it looks like a break, and is none of a rate). `size` is
 * what that adds to the rate of the whole geography. Most breaks last; some end by themselves. A spike
 * adds points to everything for one or two days and must not trigger.
 */
import { integerBetween, type Random, randomFrom } from "../../src/std/random.ts";
import { addDays, type Day } from "../../src/std/time.ts";
import { pick, sigmoid } from "./draw.ts";
import { type Geography, type Pincode, sumOrders } from "./geography.ts";
import { COURIERS, type CompanySettings } from "./settings.ts";

export type BreakCause = "demand" | "courier" | "address" | "mix";

export type Break = {
  readonly subject: string;
  readonly level: "pincode" | "district";
  readonly startDay: Day;
  /** The first day without it; null when it lasts beyond the run. */
  readonly untilDay: Day | null;
  /** Rate points, 0..1, of the whole geography at its usual mix. */
  readonly size: number;
  readonly cause: BreakCause;
  /** Index of the courier at fault where `cause` is "courier". */
  readonly courier: number;
  /** Rate points added to the orders concerned; for a mix, what is added to the COD share. */
  readonly rise: number;
  readonly ordersPerDay: number;
};

export type Spike = {
  readonly subject: string;
  readonly level: "pincode" | "district";
  readonly startDay: Day;
  readonly days: number;
  readonly untilDay: Day;
  readonly size: number;
  readonly ordersPerDay: number;
};

export type Truth = {
  readonly breaks: ReadonlyArray<Break>;
  readonly spikes: ReadonlyArray<Spike>;
  /** Of every subject, on an ordinary day. */
  readonly ordersPerDay: ReadonlyMap<string, number>;
};

const PINCODE_SIZES = [0.05, 0.08, 0.12, 0.16, 0.2, 0.25];
const DISTRICT_SIZES = [0.08, 0.1, 0.12, 0.16];
const FORCED_SIZES = [0.2, 0.25];
const CAUSES: ReadonlyArray<BreakCause> = ["demand", "courier", "address", "mix"];
const CAUSE_WEIGHTS = [0.58, 0.24, 0.13, 0.05];
/** The orders concerned fail this much more at most: a rate has a ceiling. */
const RISE_MAX = 0.55;
const COD_SHARE_MAX = 0.92;
const MIX_SIZE_MIN = 0.03;
/** Breaks begin at least this long before the end, so that each could be seen. */
const QUIET_END_DAYS = 7;
/** A break is plain to see with this many more failures a day, this long before the end. */
const VISIBLE_FAILURES_PER_DAY = 3;
const VISIBLE_DAYS = 14;
const RECOVERY_DAYS = [25, 51] as const;

type Place = Pick<Break, "subject" | "level"> & { readonly pincodes: ReadonlyArray<Pincode> };

export function createTruth(settings: CompanySettings, geography: Geography): Truth {
  const { seed, startDay, days, historyDays } = settings;
  const months = Math.max(1, days - QUIET_END_DAYS - historyDays) / 30;
  const placesAt = (level: Place["level"]): ReadonlyArray<Place> =>
    geography.subjects
      .filter((subject) => subject.level === level)
      .map(({ id }) => ({ subject: id, level, pincodes: geography.pincodesOf.get(id) ?? [] }));
  const pincodes = placesAt("pincode");
  const districts = placesAt("district");

  const drawBreaks = (places: ReadonlyArray<Place>, perMonth: number, sizes: number[]) =>
    places.flatMap((place) => {
      const random = randomFrom(seed, "break", place.subject);
      return random.next() < perMonth * months ? [drawBreak(settings, place, random, sizes)] : [];
    });
  const breaks = [
    ...drawBreaks(districts, settings.districtBreaksPerMonth, DISTRICT_SIZES),
    ...drawBreaks(pincodes, settings.breaksPerMonth, PINCODE_SIZES),
  ];
  const broken = new Set(breaks.map(({ subject }) => subject));
  const visible = breaks.filter((of) => isVisible(of, addDays(startDay, days))).length;
  const busiest = pincodes
    .filter(({ subject }) => !broken.has(subject))
    .sort((a, b) => sumOrders(b.pincodes) - sumOrders(a.pincodes));
  for (const place of busiest.slice(0, Math.max(0, settings.breaksMin - visible))) {
    const random = randomFrom(seed, "forced-break", place.subject);
    const early = historyDays + Math.max(1, Math.floor((days - historyDays) / 3));
    breaks.push({ ...drawBreak(settings, place, random, FORCED_SIZES, early), untilDay: null });
  }
  return {
    breaks,
    spikes: [
      ...drawSpikes(settings, districts, settings.districtSpikesPerMonth, [0.1, 0.4]),
      ...drawSpikes(settings, pincodes, settings.spikesPerMonth, [0.15, 0.6]),
    ],
    ordersPerDay: new Map([...geography.pincodesOf].map(([id, under]) => [id, sumOrders(under)])),
  };
}

function drawBreak(
  settings: CompanySettings,
  place: Place,
  random: Random,
  sizes: ReadonlyArray<number>,
  startUntil = settings.days - QUIET_END_DAYS,
): Break {
  const { historyDays, days } = settings;
  const offset = integerBetween(random, historyDays, Math.max(historyDays + 1, startUntil));
  const startDay = addDays(settings.startDay, offset);
  const wanted = sizes[integerBetween(random, 0, sizes.length)] ?? 0.1;
  const drawn = CAUSES[pick(random, CAUSE_WEIGHTS)] ?? "demand";
  const mean = (of: (pincode: Pincode) => number) => meanByOrders(place.pincodes, of);
  const shares = COURIERS.map((_, courier) => mean((of) => of.courierShares[courier] ?? 0));
  const courier = pick(random, shares);
  const recovers = random.next() < settings.recoveryShare;
  const endDay = addDays(startDay, integerBetween(random, ...RECOVERY_DAYS));
  const untilDay = recovers && endDay < addDays(settings.startDay, days) ? endDay : null;

  // Where nearly everyone pays in cash already, or pays alike, a change of mix would not show.
  const codShare = mean((of) => of.codShare);
  const gap = mean((of) => sigmoid(of.codLogit) - sigmoid(of.prepaidLogit));
  const cause =
    drawn === "mix" && (COD_SHARE_MAX - codShare) * gap < MIX_SIZE_MIN ? "demand" : drawn;
  const concerned = { mix: gap, demand: codShare, courier: shares[courier] ?? 1, address: 1 }[
    cause
  ];
  // Concentrated on fewer orders, the rise is larger there; what the ceiling takes off is not truth.
  const riseMax = cause === "mix" ? COD_SHARE_MAX - codShare : RISE_MAX;
  const rise = Math.min(wanted / concerned, riseMax);
  return {
    subject: place.subject,
    level: place.level,
    startDay,
    untilDay,
    size: rise * concerned,
    cause,
    courier,
    rise,
    ordersPerDay: sumOrders(place.pincodes),
  };
}

function drawSpikes(
  { seed, startDay, days }: CompanySettings,
  places: ReadonlyArray<Place>,
  perMonth: number,
  [sizeMin, sizeMax]: readonly [number, number],
): ReadonlyArray<Spike> {
  return places.flatMap(({ subject, level, pincodes }) => {
    const random = randomFrom(seed, "spike", subject);
    const spikes: Spike[] = [];
    for (let first = 0; first < days; first += 30) {
      if (random.next() >= perMonth) continue;
      const offset = Math.min(days - 2, first + integerBetween(random, 0, 28));
      const length = random.next() < 0.5 ? 1 : 2;
      spikes.push({
        subject,
        level,
        startDay: addDays(startDay, offset),
        days: length,
        untilDay: addDays(startDay, offset + length),
        size: sizeMin + (sizeMax - sizeMin) * random.next(),
        ordersPerDay: sumOrders(pincodes),
      });
    }
    return spikes;
  });
}

function isVisible({ size, ordersPerDay, startDay, untilDay }: Break, endDay: Day): boolean {
  return (
    size * ordersPerDay >= VISIBLE_FAILURES_PER_DAY &&
    startDay <= addDays(endDay, -VISIBLE_DAYS) &&
    (untilDay === null || untilDay >= addDays(startDay, VISIBLE_DAYS))
  );
}

export function isBroken(of: Break, day: Day): boolean {
  return day >= of.startDay && (of.untilDay === null || day < of.untilDay);
}

export function isSpiking(of: Spike, day: Day): boolean {
  return day >= of.startDay && day < of.untilDay;
}

function meanByOrders(pincodes: ReadonlyArray<Pincode>, of: (pincode: Pincode) => number): number {
  const sum = pincodes.reduce((total, pincode) => total + pincode.ordersPerDay * of(pincode), 0);
  return sum / sumOrders(pincodes);
}
