/**
 * How the outside misbehaves, on order and by seed.
 *
 * | kind               | the change | what the caller sees                          |
 * |--------------------|------------|-----------------------------------------------|
 * | unavailable-before | not done   | 503 (SMTP 451)                                |
 * | rate-limit         | not done   | 429 with a delay (SMTP 421)                   |
 * | reset-before       | not done   | the connection breaks after the request       |
 * | reset-after        | done       | the connection breaks                         |
 * | late-after         | done       | an answer later than any sensible deadline    |
 * | garbage-after      | done       | 200 with a body that is no JSON (SMTP: reset) |
 * | slow               | done       | the answer, late but in time                  |
 *
 * Seeded faults depend on the seed, the call's key and how often that key was seen, never on the order
 * in which concurrent calls arrive. A key meets at most `FAULTS_PER_KEY_MAX` of them: the world is
 * bad, not hopeless.
 */
import { randomFrom } from "../../src/std/random.ts";
import { SECOND_MS } from "../../src/std/time.ts";

export const FAULT_KINDS = [
  "unavailable-before",
  "rate-limit",
  "reset-before",
  "reset-after",
  "late-after",
  "garbage-after",
  "slow",
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];
export type SystemName = "ads" | "shop" | "mail" | "chat";

export const FAULTS_PER_KEY_MAX = 2;
const LATE_MS = 30 * SECOND_MS;
const SLOW_MS = 300;

export type FaultRates = {
  readonly seed: number;
  /** Probability per call, 0..1. */
  readonly rates: { readonly [kind in FaultKind]?: number };
  /** How late a late answer is. */
  readonly lateMs?: number;
  /** How long a slow answer takes. */
  readonly slowMs?: number;
};

export type Faults = {
  readonly lateMs: number;
  readonly slowMs: number;
  pick(system: SystemName, on: "read" | "mutation", key: string): FaultKind | undefined;
  order(system: SystemName, on: "read" | "mutation", kind: FaultKind, times: number): void;
};

export function createFaults(settings: FaultRates | undefined): Faults {
  const ordered = new Map<string, FaultKind[]>();
  const seen = new Map<string, { calls: number; faults: number }>();

  function pickSeeded(system: SystemName, key: string): FaultKind | undefined {
    if (settings === undefined) return undefined;
    const name = `${system} ${key}`;
    const count = seen.get(name) ?? { calls: 0, faults: 0 };
    seen.set(name, count);
    count.calls++;
    if (count.faults >= FAULTS_PER_KEY_MAX) return undefined;
    let draw = randomFrom(settings.seed, "fault", name, count.calls).next();
    for (const kind of FAULT_KINDS) {
      const rate = settings.rates[kind] ?? 0;
      if (draw < rate) {
        count.faults++;
        return kind;
      }
      draw -= rate;
    }
    return undefined;
  }

  return {
    lateMs: settings?.lateMs ?? LATE_MS,
    slowMs: settings?.slowMs ?? SLOW_MS,
    pick: (system, on, key) => ordered.get(`${system} ${on}`)?.shift() ?? pickSeeded(system, key),
    order(system, on, kind, times) {
      const name = `${system} ${on}`;
      const queue = ordered.get(name) ?? [];
      for (let i = 0; i < times; i++) queue.push(kind);
      ordered.set(name, queue);
    },
  };
}
