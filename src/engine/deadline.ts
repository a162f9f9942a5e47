/**
 * A deadline that holds whatever the other side does.
 *
 * Whoever is called hears of it by the signal and says what became of the call, which only he knows. One
 * who does not even answer to that is not waited for. The timer keeps the process alive: a call that
 * nobody ever answers must end as an error, not as a process that had nothing left to do.
 */
const GRACE_MS = 500;

export async function withDeadline<T>(
  ms: number,
  late: () => Error,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const timers: NodeJS.Timeout[] = [];
  const deadline = new Promise<never>((_, reject) => {
    const giveUp = () => reject(late());
    const abort = () => {
      controller.abort(new DOMException("the deadline has passed", "TimeoutError"));
      timers.push(setTimeout(giveUp, GRACE_MS));
    };
    timers.push(setTimeout(abort, ms));
  });
  try {
    return await Promise.race([work(controller.signal), deadline]);
  } finally {
    timers.forEach(clearTimeout);
  }
}
