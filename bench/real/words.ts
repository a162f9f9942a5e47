/** The tables of the section, in the order in which they are printed. */
import { table } from "../../src/cli/output.ts";
import type { AgeRow, BandRow, Dispersion, StateRate } from "./describe.ts";
import { FOUND_WITHIN_DAYS, type InjectionSum, type Untouched, WARMUP_DAYS } from "./inject.ts";
import type { LateSum } from "./late.ts";
import { BAD_MEAN_AGE, GOOD_MEAN_AGE, LATE_WORLD } from "./late-world.ts";
import type { RealFile } from "./shipments.ts";

export function statesText(states: ReadonlyArray<StateRate>): string {
  const all = states.reduce((sum, { n, k }) => ({ n: sum.n + n, k: sum.k + k }), { n: 0, k: 0 });
  return [
    `Failure rate of mature cohorts by state, ${states.length} states, ${all.n} orders, ` +
      `${percent(all.k / all.n)} failed`,
    table([
      ["state", "orders", "a day", "failed", "rate", "95% interval"],
      ...states.map(({ state, n, k, perDay, low, high }) => [
        state,
        String(n),
        perDay.toFixed(1),
        String(k),
        percent(k / n),
        `${percent(low)} to ${percent(high)}`,
      ]),
    ]),
  ].join("\n");
}

export function dispersionText(dispersion: ReadonlyArray<Dispersion>): string {
  return [
    "How much rates differ beyond chance: likeliest beta-binomial rho; 2 ln of the ratio to none",
    table([
      ["between", "groups", "rho", "2 ln ratio"],
      ...dispersion.map(({ between, groups, rho, twiceLogRatio }) => [
        between,
        String(groups),
        rho.toFixed(4),
        twiceLogRatio.toFixed(1),
      ]),
    ]),
  ].join("\n");
}

export function maturityText(curve: ReadonlyArray<AgeRow>, young: ReadonlyArray<BandRow>): string {
  return [
    "What is known by age at the file's last day, and the rate that a naive reader would state",
    table([
      ["age", "orders", "known", "naive rate"],
      ...curve.map(({ age, shipped, knownShare, naiveRate }) => [
        String(age),
        String(shipped),
        percent(knownShare),
        knownShare === 0 ? "-" : percent(naiveRate),
      ]),
    ]),
    "",
    "The youngest by competing risks; each half of the states read by laws of the other half",
    table([
      ["ages", "orders", "known", "naive rate", "maturity", "estimate"],
      ...young.map(({ ages, shipped, naiveRate, reading }) => [
        `${ages[0]} to ${ages[1]}`,
        String(shipped),
        percent(reading.knownShare),
        percent(naiveRate),
        reading.maturity.toFixed(2),
        reading.kind === "too-young"
          ? "no verdict: too young"
          : `${percent(reading.rate)} (${percent(reading.low)} to ${percent(reading.high)})`,
      ]),
    ]),
  ].join("\n");
}

export function untouchedText(file: RealFile, untouched: Untouched): string {
  const { findings, units, monitored, levels, nearMisses } = untouched;
  return [
    `The untouched file, day by day: ${units} places in ${file.days.length} mature days, ` +
      `warm-up ${WARMUP_DAYS}; at most ${monitored} large enough to be watched alone; ` +
      `${findings.length} signals, ${nearMisses} near misses`,
    table([
      ["level", "places", "highest ln M", "of", "on the last day"],
      ...levels.map(({ level, units: count, highest, subject, statuses }) => [
        level,
        String(count),
        highest.toFixed(1),
        file.subjects.get(subject)?.name ?? subject,
        statuses,
      ]),
    ]),
    ...(findings.length === 0
      ? []
      : [
          table([
            ["signal", "day", "events", "trials", "expected", "ln M", "ln bar"],
            ...findings.map((finding) => [
              finding.subject,
              String(finding.day),
              String(finding.events),
              String(finding.trials),
              finding.expected.toFixed(1),
              Math.log(finding.evidence).toFixed(1),
              Math.log(finding.bar).toFixed(1),
            ]),
          ]),
        ]),
  ].join("\n");
}

export function injectionText(injections: ReadonlyArray<InjectionSum>): string {
  return [
    "A lasting rise put into the real counts of one state (busier states thinned), " +
      `found within ${FOUND_WITHIN_DAYS} days`,
    table([
      [
        "orders a day",
        "rise",
        "runs",
        "found",
        "median days",
        "orders",
        "named: state",
        "in it",
        "nation",
        "other signals",
      ],
      ...injections.map((sum) => [
        `${sum.low} to ${sum.high}`,
        `+${sum.rise * 100}`,
        String(sum.count),
        percent(sum.found / sum.count),
        days(sum.medianDays),
        sum.found === 0 ? "-" : sum.medianOrders.toFixed(0),
        String(sum.named.state),
        String(sum.named.within),
        String(sum.named.above),
        String(sum.others),
      ]),
    ]),
  ].join("\n");
}

export function lateText(feeds: ReadonlyArray<LateSum>): string {
  const { ordersPerDay, sale, rate } = LATE_WORLD;
  return [
    `Late outcomes: ${ordersPerDay} orders a day, ${percent(rate)} fail; failures known after ` +
      `${BAD_MEAN_AGE} days on average, deliveries after ${GOOD_MEAN_AGE}; a sale of ${sale.factor} ` +
      "times the orders. Median days from the first worse order shipped.",
    lateTable(feeds),
    "The first five are given every true rate (and the true laws, where they use them).",
  ].join("\n");
}

export function troubleText(troubles: ReadonlyArray<LateSum>): string {
  return ["The product through what must raise nothing", lateTable(troubles)].join("\n");
}

function lateTable(sums: ReadonlyArray<LateSum>): string {
  return table([
    [
      "read",
      "unchanged that alarm",
      ...LATE_WORLD.rises.map((rise) => `+${rise * 100}`),
      "maturity",
      "not read",
    ],
    ...sums.map(({ name, nulls, nullAlarms, rises, maturity, withheld }) => [
      name,
      `${share(nullAlarms, nulls)} of ${nulls}`,
      ...rises.map(({ median, found, count }) =>
        found === count ? days(median) : `${days(median)} (${count - found} of ${count} missed)`,
      ),
      maturity === undefined ? "" : maturity.toFixed(2),
      withheld === undefined ? "" : percent(withheld),
    ]),
  ]);
}

export function days(value: number | undefined): string {
  return value === undefined || !Number.isFinite(value) ? "not found" : `${value} d`;
}

export function percent(value: number): string {
  return `${(100 * value).toFixed(1)}%`;
}

export function share(part: number, whole: number): string {
  return percent(part / Math.max(whole, 1));
}
