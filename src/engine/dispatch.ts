/**
 * Dispatch: carrying out what was written down, at most once, whatever crashes.
 *
 * Picture a courier who signs for a parcel before touching it, writes the address in the book before
 * leaving, and on return writes what became of it; if he vanishes, the next courier reads the book,
 * waits until the first could not still be knocking, and goes to look before knocking again.
 *
 *   1 claim    one statement: fence up, lease taken, attempt counted
 *   2 prepare  read the target, plan, dry run                               (changes nothing)
 *   3 intend   one transaction: recheck authority, write the intent         `intend.ts`
 *   4 call     outside any transaction, with a deadline shorter than the lease
 *   5 record   one transaction: the answer, if the fence still holds, and what its case makes of it `record.ts`
 *
 * A call whose answer is lost leaves its intent behind. The next owner waits until the old call's
 * deadline has passed and then, by the connector's class, reads back, sends the same key again, or
 * asks a person (INVARIANT unknown-is-never-guessed). Questions to agents and notices skip 2 and 3:
 * asking again changes nothing, and a notice keeps its Message-ID.
 *
 * What a case orders once its answer is recorded is claimed by the same transaction, and carried out next:
 * a case that was begun is carried on, without being looked for again. A worker that dies in between leaves
 * claims that run out, like any other.
 *
 * Left open, and said openly: for a `readable` connector this rests on the outside not applying a
 * request after the call's deadline.
 */
import type { Case } from "../core/case/types.ts";
import type { Call } from "../core/port/types.ts";
import { assert } from "../std/assert.ts";
import { errorToText, InterlockError } from "../std/errors.ts";
import type { Instant } from "../std/time.ts";
import {
  claimEffects,
  effectKey,
  type EffectRow,
  type Intent,
  releaseClaims,
} from "../store/table/effect.ts";
import { listCasesById } from "../store/table/signal-case.ts";
import { beginCalls, changeOutside, notBegun, quiesce } from "./change.ts";
import { REAL_TIMER, withDeadline } from "./deadline.ts";
import { askReceiver } from "./ask.ts";
import { holding } from "./holding.ts";
import { intendChanges, type Intended } from "./intend.ts";
import { partLate, type UnderWay } from "./part-late.ts";
import { prepareChange } from "./prepare.ts";
import { sendNotice } from "./notify.ts";
import { type InHand, recordAndAdvance, recordAndPost } from "./record.ts";
import { type Ended, type Ending, failed, needsPerson } from "./ending.ts";
import type { EngineContext } from "./wiring.ts";

/** Where what takes its time is left while it is under way; it records its own end. */
export type Leave = (underWay: Promise<void>) => void;

/** How a worker goes about it. */
export type Manner = {
  readonly leave?: Leave | undefined;
  /** Once it says so nothing more is sent: what was not intended yet is given back. */
  readonly stopping?: AbortSignal | undefined;
  /** Steps of a case that are carried out one after another before others are looked at. */
  readonly stepsMax?: number;
};

/** A case goes from its answer to its action to its notices; few go further. */
const STEPS_MAX = 6;
/** Orders that are taken in hand for each effect that was claimed: an action orders two notices. */
const ORDERS_EACH = 2;

/**
 * Claims what is due and carries it out, with what follows from it. Returns how many effects were claimed; 0
 * means that none was due. All are waited for and recorded in the order of the claim, so that a run can be
 * told again.
 */
export async function runDispatch(context: EngineContext, manner: Manner = {}): Promise<number> {
  const begun = await beginDispatch(context, manner);
  await begun.ended;
  return begun.claimed;
}

/**
 * As `runDispatch`, without waiting. With `leave`, nobody of a batch waits for a slow agent elsewhere, or for
 * the end of a call that somebody before may have left: those are left under way, each recorded as it ends.
 */
export async function beginDispatch(
  context: EngineContext,
  manner: Manner = {},
): Promise<{ readonly claimed: number; readonly ended: Promise<void> }> {
  const { driver, clock, limits } = context;
  const claimed = await claimEffects(driver, {
    now: clock.now(),
    limit: limits.dispatchEffects,
    leaseMs: limits.leaseMs,
    loops: [...context.loops.keys()],
  });
  if (claimed.length === 0) return { claimed: 0, ended: Promise.resolve() };
  await context.reached?.("dispatch/claim-committed");
  const ids = [...new Set(claimed.map((effect) => effect.case_id))];
  const cases = await holding(context, claimed, () => listCasesById(driver, ids));
  return { claimed: claimed.length, ended: follow(context, { effects: claimed, cases }, manner) };
}

