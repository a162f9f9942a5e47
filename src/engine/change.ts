/** Makes one intended change outside, reads it back, and never guesses what a lost answer meant. */
import { setTimeout as delay } from "node:timers/promises";
import type { Call, Intervention } from "../core/port/types.ts";
import { assert } from "../std/assert.ts";
import type { Json } from "../std/canonical-json.ts";
import { InterlockError } from "../std/errors.ts";
import type { EffectRow, Intent } from "../store/table/effect.ts";
import { type Ending, needsPerson } from "./ending.ts";
import { getConnector } from "./prepare.ts";
import type { EngineContext } from "./wiring.ts";

export async function changeOutside(
  context: EngineContext,
  effect: EffectRow,
  intent: Intent,
  call: Call,
  refusal?: Ending,
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
      const current = await connector.read(intervention, call);
      if (connector.isApplied(intent.plan, current)) {
        return done(context, effect, intent, { readBack: "found in effect" });
      }
    }
  }
  if (refusal !== undefined) return refusal;
  const { receipt } = await connector.apply(intent.plan, call);
  const current = await connector.read(intervention, call).catch((error: unknown) => {
    throw new InterlockError("connector/unknown-outcome", "the change could not be read back", {
      retry: "later",
      cause: error,
    });
  });
  if (!connector.isApplied(intent.plan, current)) {
    const why = "the platform accepted the change, but reading it back does not show it";
    return needsPerson(effect, why, context.clock.now());
  }
  return done(context, effect, intent, receipt);
}

/** Waits until no call of an earlier owner can still be under way. */
export async function quiesce(effects: ReadonlyArray<EffectRow>): Promise<void> {
  const waitMs = Math.max(0, ...effects.map((effect) => effect.call_over_in_ms));
  if (waitMs > 0) await delay(waitMs);
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
