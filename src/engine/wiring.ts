/**
 * What the composition root hands the engine: one entry per loop, ports already filled.
 * The engine never makes an agent or a connector; it only calls them.
 */
import type { Case } from "../core/case/types.ts";
import type { Charter } from "../core/charter/types.ts";
import type { Witness } from "../core/ledger/witness.ts";
import type { SenderTrial } from "../core/contract/suite/types.ts";
import type { Contract, Signal } from "../core/contract/types.ts";
import type {
  Clock,
  Connector,
  Notifier,
  ReceivingAgent,
  SendingAgent,
} from "../core/port/types.ts";
import type { Foretold, Setting } from "../stats/outcome/lesson.ts";
import type { Uncertain } from "../stats/outcome/money.ts";
import { type Day, MINUTE_MS, SECOND_MS } from "../std/time.ts";
import type { Driver } from "../store/driver/driver.ts";
import type { Reached } from "./crash-point.ts";
import type { Timer } from "./deadline.ts";

/** What a signal says of the change behind it, as far as measuring an effect needs it. */
export type SignalledChange = {
  readonly onDay: Day;
  /** Shrunk rise of the rate, 0..1, and its standard deviation. */
  readonly size: number;
  readonly deviation: number;
};

/** What a loop's own settings foretell, and which of them its outcomes may speak against. */
export type LoopLearning = {
  /** Of an executed action; undefined where the settings say nothing. */
  foretellEffect(of: Case): Foretold | undefined;
  /** Days until an action shows in what is counted; an order of before is still delivered after it. */
  readonly lagDays: number;
  /** Besides the thresholds of the charter, which the engine reads itself. */
  readonly settings: ReadonlyArray<Setting>;
  /** What one failure that does not happen saves, in minor units of the charter's currency. */
  readonly failureCost: Uncertain;
};

export type LoopWiring = {
  readonly name: string;
  readonly contract: Contract;
  /** As the loop's folder has it: registered, and in force once signed. What is in force is `papers.ts`'s. */
  readonly charter: Charter;
  /** Null when the sender is remote: it folds its own data and only its signals come here. */
  readonly sender: SendingAgent | null;
  /** Fresh senders, and pasts of known truth to test them on. */
  readonly senderTrial?: SenderTrial;
  readonly receiver: ReceivingAgent;
  readonly connectors: ReadonlyArray<Connector>;
  readonly notifier: Notifier;
  /** Canonical name of what an option would change for a subject. */
  resourceOf(option: string, subject: string): string;
  /** Reads the change out of a signal's payload; undefined when it says none. */
  readChange(signal: Signal): SignalledChange | undefined;
  /** The metric whose complete days the sender folds. */
  readonly metric: string;
  /** The smallest effect worth telling, in points of the metric's rate, 0..1. */
  readonly effectWorthTelling: number;
  /** Days the sender folds in shadow before its findings count. */
  readonly calibrationDays: number;
  /** Data older than this is stale. */
  readonly dataMaxAgeHours: number;
  readonly learning?: LoopLearning;
};

/**
 * Simulated time that an effect takes on a virtual clock; all zero when the clock is real, because
 * then time passes by itself.
 */
export type Pace = { readonly askMs: number; readonly actMs: number; readonly notifyMs: number };

export const REAL_PACE: Pace = { askMs: 0, actMs: 0, notifyMs: 0 };
export const VIRTUAL_PACE: Pace = {
  askMs: 2 * SECOND_MS,
  actMs: 3 * SECOND_MS,
  notifyMs: 5 * SECOND_MS,
};

export type EngineLimits = {
  /** Letters read per turn, and effects claimed per dispatch. */
  readonly turnEvents: number;
  readonly dispatchEffects: number;
  /** A call outside is aborted after this long; always shorter than the lease. */
  readonly callMs: number;
  /** Renewed while work goes on; whoever is gone for so long is replaced. */
  readonly leaseMs: number;
  /** Claims without a recorded answer after which an effect is set aside for a person. */
  readonly claimsMax: number;
  /** Failed tries after which we give up where everybody can see it. */
  readonly failuresMax: number;
  /** Effects and letters that are due and not done, above which no more signals are let in. */
  readonly waitingMax: number;
  /** First wait after a failed try; doubles up to the longest. */
  readonly backoffMs: number;
  readonly backoffMaxMs: number;
};

export const DEFAULT_LIMITS: EngineLimits = {
  turnEvents: 500,
  dispatchEffects: 256,
  callMs: 10 * SECOND_MS,
  leaseMs: 15 * SECOND_MS,
  claimsMax: 12,
  failuresMax: 8,
  waitingMax: 20_000,
  backoffMs: 5 * SECOND_MS,
  backoffMaxMs: 30 * MINUTE_MS,
};

export type EngineContext = {
  readonly driver: Driver;
  readonly clock: Clock;
  readonly loops: ReadonlyMap<string, LoopWiring>;
  readonly pace: Pace;
  readonly limits: EngineLimits;
  /** The business time zone as a fixed offset, e.g. +330 for India. */
  readonly zoneOffsetMinutes: number;
  /** The key that signs the ledger's heads: read whenever it is needed, so that it can be exchanged. */
  readonly ledgerSecret?: (() => Uint8Array) | undefined;
  /** Who keeps the heads outside the database, as it is now. */
  readonly witnesses?: (() => ReadonlyArray<Witness>) | undefined;
  /** Where people reach the server that runs beside this engine, if one does; for links in letters. */
  publicUrl?: string;
  /** Right side of the addresses that letters are replied to, where replies are taken in. */
  replyDomain?: string;
  /** How waiting is done while a call is under way; real time unless a simulation turns it. */
  readonly timer?: Timer;
  /** Told of each crash point as it is passed; absent in production. */
  readonly reached?: Reached;
};
