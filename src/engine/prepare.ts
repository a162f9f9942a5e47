/** Works out a change before it is made: read the target, plan, let the outside check the plan. */
import { interventionOf } from "../core/case/digest.ts";
import type { Case, ResolvedTarget } from "../core/case/types.ts";
import type { Call, Connector, Intervention, Plan } from "../core/port/types.ts";
import { assert } from "../std/assert.ts";
import { InterlockError } from "../std/errors.ts";
import { canonicalJson } from "../std/canonical-json.ts";
import { type Hash, hashJson } from "../std/hash.ts";
import { SECOND_MS } from "../std/time.ts";
import type { EffectRow, Intent } from "../store/table/effect.ts";
import { REAL_TIMER } from "./deadline.ts";
import { type Ending, failed } from "./ending.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

export async function prepareChange(
  context: EngineContext,
  effect: EffectRow,
  of: Case,
  call: Call,
): Promise<Intent | Ending> {
  const wiring = context.loops.get(of.loop);
  assert(wiring, `the loop \`${of.loop}\` is wired`);
  const { body } = effect;
  if (body.kind === "act") {
    const connector = findConnector(wiring, body.intervention.option);
    if (connector === undefined) {
      return failed(
        effect,
        `no connector carries out \`${body.intervention.option}\``,
        context.clock.now(),
      );
    }
    const fresh = findFreshPlan(context, of, body.intervention);
    if (fresh === undefined) await context.reached?.("prepare/before-read");
    const plan = fresh ?? (await planChange(connector, body.intervention, call));
    const at = context.clock.now();
    const found = { connector: connector.name, before: plan.before, after: plan.after, readAt: at };
    if (fresh === undefined && isOtherChange(of, body.intervention, found)) {
      const why = "the target is no longer as it stood when this was decided";
      const [because, code] = ["ungoverned", "action/target-changed"] as const;
      return {
        kind: "failed",
        why,
        letter: {
          kind: "action.refused",
          at,
          step: effect.step,
          because,
          code,
          why,
          target: found,
        },
      };
    }
    await connector.dryRun(plan, call);
    await context.reached?.("prepare/after-dry-run");
    return { connector: connector.name, plan };
  }
  assert(body.kind === "undo", "only changes are prepared");
  const connector = getConnector(wiring, body.of.connector);
  const current = await connector.read(body.of.intervention, call);
  const undo = connector.planUndo(body.of.plan, current);
  const at = context.clock.now();
  switch (undo.kind) {
    case "undo":
      return { connector: connector.name, plan: undo.plan };
    case "nothing-left":
      return {
        kind: "done",
        result: { nothingLeft: undo.why },
        letter: { kind: "undo.done", at, step: effect.step, receipt: { nothingLeft: undo.why } },
      };
    case "conflict":
      return {
        kind: "done",
        result: { conflict: undo.why },
        letter: { kind: "undo.conflicted", at, step: effect.step, why: undo.why },
      };
  }
}

/**
 * Is it another change than the one that was decided on, line by line? One that could not be read then
 * was shown to nobody. An order that was itself changed since is refused by the last look.
 */
function isOtherChange(of: Case, intervention: Intervention, found: ResolvedTarget): boolean {
  const { target, proposal } = of;
  if (proposal === undefined) return false;
  if (hashJson(intervention) !== hashJson(interventionOf(of))) return false;
  return target === undefined || hashOfChange(target) !== hashOfChange(found);
}

function hashOfChange({ connector, before, after }: ResolvedTarget): Hash {
  return hashJson({ connector, before, after });
}

/** What was read within so long by this very process is the target as it stands. */
const FRESH_MS = SECOND_MS;

type Fresh = { readonly plan: Plan; readonly intervention: Intervention; readonly readAt: number };

/** By the target that the case was given with its answer; one that comes from the store is another. */
const fresh = new WeakMap<ResolvedTarget, Fresh>();

/** Keeps what was worked out for an answer for whoever carries it out in the next moment. */
export function keepPlan(target: ResolvedTarget, kept: Fresh): void {
  fresh.set(target, kept);
}

function findFreshPlan(
  { timer = REAL_TIMER }: EngineContext,
  { target }: Case,
  intervention: Intervention,
): Plan | undefined {
  const kept = target && fresh.get(target);
  if (kept === undefined || timer.now() - kept.readAt > FRESH_MS) return undefined;
  return canonicalJson(kept.intervention) === canonicalJson(intervention) ? kept.plan : undefined;
}

/** Reads the target and works the change out against it; changes nothing. */
export async function planChange(
  connector: Connector,
  intervention: Intervention,
  call: Call,
): Promise<Plan> {
  return connector.plan(intervention, await connector.read(intervention, call));
}

export function findConnector(wiring: LoopWiring, option: string): Connector | undefined {
  return wiring.connectors.find((connector) => connector.options.includes(option));
}

export function getConnector(wiring: LoopWiring, name: string): Connector {
  const connector = wiring.connectors.find((candidate) => candidate.name === name);
  if (connector === undefined) {
    throw new InterlockError("connector/rejected", `no connector named \`${name}\` is set up`, {
      help: "set up the connector that made the change; only it can finish or undo it",
    });
  }
  return connector;
}
