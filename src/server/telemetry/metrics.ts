/**
 * What a monitor asks every few seconds, in the words of Prometheus. Gauges are read from the store when
 * asked, so they are true whichever process did the work; only requests are counted here.
 */
import { collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { CASE_STATES } from "../../core/case/types.ts";
import type { Engine } from "../../engine/engine.ts";
import { diffMs, SECOND_MS } from "../../std/time.ts";
import { findNextDue } from "../../store/table/case-event.ts";
import { countEffects, findNextEffectDue } from "../../store/table/effect.ts";
import { listGates } from "../../store/table/gate.ts";
import { getLedgerHead } from "../../store/table/ledger.ts";
import { listLoops } from "../../store/table/loop.ts";
import { countCases, readTimeToAction } from "../../store/table/signal-case.ts";
import type { EventFeed } from "../http/event-feed.ts";

/** From an answer out of memory to one that a person would call slow. */
const REQUEST_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10];
const LOOP_STATES = ["registered", "live", "suspended", "paused"];

export class Metrics {
  readonly #registry = new Registry();
  readonly #requests = new Histogram({
    name: "interlock_http_request_duration_seconds",
    help: "Time until an answer, by route and status; a line of events is answered when it opens.",
    labelNames: ["route", "status"] as const,
    buckets: REQUEST_BUCKETS,
    registers: [this.#registry],
  });
  readonly #gauges = {
    loops: this.#gauge("interlock_loop_state", "1 for the state a loop is in", ["loop", "state"]),
    gates: this.#gauge("interlock_gate_holds", "1 for a gate that holds", ["loop", "gate"]),
    open: this.#gauge("interlock_cases_open", "Open cases", ["loop", "state"]),
    closed: this.#gauge("interlock_cases_closed", "Closed cases", ["loop", "reason"]),
    acted: this.#gauge("interlock_actions", "Executed actions", ["loop"]),
    inTime: this.#gauge("interlock_actions_within_24h", "Those of them in time", ["loop"]),
    median: this.#gauge("interlock_action_seconds_median", "From signal to action", ["loop"]),
    effects: this.#gauge("interlock_effects", "What was ordered outside", ["kind", "state"]),
    overdue: this.#gauge("interlock_overdue_seconds", "How late the oldest thing to do is", []),
    ledger: this.#gauge("interlock_ledger_entries", "Entries of the ledger", []),
    witnesses: this.#gauge(
      "interlock_ledger_witness_agrees",
      "1 for a witness that agrees with the ledger, 0 for one that disputes it or cannot be asked",
      ["witness"],
    ),
    watchers: this.#gauge("interlock_watchers", "Open lines of events of this process", []),
  };

  constructor() {
    collectDefaultMetrics({ register: this.#registry });
  }

  observeRequest(route: string, status: number, ms: number): void {
    this.#requests.observe({ route, status: `${status}` }, ms / SECOND_MS);
  }

  async read(engine: Engine, feed: EventFeed): Promise<string> {
    const { driver, clock } = engine.context;
    const gauges = this.#gauges;
    for (const gauge of Object.values(gauges)) gauge.reset();
    for (const { name: loop, state: is } of await listLoops(driver)) {
      for (const state of LOOP_STATES) gauges.loops.set({ loop, state }, state === is ? 1 : 0);
      for (const { name: gate, holds } of await listGates(driver, loop)) {
        gauges.gates.set({ loop, gate }, holds ? 1 : 0);
      }
      for (const state of CASE_STATES) {
        if (state !== "closed") gauges.open.set({ loop, state }, 0);
      }
      for (const { state, close_reason: reason, count } of await countCases(driver, loop)) {
        if (reason === null) gauges.open.set({ loop, state }, count);
        else gauges.closed.set({ loop, reason }, count);
      }
      const { count, within24h, medianMs } = await readTimeToAction(driver, loop);
      gauges.acted.set({ loop }, count);
      gauges.inTime.set({ loop }, within24h);
      gauges.median.set({ loop }, medianMs / SECOND_MS);
    }
    for (const { kind, state, count } of await countEffects(driver)) {
      gauges.effects.inc({ kind, state }, count);
    }
    const due = [await findNextDue(driver), await findNextEffectDue(driver)];
    const late = due.map((at) => (at === undefined ? 0 : diffMs(clock.now(), at) / SECOND_MS));
    gauges.overdue.set(Math.max(0, ...late));
    gauges.ledger.set((await getLedgerHead(driver)).n);
    for (const { name: witness, dispute, error } of engine.heads.states) {
      gauges.witnesses.set({ witness }, dispute === null && error === null ? 1 : 0);
    }
    gauges.watchers.set(feed.watchers);
    return this.#registry.metrics();
  }

  #gauge(name: string, help: string, labelNames: ReadonlyArray<string>): Gauge {
    return new Gauge({ name, help: `${help}.`, labelNames, registers: [this.#registry] });
  }
}
