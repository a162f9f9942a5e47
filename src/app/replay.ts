/**
 * Replay: the loop over a real file of shipments, day by day, as if it had been there.
 *
 * The engine, the papers and the agents are those of a live loop; the clock is the file's and what is
 * changed outside is a sandbox. A cohort of orders is delivered when it is mature, never before, so
 * the last days of the file are not judged at all. What the file cannot know is assumed and said: the
 * ads spend per order, and that votes are given.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { LOOP_NAME } from "../../loops/logistics-marketing/loop.ts";
import type { CompanyFigures } from "../../twin/sandbox/sandbox.ts";
import {
  loadMapping,
  type Mapping,
  readShipments,
  type ShipmentImport,
} from "../connector/shipment-file/index.ts";
import { DETECTOR_DEFAULTS } from "../stats/detect/settings.ts";
import { InterlockError } from "../std/errors.ts";
import { addDays, addMs, type Day, dayToNumber, HOUR_MS, instantOn } from "../std/time.ts";
import type { ReplayNote } from "./data-directory.ts";
import { summariseImport, type ImportSummary } from "./import-shipments.ts";
import { CONFORMANCE_CASES } from "./go-live.ts";
import { DEFAULT_ZONE_OFFSET_MINUTES } from "./interlock.ts";
import { readRun, type RunReport } from "./run-report.ts";
import { runWorld } from "./run-world.ts";
import { createSimulatedWorld } from "./simulated-world.ts";
import { beginSimulation, openSimulation, type Simulation } from "./simulation.ts";

/** Published acquisition costs of such sellers; the file has no ad spend. */
export const ASSUMED_SPEND_PER_ORDER_MINOR = 17_000;
const CALIBRATION_DAYS_MAX = 45;
/** A short file is read too, if only to be told that it is too short to judge. */
const WARMUP_DAYS_MIN = DETECTOR_DEFAULTS.lagDays + 1;
const DELIVERED_MINUTE = 5 * 60 + 30;
const ASSUMED_VOTE_HOURS = 2;

export type ReplayReport = RunReport & {
  readonly loop: string;
  readonly file: ImportSummary["file"];
  readonly mapping: string;
  readonly rows: ImportSummary["rows"];
  readonly knownOutcome: number;
  readonly notDelivered: number;
  readonly rejects: ImportSummary["rejects"];
  readonly rejected: ImportSummary["rejected"];
  readonly places: ImportSummary["places"];
  readonly dateFormats: ImportSummary["dateFormats"];
  readonly damage: ImportSummary["damage"];
  readonly days: {
    readonly first: Day | null;
    readonly last: Day | null;
    readonly mature: number;
    readonly learning: number;
  };
  readonly immature: { readonly days: number; readonly rows: number };
  readonly assumptions: ReadonlyArray<string>;
  readonly caseList: ReadonlyArray<{
    readonly id: string;
    readonly subject: string;
    readonly sentAt: string;
    readonly state: string;
    readonly option: string | null;
  }>;
};

export type ReplayOptions = {
  readonly directory: string;
  readonly resume: boolean;
  readonly loop: string;
  readonly file: string;
  readonly mapping: string;
  readonly until: Day | null;
  readonly votes: "agree" | "none";
  readonly databaseUrl?: string | undefined;
  /** Conformance cases for each end before the loop goes live. */
  readonly conformanceCases?: number;
  onProgress?(label: string, done: number, total: number): void;
};

