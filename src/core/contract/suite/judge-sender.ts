/** What is wrong with what a sender said of one past. A case has at most one failure of each fault. */
import { canonicalJson } from "../../../std/canonical-json.ts";
import { quote } from "../../problem.ts";
import type { SignalValidator } from "../signal.ts";
import type { Contract } from "../types.ts";
import { faultOfSignal, type SenderFault } from "./fault.ts";
import type { SenderCase, SenderRun, SentSignal } from "./sender-suite.ts";
import { show } from "./show.ts";
import type { Failure } from "./types.ts";

/** Real time for one fold of a past of a few dozen places. */
export const FOLD_MS_MAX = 2_000;

type Wrong = {
  readonly fault: SenderFault;
  readonly words: string;
  readonly signal?: SentSignal["signal"];
};

/** `plain` is the first run of the same past, for those that repeat or restore it. */
export function judgeSenderRun(
  contract: Contract,
  validate: SignalValidator,
  of: SenderCase,
  run: SenderRun,
  plain: SenderRun | undefined,
): ReadonlyArray<Failure> {
  const wrongs: Wrong[] = [];
  if (run.thrown !== undefined) wrongs.push({ fault: "crashed", words: run.thrown });
  if (run.slowestMs > FOLD_MS_MAX) {
    const words = `a day took ${Math.round(run.slowestMs)} ms, and may take ${FOLD_MS_MAX}`;
    wrongs.push({ fault: "too-slow", words });
  }
  wrongs.push(...findSignalWrongs(contract, validate, run.signals));
  if (plain !== undefined && run.thrown === undefined && textOf(plain) !== textOf(run)) {
    const fault = of.way === "repeat" ? "different-signals-on-repeat" : "state-lost";
    wrongs.push({ fault, words: describeDifference(plain, run) });
  }
  const first = new Map<SenderFault, Wrong>();
  for (const wrong of wrongs) if (!first.has(wrong.fault)) first.set(wrong.fault, wrong);
  return [...first.values()].map(({ fault, words, signal }) => ({
    fault,
    case: of.id,
    kind: of.kind,
    about: of.about,
    sent: `the past: ${of.about}`,
    came: signal === undefined ? `${run.signals.length} signals` : show(signal),
    words,
  }));
}

export function findSignalWrongs(
  contract: Contract,
  validate: SignalValidator,
  signals: ReadonlyArray<SentSignal>,
): ReadonlyArray<Wrong> {
  const wrongs: Wrong[] = [];
  const seen = new Set<string>();
  for (const { signal, now } of signals) {
    const checked = validate(signal, { now });
    if (!checked.ok) {
      for (const problem of checked.problems) {
        const words = `${problem.path}: ${problem.message}`;
        wrongs.push({ fault: faultOfSignal(problem), words, signal });
      }
      continue;
    }
    if (!signal.source.startsWith(`${contract.sender.department}/`)) {
      const words = `the source ${quote(signal.source)} is not of ${contract.sender.department}`;
      wrongs.push({ fault: "foreign-source", words, signal });
    }
    const key = `${signal.source}\n${signal.id}`;
    if (seen.has(key)) {
      wrongs.push({ fault: "duplicate-id", words: `${quote(signal.id)} was sent twice`, signal });
    }
    seen.add(key);
  }
  return wrongs;
}

/** Whatever was said, as one text; never throws on what no JSON can carry. */
function textOf({ signals }: SenderRun): string {
  try {
    return canonicalJson(signals);
  } catch {
    return show(signals, Infinity);
  }
}

function describeDifference(plain: SenderRun, run: SenderRun): string {
  const [before, now] = [plain.signals, run.signals];
  if (before.length !== now.length) {
    return `${before.length} signals the first time, ${now.length} this time`;
  }
  const at = before.findIndex(
    ({ signal }, i) => show(signal, 2_000) !== show(now[i]?.signal, 2_000),
  );
  const [was, is] = [before[at]?.signal, now[at]?.signal];
  return `signal ${at + 1} of ${before.length} was ${show(was, 90)} and is ${show(is, 90)}`;
}
