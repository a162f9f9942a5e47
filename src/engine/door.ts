/**
 * The door for signals that arrive one by one and many at a time.
 *
 * Picture the guard of a lift. Whoever comes while it is down goes up at once; whoever comes while it is up
 * waits for it with the others, and they go together. So a lone signal waits for nobody, and the busier
 * it is the more of them share one transaction, one commit and one flush of the disk.
 *
 * Each still gets its own answer, after the commit that keeps it (INVARIANT ack-is-durable). Where a shared
 * transaction fails, everybody in it goes alone, so that nobody fails for another's sake.
 */
import type { CaseState } from "../core/case/types.ts";
import type { Problem } from "../core/contract/types.ts";
import { assert } from "../std/assert.ts";
import { InterlockError } from "../std/errors.ts";
import { listArchivedStands } from "../store/table/archive.ts";
import { listCaseStands } from "../store/table/signal-case.ts";
import { listSubjectNames } from "../store/table/subject.ts";
import { acceptSignals, type IntakeAnswer } from "./intake.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

/** Signals of one transaction; a delivery that has more goes with nobody else. */
const TOGETHER_MAX = 250;
/** Deliveries that wait at one time; more are asked to come again. */
const WAITING_MAX = 10_000;

type Named = { readonly [field: string]: unknown };

/** What became of a signal, and where its case stands. */
export type Admission = {
  readonly answer: IntakeAnswer;
  readonly case?: {
    readonly id: string;
    readonly state: CaseState;
    readonly problems: ReadonlyArray<Problem>;
  };
};

type Delivery = {
  readonly signals: ReadonlyArray<Named>;
  resolve(admissions: ReadonlyArray<Admission>): void;
  reject(error: unknown): void;
};

type Queue = { readonly waiting: Delivery[]; isUnderWay: boolean };

const queues = new WeakMap<EngineContext, Map<string, Queue>>();

/** Takes the signals of one delivery in; resolves once they are committed. */
export function admitSignals(
  context: EngineContext,
  wiring: LoopWiring,
  signals: ReadonlyArray<Named>,
): Promise<ReadonlyArray<Admission>> {
  const queue = queueOf(context, wiring);
  if (queue.waiting.length >= WAITING_MAX) {
    const message = `${WAITING_MAX} deliveries of signals are waiting already`;
    throw new InterlockError("store/unavailable", message, {
      retry: "later",
      help: "send less at once, or several signals in one delivery",
    });
  }
  return new Promise((resolve, reject) => {
    queue.waiting.push({ signals, resolve, reject });
    if (!queue.isUnderWay) void carry(context, wiring, queue);
  });
}

function queueOf(context: EngineContext, { name }: LoopWiring): Queue {
  let byLoop = queues.get(context);
  if (byLoop === undefined) queues.set(context, (byLoop = new Map<string, Queue>()));
  let queue = byLoop.get(name);
  if (queue === undefined) byLoop.set(name, (queue = { waiting: [], isUnderWay: false }));
  return queue;
}

async function carry(context: EngineContext, wiring: LoopWiring, queue: Queue): Promise<void> {
  queue.isUnderWay = true;
  while (queue.waiting.length > 0) {
    const together = takeTogether(queue.waiting);
    try {
      await admitTogether(context, wiring, together);
    } catch (error) {
      if (together.length === 1) together.forEach(({ reject }) => reject(error));
      else for (const one of together) await admitAlone(context, wiring, one);
    }
  }
  queue.isUnderWay = false;
}

function takeTogether(waiting: Delivery[]): ReadonlyArray<Delivery> {
  let count = 0;
  const size = waiting.findIndex(({ signals }) => (count += signals.length) > TOGETHER_MAX);
  return waiting.splice(0, size === -1 ? waiting.length : Math.max(1, size));
}

async function admitAlone(
  context: EngineContext,
  wiring: LoopWiring,
  one: Delivery,
): Promise<void> {
  try {
    await admitTogether(context, wiring, [one]);
  } catch (error) {
    one.reject(error);
  }
}

async function admitTogether(
  context: EngineContext,
  wiring: LoopWiring,
  together: ReadonlyArray<Delivery>,
): Promise<void> {
  const signals = together.flatMap((one) => one.signals);
  const admitted = await context.driver.transaction(async (tx) => {
    const names = await listSubjectNames(tx, [...new Set(signals.map(subjectOf))]);
    const nameOf = (subject: string) => names.get(subject) ?? subject;
    const answers = await acceptSignals(tx, context, wiring, signals, nameOf);
    const ids = answers.flatMap((answer) => ("caseId" in answer ? [answer.caseId] : []));
    const cases = new Map(await listCaseStands(tx, [...new Set(ids)]));
    const past = ids.filter((id) => !cases.has(id));
    for (const of of past.length === 0 ? [] : await listArchivedStands(tx, past))
      cases.set(of.id, of);
    return answers.map((answer): Admission => {
      if (!("caseId" in answer)) return { answer };
      const of = cases.get(answer.caseId);
      assert(of, "intake names a case that is there");
      return { answer, case: of };
    });
  });
  let at = 0;
  for (const { signals: own, resolve } of together) {
    resolve(admitted.slice(at, at + own.length));
    at += own.length;
  }
}

function subjectOf({ subject }: Named): string {
  return typeof subject === "string" ? subject : "";
}