export async function runReplay(options: ReplayOptions): Promise<ReplayReport> {
  if (options.loop !== LOOP_NAME) {
    throw new InterlockError("loop/not-found", `no loop is named \`${options.loop}\``, {
      help: `the loop that reads shipments is ${LOOP_NAME}`,
    });
  }
  const mapping = await loadMapping(options.mapping);
  const shipments = await readShipments(options.file, mapping, {
    onProgress: ({ bytesRead, bytesTotal }) =>
      options.onProgress?.("bytes read", bytesRead, bytesTotal),
  });
  const wanted: ReplayNote = {
    kind: "replay",
    loop: options.loop,
    file: options.file,
    fileHash: shipments.file.hash,
    mapping: options.mapping,
    until: options.until,
    votes: options.votes,
  };
  await beginSimulation(options.directory, wanted, options);
  const plan = planReplay(shipments, options.until);
  const simulation = await openReplay(options.directory, shipments, plan, options.databaseUrl);
  try {
    const { interlock, clock, wiring } = simulation;
    const batches = new Map(plan.cohorts.map(({ day, batch }) => [day, batch]));
    const [first] = plan.cohorts;
    const world = createSimulatedWorld({
      engine: interlock.engine,
      wiring,
      deliveries: plan.cohorts.map(({ day, dueDay }) => ({
        day,
        at: instantOn(dueDay, DELIVERED_MINUTE, DEFAULT_ZONE_OFFSET_MINUTES),
      })),
      batchFor(day) {
        const batch = batches.get(day);
        if (batch === undefined) throw new Error(`no cohort of ${day} is planned`);
        return day === first?.day ? { ...batch, subjects: shipments.subjects } : batch;
      },
      answerVote: (_case, _party, askedAt) =>
        options.votes === "none"
          ? undefined
          : {
              at: addMs(askedAt, ASSUMED_VOTE_HOURS * HOUR_MS),
              choice: "agree",
              reason: "assumed in replay",
            },
      conformanceCases: options.conformanceCases ?? CONFORMANCE_CASES,
      onDelivered: (done, total) => options.onProgress?.("days", done, total),
    });
    await runWorld(interlock.engine, clock, world, plan.endsAt);
    return await reportReplay(simulation, shipments, plan, options);
  } finally {
    await simulation.close();
  }
}

type Plan = {
  readonly cohorts: ShipmentImport["cohorts"];
  readonly startsAt: string;
  readonly endsAt: string;
  readonly calibrationDays: number;
};

function planReplay(shipments: ShipmentImport, until: Day | null): Plan {
  const { snapshotDay, damage } = shipments;
  if (snapshotDay === null) {
    throw new InterlockError("import/unreadable-file", "the file has no usable row", {
      help: "`import shipments` lists what is wrong with each row",
    });
  }
  const last = until !== null && until < snapshotDay ? until : snapshotDay;
  const cohorts = shipments.cohorts.filter(({ dueDay }) => dueDay <= last);
  const startDay = cohorts[0]?.dueDay ?? last;
  if (damage !== null && cohorts.every(({ batch }) => batch.completeDays.length === 0)) {
    throw new InterlockError("import/unreadable-file", damage.message, {
      help: "get the whole file; a damaged one has no day that is known to be complete",
    });
  }
  return {
    cohorts,
    startsAt: instantOn(startDay, 0, DEFAULT_ZONE_OFFSET_MINUTES),
    endsAt: instantOn(addDays(last, 1), 0, DEFAULT_ZONE_OFFSET_MINUTES),
    calibrationDays: Math.min(CALIBRATION_DAYS_MAX, Math.max(1, Math.floor(cohorts.length / 2))),
  };
}

function openReplay(
  directory: string,
  shipments: ShipmentImport,
  plan: Plan,
  databaseUrl: string | undefined,
): Promise<Simulation> {
  return openSimulation({
    directory,
    databaseUrl,
    subjects: shipments.subjects,
    startsAt: plan.startsAt,
    calibrationDays: plan.calibrationDays,
    // A cohort is read only when mature, so the newest complete day is that old on the day it comes.
    dataMaxAgeHours: (shipments.maturityDays + 3) * 24,
    detector: { detector: { warmupDays: Math.max(WARMUP_DAYS_MIN, plan.calibrationDays) } },
    figures: () => figuresOf(shipments),
  });
}

