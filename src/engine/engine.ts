/**
 * The engine: the same few moves in every mode. Live, shadow, replay and simulation differ in the clock
 * and the ports they are given, never in what happens here.
 *
 *   receive    a batch of observations           `observe.ts`
 *   fold       complete days into signals        `observe.ts`, `intake.ts`
 *   settle     turns and dispatches, in turn, until nothing is due at this instant
 *   review     a loop's gates, at every heartbeat   `gates.ts`, `loops.ts`
 *
 * On a virtual clock the caller moves time to `findNextDue()` and settles again. Everything that decides
 * what happens next is in the database, so a process that dies anywhere is replaced by one that opens
 * the same database and goes on.
 */
import "./native-hash.ts";
import { setTimeout as delay } from "node:timers/promises";
import type { ObservationBatch } from "../core/port/types.ts";
import type { LoopStep } from "../core/loop/lifecycle.ts";
import { assert } from "../std/assert.ts";
import type { Instant } from "../std/time.ts";
import type { BatchReceipt } from "../store/table/observation.ts";
import { findNextDue } from "../store/table/case-event.ts";
import { findNextEffectDue, releaseLeases } from "../store/table/effect.ts";
import { enterSlips } from "../store/table/ledger.ts";
import { findNextLoopNoticeDue } from "../store/table/loop-notice.ts";
import { Alarm } from "./alarm.ts";
import { reviewAutonomy } from "./autonomy.ts";
import { isDrillDue, runDrill } from "./drill.ts";
import { Backlog } from "./backlog.ts";
import { beginDispatch, type Leave, runDispatch } from "./dispatch.ts";
import { Duties } from "./duties.ts";
import { Heads } from "./heads.ts";
import { sendLoopNews } from "./loop-news.ts";
import { requestLoop } from "./loops.ts";
import { calibrateReceiver, isCalibrationDue } from "./own-record.ts";
import { type FoldedDay, receiveBatch, Sender } from "./observe.ts";
import { People } from "./people.ts";
import { QuestionDesk } from "./question-desk.ts";
import { runTurn } from "./turn.ts";
import { Webhooks } from "./webhooks.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

/** Questions to agents elsewhere that are under way at one time; more wait for their turn. */
const QUESTIONS_MAX = 1_000;
/** Batches of effects under way at one time: a slow call outside keeps only its own batch waiting. */
const BATCHES_MAX = 4;
/** A heartbeat waits this long for the next answer before it looks at everything else again. */
const ANSWER_SOON_MS = 500;

export class Engine {
  readonly context: EngineContext;
  /** Where agents that fetch their questions find them. */
  readonly desk: QuestionDesk;
  readonly people: People;
  readonly webhooks: Webhooks;
  /** Rung in this process when there may be letters to read, and when there may be effects to carry out. */
  readonly letters = new Alarm();
  readonly effects = new Alarm();
  /** What waits, and whether more is let in on top of it. */
  readonly backlog: Backlog;
  /** What one worker at a time does for all. */
  readonly duties: Duties;
  /** Signs the ledger and shows it to its witnesses. */
  readonly heads: Heads;
  readonly #senders: ReadonlyMap<string, Sender>;
  readonly #underWay = new Set<Promise<void>>();
  /** Questions left under way that have ended, whatever their answer. */
  #answers = 0;
  #batches = 0;
  #trouble: Error | undefined;