/** Carries out what is in hand, then what that led to, and so on. */
async function follow(context: EngineContext, claimed: InHand, manner: Manner): Promise<void> {
  const { stepsMax = STEPS_MAX } = manner;
  let hand = leaveSlow(context, claimed, manner);
  for (let step = 1; hand.effects.length > 0; step++) {
    const takes = step < stepsMax ? context.limits.dispatchEffects * ORDERS_EACH : 0;
    const { effects } = hand;
    hand = await holding(context, effects, () => carryOut(context, hand, takes, manner));
  }
}

/** What is left in hand once whatever takes its time is under way. */
function leaveSlow(context: EngineContext, { effects, cases }: InHand, manner: Manner): InHand {
  const { leave, ...besides } = manner;
  if (leave === undefined) return { effects, cases };
  const here = effects.filter((effect) => {
    if (!isAskElsewhere(context, effect) || isPoison(context, effect)) return true;
    leave(holding(context, [effect], () => askElsewhere(context, effect, cases)));
    return false;
  });
  const { late = [], free = [] } = Object.groupBy(here, (effect) =>
    effect.call_over_in_ms > 0 ? "late" : "free",
  );
  if (late.length > 0) leave(follow(context, { effects: late, cases }, besides));
  return { effects: free, cases };
}

type Found = Ending | Intent;

/** Returns what is in hand next: up to `takes` of what the cases ordered. */
async function carryOut(
  context: EngineContext,
  { effects: claimed, cases }: InHand,
  takes: number,
  manner: Manner,
): Promise<InHand> {
  const prepared = claimed.map((effect) => ({
    effect,
    outcome: isPoison(context, effect)
      ? Promise.resolve<Found>(setAside(effect, context.clock.now()))
      : prepare(context, effect, cases),
  }));
  return inCompany(context, prepared, manner, async (found) => {
    await context.reached?.("dispatch/prepared");
    const ended: Ended[] = [];
    const toChange: Intended[] = [];
    for (const { effect, outcome } of found) {
      if ("kind" in outcome) ended.push({ effect, ending: outcome });
      else toChange.push({ effect, intent: outcome });
    }
    const calls = await beginChanges(context, toChange, manner.stopping);
    const all = [
      ...ended.map(({ effect, ending }) => ({ effect, outcome: Promise.resolve(ending) })),
      ...calls,
    ];
    return inCompany(context, all, manner, async (answered) => {
      if (calls.length > 0) await context.reached?.("dispatch/called");
      const isOver = manner.stopping?.aborted === true;
      const endings = answered.map(({ effect, outcome }) => ({ effect, ending: outcome }));
      const inOrder = inClaimOrder(claimed, endings);
      const next = await recordAndAdvance(context, inOrder, isOver ? 0 : takes);
      await context.reached?.("dispatch/recorded");
      return next;
    });
  });
}

/** An answer or a notice; of a change, what is to be called, or why it is not. */
function prepare(
  context: EngineContext,
  effect: EffectRow,
  cases: ReadonlyMap<string, Case>,
): Promise<Found> {
  const of = cases.get(effect.case_id);
  assert(of, "an effect belongs to a case; a foreign key holds it");
  return within<Found>(context, effect, async (call) => {
    if (effect.body.kind === "ask") return askReceiver(context, effect, of, call);
    if (effect.body.kind === "notify") return sendNotice(context, effect, of, call);
    return effect.intent === null ? prepareChange(context, effect, of, call) : effect.intent;
  });
}

/** Intends the changes and begins their calls. Those that are given back, because the worker stops, are left out. */
async function beginChanges(
  context: EngineContext,
  toChange: ReadonlyArray<Intended>,
  stopping: AbortSignal | undefined,
): Promise<ReadonlyArray<UnderWay<Ending>>> {
  if (toChange.length === 0) return [];
  const effects = toChange.map(({ effect }) => effect);
  await quiesce(effects, stopping, context.timer);
  await context.reached?.("dispatch/quiesced");
  if (stopping?.aborted === true) {
    await releaseClaims(context.driver, effects);
    return [];
  }
  // From before the intent is committed, which is when whoever comes next begins to count.
  const timer = context.timer ?? REAL_TIMER;
  const intendedAt = timer.now();
  const { intended, refused } = await intendChanges(context, toChange);
  await context.reached?.("dispatch/intent-committed");
  const claims = intended.map(({ effect }) => effect);
  const { beginBy, ours } = await beginCalls(context, claims, intendedAt);
  return [
    ...refused.map(({ effect, ending }) => ({ effect, outcome: Promise.resolve(ending) })),
    ...intended.map(({ effect, intent, refusal }) => {
      const begunAt = timer.now();
      if (begunAt >= beginBy || !ours.has(effectKey(effect.case_id, effect.step))) {
        return { effect, outcome: Promise.resolve(notBegun(effect, "it was overtaken")) };
      }
      const outcome = within(context, effect, (call) =>
        changeOutside(context, effect, intent, call, { refusal, begunAt }),
      );
      return { effect, outcome };
    }),
  ];
}

