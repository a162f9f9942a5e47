/**
 * The outside, as it answers over a network: every change is a message that is under way for a while, may
 * be made although its answer is lost, and may be made after whoever sent it has died, but never after
 * the call's deadline. That last is what a `readable` target must promise.
 */
import type {
  Call,
  Connector,
  ConnectorClass,
  Notice,
  Notifier,
  Plan,
} from "../../../src/core/port/types.ts";
import type { OutsideRecord } from "../../../src/engine/invariant/invariant.ts";
import { canonicalJson } from "../../../src/std/canonical-json.ts";
import { InterlockError } from "../../../src/std/errors.ts";
import { integerBetween, type Random } from "../../../src/std/random.ts";
import type { Actor, Scheduler } from "./scheduler.ts";

export type OutsideFault =
  | "unavailable"
  | "rejected"
  | "lost-request"
  | "slow-request"
  | "lost-answer"
  | "never-answered"
  | "swallowed"
  | "read-failed"
  | "read-refused"
  | "letter-lost"
  | "letter-refused"
  | "answer-to-letter-lost";

/** A slow request is under way for so long, which may be past its call's deadline. */
const SLOW_MS_MAX = 1_500;
const CHANGE_FAULTS: ReadonlyArray<OutsideFault> = [
  "unavailable",
  "rejected",
  "lost-request",
  "slow-request",
  "slow-request",
  "lost-answer",
  "lost-answer",
  "never-answered",
  "swallowed",
];

const MADE_ALL_THE_SAME: ReadonlyArray<OutsideFault> = [
  "slow-request",
  "lost-answer",
  "never-answered",
];

export type MadeEffect = {
  readonly key: string;
  readonly resource: string;
  readonly before: string;
  readonly after: string;
};

/** What every process of a run calls. */
export class SimulatedOutside {
  readonly class: ConnectorClass;
  readonly effects: MadeEffect[] = [];
  /** Keys of the changes that were asked for. */
  readonly calls: string[] = [];
  readonly edited: string[] = [];
  readonly delivered: string[] = [];
  readonly #settings = new Map<string, string>();
  readonly #keys = new Set<string>();
  readonly #scheduler: Scheduler;
  readonly #random: Random;
  readonly #network: Actor;
  readonly #onFault: (fault: OutsideFault) => void;
  readonly #onSent: (actor: Actor) => void;
  faultShare = 0;

  constructor(options: {
    readonly class: ConnectorClass;
    readonly scheduler: Scheduler;
    readonly random: Random;
    readonly network: Actor;
    readonly onFault: (fault: OutsideFault) => void;
    /** Told when somebody waits for the answer to a change; he may die of it. */
    readonly onSent: (actor: Actor) => void;
  }) {
    this.class = options.class;
    this.#scheduler = options.scheduler;
    this.#random = options.random;
    this.#network = options.network;
    this.#onFault = options.onFault;
    this.#onSent = options.onSent;
  }

  settingOf(resource: string): string {
    return this.#settings.get(resource) ?? "untouched";
  }

  /** To something new: whoever puts back just what was there before us undoes a call without a trace. */
  editByHand(resource: string): void {
    this.edited.push(resource);
    this.#settings.set(resource, `by hand ${this.edited.length}`);
  }