  constructor(context: EngineContext) {
    this.context = context;
    this.desk = new QuestionDesk(context.driver, context.clock);
    this.people = new People(context);
    this.webhooks = new Webhooks(context);
    this.backlog = new Backlog(context);
    this.duties = new Duties(context.driver);
    this.heads = new Heads(context);
    this.#senders = new Map(
      [...context.loops.values()].flatMap((wiring) =>
        wiring.sender === null ? [] : [[wiring.name, new Sender(context, wiring, wiring.sender)]],
      ),
    );
  }

  wiringOf(loop: string): LoopWiring | undefined {
    return this.context.loops.get(loop);
  }

  /**
   * Frees what a dead process of this data directory still held. Only right where the store admits one
   * process at a time: there, whoever holds a lease now is dead.
   */
  async recover(): Promise<number> {
    return releaseLeases(this.context.driver);
  }

  /**
   * Tells every worker, here and elsewhere, that there is something to do. For whoever let it in: without,
   * it is found at the next beat.
   */
  wake(): void {
    this.context.driver.ring();
  }

  async receive(batch: ObservationBatch): Promise<BatchReceipt> {
    return receiveBatch(this.context, batch);
  }

  /** Folds the complete days that are due; a loop whose sender is remote has none. */
  async fold(loop: string): Promise<ReadonlyArray<FoldedDay>> {
    assert(this.context.loops.has(loop), `the loop \`${loop}\` is wired`);
    return (await this.#senders.get(loop)?.foldDueDays()) ?? [];
  }

  /** Looks at a loop's gates: one that lapsed suspends it, one that holds again lets it go on. */
  async review(loop: string): Promise<LoopStep> {
    const wiring = this.context.loops.get(loop);
    assert(wiring, `the loop \`${loop}\` is wired`);
    return requestLoop(this.context, wiring, "review");
  }

  /** Turns and dispatches until nothing is due now. Returns how much was done. */
  async settle(): Promise<{ readonly turned: number; readonly dispatched: number }> {
    return this.#settle();
  }

  async #settle(leave?: Leave): Promise<{ readonly turned: number; readonly dispatched: number }> {
    let turned = 0;
    let dispatched = 0;
    for (;;) {
      const turns = await runTurn(this.context);
      const effects =
        turns > 0 ? 0 : (await runDispatch(this.context, { leave })) + (await this.#sendNews());
      turned += turns;
      dispatched += effects;
      if (turns === 0 && effects === 0) {
        await enterSlips(this.context.driver);
        return { turned, dispatched };
      }
    }
  }

  /** Leaves a question under way; what goes wrong with its record is told at the next heartbeat. */
  readonly #leave: Leave = (underWay) => {
    const left = underWay
      .catch((error: unknown) => {
        this.#trouble = error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => {
        this.#underWay.delete(left);
        this.#answers += 1;
        this.letters.ring();
      });
    this.#underWay.add(left);
  };

  /** One turn, and the ledger's slips once there is no more to read. Returns how many cases had letters. */
  async turn(): Promise<number> {
    const turned = await runTurn(this.context);
    if (turned > 0) this.effects.ring();
    else await enterSlips(this.context.driver);
    return turned;
  }

  /**
   * Begins one batch of effects and leaves it under way, unless enough are; sends loops' news. Returns how
   * many there were. What went wrong with a batch before is thrown here.
   */
  async dispatch(stopping?: AbortSignal): Promise<number> {
    const trouble = this.#trouble;
    this.#trouble = undefined;
    if (trouble !== undefined) throw trouble;
    if (this.#batches >= BATCHES_MAX || this.#underWay.size >= QUESTIONS_MAX) return 0;
    const { claimed, ended } = await beginDispatch(this.context, {
      leave: this.#leave,
      stopping,
    });
    if (claimed > 0) {
      this.#batches += 1;
      this.#leave(
        ended.finally(() => {
          this.#batches -= 1;
          // There is room for another, and something may have been ordered that was not taken in hand.
          this.effects.ring();
        }),
      );
    }
    return claimed + (await this.#sendNews());
  }

  /** True when a question that was left under way ended; false when none is there, or none ended yet. */
  async #isAnsweredSoon(before: number): Promise<boolean> {
    // One that ended while the last round settled was not seen by it.
    if (this.#answers !== before) return true;
    if (this.#underWay.size === 0) return false;
    const over = new AbortController();
    const late = delay(ANSWER_SOON_MS, false, { signal: over.signal }).catch(() => false);
    const answered = Promise.race(this.#underWay).then(() => true);
    try {
      return await Promise.race([answered, late]);
    } finally {
      over.abort();
    }
  }

  /** Waits for the questions that are under way; each ends by its deadline at the latest. */
  async drain(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  /**
   * Looks at every loop's gates and tells its owners what became of it, and waits for no agent, so that a
   * silent one is noticed whatever else is going on.
   */
  async watch(): Promise<void> {
    for (const loop of this.context.loops.keys()) await this.watchLoop(loop);
    await this.#sendNews();
    await enterSlips(this.context.driver);
  }

  async watchLoop(loop: string): Promise<void> {
    const wiring = this.context.loops.get(loop);
    assert(wiring, `the loop \`${loop}\` is wired`);
    const { kind } = await this.review(loop);
    await reviewAutonomy(this.context, wiring);
    // What it let through, or took back.
    if (kind === "moved") this.wake();
  }

  /** One round at a time, whoever makes it, so that nobody is sent the same letter twice. */
  async #sendNews(): Promise<number> {
    const due = await findNextLoopNoticeDue(this.context.driver);
    if (due === undefined || due > this.context.clock.now()) return 0;
    return (await this.duties.take("news", 0, () => sendLoopNews(this.context))) ?? 0;
  }

  /** A receiver of this process shows its record anew every week; one that drifted opens its gate. */
  async calibrateWhenDue(loop: string): Promise<void> {
    const wiring = this.context.loops.get(loop);
    assert(wiring, `the loop \`${loop}\` is wired`);
    if (await isCalibrationDue(this.context, wiring)) await calibrateReceiver(this.context, wiring);
  }

  /** A live loop is drilled every week, and soon again after a drill that failed. */
  async drillWhenDue(loop: string): Promise<void> {
    const wiring = this.context.loops.get(loop);
    assert(wiring, `the loop \`${loop}\` is wired`);
    if (await isDrillDue(this.context, wiring)) await runDrill(this.context, wiring);
  }

  /** What a loop's own ends have to do by the calendar: days, records, drills. */
  async tendLoop(loop: string): Promise<void> {
    // A day that is folded sends signals: it can wait, like those of others.
    const days = (await this.backlog.isFull()) ? [] : await this.fold(loop);
    if (days.some(({ answers }) => answers.length > 0)) this.wake();
    await this.calibrateWhenDue(loop);
    await this.drillWhenDue(loop);
  }

  /** Everything that is due at a heartbeat, but the gates, which are `watch`'s: days, drills, cases. */
  async tend(): Promise<void> {
    for (const loop of this.context.loops.keys()) await this.tendLoop(loop);
    let before: number;
    do {
      before = this.#answers;
      if (this.#underWay.size < QUESTIONS_MAX) await this.#settle(this.#leave);
    } while (await this.#isAnsweredSoon(before));
    const trouble = this.#trouble;
    this.#trouble = undefined;
    if (trouble !== undefined) throw trouble;
  }

  /** When the next letter or effect falls due, if any is waiting. */
  async findNextDue(): Promise<Instant | undefined> {
    const letter = await findNextDue(this.context.driver);
    const effect = await findNextEffectDue(this.context.driver);
    const news = await findNextLoopNoticeDue(this.context.driver);
    return [letter, effect, news].filter((due) => due !== undefined).sort()[0];
  }
}
