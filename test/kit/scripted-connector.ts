/**
 * An outside system in this process, whose every call is on record and whose faults are on order.
 *
 * It keeps one setting per resource. Each fault is one line of the connector's contract: what the
 * caller sees, and whether the change was made all the same. A naive target on purpose: unless its class is
 * `idempotent` it knows no keys, so a call made twice is two effects, and a test sees it.
 */
import type {
  Call,
  Connector,
  ConnectorClass,
  Intervention,
  Plan,
  TargetState,
} from "../../src/core/port/types.ts";
import { canonicalJson } from "../../src/std/canonical-json.ts";
import { InterlockError } from "../../src/std/errors.ts";
import type { Instant } from "../../src/std/time.ts";

/**
 * | fault          | changed | the caller sees                                        |
 * |----------------|---------|--------------------------------------------------------|
 * | unavailable    | no      | `connector/unavailable`                                |
 * | rate-limited   | no      | `connector/rate-limited`, asked to wait ten minutes    |
 * | rejected       | no      | `connector/rejected`                                   |
 * | unknown-before | no      | `connector/unknown-outcome`                            |
 * | unknown-after  | yes     | `connector/unknown-outcome`                            |
 * | silent-before  | no      | nothing until the deadline, then unknown               |
 * | silent-after   | yes     | nothing until the deadline, then unknown               |
 * | swallowed      | no      | a receipt, as if it had been done                      |
 * | deaf           | no      | nothing, ever: it does not even hear the deadline      |
 */
export type Fault =
  | "unavailable"
  | "rate-limited"
  | "rejected"
  | "unknown-before"
  | "unknown-after"
  | "silent-before"
  | "silent-after"
  | "swallowed"
  | "deaf";

export const RETRY_AFTER_MS = 600_000;

export type OutsideCall = {
  readonly kind: "read" | "dry-run" | "apply";
  readonly key: string;
  readonly fence: number;
  readonly resource: string;
};

export type OutsideEffect = {
  readonly key: string;
  readonly resource: string;
  readonly setting: string;
  /** What it replaced. */
  readonly before: string;
  /** What it left. */
  readonly after: string;
  readonly at: Instant;
};

export type ScriptedConnector = Connector & {
  /** Every call, failed ones included, but for the probes of the gates. */
  readonly calls: ReadonlyArray<OutsideCall>;
  /** Every change that was really made. */
  readonly effects: ReadonlyArray<OutsideEffect>;
  /** Calls of one kind. */
  countCalls(kind: OutsideCall["kind"]): number;
  failNext(on: OutsideCall["kind"], ...faults: ReadonlyArray<Fault>): void;
  /** Does this at the moment at which the next change would be made, before it is made. */
  beforeApply(work: () => Promise<void>): void;
  settingOf(resource: string): string;
  /** A person's edit in the platform's own screens. */
  editByHand(resource: string, setting: string): void;
  /** Resources that were so edited. */
  readonly edited: ReadonlyArray<string>;
  reachable: boolean;
};

const UNTOUCHED = "untouched";

export function createScriptedConnector(options: {
  readonly class: ConnectorClass;
  readonly now: () => Instant;
}): ScriptedConnector {
  const settings = new Map<string, string>();
  const calls: OutsideCall[] = [];
  const effects: OutsideEffect[] = [];
  const edited: string[] = [];
  const keysDone = new Set<string>();
  const scripts = new Map<OutsideCall["kind"], Fault[]>();
  const waiting: Array<() => Promise<void>> = [];
  const settingOf = (resource: string) => settings.get(resource) ?? UNTOUCHED;
  const stateOf = (resource: string): TargetState => ({ resource, setting: settingOf(resource) });

  function note(kind: OutsideCall["kind"], call: Call, resource: string): Fault | undefined {
    if (call.idempotencyKey !== "probe") {
      calls.push({ kind, key: call.idempotencyKey, fence: call.fence, resource });
    }
    if (!connector.reachable) return "unavailable";
    return call.idempotencyKey === "probe" ? undefined : scripts.get(kind)?.shift();
  }

  function change(call: Call, plan: Plan): void {
    const key = call.idempotencyKey;
    if (options.class === "idempotent" && keysDone.has(key)) return;
    keysDone.add(key);
    const { resource, setting } = plan.after as { resource: string; setting: string };
    const before = settingOf(resource);
    settings.set(resource, setting);
    effects.push({ key, resource, setting, before, after: setting, at: options.now() });
  }

  const connector: ScriptedConnector = {
    name: "scripted",
    class: options.class,
    options: ["exclude_geo", "lower_bid", "prepaid_only", "confirm_orders"],
    calls,
    effects,
    edited,
    reachable: true,
    countCalls: (kind) => calls.filter((call) => call.kind === kind).length,
    failNext(on, ...faults) {
      scripts.set(on, [...(scripts.get(on) ?? []), ...faults]);
    },
    beforeApply: (work) => void waiting.push(work),
    settingOf,
    editByHand(resource, setting) {
      settings.set(resource, setting);
      edited.push(resource);
    },

    async read({ resource }, call) {
      await fail(note("read", call, resource), call);
      return stateOf(resource);
    },

    plan(intervention: Intervention, before) {
      const setting = `${intervention.option} ${canonicalJson(intervention.parameters)}`;
      const after = { resource: intervention.resource, setting };
      return { before, after, request: after };
    },

    async dryRun(plan, call) {
      await fail(note("dry-run", call, String(plan.after["resource"])), call);
    },

    async apply(plan, call) {
      const fault = note("apply", call, String(plan.after["resource"]));
      await waiting.shift()?.();
      // Like a request that is cut off: what was not sent by the deadline is not sent at all.
      if (call.signal.aborted) throw unknownOutcome();
      if (fault === undefined || fault === "unknown-after" || fault === "silent-after") {
        change(call, plan);
      }
      await fail(fault, call);
      return { receipt: { key: call.idempotencyKey } };
    },

    isApplied: (plan, current) => plan.after["setting"] === current["setting"],

    planUndo(plan, current) {
      if (current["setting"] === plan.before["setting"]) {
        return { kind: "nothing-left", why: "it is already as it was before" };
      }
      if (current["setting"] !== plan.after["setting"]) {
        return { kind: "conflict", why: "someone changed it since" };
      }
      const undo = { before: plan.after, after: plan.before, request: plan.before };
      return { kind: "undo", plan: undo };
    },
  };
  return connector;
}

async function fail(fault: Fault | undefined, call: Call): Promise<void> {
  switch (fault) {
    case undefined:
    case "swallowed":
      return;
    case "unavailable":
      throw new InterlockError("connector/unavailable", "it is down", { retry: "later" });
    case "rate-limited":
      throw new InterlockError("connector/rate-limited", "too many calls", {
        retry: "later",
        retryAfterMs: RETRY_AFTER_MS,
      });
    case "rejected":
      throw new InterlockError("connector/rejected", "it is not allowed here");
    case "unknown-before":
    case "unknown-after":
      throw unknownOutcome();
    case "silent-before":
    case "silent-after":
      await new Promise<void>((resolve) => {
        if (call.signal.aborted) resolve();
        else call.signal.addEventListener("abort", () => resolve(), { once: true });
      });
      throw unknownOutcome();
    case "deaf":
      await new Promise<never>(() => undefined);
  }
}

function unknownOutcome(): InterlockError {
  return new InterlockError("connector/unknown-outcome", "no answer came back", { retry: "later" });
}
