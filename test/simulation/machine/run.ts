/**
 * One seed from its first signal to its last notice: a loop with two workers and a door, all of which die,
 * lose their connections and are paused; people who vote, stop and change their minds; an outside that
 * loses requests and answers. Then the faults end, and everything must come to an end by itself.
 *
 * The promises are the same list that `interlock doctor` works through. What the outside did is looked at
 * after every step, the cheap ones now and then, and all of them at the end.
 */
import { createHash } from "node:crypto";
import { CRASH_POINTS, type CrashPoint, type Reached } from "../../../src/engine/crash-point.ts";
import { runDispatch } from "../../../src/engine/dispatch.ts";
import { Engine } from "../../../src/engine/engine.ts";
import { acceptSignals } from "../../../src/engine/intake.ts";
import { checkInvariants } from "../../../src/engine/invariant/check.ts";
import { sendLoopNews } from "../../../src/engine/loop-news.ts";
import { runTurn } from "../../../src/engine/turn.ts";
import type { EngineContext, EngineLimits, LoopWiring } from "../../../src/engine/wiring.ts";
import { operations } from "../../../src/operation/index.ts";
import { signVote } from "../../../src/app/simulated-owners.ts";
import type { VirtualClock } from "../../../src/app/virtual-clock.ts";
import { InterlockError, isStoreError } from "../../../src/std/errors.ts";
import { integerBetween, type Random } from "../../../src/std/random.ts";
import { addMs, DAY_MS, HOUR_MS, instantToMs, MINUTE_MS } from "../../../src/std/time.ts";
import type { Driver, Row, Tx } from "../../../src/store/driver/driver.ts";
import { migrate } from "../../../src/store/migrate.ts";
import {
  acceptOn,
  BY_VERDICT,
  EngineWorld,
  HEAD_OF,
  LOOP,
  openWorld,
  PLACES,
  resourceOf,
  type Side,
  WORLD_LIMITS,
} from "../../kit/engine-world.ts";
import { type OutsideFault, SimulatedOutside } from "./outside.ts";
import { Actor, Scheduler, type Step } from "./scheduler.ts";
import { chanceOf, type SeedOptions } from "./seed.ts";
import { SimulatedStore, type StoreFault } from "./store.ts";

const LIMITS: EngineLimits = { ...WORLD_LIMITS, callMs: 1_000, leaseMs: 5_000 };
/** Longest time for which a worker is stopped. */
const STOP_MS_MAX = 2 * LIMITS.leaseMs;
/** Steps of a run while faults last, and at most until everything has come to its end. */
const FAULTY_STEPS = 400;
const QUIET_STEPS = 6_000;
/** Steps between two looks at the promises that are cheap to look up. */
const LOOK_EVERY = 60;
const CHEAP = ["closed-is-quiet", "acts-once", "both-told"];
const PLACES_USED = 3;
/** How often a person looks for something to decide on. */
const LOOKS_MAX = 6;
const SOURCE = "logistics/ndr-watch";

export type RunReport = {
  readonly steps: number;
  /** Hash of who went on where, and when, step by step. */
  readonly trace: string;
  /** Places that somebody passed, and how often. */
  readonly hits: ReadonlyMap<CrashPoint, number>;
  /** Where a worker really died, and how often. */
  readonly deaths: ReadonlyMap<string, number>;
  readonly faults: ReadonlyMap<string, number>;
  /** Close reasons and states in which cases ended. */
  readonly endings: ReadonlyMap<string, number>;
  /** What does not hold, each with its row; empty when all is well. */
  readonly broken: ReadonlyArray<string>;
};

/** The rows every run begins from: a live loop. Done once for a database. */
export async function prepareStore(driver: Driver): Promise<void> {
  await migrate(driver);
  const world = await openWorld(driver, {
    charter: (charter) => ({
      ...charter,
      guardrails: {
        ...charter.guardrails,
        coolDownDays: 0,
        perDay: { ...charter.guardrails.perDay, actions: 2 },
      },
    }),
  });
  await world.makeReceiverRemote();
  await driver.exec(`
    create schema simulation;
    create function simulation.clock_timestamp() returns timestamptz language sql volatile
      as $$ select current_setting('simulation.now')::timestamptz $$;
    -- A promise that no row shows afterwards: nobody claims what another still holds.
    create table simulation.broken (line text);
    create function simulation.note_theft() returns trigger language plpgsql as $$
      begin
        insert into simulation.broken
        values ('held-until-over: ' || old.case_id || '/' || old.step || ': claimed under a lease');
        return new;
      end $$;
    create trigger note_theft before update on effect for each row
      when (old.state = 'leased' and new.fence > old.fence
            and old.lease_until >= current_setting('simulation.now')::timestamptz)
      execute function simulation.note_theft();`);
}

