/**
 * The demo: a company of thousands of pincodes, 120 days, two departments, and what it was all worth.
 *
 * Days of history first, in which the loop learns in shadow; then both heads sign, the gates are tried
 * and the loop goes live. What really happened is known here, so detection is graded against the truth
 * and the value is a subtraction: the company as it went, as it would have gone with nothing done, and
 * as it would have gone with the same actions after a hand-off between people of 5 to 14 days.
 */
import { type Company, createCompany } from "../../twin/company/company.ts";
import { type DetectionGrade, gradeDetection } from "../../twin/company/grade.ts";
import { answerVote, humanHandOffDays } from "../../twin/company/people.ts";
import { type InForce, NOTHING_IN_FORCE } from "../../twin/company/response.ts";
import { COMPANY_DEFAULTS } from "../../twin/company/settings.ts";
import { renderAccount } from "../core/case/letter.ts";
import type { Case } from "../core/case/types.ts";
import { getTerms } from "../engine/terms.ts";
import type { SignalledChange } from "../engine/wiring.ts";
import { addDays, type Day, dayOf, instantOn } from "../std/time.ts";
import type { DemoNote } from "./data-directory.ts";
import { CONFORMANCE_CASES } from "./go-live.ts";
import { DEFAULT_ZONE_OFFSET_MINUTES } from "./interlock.ts";
import { readRun, type RunReport } from "./run-report.ts";
import { runWorld } from "./run-world.ts";
import { figuresOf } from "./sandbox-outside.ts";
import { createSimulatedWorld } from "./simulated-world.ts";
import { beginSimulation, LOOP_NAME, openSimulation, type Simulation } from "./simulation.ts";

/** The company goes on for so many days after the run, so that its last days are as any other. */
const DAYS_AFTER = 3;

export const DEMO_DEFAULTS: Omit<DemoNote, "kind"> = {
  seed: COMPANY_DEFAULTS.seed,
  days: COMPANY_DEFAULTS.days - DAYS_AFTER,
  historyDays: COMPANY_DEFAULTS.historyDays,
  geographies: COMPANY_DEFAULTS.geographies,
  breaksPerMonth: COMPANY_DEFAULTS.breaksPerMonth,
};

/** A day's data is there at half past five the next morning. */
const DELIVERED_MINUTE = 5 * 60 + 30;
/** The run ends before anybody is at work, so that what came last still waits for its votes. */
const ENDS_MINUTE = 6 * 60;
const DATA_MAX_AGE_HOURS = 48;

export type DemoReport = RunReport & {
  readonly seed: number;
  readonly days: number;
  readonly historyDays: number;
  readonly geographies: number;
  readonly value: {
    readonly currency: string;
    readonly savedMinor: number;
    readonly versusHumanMinor: number;
  };
  readonly detection: DetectionGrade;
  /** One case told in full. */
  readonly example: { readonly id: string; readonly account: string } | null;
};

export type DemoOptions = {
  readonly directory: string;
  readonly resume: boolean;
  readonly settings: Omit<DemoNote, "kind">;
  readonly databaseUrl?: string | undefined;
  /** Conformance cases for each end before the loop goes live. */
  readonly conformanceCases?: number;
  onProgress?(label: string, done: number, total: number): void;
};

export async function runDemo(options: DemoOptions): Promise<DemoReport> {
  const note: DemoNote = { kind: "demo", ...options.settings };
  // Wrong settings are refused before anything of an earlier run is touched.
  const company = companyOf(note);
  await beginSimulation(options.directory, note, options);
  const simulation = await openDemo(options.directory, note, company, options.databaseUrl);
  try {
    const { interlock, clock, sandbox, wiring } = simulation;
    const { engine } = interlock;
    const { startDay } = company.settings;
    const days = Array.from({ length: note.days }, (_, index) => addDays(startDay, index));
    const inForce: InForce = (subject, day) => sandbox.inForce(subject, day);
    const world = createSimulatedWorld({
      engine,
      wiring,
      deliveries: days.map((day) => ({ day, at: morningAfter(day) })),
      batchFor: (day) => company.batchFor(day, inForce),
      answerVote: (caseId, party, askedAt) => answerVote(note.seed, caseId, party, askedAt),
      conformanceCases: options.conformanceCases ?? CONFORMANCE_CASES,
      onDelivered: (done, total) => options.onProgress?.("days", done, total),
    });
    const endsAt = instantOn(
      addDays(startDay, note.days),
      ENDS_MINUTE,
      DEFAULT_ZONE_OFFSET_MINUTES,
    );
    await runWorld(engine, clock, world, endsAt);
    return await reportDemo(simulation, company, note);
  } finally {
    await simulation.close();
  }
}

