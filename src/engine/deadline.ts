/**
 * A deadline that holds whatever the other side does.
 *
 * Whoever is called hears of it by the signal and says what became of the call, which only he knows. One
 * who does not even answer to that is not waited for. The timer keeps the process alive: a call that
 * nobody ever answers must end as an error, not as a process that had nothing left to do.
 */
const GRACE_MS = 500;

/** How time passes while something is under way; a simulation turns it by hand. */
export type Timer = {
  /** Milliseconds of a clock that never jumps. */
  now(): number;
  /** Calls once, after so long, unless it is cancelled by what it returns. */
  after(ms: number, call: () => void): () => void;
};

export const REAL_TIMER: Timer = {
  now: () => performance.now(),
  after(ms, call) {
    const timeout = setTimeout(call, ms);
    return () => clearTimeout(timeout);
  },
};

export async function withDeadline<T>(
  ms: number,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
  timer: Timer = REAL_TIMER,
): Promise<T> {
  const controller = new AbortController();
  const cancels: Array<() => void> = [];
  const deadline = new Promise<never>((_, reject) => {
    const giveUp = () => reject(late());
    const abort = () => {
      controller.abort(new DOMException("the deadline has passed", "TimeoutError"));
      cancels.push(timer.after(GRACE_MS, giveUp));
    };
    cancels.push(timer.after(ms, abort));
  });
  try {
    return await Promise.race([work(controller.signal), deadline]);
  } finally {
    for (const cancel of cancels) cancel();
  }
}
