/**
 * One thing at a time, in an order that a seed decides.
 *
 * Everything that would run side by side (workers, people, messages under way) stops at each of its
 * steps and waits to be picked. Between two picks nothing runs: the scheduler first waits until whatever
 * was let go has stopped again. So a whole run, with every interleaving in it, is a function of the seed.
 *
 * Time here is the database's: it goes on a little with each step, and leaps to the next timer when
 * everybody waits. Leases and deadlines run on it; business time is another clock, which jumps.
 */
import { setImmediate as immediate } from "node:timers/promises";
import type { Timer } from "../../../src/engine/deadline.ts";
import { integerBetween, type Random } from "../../../src/std/random.ts";

/** Whoever runs, and can vanish: what belongs to a dead one never goes on. */
export class Actor {
  readonly name: string;
  /** Whether it may be stopped for a while, as a process is by SIGSTOP. */
  readonly mayStop: boolean;
  isDead = false;
  isStopped = false;

  constructor(name: string, mayStop = false) {
    this.name = name;
    this.mayStop = mayStop;
  }
}

/** Who waits to be picked, and where. */
export type Step = { readonly actor: Actor; readonly at: string };
type Parked = Step & {
  readonly go: () => void;
  readonly isFree: () => boolean;
};
type Alarm = { readonly at: number; readonly call: () => void };

export class Scheduler {
  readonly #random: Random;
  #parked: Parked[] = [];
  #alarms: Alarm[] = [];
  /** Asked of the real database and not answered yet. */
  #busy = 0;
  #whenIdle: (() => void) | undefined;
  /** The database's clock, in milliseconds. */
  now: number;
  steps = 0;
  /** Longest time that passes with a step; a leap now and then makes leases run out. */
  paceMs = 20;
  leapShare = 0;
  /** Share of picks at which whoever is picked is stopped, for at most `stopMsMax`. */
  stopShare = 0;
  stopMsMax = 0;
  /** Told when time leaps: leases may have run out. */
  onLeap: () => void = () => undefined;

  constructor(random: Random, now: number) {
    this.#random = random;
    this.now = now;
  }

  /** Waits to be picked; for ever, when its actor is dead by then. */
  step(actor: Actor, at: string, isFree: () => boolean = () => true): Promise<void> {
    if (actor.isDead) return new Promise(() => undefined);
    return new Promise((go) => this.#parked.push({ actor, at, go, isFree }));
  }

  /** Work on the real database, during which nobody else is picked. */
  async busy<T>(work: () => Promise<T>): Promise<T> {
    this.#busy += 1;
    try {
      return await work();
    } finally {
      this.#busy -= 1;
      if (this.#busy === 0) this.#whenIdle?.();
    }
  }

  /** Time as an actor has it: once dead, it sets no more alarms. */
  timerOf(actor: Actor): Timer {
    return {
      now: () => this.now,
      after: (ms, call) => {
        if (actor.isDead) return () => undefined;
        const alarm = { at: this.now + ms, call };
        this.#alarms.push(alarm);
        return () => {
          this.#alarms = this.#alarms.filter((other) => other !== alarm);
        };
      },
    };
  }

  kill(actor: Actor): void {
    actor.isDead = true;
    this.#parked = this.#parked.filter((parked) => parked.actor !== actor);
    // Its deadlines still ring: a call that it left behind is cut off no later than it would have been.
  }

  /** Picks until nobody waits any more, or so many steps were taken. */
  async run(stepsMax: number, onStep: (step: Step) => void = () => undefined): Promise<void> {
    for (const last = this.steps + stepsMax; this.steps < last;) {
      await this.#quiet();
      const free = this.#parked.filter(({ actor, isFree }) => !actor.isStopped && isFree());
      const leaps = this.#alarms.length > 0 && this.#random.next() < this.leapShare;
      if ((free.length === 0 || leaps) && !this.#ring()) return;
      this.steps += 1;
      if (free.length === 0 || leaps) continue;
      this.now += 1 + integerBetween(this.#random, 0, this.paceMs);
      this.#ringDue();
      const picked = free[integerBetween(this.#random, 0, free.length)];
      if (picked === undefined || picked.actor.isDead || this.#isToStop(picked)) continue;
      this.#parked = this.#parked.filter((parked) => parked !== picked);
      onStep(picked);
      picked.go();
    }
  }

  /** Not in the middle of a transaction: the server ends such a one before long, as if its worker had died. */
  #isToStop({ actor, at }: Parked): boolean {
    if (!actor.mayStop || at === "commit" || this.#random.next() >= this.stopShare) return false;
    actor.isStopped = true;
    const ms = integerBetween(this.#random, 0, this.stopMsMax);
    this.#alarms.push({ at: this.now + ms, call: () => (actor.isStopped = false) });
    return true;
  }

  /** Time leaps to the next timer. */
  #ring(): boolean {
    this.onLeap();
    const next = Math.min(...this.#alarms.map(({ at }) => at));
    if (!Number.isFinite(next)) return false;
    this.now = Math.max(this.now, next);
    this.#ringDue();
    return true;
  }

  #ringDue(): void {
    const due = this.#alarms.filter(({ at }) => at <= this.now);
    this.#alarms = this.#alarms.filter(({ at }) => at > this.now);
    for (const { call } of due.sort((a, b) => a.at - b.at)) call();
  }

  /** Nothing of ours is running: no answer is due from the database, and all that followed has run. */
  async #quiet(): Promise<void> {
    for (;;) {
      await immediate();
      if (this.#busy === 0) return;
      await new Promise<void>((resolve) => (this.#whenIdle = resolve));
    }
  }
}