export function companyOf(note: DemoNote): Company {
  const { kind: _kind, ...settings } = note;
  return createCompany({
    ...settings,
    days: settings.days + DAYS_AFTER,
    ordersPerDay: Math.round((settings.geographies * 25) / 3),
  });
}

export function openDemo(
  directory: string,
  note: DemoNote,
  company: Company,
  databaseUrl: string | undefined,
): Promise<Simulation> {
  return openSimulation({
    directory,
    databaseUrl,
    subjects: company.subjects,
    startsAt: morningAfter(addDays(company.settings.startDay, -1)),
    calibrationDays: note.historyDays,
    dataMaxAgeHours: DATA_MAX_AGE_HOURS,
    figures: (sandbox) => figuresOf(company, sandbox),
  });
}

function morningAfter(day: Day): string {
  return instantOn(addDays(day, 1), DELIVERED_MINUTE, DEFAULT_ZONE_OFFSET_MINUTES);
}

async function reportDemo(
  { interlock, sandbox, wiring }: Simulation,
  company: Company,
  note: DemoNote,
): Promise<DemoReport> {
  const { engine } = interlock;
  const { report, cases } = await readRun(engine, LOOP_NAME);
  const { startDay } = company.settings;
  const liveFrom = addDays(startDay, note.historyDays);
  const endDay = addDays(startDay, note.days);
  const worth = (inForce: InForce) => company.contributionMinor(inForce, liveFrom, endDay);
  const actual = worth((subject, day) => sandbox.inForce(subject, day));
  const delayed = worth(delayedHistory(cases, note.seed));
  const detection = gradeDetection(
    cases.map((of) => ({
      subject: of.signal.subject,
      sentDay: dayOf(of.signal.sentAt, DEFAULT_ZONE_OFFSET_MINUTES),
      ...onDayOf(wiring.readChange(of.signal)),
    })),
    company.truth,
    company.subjects,
    liveFrom,
  );
  const example = chooseExample(cases);
  const terms =
    example && (await getTerms(interlock.driver, example.contractHash, example.charterHash));
  return {
    seed: note.seed,
    days: note.days,
    historyDays: note.historyDays,
    geographies: note.geographies,
    ...report,
    value: {
      currency: wiring.charter.currency,
      savedMinor: actual - worth(NOTHING_IN_FORCE),
      versusHumanMinor: actual - delayed,
    },
    detection,
    example: example && terms ? { id: example.id, account: renderAccount(example, terms) } : null,
  };
}

function onDayOf(change: SignalledChange | undefined): { readonly onDay?: Day } {
  return change === undefined ? {} : { onDay: change.onDay };
}

/** The same actions, begun after a hand-off between people, standing as long as they did. */
function delayedHistory(cases: ReadonlyArray<Case>, seed: number): InForce {
  const bySubject = new Map<string, Array<{ from: Day; until: Day; of: Case }>>();
  for (const of of cases) {
    if (of.action === undefined) continue;
    const days = humanHandOffDays(seed, of.id);
    const until = of.action.liftedAt ?? of.action.standingUntil;
    const standing = bySubject.get(of.signal.subject) ?? [];
    standing.push({
      from: addDays(dayOf(of.action.at, DEFAULT_ZONE_OFFSET_MINUTES), 1 + days),
      until: addDays(dayOf(until, DEFAULT_ZONE_OFFSET_MINUTES), 1 + days),
      of,
    });
    bySubject.set(of.signal.subject, standing);
  }
  return (subject, day) =>
    (bySubject.get(subject) ?? []).flatMap(({ from, until, of }) =>
      from <= day && day < until && of.action !== undefined
        ? [{ option: of.action.intervention.option, parameters: of.action.intervention.parameters }]
        : [],
    );
}

/** A case that went the whole way, the one with most at stake; else any that was acted on. */
function chooseExample(cases: ReadonlyArray<Case>): Case | undefined {
  const stakeOf = (of: Case) => of.proposal?.valueAtStake.amountMinor ?? 0;
  const rank = (of: Case) =>
    (of.outcome?.verdict === "helped" ? 4 : 0) +
    (of.outcome !== undefined ? 2 : 0) +
    (of.votes.length > 0 ? 1 : 0);
  return [...cases]
    .filter((of) => of.action !== undefined)
    .sort((a, b) => rank(b) - rank(a) || stakeOf(b) - stakeOf(a) || (a.id < b.id ? -1 : 1))[0];
}
