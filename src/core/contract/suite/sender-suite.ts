/**
 * The cases that a sender is tested with: pasts that are folded day by day, some of them a second time,
 * some with the state saved and carried into a new agent half way.
 *
 * What a past consists of is the loop's to say (`SenderTrial`); this only decides what is done with it.
 */
import { randomFrom } from "../../../std/random.ts";
import type { SendingAgent } from "../../port/types.ts";
import type { Instant } from "../../../std/time.ts";
import type { Signal } from "../types.ts";
import type { CaseKind, SenderHistory, SenderTrial } from "./types.ts";

export type SenderCase = {
  readonly id: string;
  readonly kind: CaseKind;
  readonly about: string;
  readonly history: SenderHistory;
  readonly way: "plain" | "repeat" | "restored";
};

/** Of this many ordinary pasts, one is folded twice and one is restored half way. */
const EXTRA_EVERY = 6;

/** The cases of one past come one after another, the plain one first. */
export function* listSenderCases(
  trial: SenderTrial,
  { seed, cases }: { readonly seed: number; readonly cases: number },
): Generator<SenderCase> {
  let made = 0;
  let ordinary = 0;
  const next = (history: SenderHistory, way: SenderCase["way"]): SenderCase => {
    made += 1;
    const id = `s-${String(made).padStart(4, "0")}`;
    const kind = way === "plain" ? history.kind : way;
    return { id, kind, about: history.about, history, way };
  };
  const draw = (key: number | string) => randomFrom(seed, "sender-suite", key);
  for (const history of trial.histories(draw)) {
    const isOdd = history.kind !== "golden";
    if (!isOdd) ordinary += 1;
    if (made >= cases) return;
    yield next(history, "plain");
    if (made < cases && (isOdd || ordinary % EXTRA_EVERY === 0)) yield next(history, "repeat");
    if (made < cases && (isOdd || ordinary % EXTRA_EVERY === 1)) yield next(history, "restored");
  }
}

export type SentSignal = { readonly signal: Signal; readonly now: Instant };

export type SenderRun = {
  readonly signals: ReadonlyArray<SentSignal>;
  /** What was thrown, and on which day. */
  readonly thrown?: string;
  readonly slowestMs: number;
};

/** Folds a past from its first day; `elapsed` tells how long one fold took. */
export function runHistory(
  create: () => SendingAgent,
  history: SenderHistory,
  way: SenderCase["way"],
  now: () => number,
): SenderRun {
  const signals: SentSignal[] = [];
  let slowestMs = 0;
  let at = "before the first day";
  try {
    let agent = create();
    const days = [...history.days()];
    for (const [i, input] of days.entries()) {
      at = `on ${input.day}`;
      if (way === "restored" && i === Math.floor(days.length / 2)) {
        const state = agent.save();
        agent = create();
        agent.restore(state);
      }
      const startedAt = now();
      const reading = agent.foldDay(input);
      slowestMs = Math.max(slowestMs, now() - startedAt);
      for (const signal of reading.signals) signals.push({ signal, now: input.now });
    }
    return { signals, slowestMs };
  } catch (thrown) {
    const words = thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : String(thrown);
    return { signals, slowestMs, thrown: `${at}: ${words}` };
  }
}

const EXAMPLE_PASTS_MAX = 80;

/** Signals of the first ordinary pasts, for whoever wants such as are really made. */
export function makeExamples(
  trial: SenderTrial,
  seed: number,
  wanted: number,
): ReadonlyArray<Signal> {
  const signals: Signal[] = [];
  let pasts = 0;
  for (const { history, way } of listSenderCases(trial, { seed, cases: Infinity })) {
    if (way !== "plain" || history.kind !== "golden") continue;
    pasts += 1;
    const run = runHistory(
      () => trial.createSender(),
      history,
      way,
      () => 0,
    );
    signals.push(...run.signals.map(({ signal }) => signal));
    if (signals.length >= wanted || pasts >= EXAMPLE_PASTS_MAX) break;
  }
  return signals.slice(0, wanted);
}
