/**
 * What is asked of every system that is compared: take signals in so that they survive its death, carry
 * each through the same thin loop, and say when that is done.
 *
 *   check the schema | decide | look the decision up in a table | persist | ONE HTTP call | persist
 *
 * Each runs in a process of its own (`worker.ts`), which the bench can measure from outside and kill.
 */
import type { Signal } from "../../src/core/contract/types.ts";

/** Where a worker finds what it needs; the same for every peer. */
export type PeerSetting = {
  /** A database of its own, emptied before each run and kept over a restart. */
  readonly databaseUrl: string;
  /** A directory of its own, likewise. */
  readonly directory: string;
  readonly adsUrl: string;
};

/** How a signal is handed over by HTTP. */
export type Door = {
  readonly url: string;
  readonly headers?: { readonly [name: string]: string };
  /** Where the address itself names the signal: `{id}` stands for it. */
  readonly path: string;
  /** What the body is: the signal itself, or the signal as a CloudEvent. */
  readonly body: "signal" | "cloud-event";
};

export type Peer = {
  /** Durable when it resolves. Several at once may be under way. */
  accept(signal: Signal): Promise<void>;
  /** In bulk, inside the process; `accept` one by one where it is left out. */
  offer?(signals: ReadonlyArray<Signal>): Promise<void>;
  /** Once so many signals are done since this process began: called outside, and that written down. */
  settled(count: number): Promise<void>;
  /** How many are done, as its store has it. */
  countDone(): Promise<number>;
  /** A door of its own; otherwise the worker opens a plain one in front of `accept`. */
  readonly door?: Door;
  close(): Promise<void>;
};

/** Opens a fresh peer, or goes on where one that was killed stopped. */
export type OpenPeer = (setting: PeerSetting) => Promise<Peer>;

/** What the bench says to a worker, and hears from it. */
export type Order =
  | { readonly kind: "offer"; readonly from: number; readonly count: number; readonly at: number }
  | { readonly kind: "settle"; readonly count: number }
  | { readonly kind: "count" }
  | { readonly kind: "close" };
export type Word =
  | { readonly kind: "ready"; readonly door: Door }
  | { readonly kind: "settled" }
  | { readonly kind: "counted"; readonly count: number }
  | { readonly kind: "failed"; readonly why: string };

/** Signals handed over together, in bulk. */
export const OFFERED_AT_ONCE = 500;
