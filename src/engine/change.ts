/** Makes one intended change outside, reads it back, and never guesses what a lost answer meant. */
import type { Call, Intervention } from "../core/port/types.ts";
import { assert } from "../std/assert.ts";
import type { Json } from "../std/canonical-json.ts";
import { InterlockError } from "../std/errors.ts";
import { SECOND_MS } from "../std/time.ts";
import {
  type Claim,
  effectKey,
  type EffectRow,
  extendCalls,
  type Intent,
  isClaimOurs,
} from "../store/table/effect.ts";
import { listStops } from "../store/table/stop.ts";
import { REAL_TIMER, type Timer } from "./deadline.ts";
import { type Ending, needsPerson } from "./ending.ts";
import { getConnector } from "./prepare.ts";
import { stopsCovering } from "./stops.ts";
import { getLoopTerms } from "./terms.ts";
import type { EngineContext, EngineLimits } from "./wiring.ts";

export async function changeOutside(
  context: EngineContext,
  effect: EffectRow,
  intent: Intent,
  call: Call,
  { refusal, begunAt }: { readonly refusal: Ending | undefined; readonly begunAt: number },
): Promise<Ending> {
  const wiring = context.loops.get(effect.loop);
  assert(wiring, `the loop \`${effect.loop}\` is wired`);
  const connector = getConnector(wiring, intent.connector);
  const intervention = interventionOf(effect);
  if (effect.intent !== null) {
    if (connector.class === "opaque") {
      const why = "an earlier call may have taken effect and cannot be read back";
      return needsPerson(effect, why, context.clock.now());
    }
    if (connector.class === "readable" || refusal !== undefined) {
      await context.reached?.("change/before-read-back");
      const current = await connector.read(intervention, call);
      if (connector.isApplied(intent.plan, current)) {
        return done(context, effect, intent, { readBack: "found in effect" });
      }
      // Neither as it was before nor as the call leaves it: what became of the call cannot be told.
      const left = connector.planUndo(intent.plan, current);
      if (refusal === undefined && left.kind === "conflict") {
        const why = `an earlier call may have taken effect, and since then ${left.why}`;
        return needsPerson(effect, why, context.clock.now());
      }
    }
  }
  if (refusal !== undefined) return refusal;
  const late = await findLate(context, effect, connector.name, begunAt);
  if (late !== undefined) return notBegun(effect, late);
  await context.reached?.("change/before-call");
  const { receipt } = await connector.apply(intent.plan, call);
  await context.reached?.("change/after-call");
  const current = await connector.read(intervention, call).catch((error: unknown) => {
    throw new InterlockError("connector/unknown-outcome", "the change could not be read back", {
      retry: "later",
      cause: error,
    });
  });
  await context.reached?.("change/after-read-back");
  if (!connector.isApplied(intent.plan, current)) {
    const why = "the platform accepted the change, but reading it back does not show it";
    return needsPerson(effect, why, context.clock.now());
  }
  return done(context, effect, intent, receipt);
}

/**
 * How long after its intent a call may begin. Who claims it next waits that much longer, so whatever begins
 * by then is over by its deadline; what is late is given its time anew, if it still is this worker's.
 */
export function startMsOf({ callMs }: EngineLimits): number {
  return Math.min(START_MS, callMs);
}

const START_MS = SECOND_MS;
/** A process that is late so often in a row is in no state to act. */
const STARTS_MAX = 10;

/**
 * Which of the calls that were intended together may begin, and by when, on the clock of deadlines: those whose
 * claim is still this worker's. INVARIANT (fence).
 */
export async function beginCalls(
  { driver, limits, timer = REAL_TIMER }: EngineContext,
  claims: ReadonlyArray<Claim>,
  intendedAt: number,
): Promise<{ readonly beginBy: number; readonly ours: ReadonlySet<string> }> {
  let from = intendedAt;
  let ours: ReadonlySet<string> = new Set(claims.map((one) => effectKey(one.case_id, one.step)));
  for (let starts = 0; starts < STARTS_MAX && ours.size > 0; starts++) {
    const now = timer.now();
    if (now - from < startMsOf(limits)) break;
    from = now;
    ours = await extendCalls(driver, claims, limits.callMs + startMsOf(limits));
  }
  return { beginBy: from + startMsOf(limits), ours };
}

/** Nothing is known to have been sent by this worker; what an earlier one sent is still to be found out. */
export function notBegun({ intent }: EffectRow, why: string): Ending {
  return { kind: "again", why, waitMs: 0, isFailure: false, isUnsent: intent === null };
}

/** A call that was begun longer ago is looked at once more before anything is changed. */
const FRESH_MS = 500;

/**
 * Why nothing is sent after all, where reading took long or this process was stopped meanwhile and has just
 * woken. INVARIANT (fence): nobody sends whose claim is another's. INVARIANT (stop): nothing begins long
 * after a stop.
 */
async function findLate(
  { driver, limits, timer = REAL_TIMER }: EngineContext,
  { loop, body, ...claim }: EffectRow,
  connector: string,
  begunAt: number,
): Promise<string | undefined> {
  if (timer.now() - begunAt < Math.min(FRESH_MS, limits.callMs / 2)) return undefined;
  if (!(await isClaimOurs(driver, claim))) return "its time was over before it could be sent";
  const { charter } = await getLoopTerms(driver, loop);
  const stops = stopsCovering(await listStops(driver), { loop, charter, connector });
  // What is taken back goes on under every stop but that of the very connector.
  const stop = stops.find(({ scope }) => body.kind === "act" || scope === "connector");
  return stop && `${stop.person} pressed a stop meanwhile`;
}

/** Waits until no call of an earlier owner can still be under way, or there is no use in waiting. */
export async function quiesce(
  effects: ReadonlyArray<EffectRow>,
  stopping?: AbortSignal,
  timer: Timer = REAL_TIMER,
): Promise<void> {
  const waitMs = Math.max(0, ...effects.map((effect) => effect.call_over_in_ms));
  if (waitMs <= 0 || stopping?.aborted === true) return;
  await new Promise<void>((resolve) => {
    const cancel = timer.after(waitMs, resolve);
    const stop = () => {
      cancel();
      resolve();
    };
    stopping?.addEventListener("abort", stop, { once: true });
  });
}

function done(context: EngineContext, effect: EffectRow, intent: Intent, receipt: Json): Ending {
  const { body, step } = effect;
  const at = context.clock.now();
  if (body.kind === "undo") {
    return { kind: "done", result: receipt, letter: { kind: "undo.done", at, step, receipt } };
  }
  assert(body.kind === "act", "only changes are made");
  return {
    kind: "done",
    result: receipt,
    letter: {
      kind: "action.done",
      at,
      step,
      connector: intent.connector,
      intervention: body.intervention,
      plan: intent.plan,
      receipt,
    },
  };
}

function interventionOf(effect: EffectRow): Intervention {
  const { body } = effect;
  assert(body.kind === "act" || body.kind === "undo", "only changes have an intervention");
  return body.kind === "act" ? body.intervention : body.of.intervention;
}