/** Orders as the file has them; spend by assumption. */
function figuresOf(shipments: ShipmentImport): CompanyFigures {
  const parents = new Map(shipments.subjects.map(({ id, parent }) => [id, parent]));
  const ordersByDay = new Map<Day, Map<string, number>>();
  for (const { day, batch } of shipments.cohorts) {
    const orders = new Map<string, number>();
    for (const { subject, n } of batch.observations) {
      for (let at: string | null | undefined = subject; at != null; at = parents.get(at)) {
        orders.set(at, (orders.get(at) ?? 0) + n);
      }
    }
    ordersByDay.set(day, orders);
  }
  const ordersOn = (subject: string, day: Day) => ordersByDay.get(day)?.get(subject) ?? 0;
  const daysOf = (from: Day, until: Day) =>
    Array.from({ length: dayToNumber(until) - dayToNumber(from) }, (_, i) => addDays(from, i));
  return {
    // The newest fortnight is not known to anyone yet; the days before it stand for it.
    ordersPerDay: (subject, from, until) =>
      daysOf(from, until).map((day) => {
        const orders = ordersOn(subject, addDays(day, -shipments.maturityDays));
        return { orders, codOrders: 0 };
      }),
    spendPerDayMinor: (subject, from, until) =>
      daysOf(from, until).map(
        (day) =>
          ordersOn(subject, addDays(day, -shipments.maturityDays)) * ASSUMED_SPEND_PER_ORDER_MINOR,
      ),
  };
}

async function reportReplay(
  { interlock }: Simulation,
  shipments: ShipmentImport,
  plan: Plan,
  options: ReplayOptions,
): Promise<ReplayReport> {
  const { report, cases } = await readRun(interlock.engine, options.loop);
  const summary = summariseImport(shipments);
  return {
    loop: options.loop,
    file: summary.file,
    mapping: summary.mapping,
    rows: summary.rows,
    knownOutcome: summary.knownOutcome,
    notDelivered: summary.notDelivered,
    rejects: summary.rejects,
    rejected: summary.rejected,
    places: summary.places,
    dateFormats: summary.dateFormats,
    damage: summary.damage,
    days: {
      first: plan.cohorts[0]?.day ?? null,
      last: plan.cohorts.at(-1)?.day ?? null,
      mature: plan.cohorts.length,
      learning: plan.calibrationDays,
    },
    immature: { days: shipments.immature.days.length, rows: shipments.immature.rows },
    assumptions: [
      `ad spend: Rs ${ASSUMED_SPEND_PER_ORDER_MINOR / 100} per order, everywhere alike`,
      options.votes === "agree"
        ? `votes: every party agrees ${ASSUMED_VOTE_HOURS} hours after it is asked`
        : "votes: nobody answers",
      "outcomes: nothing really changed in the past, so no effect is claimed",
    ],
    ...report,
    caseList: cases.map((of) => ({
      id: of.id,
      subject: of.signal.subject,
      sentAt: of.signal.sentAt,
      state: of.closeReason ?? of.state,
      option: of.proposal?.option ?? null,
    })),
  };
}

/** Opens the directory of an earlier replay, to look at it. */
export async function reopenReplay(
  directory: string,
  note: ReplayNote,
  databaseUrl: string | undefined,
): Promise<Simulation> {
  const hash = await hashFile(note.file);
  if (hash !== note.fileHash) {
    throw new InterlockError(
      "import/unreadable-file",
      `\`${note.file}\` is not the file replayed`,
      {
        help: "put the file back, or replay again",
      },
    );
  }
  const mapping: Mapping = await loadMapping(note.mapping);
  const shipments = await readShipments(note.file, mapping, {});
  return openReplay(directory, shipments, planReplay(shipments, note.until), databaseUrl);
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash("sha256");
  try {
    for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer);
  } catch (cause) {
    throw new InterlockError("import/unreadable-file", `cannot read \`${file}\``, { cause });
  }
  return hash.digest("hex");
}
