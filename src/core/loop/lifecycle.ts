/**
 * A loop's life:
 *
 *   draft -> connected -> calibrating -> ready -> live <-> suspended
 *                                                 live <-> paused          ... -> retired
 *
 * The lifecycle is read off the gates, never set by hand: a loop is as far along as its evidence
 * carries it. A person only decides two things, to go live (which the gates may refuse) and to stop.
 * A live loop whose gate lapses is suspended by itself and is live again by itself once every gate
 * holds, because what a person decided still stands; one that a person paused waits for a person.
 */
import { unreachable } from "../../std/assert.ts";
import type { Gate } from "./gate.ts";

export const LOOP_STATES = [
  "draft",
  "connected",
  "calibrating",
  "ready",
  "live",
  "suspended",
  "paused",
  "retired",
] as const;
export type LoopState = (typeof LOOP_STATES)[number];

export type LoopRequest = "activate" | "pause" | "retire" | "review";

export type LoopStep =
  | { readonly kind: "moved"; readonly to: LoopState; readonly why: string }
  | { readonly kind: "unchanged" }
  | { readonly kind: "refused"; readonly why: string; readonly unmet: ReadonlyArray<Gate> };

/**
 * The next state of a loop. `review` is asked at every heartbeat and after every change of evidence:
 * it moves an inactive loop along and suspends a live one whose gate lapsed.
 *
 * INVARIANT (no-void): no state but `live` lets a signal through, and `live` needs every gate.
 */
export function computeLoopStep(
  state: LoopState,
  request: LoopRequest,
  gates: ReadonlyArray<Gate>,
): LoopStep {
  const unmet = gates.filter((gate) => !gate.holds);
  if (state === "retired") {
    return request === "review"
      ? { kind: "unchanged" }
      : { kind: "refused", why: "a retired loop stays retired", unmet: [] };
  }
  switch (request) {
    case "retire":
      return { kind: "moved", to: "retired", why: "retired by request" };
    case "pause":
      if (state === "live" || state === "suspended") {
        return { kind: "moved", to: "paused", why: "paused by request" };
      }
      return { kind: "refused", why: `a ${state} loop is not running`, unmet: [] };
    case "activate":
      if (state === "live") return { kind: "unchanged" };
      if (unmet.length > 0) {
        return {
          kind: "refused",
          why: `${unmet.length} ${unmet.length === 1 ? "gate does" : "gates do"} not hold`,
          unmet,
        };
      }
      return { kind: "moved", to: "live", why: "every gate holds" };
    case "review":
      return review(state, gates, unmet);
    default:
      return unreachable(request);
  }
}

function review(
  state: LoopState,
  gates: ReadonlyArray<Gate>,
  unmet: ReadonlyArray<Gate>,
): LoopStep {
  if (state === "live") {
    return unmet.length === 0
      ? { kind: "unchanged" }
      : { kind: "moved", to: "suspended", why: unmet.map((gate) => gate.evidence).join("; ") };
  }
  if (state === "suspended") {
    return unmet.length === 0
      ? { kind: "moved", to: "live", why: "every gate holds again" }
      : { kind: "unchanged" };
  }
  if (state === "paused") return { kind: "unchanged" };
  const reached = computeStage(gates, unmet);
  return reached === state
    ? { kind: "unchanged" }
    : { kind: "moved", to: reached, why: "its evidence changed" };
}

function computeStage(
  gates: ReadonlyArray<Gate>,
  unmet: ReadonlyArray<Gate>,
): "draft" | "connected" | "calibrating" | "ready" {
  if (unmet.length === 0) return "ready";
  const holdsAll = (stage: Gate["stage"]) =>
    gates.every((gate) => gate.stage !== stage || gate.holds);
  if (!holdsAll("connect")) return "draft";
  return holdsAll("calibrate") ? "calibrating" : "connected";
}