/**
 * Goes on with those that end together. With `leave`, whoever takes far longer keeps nobody waiting: it is
 * left under way and goes on by itself, with others that are as late.
 */
async function inCompany<T>(
  context: EngineContext,
  underWay: ReadonlyArray<UnderWay<T>>,
  manner: Manner,
  goOn: (ended: ReadonlyArray<{ effect: EffectRow; outcome: T }>) => Promise<InHand>,
): Promise<InHand> {
  const { together, late } =
    manner.leave === undefined
      ? { together: underWay, late: [] }
      : await partLate(underWay, context.timer);
  if (late.length > 0) {
    const effects = late.map(({ effect }) => effect);
    const goOnLater = () => inCompany(context, late, manner, goOn);
    manner.leave?.(
      holding(context, effects, goOnLater).then((next) => follow(context, next, manner)),
    );
  }
  return goOn(
    await Promise.all(
      together.map(async ({ effect, outcome }) => ({ effect, outcome: await outcome })),
    ),
  );
}

function isPoison({ limits }: EngineContext, { claims }: EffectRow): boolean {
  return claims > limits.claimsMax;
}

function isAskElsewhere(context: EngineContext, { body, loop }: EffectRow): boolean {
  return body.kind === "ask" && context.loops.get(loop)?.receiver.isRemote === true;
}

async function askElsewhere(
  context: EngineContext,
  effect: EffectRow,
  cases: ReadonlyMap<string, Case>,
): Promise<void> {
  const ending = await prepare(context, effect, cases);
  assert("kind" in ending, "a question intends nothing");
  // By itself: the letters of many that end together are read in one turn.
  await recordAndPost(context, [{ effect, ending }]);
}

/** Runs one call with its deadline and turns what was thrown into an ending. */
async function within<T>(
  context: EngineContext,
  effect: EffectRow,
  work: (call: Call) => Promise<T | Ending>,
): Promise<T | Ending> {
  const now = context.clock.now();
  const idempotencyKey = effectKey(effect.case_id, effect.step);
  const late = () =>
    new InterlockError("connector/unknown-outcome", "the call outlived its deadline", {
      retry: "later",
    });
  try {
    return await withDeadline(
      context.limits.callMs,
      late,
      (signal) => work({ idempotencyKey, fence: effect.fence, signal }),
      context.timer,
    );
  } catch (error) {
    return endingOfError(context, effect, error, now);
  }
}

/** INVARIANT (bounded retry): every failure is final or has a next try, and tries run out. */
function endingOfError(
  context: EngineContext,
  effect: EffectRow,
  error: unknown,
  now: Instant,
): Ending {
  const why = errorToText(error);
  const unsettled = error instanceof InterlockError && error.code === "connector/unknown-outcome";
  const final = error instanceof InterlockError && error.retry === "never" && !unsettled;
  const spent = effect.failures + 1 >= context.limits.failuresMax;
  const waitMs = error instanceof InterlockError ? (error.retryAfterMs ?? 0) : 0;
  if (!spent && (unsettled || !final)) {
    // What the connector says did not happen leaves nothing to find out: read and plan anew.
    const isUnsent = effect.intent === null && isKnownUndone(error);
    return { kind: "again", why, waitMs, isFailure: true, isUnsent };
  }
  // An intent that was sent before may have taken effect, and a refusal now says nothing of that call: only
  // a person may call it failed.
  if (unsettled || effect.intent !== null) return needsPerson(effect, why, now);
  return failed(
    effect,
    spent && !final ? `gave up after ${effect.failures + 1} tries: ${why}` : why,
    now,
  );
}

function isKnownUndone(error: unknown): boolean {
  return (
    error instanceof InterlockError &&
    (error.code === "connector/rate-limited" || error.code === "connector/unavailable")
  );
}

/** An effect whose workers keep dying is set aside with everything needed to look at it. */
function setAside(effect: EffectRow, now: Instant): Ending {
  return needsPerson(effect, `claimed ${effect.claims - 1} times without an answer`, now);
}

/** Answers are recorded in the order of the claim, so that a rerun writes the same history. */
function inClaimOrder(
  claimed: ReadonlyArray<EffectRow>,
  ended: ReadonlyArray<Ended>,
): ReadonlyArray<Ended> {
  const order = new Map(claimed.map((effect, index) => [effect, index]));
  return [...ended].sort((a, b) => (order.get(a.effect) ?? 0) - (order.get(b.effect) ?? 0));
}