const TAKEN_BACK = new Error("a run is taken back");

/** Runs one seed on a prepared database and leaves it as it was. */
export async function runSeed(driver: Driver, options: SeedOptions): Promise<RunReport> {
  let report: RunReport | undefined;
  await driver
    .transaction(async (tx) => {
      await tx.exec("set local search_path = simulation, pg_catalog, public");
      report = await new Run(driver, tx, options).play();
      throw TAKEN_BACK;
    })
    .catch((error: unknown) => {
      if (error !== TAKEN_BACK) throw error;
    });
  if (report === undefined) throw TAKEN_BACK;
  return report;
}

class Run {
  readonly #options: SeedOptions;
  readonly #tx: Tx;
  readonly #scheduler: Scheduler;
  readonly #store: SimulatedStore;
  readonly #outside: SimulatedOutside;
  readonly #clock: VirtualClock;
  readonly #world: EngineWorld;
  readonly #random: Random;
  readonly #hits = new Map<CrashPoint, number>(CRASH_POINTS.map((point) => [point, 0]));
  readonly #deaths = new Map<string, number>();
  readonly #faults = new Map<string, number>();
  readonly #broken: string[] = [];
  readonly #trace = createHash("sha256");
  readonly #acknowledged: Array<{ source: string; id: string; caseId: string }> = [];
  readonly #crashes: Array<SeedOptions["crashes"][number]>;
  #isFaulty = true;

