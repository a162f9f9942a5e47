import { addDays, type Day, dayOf, type Instant } from "../std/time.ts";
import { countFinest } from "../store/table/subject.ts";
import { listPlaceDays } from "../store/table/within-day.ts";
import { CASE_FIELD, getWiring, inputSchema, type Operation } from "./operation.ts";
import { getCase } from "./show-case.ts";

/** What is drawn before the change, and after the action. */
const DAYS_BEFORE = 60;
const DAYS_AFTER = 45;

export type EvidenceDay = { readonly day: Day; readonly n: number; readonly k: number };

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

export const caseEvidence: Operation<{ readonly id: string }, CaseEvidence> = {
  name: "case.evidence",
  summary: "The daily counts of a case's subject, from before its change until after its action.",
  access: "viewer",
  errors: ["case/not-found", "loop/not-found"],
  input: inputSchema({ id: CASE_FIELD }),
  async handler(context, { id }) {
    const of = await getCase(context, id);
    const wiring = getWiring(context, of.loop);
    const { driver, zoneOffsetMinutes } = context.engine.context;
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
    return { id, metric, days, changedOn, saidOn, actedOn, places };
  },
};
