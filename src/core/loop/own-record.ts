/**
 * Is an agent to be trusted in its own domain? It predicts what it can later see, with intervals that
 * say how sure it is; this judges whether they covered as often as they claim.
 *
 * Covering less often than claimed means that the agent is surer than it has reason to be. Luck is
 * forgiven: the bound is the claim less a tolerance and two standard errors. Covering more often is
 * caution, and is let pass.
 */
import type { Instant } from "../../std/time.ts";

export type OwnRecord = {
  readonly predictions: number;
  readonly covered: number;
  /** 0..1: the share that its intervals are meant to cover. */
  readonly nominal: number;
  readonly asOf: Instant;
};

/** Fewer predictions than this say nothing. */
export const PREDICTIONS_MIN = 20;
/** How far below its claim an agent may cover, beyond luck. */
export const COVERAGE_TOLERANCE = 0.05;

export type RecordVerdict = { readonly ok: boolean; readonly words: string };

export function judgeOwnRecord(record: OwnRecord | undefined): RecordVerdict {
  if (record === undefined) return { ok: false, words: "it has shown no record of its own domain" };
  const { predictions, covered, nominal } = record;
  if (predictions < PREDICTIONS_MIN) {
    const words = `its record holds ${predictions} predictions; ${PREDICTIONS_MIN} are needed`;
    return { ok: false, words };
  }
  const share = covered / predictions;
  const least =
    nominal - COVERAGE_TOLERANCE - 2 * Math.sqrt((nominal * (1 - nominal)) / predictions);
  const said = `${covered} of ${predictions} predictions (${percent(share)}) came true within intervals`;
  return share >= least
    ? { ok: true, words: `${said} that claim ${percent(nominal)}` }
    : {
        ok: false,
        words: `only ${said} that claim ${percent(nominal)}; ${percent(least)} is the least`,
      };
}

function percent(share: number): string {
  return `${Math.round(share * 100)}%`;
}
