/**
 * The autonomy ladder: shadow, advise, act. A step up is earned by evidence and signed by both owners; a
 * step down needs nobody.
 *
 * Evidence counts from the last step, so that what earned one step does not earn the next as well. In
 * shadow nothing is acted on, so nothing can be measured: verdicts are counted there instead.
 */
import { AUTONOMY_LEVELS, type AutonomyLevel, type AutonomyTerms } from "../charter/types.ts";

/** What the records say since the last step. */
export type AutonomyEvidence = {
  readonly verdicts: number;
  readonly helped: number;
  readonly noEffect: number;
  readonly harmed: number;
  readonly undetermined: number;
  /** Harmful outcomes of the last `demote.withinDays` days, whenever the last step was. */
  readonly harmedLately: number;
  /** The sender's confidence and the receiver's record hold: their gates are shut. */
  readonly isCalibrated: boolean;
};

export type AutonomyReading =
  | { readonly kind: "stay"; readonly missing: ReadonlyArray<string> }
  | {
      readonly kind: "promote";
      readonly to: AutonomyLevel;
      readonly words: ReadonlyArray<string>;
    }
  | { readonly kind: "demote"; readonly to: AutonomyLevel; readonly why: string };

export function readAutonomy(
  terms: AutonomyTerms,
  level: AutonomyLevel,
  evidence: AutonomyEvidence,
): AutonomyReading {
  const below = stepFrom(level, -1);
  const { harmed, withinDays } = terms.demote;
  if (below !== undefined && evidence.harmedLately >= harmed) {
    const why = `${evidence.harmedLately} outcomes of the last ${withinDays} days did harm; ${harmed} are too many`;
    return { kind: "demote", to: below, why };
  }
  const above = stepFrom(level, 1);
  if (above === undefined) return { kind: "stay", missing: [] };
  const missing = listMissing(terms, level, evidence);
  if (missing.length > 0) return { kind: "stay", missing };
  return { kind: "promote", to: above, words: describe(level, evidence) };
}

/** The level one step up (1) or down (-1); undefined at the end of the ladder. */
export function stepFrom(level: AutonomyLevel, by: 1 | -1): AutonomyLevel | undefined {
  return AUTONOMY_LEVELS[AUTONOMY_LEVELS.indexOf(level) + by];
}

function countMatured({ helped, noEffect, harmed, undetermined }: AutonomyEvidence): number {
  return helped + noEffect + harmed + undetermined;
}

function listMissing(
  { promote }: AutonomyTerms,
  level: AutonomyLevel,
  evidence: AutonomyEvidence,
): ReadonlyArray<string> {
  const { matured, helpedShareAtLeast, harmedAtMost } = promote;
  const missing: string[] = [];
  const count = level === "shadow" ? evidence.verdicts : countMatured(evidence);
  const what = level === "shadow" ? "verdicts" : "outcomes";
  if (count < matured) missing.push(`${count} of ${matured} ${what} since the last step`);
  if (level !== "shadow") {
    // What could not be told is neither help nor harm.
    const told = evidence.helped + evidence.noEffect + evidence.harmed;
    const share = told === 0 ? 0 : evidence.helped / told;
    if (share < helpedShareAtLeast) {
      missing.push(
        `${evidence.helped} of ${told} outcomes that could be told helped; ` +
          `${Math.round(helpedShareAtLeast * 100)}% are asked for`,
      );
    }
    if (evidence.harmed > harmedAtMost) {
      missing.push(`${evidence.harmed} did harm; at most ${harmedAtMost} may have`);
    }
  }
  if (!evidence.isCalibrated) missing.push("an agent's calibration does not hold");
  return missing;
}

function describe(level: AutonomyLevel, evidence: AutonomyEvidence): ReadonlyArray<string> {
  if (level === "shadow") return [`${evidence.verdicts} verdicts were reached in shadow`];
  const { helped, noEffect, harmed, undetermined } = evidence;
  return [
    `${countMatured(evidence)} outcomes since the last step: ${helped} helped, ${noEffect} had no ` +
      `effect, ${harmed} did harm, ${undetermined} could not be told`,
    "both agents' calibration holds",
  ];
}