  /** Key of a change that was made more than once. */
  findTwice(): string | undefined {
    if (this.#keys.size === this.effects.length) return undefined;
    return this.effects.find(
      ({ key }, index) => this.effects.findIndex((one) => one.key === key) < index,
    )?.key;
  }

  /** What it says that it got and did, to be held against what the engine says. */
  get record(): Omit<OutsideRecord, "acknowledged"> {
    const { calls, edited, delivered } = this;
    // Where somebody's hand comes between our reading and our writing, we restore what we had read.
    const effects = this.effects.map((made) =>
      edited.includes(made.resource) ? { key: made.key } : made,
    );
    return { effects, calls, edited, delivered };
  }

  connectorOf(actor: Actor): Connector {
    const stateOf = (resource: string) => ({ resource, setting: this.settingOf(resource) });
    return {
      name: "scripted",
      class: this.class,
      options: ["exclude_geo", "lower_bid", "prepaid_only", "confirm_orders"],
      read: async ({ resource }, call) => {
        await this.#read(actor, call);
        return stateOf(resource);
      },
      plan(intervention, before) {
        const setting = `${intervention.option} ${canonicalJson(intervention.parameters)}`;
        const after = { resource: intervention.resource, setting };
        return { before, after, request: after };
      },
      dryRun: (_plan, call) => this.#read(actor, call),
      apply: (plan, call) => this.#apply(actor, plan, call),
      isApplied: (plan, current) => plan.after["setting"] === current["setting"],
      planUndo(plan, current) {
        if (current["setting"] === plan.before["setting"]) {
          return { kind: "nothing-left", why: "it is already as it was before" };
        }
        if (current["setting"] !== plan.after["setting"]) {
          return { kind: "conflict", why: "someone changed it since" };
        }
        const undo = { before: plan.after, after: plan.before, request: plan.before };
        return { kind: "undo", plan: undo };
      },
    };
  }

  notifierOf(actor: Actor): Notifier {
    return {
      channel: "email",
      send: async ({ id }: Notice) => {
        await this.#scheduler.step(actor, "letter");
        const drawn = this.#random.next();
        const lost = drawn < this.faultShare / 3;
        if (!lost) this.delivered.push(id);
        await this.#scheduler.step(actor, "letter sent");
        if (lost) throw this.#fail("letter-lost", "connector/unavailable");
        if (drawn < this.faultShare / 2) {
          throw this.#fail("answer-to-letter-lost", "connector/unknown-outcome");
        }
        return { receipt: null };
      },
    };
  }

  async #read(actor: Actor, call: Call): Promise<void> {
    await this.#scheduler.step(actor, "read");
    if (call.idempotencyKey === "probe") return;
    const drawn = this.#random.next();
    if (drawn < this.faultShare / 16) throw this.#fail("read-refused", "connector/rejected");
    if (drawn < this.faultShare / 4) throw this.#fail("read-failed", "connector/unavailable");
  }

  async #apply(actor: Actor, plan: Plan, call: Call): Promise<{ receipt: { key: string } }> {
    if (call.signal.aborted) throw lostAnswer();
    const key = call.idempotencyKey;
    this.calls.push(key);
    const fault =
      this.#random.next() < this.faultShare
        ? CHANGE_FAULTS[Math.floor(this.#random.next() * CHANGE_FAULTS.length)]
        : undefined;
    // The request is on its way: it arrives whatever becomes of whoever sent it.
    const arrived = this.#deliver(key, plan, fault, call.signal);
    const aborted = new Promise<never>((_, reject) => {
      call.signal.addEventListener("abort", () => reject(lostAnswer()), { once: true });
    });
    aborted.catch(() => undefined); // heard below
    await this.#scheduler.step(actor, "sent");
    this.#onSent(actor);
    if (actor.isDead) return new Promise(() => undefined);
    await Promise.race([arrived, aborted]);
    await this.#scheduler.step(actor, "answer");
    switch (fault) {
      case undefined:
      case "slow-request":
        return { receipt: { key } };
      case "swallowed":
        this.#onFault(fault);
        return { receipt: { key } };
      case "unavailable":
        throw this.#fail(fault, "connector/unavailable");
      case "rejected":
        throw this.#fail(fault, "connector/rejected");
      case "never-answered":
        this.#onFault(fault);
        return aborted;
      default:
        throw this.#fail(fault, "connector/unknown-outcome");
    }
  }

  async #deliver(
    key: string,
    plan: Plan,
    fault: OutsideFault | undefined,
    cut: AbortSignal,
  ): Promise<void> {
    if (fault === "slow-request") {
      this.#onFault(fault);
      const ms = integerBetween(this.#random, 0, SLOW_MS_MAX);
      const { after } = this.#scheduler.timerOf(this.#network);
      await new Promise<void>((arrive) => after(ms, arrive));
    }
    await this.#scheduler.step(this.#network, "request");
    if (cut.aborted || (fault !== undefined && !MADE_ALL_THE_SAME.includes(fault))) return;
    if (this.class === "idempotent" && this.#keys.has(key)) return;
    this.#keys.add(key);
    const { resource, setting } = plan.after as { resource: string; setting: string };
    const before = this.settingOf(resource);
    this.#settings.set(resource, setting);
    this.effects.push({ key, resource, before, after: setting });
  }

  #fail(
    fault: OutsideFault,
    code: "connector/unavailable" | "connector/rejected" | "connector/unknown-outcome",
  ): InterlockError {
    this.#onFault(fault);
    const retry = code === "connector/rejected" ? "never" : "later";
    return new InterlockError(code, `simulated: ${fault}`, { retry });
  }
}

function lostAnswer(): InterlockError {
  return new InterlockError("connector/unknown-outcome", "no answer came back", { retry: "later" });
}
