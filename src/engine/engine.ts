/**
 * The engine: the same few moves in every mode. Live, shadow, replay and simulation differ in the clock
 * and the ports they are given, never in what happens here.
 *
 *   receive    a batch of observations           `observe.ts`
 *   fold       complete days into signals        `observe.ts`, `intake.ts`
 *   settle     turns and dispatches, in turn, until nothing is due at this instant
 *
 * On a virtual clock the caller moves time to `findNextDue()` and settles again. Everything that decides
 * what happens next is in the database, so a process that dies anywhere is replaced by one that opens
 * the same database and goes on.
 */
import type { ObservationBatch } from "../core/port/types.ts";
import { assert } from "../std/assert.ts";
import type { Instant } from "../std/time.ts";
import type { BatchReceipt } from "../store/table/observation.ts";
import { findNextDue } from "../store/table/case-event.ts";
import { findNextEffectDue, releaseLeases } from "../store/table/effect.ts";
import { runDispatch } from "./dispatch.ts";
import { type FoldedDay, receiveBatch, Sender } from "./observe.ts";
import { runTurn } from "./turn.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

export class Engine {
  readonly context: EngineContext;
  readonly #senders: ReadonlyMap<string, Sender>;

  constructor(context: EngineContext) {
    this.context = context;
    this.#senders = new Map(
      [...context.loops.values()].map((wiring) => [wiring.name, new Sender(context, wiring)]),
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

  async receive(batch: ObservationBatch): Promise<BatchReceipt> {
    return receiveBatch(this.context, batch);
  }

  async fold(loop: string): Promise<ReadonlyArray<FoldedDay>> {
    const sender = this.#senders.get(loop);
    assert(sender, `the loop \`${loop}\` is wired`);
    return sender.foldDueDays();
  }

  /** Turns and dispatches until nothing is due now. Returns how much was done. */
  async settle(): Promise<{ readonly turned: number; readonly dispatched: number }> {
    let turned = 0;
    let dispatched = 0;
    for (;;) {
      const turns = await runTurn(this.context);
      const effects = turns > 0 ? 0 : await runDispatch(this.context);
      turned += turns;
      dispatched += effects;
      if (turns === 0 && effects === 0) return { turned, dispatched };
    }
  }

  /** When the next letter or effect falls due, if any is waiting. */
  async findNextDue(): Promise<Instant | undefined> {
    const letter = await findNextDue(this.context.driver);
    const effect = await findNextEffectDue(this.context.driver);
    if (letter === undefined || effect === undefined) return letter ?? effect;
    return letter < effect ? letter : effect;
  }
}
