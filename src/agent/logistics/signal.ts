/**
 * Turns a finding into the signal that the contract promises.
 *
 * The id is derived from what the signal says, so that a replay of the same days sends the same ids
 * and nothing is counted twice. Numbers are rounded to what they can bear; a reader of the other
 * department should never see fifteen digits.
 */
import { hashJson } from "../../std/hash.ts";
import { addDays, addMs, dayFromNumber, HOUR_MS, instantOn } from "../../std/time.ts";
import type { Instant } from "../../std/time.ts";
import type { Signal } from "../../core/contract/types.ts";
import type { Finding } from "../../stats/detect/finding.ts";
import type { Cause } from "./cause.ts";
import type { GeoRiskPayload } from "./payload.ts";
import type { LogisticsSettings } from "./settings.ts";

export const SOURCE = "logistics/geo-risk-detector";

export type SignalInput = {
  readonly finding: Finding;
  readonly cause: Cause;
  readonly exposure: { readonly codShare: number; readonly subjects: number };
  /** 0..1: share of the outcomes since the change that are known. */
  readonly maturity: number;
  readonly now: Instant;
};

export function createSignal(settings: LogisticsSettings, input: SignalInput): Signal {
  const { finding, cause, now } = input;
  const day = dayFromNumber(finding.day);
  const payload = createPayload(settings, input);
  const isCourier = cause.owner === "courier";
  const identity = {
    source: SOURCE,
    subject: finding.subject,
    changeDay: payload.change.onDay,
    asOfDay: day,
  };
  return {
    id: `sig-${hashJson(identity).slice(0, 32)}`,
    source: SOURCE,
    contract: settings.contract,
    version: settings.contractVersion,
    subject: finding.subject,
    sentAt: now,
    asOf: instantOn(addDays(day, 1), 0, settings.utcOffsetMinutes),
    expiresAt: addMs(now, settings.expiryHours * HOUR_MS),
    confidence: round(finding.confidence, 4),
    options: isCourier ? settings.courierOptions : settings.options,
    payload,
  };
}

function createPayload(settings: LogisticsSettings, input: SignalInput): GeoRiskPayload {
  const { finding, cause, exposure } = input;
  const changeDay = dayFromNumber(finding.changeDay);
  return {
    metric: settings.metric,
    level: finding.level,
    measure: {
      rate: round(finding.events / finding.trials, 5),
      events: finding.events,
      trials: finding.trials,
      from: changeDay,
      to: dayFromNumber(finding.day),
    },
    baseline: {
      rate: round(finding.baseline.mean, 5),
      low: round(finding.baseline.low, 5),
      high: round(finding.baseline.high, 5),
    },
    change: {
      onDay: changeDay,
      size: round(finding.size.mean, 5),
      low: round(finding.size.low, 5),
      high: round(finding.size.high, 5),
    },
    evidence: {
      log10: round(Math.log10(finding.evidence), 3),
      threshold: round(Math.log10(finding.bar), 3),
      daysObserved: finding.day - finding.changeDay + 1,
    },
    maturity: round(input.maturity, 4),
    cause: {
      owner: cause.owner,
      split: cause.split.map((row) => ({
        ...row,
        rate: round(row.rate, 5),
        baselineRate: round(row.baselineRate, 5),
        shareOfExcess: round(row.shareOfExcess, 4),
      })),
    },
    exposure: {
      ordersPerDay: round(finding.ordersPerDay, 3),
      codShare: round(exposure.codShare, 4),
      subjects: exposure.subjects,
    },
  };
}

function round(value: number, digits: number): number {
  const scale = 10 ** digits;
  // `+ 0` turns the -0 of a small negative into 0.
  return Math.round(value * scale) / scale + 0;
}
