/** The daily counts behind a case: of its subject, from before the change until after the action. */
import {
  composeEvidence,
  type EvidenceDay,
  type EvidencePicture,
} from "../core/case/evidence-picture.ts";
import type { Case } from "../core/case/types.ts";
import { assert } from "../std/assert.ts";
import { addDays, type Day, dayOf, type Instant } from "../std/time.ts";
import { countFinest } from "../store/table/subject.ts";
import { listPlaceDays } from "../store/table/within-day.ts";
import type { EngineContext } from "./wiring.ts";

/** What is drawn before the change, and after the action. */
const DAYS_BEFORE = 60;
const DAYS_AFTER = 45;

export type CaseEvidence = {
  readonly id: string;
  readonly metric: string;
  /** Trials and events of the subject, its finer places summed; days without data are absent. */
  readonly days: ReadonlyArray<EvidenceDay>;
  /** Where the signal says that it changed; null when it says none. */
  readonly changedOn: Day | null;
  /** When it was said and acted on, as days of the business. */
  readonly saidOn: Day;
  readonly actedOn: Day | null;
  /** How many of the finest places stand behind each day. */
  readonly places: number;
};

export async function readCaseEvidence(context: EngineContext, of: Case): Promise<CaseEvidence> {
  const wiring = context.loops.get(of.loop);
  assert(wiring, `the loop \`${of.loop}\` is wired`);
  const { driver, zoneOffsetMinutes } = context;
  const changedOn = wiring.readChange(of.signal)?.onDay ?? null;
  const toDay = (at: Instant): Day => dayOf(at, zoneOffsetMinutes);
  const saidOn = toDay(of.signal.sentAt);
  const actedOn = of.action === undefined ? null : toDay(of.action.at);
  const { metric } = wiring;
  const { subject } = of.signal;
  const counts = await listPlaceDays(driver, metric, [subject], {
    from: addDays(changedOn ?? saidOn, -DAYS_BEFORE),
    until: addDays(actedOn ?? saidOn, DAYS_AFTER),
  });
  const days = counts.map(({ day, n, k }) => ({ day, n, k }));
  const places = await countFinest(driver, subject);
  return { id: of.id, metric, days, changedOn, saidOn, actedOn, places };
}

/** Undefined where the data behind it is not kept here. */
export async function readCasePicture(
  context: EngineContext,
  of: Case,
): Promise<EvidencePicture | undefined> {
  const { metric, days, changedOn } = await readCaseEvidence(context, of);
  return composeEvidence(metric, days, changedOn);
}