  constructor(driver: Driver, tx: Tx, options: SeedOptions) {
    this.#options = options;
    this.#tx = tx;
    this.#world = new EngineWorld(driver, { connector: { class: options.class } });
    this.#clock = this.#world.clock;
    this.#random = chanceOf(options, "world");
    this.#crashes = [...options.crashes];
    this.#scheduler = new Scheduler(chanceOf(options, "order"), instantToMs(this.#clock.now()));
    this.#scheduler.leapShare = options.leapShare;
    this.#scheduler.stopShare = options.stopShare;
    this.#scheduler.stopMsMax = STOP_MS_MAX;
    this.#scheduler.paceMs = options.paceMs;
    this.#store = new SimulatedStore(
      tx,
      this.#scheduler,
      chanceOf(options, "store"),
      this.#onFault,
    );
    this.#scheduler.onLeap = () => void this.#stir();
    this.#store.faultShare = options.storeFaultShare;
    this.#outside = new SimulatedOutside({
      class: options.class,
      scheduler: this.#scheduler,
      random: chanceOf(options, "outside"),
      network: new Actor("network"),
      onFault: this.#onFault,
      onSent: (actor) => this.#dieByChance(actor, "call under way", 30 * options.deathShare),
    });
    this.#outside.faultShare = options.outsideFaultShare;
  }

  readonly #onFault = (fault: OutsideFault | StoreFault | string): void => {
    this.#faults.set(fault, (this.#faults.get(fault) ?? 0) + 1);
  };

  #breaks(promise: string): void {
    if (!this.#broken.includes(promise)) this.#broken.push(promise);
  }

  /** Whoever had nothing to do looks again. */
  #stir(): void {
    this.#store.stirred += 1;
  }

  async play(): Promise<RunReport> {
    const { workers, signals, people } = this.#options;
    for (let n = 1; n <= workers; n++) this.#start(`worker ${n}`, (context) => this.#work(context));
    for (let n = 0; n < signals; n++) this.#sendSignal(n);
    for (let n = 0; n < people; n++)
      this.#start(`person ${n}`, (context) => this.#act(context), true);
    this.#start("time", () => this.#passTime(), true);
    const last = this.#scheduler.steps + FAULTY_STEPS;
    while (this.#scheduler.steps < last && this.#broken.length === 0) {
      const before = this.#scheduler.steps;
      await this.#scheduler.run(Math.min(LOOK_EVERY, last - before), this.#onStep);
      if (this.#scheduler.steps === before) break;
      await this.#whenFree();
      await this.#look(CHEAP);
    }
    await this.#endFaults();
    if (this.#broken.length === 0) await this.#settle();
    if (this.#broken.length === 0) await this.#look(undefined);
    return {
      steps: this.#scheduler.steps,
      trace: this.#trace.digest("hex"),
      hits: this.#hits,
      deaths: this.#deaths,
      faults: this.#faults,
      endings: await this.#readEndings(),
      broken: this.#broken,
    };
  }

  /** A process of its own: its connection, its way of dying; one that dies is started again. */
  #start(name: string, work: (context: EngineContext) => Promise<void>, isOnce = false): void {
    const actor = new Actor(name, !isOnce);
    const context = this.#contextOf(actor);
    let seen = -1;
    const live = async (): Promise<void> => {
      do {
        await this.#scheduler.step(actor, "idle", () => seen !== this.#store.stirred);
        seen = this.#store.stirred;
        this.#dieByChance(actor, "idle", 5 * this.#options.deathShare);
        if (actor.isDead) return new Promise(() => undefined);
        try {
          await work(context);
        } catch (error) {
          // A worker's heartbeat and a client hear the store's refusals and try again.
          if (error instanceof InterlockError) {
            seen = -1;
            continue;
          }
          const told = error instanceof Error ? (error.stack ?? "") : String(error);
          this.#breaks(`${name} failed: ${told}`);
          return;
        }
        if (isOnce) return;
      } while (!actor.isDead);
    };
    void live();
    this.#restarts.set(actor, () => this.#start(name, work, isOnce));
  }

  readonly #restarts = new Map<Actor, () => void>();

  #dieByChance(actor: Actor, at: string, share: number): void {
    if (!this.#isFaulty || this.#random.next() >= share) return;
    this.#count(this.#deaths, at);
    // Dead at once; nobody is picked before its transaction, if it has one, is taken back.
    void this.#store.kill(actor);
    this.#restarts.get(actor)?.();
  }

  #contextOf(actor: Actor): EngineContext {
    const { wiring } = this.#world;
    const ports: LoopWiring = {
      ...wiring,
      sender: null,
      connectors: [this.#outside.connectorOf(actor)],
      notifier: this.#outside.notifierOf(actor),
      receiver: {
        department: wiring.receiver.department,
        name: wiring.receiver.name,
        version: wiring.receiver.version,
        evaluate: async ({ signal }) => {
          await this.#scheduler.step(actor, "question");
          if (this.#isFaulty && this.#random.next() < this.#options.outsideFaultShare / 4) {
            this.#onFault("agent-failed");
            throw new InterlockError("agent/failed", "simulated", { retry: "later" });
          }
          return acceptOn(signal, BY_VERDICT[this.#kindOf(signal.id)]);
        },
      },
    };
    return {
      ...this.#world.engine.context,
      driver: this.#store.connect(actor),
      loops: new Map([[LOOP, ports]]),
      limits: LIMITS,
      timer: this.#scheduler.timerOf(actor),
      reached: this.#reachedBy(actor),
    };
  }

  #reachedBy(actor: Actor): Reached {
    return async (point) => {
      if (actor.isDead) return new Promise(() => undefined);
      this.#count(this.#hits, point);
      const planned = this.#crashes.findIndex(
        ({ at, nth }) => at === point && nth <= (this.#hits.get(point) ?? 0),
      );
      const isPlanned = planned !== -1;
      if (isPlanned) this.#crashes.splice(planned, 1);
      const isChance = this.#isFaulty && this.#random.next() < this.#options.deathShare;
      if (!isPlanned && !isChance) return;
      this.#count(this.#deaths, point);
      await this.#store.kill(actor);
      this.#restarts.get(actor)?.();
      return new Promise(() => undefined);
    };
  }

  readonly #onStep = ({ actor, at }: Step): void => {
    this.#trace.update(`${this.#scheduler.now} ${actor.name} ${at}\n`);
    const twice = this.#outside.findTwice();
    if (twice !== undefined) this.#breaks(`outside-once: ${twice} was done again`);
    if (!this.#isFaulty) return;
    const { diskFills, editsByHand } = this.#options;
    if (diskFills && this.#random.next() < 0.03) this.#store.isDiskFull = !this.#store.isDiskFull;
    if (editsByHand && this.#random.next() < 0.01) {
      this.#outside.editByHand(resourceOf(PLACES[this.#random.next() < 0.5 ? 0 : 1] ?? ""));
    }
  };

  async #work(context: EngineContext): Promise<void> {
    if ((await runTurn(context)) > 0) return;
    if ((await runDispatch(context)) > 0) return;
    await sendLoopNews(context);
  }

  #kindOf(signal: string): keyof typeof BY_VERDICT {
    const kinds = ["auto", "auto", "both", "auto", "marketing", "auto", "both", "forbid"] as const;
    const n = Number(signal.split("#")[1] ?? 0);
    return kinds[(this.#options.seed + n) % kinds.length] ?? "auto";
  }

  /** Sent one to three times, by one client after another, each until it has an answer. */
  #sendSignal(n: number): void {
    const at = addMs(this.#clock.now(), n);
    const subject = PLACES[(this.#options.seed + n) % PLACES_USED] ?? "";
    const signal = {
      ...this.#world.signal(subject),
      id: `signal-${at}#${n}`,
      sentAt: this.#clock.now(),
    };
    const times = 1 + Math.floor(this.#random.next() * 3);
    for (let copy = 0; copy < times; copy++) {
      this.#start(
        `sender ${n}.${copy}`,
        async (context) => {
          const wiring = context.loops.get(LOOP);
          if (wiring === undefined) return;
          const answers = await context.driver.transaction((tx) =>
            acceptSignals(tx, context, wiring, [signal], (id) => id),
          );
          const [answer] = answers;
          if (answer === undefined || !("caseId" in answer)) return;
          if (answer.kind === "conflict") this.#breaks(`${signal.id} was called a conflict`);
          this.#acknowledged.push({ source: SOURCE, id: signal.id, caseId: answer.caseId });
        },
        true,
      );
    }
  }

  /** One thing that a person does; refused, it is not done. */
  async #act(context: EngineContext): Promise<void> {
    for (let wait = integerBetween(this.#random, 0, 25); wait > 0; wait--) {
      await this.#scheduler.step(this.#bystander, "person waits");
    }
    const engine = new Engine(context);
    const said = { scope: "loop", name: LOOP, person: HEAD_OF.marketing } as const;
    const drawn = this.#random.next();
    if (drawn < 0.15) {
      await operations.stopPress.handler({ engine }, { ...said, reason: "simulated" });
      for (let wait = 12; wait > 0; wait--) await this.#scheduler.step(this.#bystander, "stopped");
      await operations.stopRelease.handler({ engine }, said);
      return;
    }
    if (drawn < 0.25) {
      await operations.loopPause.handler({ engine }, { loop: LOOP });
      return;
    }
    if (drawn < 0.4) {
      const acted = await this.#await<{ id: string }>(
        context,
        "select id from signal_case where acted_at is not null order by arrival",
      );
      const id = acted[integerBetween(this.#random, 0, Math.max(1, acted.length))]?.id;
      if (id === undefined) return;
      const why = "changed mind";
      await operations.caseUndo.handler({ engine }, { id, person: HEAD_OF.marketing, why });
      return;
    }
    await this.#vote(context);
  }

  /** Looks now and then until there is something to decide on, or it has looked often enough. */
  async #await<R extends Row>(context: EngineContext, sql: string): Promise<ReadonlyArray<R>> {
    for (let looks = LOOKS_MAX; ; looks--) {
      const rows = await context.driver.query<R>(sql);
      if (rows.length > 0 || looks === 1) return rows;
      for (let wait = 10; wait > 0; wait--) await this.#scheduler.step(this.#bystander, "nothing");
    }
  }

  readonly #bystander = new Actor("people");

  async #vote(context: EngineContext): Promise<void> {
    const held = await this.#await<{ id: string; digest: string }>(
      context,
      "select id, body ->> 'digest' as digest from signal_case where state = 'held' order by arrival",
    );
    const [asked] = held;
    if (asked === undefined) return;
    const choice = this.#random.next() < 0.85 ? "agree" : "reject";
    const party: Side = this.#random.next() < 0.5 ? "logistics" : "marketing";
    await castSimulatedVote(context, asked, party, choice);
    if (this.#random.next() < 0.7) {
      await castSimulatedVote(
        context,
        asked,
        party === "logistics" ? "marketing" : "logistics",
        "agree",
      );
    }
  }

  async #passTime(): Promise<void> {
    const actor = this.#bystander;
    while (this.#isFaulty) {
      await this.#scheduler.step(actor, "time");
      const isJump = this.#options.clockJumps && this.#random.next() < 0.02;
      const ms = isJump ? 30 * HOUR_MS : this.#random.next() < 0.1 ? 10 * MINUTE_MS : 1_000;
      this.#clock.moveTo(addMs(this.#clock.now(), ms));
      if (ms > 1_000) this.#stir();
    }
  }

  async #whenFree(): Promise<void> {
    for (let tries = 0; !this.#store.isFree && tries < 1_000; tries++) {
      await this.#scheduler.run(1, this.#onStep);
    }
  }

  async #look(names: ReadonlyArray<string> | undefined): Promise<void> {
    await this.#whenFree();
    await this.#tx.exec(
      `set local simulation.now = '${new Date(this.#scheduler.now).toISOString()}'`,
    );
    const checked = await checkInvariants(this.#tx, {
      now: this.#clock.now(),
      limits: LIMITS,
      outside: { ...this.#outside.record, acknowledged: this.#acknowledged },
      ...(names === undefined ? {} : { names }),
    });
    const noted = await this.#tx.query<{ line: string }>("select line from simulation.broken");
    for (const { line } of noted) this.#breaks(line);
    for (const { invariant, violations } of checked) {
      for (const { row, why } of violations) this.#breaks(`${invariant.name}: ${row}: ${why}`);
    }
  }

  async #endFaults(): Promise<void> {
    this.#isFaulty = false;
    this.#store.isDiskFull = false;
    this.#store.faultShare = 0;
    this.#outside.faultShare = 0;
    this.#scheduler.leapShare = 0;
    this.#scheduler.stopShare = 0;
    await this.#whenFree();
  }

  /** Nobody fails any more and the days go by: everything must end, or wait for a person who was told. */
  async #settle(): Promise<void> {
    this.#start("restorer", (context) => this.#restore(context), true);
    for (const [index, days] of SETTLING_DAYS.entries()) {
      if (index === DEATHS_UNTIL) this.#crashes.length = 0;
      await this.#scheduler.run(DAY_STEPS, this.#onStep);
      this.#clock.moveTo(addMs(this.#clock.now(), days * DAY_MS));
      this.#scheduler.now += LIMITS.leaseMs + LIMITS.callMs;
      this.#stir();
    }
    await this.#scheduler.run(DAY_STEPS, this.#onStep);
    await this.#whenFree();
    const left = await this.#tx.query<{ line: string }>(
      `select c.id || ' is still ' || c.state as line from signal_case c
       where c.state <> 'closed' and c.body -> 'awaitingPerson' is null
       union all
       select case_id || '/' || step || ' ' || kind || ' is still ' || state from effect
       where state in ('ready', 'leased')`,
    );
    for (const { line } of left) this.#breaks(`it comes to no end: ${line}`);
  }

  async #restore(context: EngineContext): Promise<void> {
    const engine = new Engine(context);
    const said = { scope: "loop", name: LOOP, person: HEAD_OF.marketing } as const;
    await unlessRefused(operations.stopRelease.handler({ engine }, said));
    await context.driver.query("update agent set seen_at = $1", [this.#clock.now()]);
    await unlessRefused(operations.loopActivate.handler({ engine }, { loop: LOOP }));
  }

  async #readEndings(): Promise<ReadonlyMap<string, number>> {
    const rows = await this.#tx.query<{ ending: string; count: number }>(
      `select coalesce(close_reason, state) as ending, count(*)::int as count
       from signal_case group by 1`,
    );
    return new Map(rows.map(({ ending, count }) => [ending, count]));
  }

  #count<K>(counts: Map<K, number>, of: K): void {
    counts.set(of, (counts.get(of) ?? 0) + 1);
  }
}

/** Leaps of time after the faults; deaths that were planned and not had yet end before the last two. */
const SETTLING_DAYS = [0.05, 1, 4, 20, 25, 3, 3];
const DEATHS_UNTIL = SETTLING_DAYS.length - 2;
/** Steps for what falls due at one leap of time. */
const DAY_STEPS = QUIET_STEPS / 10;
async function unlessRefused(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof InterlockError) || isStoreError(error)) throw error;
  }
}

async function castSimulatedVote(
  context: EngineContext,
  { id, digest }: { readonly id: string; readonly digest: string },
  party: Side,
  choice: "agree" | "reject",
): Promise<void> {
  const at = context.clock.now();
  const paper = {
    case: id,
    party,
    person: HEAD_OF[party],
    choice,
    ...(choice === "reject" ? { because: "other" as const } : {}),
    reason: "looked at it",
    digest,
    at,
    expires: addMs(at, HOUR_MS),
  };
  const engine = new Engine(context);
  await unlessRefused(operations.caseVote.handler({ engine }, { id, envelope: signVote(paper) }));
}
