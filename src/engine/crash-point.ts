/**
 * The places at which a worker may die, by name.
 *
 * Every claim of this engine is about what is true after a process vanished between two lines. These are
 * the lines: before and after each commit, each call and each answer. In production nothing listens; a
 * simulation lets a worker vanish at one of them, and a real process under a real fault dies there.
 */
export const CRASH_POINTS = [
  "intake/opened",
  "intake/written",
  "turn/claimed",
  "turn/letters-read",
  "turn/advanced",
  "turn/committed",
  "advance/cases-written",
  "advance/ledger-written",
  "dispatch/claim-committed",
  "dispatch/prepared",
  "dispatch/quiesced",
  "dispatch/intent-committed",
  "dispatch/called",
  "dispatch/recorded",
  "prepare/before-read",
  "prepare/after-dry-run",
  "intend/looked",
  "intend/intent-written",
  "intend/ledger-written",
  "change/before-read-back",
  "change/before-call",
  "change/after-call",
  "change/after-read-back",
  "ask/before-question",
  "ask/after-answer",
  "notify/before-send",
  "notify/after-send",
  "record/effects-written",
  "record/letters-written",
  "record/ledger-written",
  "news/before-send",
  "news/after-send",
  "news/written",
  "vote/written",
  "stop/written",
  "loop/moved",
] as const;
export type CrashPoint = (typeof CRASH_POINTS)[number];

/** Told of each place as it is reached; whoever is to die there never hears back. */
export type Reached = (point: CrashPoint) => Promise<void>;
