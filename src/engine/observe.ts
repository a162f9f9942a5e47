/**
 * Observations in, findings out: a batch is stored once, a complete day is folded once.
 *
 * The sending agent folds days in order. Its new state, the day's reading and the signals it sends are
 * one transaction, so a crash between two days leaves exactly the days that were read, and a crash
 * within one leaves the day unread.
 */
import type { ObservationBatch, SendingAgent, Subject } from "../core/port/types.ts";
import { InterlockError } from "../std/errors.ts";
import type { Day, Instant } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { findAgentProgress, findAgentState, saveAgentState } from "../store/table/agent-state.ts";
import { insertDayReading } from "../store/table/day-reading.ts";
import { appendLedger } from "../store/table/ledger.ts";
import { findLoop } from "../store/table/loop.ts";
import {
  type BatchReceipt,
  insertBatch,
  insertCompleteDays,
  listCompleteDays,
  listObservationsOfDay,
  upsertObservations,
} from "../store/table/observation.ts";
import { insertCaseEvents } from "../store/table/case-event.ts";
import { listActedSubjects, listOpenCases } from "../store/table/signal-case.ts";
import { listSubjects, upsertSubjects } from "../store/table/subject.ts";
import { checkBatch } from "./batch-check.ts";
import { acceptSignals, type IntakeAnswer } from "./intake.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

export async function receiveBatch(
  context: EngineContext,
  batch: ObservationBatch,
): Promise<BatchReceipt> {
  const now = context.clock.now();
  return context.driver.transaction(async (tx) => {
    const receipt = await insertBatch(tx, batch, now);
    if (receipt !== "new") return receipt;
    await checkBatch(tx, batch);
    await upsertSubjects(tx, batch.subjects);
    await upsertObservations(tx, batch.observations);
    await insertCompleteDays(tx, batch.metric, batch.completeDays, now);
    await appendLedger(tx, [
      {
        at: now,
        kind: "batch.received",
        loop: null,
        case: null,
        actor: batch.source,
        body: {
          batch: batch.id,
          metric: batch.metric,
          rows: batch.observations.length,
          completeDays: batch.completeDays,
        },
      },
    ]);
    return receipt;
  });
}

export type FoldedDay = {
  readonly day: Day;
  readonly evaluated: number;
  readonly answers: ReadonlyArray<IntakeAnswer>;
};

/** A sending agent with the state it was last saved with. One per loop and process. */
export class Sender {
  readonly #context: EngineContext;
  readonly #wiring: LoopWiring;
  readonly #agent: SendingAgent;
  #asOf: Day | undefined;
  #daysFolded = 0;
  #isRestored = false;
  #subjects: ReadonlyMap<string, Subject> = new Map();

  constructor(context: EngineContext, wiring: LoopWiring, agent: SendingAgent) {
    this.#context = context;
    this.#wiring = wiring;
    this.#agent = agent;
  }

  /** Folds every complete day that was not folded yet, oldest first. */
  async foldDueDays(): Promise<ReadonlyArray<FoldedDay>> {
    const { driver } = this.#context;
    const saved = await findAgentProgress(driver, this.#wiring.name);
    // Another worker may have folded since.
    if (!this.#isRestored || saved?.days_folded !== this.#savedDays) await this.#restore();
    const days = await listCompleteDays(driver, this.#wiring.metric, this.#asOf);
    if (days.length > 0) {
      this.#subjects = new Map((await listSubjects(driver)).map((s) => [s.id, s]));
    }
    const folded: FoldedDay[] = [];
    for (const day of days) {
      const one = await this.#foldDay(day);
      if (one === undefined) break;
      folded.push(one);
    }
    return folded;
  }

  async #restore(): Promise<void> {
    const saved = await findAgentState(this.#context.driver, this.#wiring.name);
    if (saved !== undefined) {
      const sender = this.#agent;
      if (saved.agent !== sender.name || saved.version !== sender.version) {
        throw new InterlockError(
          "agent/failed",
          `the saved state is of \`${saved.agent} ${saved.version}\`, but ` +
            `\`${sender.name} ${sender.version}\` is connected`,
          { help: "connect the agent that folded so far, or start in a new data directory" },
        );
      }
      sender.restore(saved.state);
      this.#asOf = saved.as_of_day;
      this.#daysFolded = saved.days_folded;
    }
    this.#isRestored = true;
  }

  get #savedDays(): number | undefined {
    return this.#asOf === undefined ? undefined : this.#daysFolded;
  }

  /** Undefined when another worker folded it meanwhile: theirs stands, and is gone on from. */
  async #foldDay(day: Day): Promise<FoldedDay | undefined> {
    const { driver, clock } = this.#context;
    const { metric, name } = this.#wiring;
    const sender = this.#agent;
    const now = clock.now();
    const observations = await listObservationsOfDay(driver, metric, day);
    const acted = new Set(await listActedSubjects(driver, name));
    // From here until the commit the agent is ahead of its saved state.
    this.#isRestored = false;
    const reading = sender.foldDay({ day, now, subjects: this.#subjects, observations, acted });
    const answers = await driver.transaction(async (tx) => {
      const isOurs = await saveAgentState(tx, name, {
        agent: sender.name,
        version: sender.version,
        as_of_day: day,
        days_folded: this.#daysFolded + 1,
        state: sender.save(),
      });
      if (!isOurs) return undefined;
      await insertDayReading(tx, name, reading, now);
      const isSending = await this.#isSending(tx);
      await appendLedger(tx, [
        {
          at: now,
          kind: "day.read",
          loop: name,
          case: null,
          actor: `${sender.department}/${sender.name}`,
          body: {
            day,
            evaluated: reading.evaluated,
            notEvaluated: reading.notEvaluated,
            signals: reading.signals.map((signal) => signal.id),
            sent: isSending,
          },
        },
      ]);
      await tellRecovered(tx, name, reading.recovered ?? [], now);
      if (!isSending) return [];
      return acceptSignals(
        tx,
        this.#context,
        this.#wiring,
        reading.signals,
        (subject) => this.#subjects.get(subject)?.name ?? subject,
      );
    });
    if (answers === undefined) return undefined;
    this.#isRestored = true;
    this.#asOf = day;
    this.#daysFolded += 1;
    return { day, evaluated: reading.evaluated, answers };
  }

  /** A loop that was never live learns in shadow: it reads, but sends nothing yet. */
  async #isSending(tx: Parameters<typeof findLoop>[0]): Promise<boolean> {
    const loop = await findLoop(tx, this.#wiring.name);
    return loop?.state === "live" || loop?.state === "suspended" || loop?.state === "paused";
  }
}

/** Actions that stand on a subject that is well again are taken back, where the charter says so. */
async function tellRecovered(
  tx: Tx,
  loop: string,
  subjects: ReadonlyArray<string>,
  now: Instant,
): Promise<void> {
  if (subjects.length === 0) return;
  const standing = (await listOpenCases(tx, loop, subjects)).filter(
    (of) => of.state === "watching",
  );
  const why = "the sender's data shows that the change is over";
  await insertCaseEvents(
    tx,
    standing.map((of) => ({
      caseId: of.id,
      event: { kind: "subject.recovered", at: now, why } as const,
    })),
  );
}
