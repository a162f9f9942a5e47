/** Grades of several worlds as one. */
import { type BreakGrade, type Grade, VOLUME_CLASSES } from "./judge.ts";
import { HARM_DAYS } from "./world.ts";

export type Sum = {
  readonly signals: number;
  readonly falseSignals: number;
  readonly falsePer1000: number;
  /** False signals among them and the breaks spoken of: a break that is told twice counts once. */
  readonly falseShare: number;
  readonly saved: number;
  readonly spikeShare: number;
  readonly byClass: ReadonlyArray<ClassSum>;
  /** Rises of 10 points or more of whole districts at 40 orders a day or more. */
  readonly districts: { readonly breaks: number; readonly foundIn28: number };
  readonly breaks: ReadonlyArray<BreakGrade>;
};

export type ClassSum = {
  readonly breaks: number;
  /** Share found within 14, 28 and 60 days. */
  readonly power: readonly [number, number, number];
  /** Mean days, those not found within `HARM_DAYS` counted as that. */
  readonly meanDelayDays: number;
  readonly medianOrders: number;
  readonly falsePer1000: number;
};

const DISTRICT_ORDERS_MIN = 40;
const DISTRICT_RISE_MIN = 0.095;

export function addGrades(grades: ReadonlyArray<Grade>): Sum {
  const total = (of: (grade: Grade) => number) => grades.reduce((sum, grade) => sum + of(grade), 0);
  const share = (part: number, whole: number) => (whole === 0 ? 0 : part / whole);
  const breaks = grades.flatMap((grade) => grade.breaks);
  const falseSignals = total((grade) => grade.falseSignals);
  const districts = breaks.filter(
    ({ level, ordersPerDay, of }) =>
      level === "district" && ordersPerDay >= DISTRICT_ORDERS_MIN && of.size >= DISTRICT_RISE_MIN,
  );
  return {
    signals: total(({ signals }) => signals),
    falseSignals,
    falsePer1000:
      1_000 *
      share(
        total(({ falseSignals }) => falseSignals),
        total((g) => g.geoMonths),
      ),
    falseShare: share(
      total(({ falseSignals }) => falseSignals),
      total(({ signals }) => signals),
    ),
    saved: share(
      total(({ saved }) => saved),
      total(({ excess }) => excess),
    ),
    spikeShare: share(
      total((grade) => grade.spikesSignalled),
      total(({ spikes }) => spikes),
    ),
    byClass: VOLUME_CLASSES.map(({ from, until }, at) => {
      const within = breaks.filter(
        ({ level, ordersPerDay }) =>
          level === "pincode" && ordersPerDay >= from && ordersPerDay < until,
      );
      return {
        ...sumClass(within),
        falsePer1000:
          1_000 *
          share(
            total(({ falseByClass }) => falseByClass[at]!),
            total(({ monthsByClass }) => monthsByClass[at]!),
          ),
      };
    }),
    districts: {
      breaks: districts.length,
      foundIn28: districts.filter(({ delayDays }) => (delayDays ?? Infinity) <= 28).length,
    },
    breaks,
  };
}

function sumClass(breaks: ReadonlyArray<BreakGrade>): Omit<ClassSum, "falsePer1000"> {
  const delays = breaks.map(({ delayDays }) => Math.min(HARM_DAYS, delayDays ?? HARM_DAYS));
  const within = (days: number) =>
    breaks.filter(({ delayDays }) => (delayDays ?? Infinity) <= days).length /
    Math.max(1, breaks.length);
  const orders = breaks.map(({ ordersExposed }) => ordersExposed).sort((a, b) => a - b);
  return {
    breaks: breaks.length,
    power: [within(14), within(28), within(60)],
    meanDelayDays: delays.reduce((sum, days) => sum + days, 0) / Math.max(1, delays.length),
    medianOrders: orders[Math.floor(orders.length / 2)] ?? 0,
  };
}
