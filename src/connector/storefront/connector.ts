/**
 * The shop as a target of interventions on cash orders of one geography: `prepaid_only` turns cash on
 * delivery off, `confirm_orders` has each confirmed before it is shipped.
 *
 * Its class is `idempotent`: the shop keeps each `Idempotency-Key` for good and answers it again with
 * what it answered then, so a call of unknown outcome may simply be sent once more. The `ETag` guards
 * the other side: if a person edited the rule between our reading and our writing, the write is
 * refused, first time or second.
 */
import { assert } from "../../std/assert.ts";
import { canonicalJson } from "../../std/canonical-json.ts";
import { InterlockError } from "../../std/errors.ts";
import type { Connector, Plan, TargetState } from "../../core/port/types.ts";
import { callHeaders, checkIntervention } from "../kit/intervention.ts";
import type { CodMode, CodRule, StorefrontClient, StorefrontSettings } from "./client.ts";

/** The etag says which version was read; it is a precondition and no part of what is compared. */
type RuleState = {
  readonly geo: string;
  readonly rule: CodRule | null;
  readonly etag: string | null;
};

const MODES: { readonly [option: string]: CodMode } = {
  prepaid_only: "off",
  confirm_orders: "confirm",
};

/** The one name under which cases claim a geography's payment rule. */
export function storefrontResourceOf(
  { shop, placeOf }: Pick<StorefrontSettings, "shop" | "placeOf">,
  subject: string,
): string {
  return `shop:${shop}/cod/${placeOf?.(subject) ?? subject}`;
}

export function createStorefrontConnector(
  client: StorefrontClient,
  settings: Pick<StorefrontSettings, "shop">,
): Connector {
  const identity = { name: "storefront", options: Object.keys(MODES) } as const;

  return {
    ...identity,
    class: "idempotent",

    async read(intervention, call): Promise<TargetState> {
      const { subject } = intervention;
      checkIntervention(identity, intervention, storefrontResourceOf(settings, subject));
      const state = await client.getRule(subject, {
        signal: call.signal,
        headers: callHeaders(call),
      });
      if (state === undefined) {
        throw new InterlockError(
          "connector/rejected",
          `the storefront knows no geography \`${subject}\``,
          { help: "act on a geography that the shop delivers to, or add it to the shop" },
        );
      }
      return { geo: subject, ...state };
    },

    plan(intervention, before): Plan {
      const { subject } = intervention;
      checkIntervention(identity, intervention, storefrontResourceOf(settings, subject));
      const state = stateOf(before);
      const cod = MODES[intervention.option];
      assert(cod !== undefined, "the option is one of the connector's own");
      // Off is stricter than to confirm: whoever turned it off is not overruled.
      if (state.rule?.cod === cod || state.rule?.cod === "off") {
        throw new InterlockError(
          "connector/conflict",
          `cash on delivery is already \`${state.rule.cod}\` for \`${subject}\``,
          { help: "someone did this before; Interlock claims nothing that it did not do" },
        );
      }
      return planChange(state, { cod, setBy: "interlock" });
    },

    async dryRun(plan, call) {
      await client.setRule(
        changeOf(plan),
        { dryRun: true, idempotencyKey: call.idempotencyKey },
        { signal: call.signal, headers: callHeaders(call) },
      );
    },

    async apply(plan, call) {
      const { etag } = await client.setRule(
        changeOf(plan),
        { dryRun: false, idempotencyKey: call.idempotencyKey },
        { signal: call.signal, headers: callHeaders(call) },
      );
      return { receipt: { etag } };
    },

    isApplied: (plan, current) => isSame(stateOf(plan.after).rule, stateOf(current).rule),

    planUndo(plan, current) {
      const before = stateOf(plan.before);
      const now = stateOf(current);
      if (isSame(now.rule, stateOf(plan.after).rule)) {
        return { kind: "undo", plan: planChange(now, before.rule) };
      }
      if (now.rule === null || isSame(now.rule, before.rule)) {
        const why = "the rule that Interlock set is no longer there";
        return { kind: "nothing-left", why };
      }
      const why = `the rule now says ${canonicalJson(now.rule)}: someone changed it since`;
      return { kind: "conflict", why };
    },
  };
}

function planChange(before: RuleState, rule: CodRule | null): Plan {
  const after: RuleState = { geo: before.geo, rule, etag: null };
  return { before, after, request: { geo: before.geo, rule, etag: before.etag } };
}

function changeOf(plan: Plan): RuleState {
  return plan.request as unknown as RuleState;
}

/** States come back from the store as JSON; their shape is ours, written by `read` or `planChange`. */
function stateOf(state: TargetState): RuleState {
  return state as unknown as RuleState;
}

function isSame(a: CodRule | null, b: CodRule | null): boolean {
  return canonicalJson(a) === canonicalJson(b);
}
