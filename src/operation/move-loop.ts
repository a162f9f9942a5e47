import type { Gate } from "../core/loop/gates.ts";
import type { LoopRequest } from "../core/loop/lifecycle.ts";
import { readGates, requestLoop } from "../engine/loops.ts";
import { InterlockError } from "../std/errors.ts";
import { getWiring, type Operation, type OperationContext } from "./operation.ts";

export type LoopMoved = {
  readonly loop: string;
  readonly state: string;
  readonly changed: boolean;
  readonly why: string;
};

export const loopActivate: Operation<{ readonly loop: string }, LoopMoved> = {
  name: "loop.activate",
  summary: "Lets a loop go live, if every gate holds; parked signals then proceed in order.",
  access: "owner",
  errors: ["loop/not-found", "loop/gates-unmet", "loop/wrong-state"],
  handler: (context, { loop }) => moveLoop(context, loop, "activate"),
};

export const loopPause: Operation<{ readonly loop: string }, LoopMoved> = {
  name: "loop.pause",
  summary: "Halts a live loop at once; new signals are parked, nothing is lost.",
  access: "owner",
  errors: ["loop/not-found", "loop/wrong-state"],
  handler: (context, { loop }) => moveLoop(context, loop, "pause"),
};

async function moveLoop(
  context: OperationContext,
  loop: string,
  request: LoopRequest,
): Promise<LoopMoved> {
  const wiring = getWiring(context, loop);
  const step = await requestLoop(context.engine.context, wiring, request);
  const { row } = await readGates(context.engine.context, wiring);
  if (step.kind === "refused") {
    const code = step.unmet.length > 0 ? "loop/gates-unmet" : "loop/wrong-state";
    throw new InterlockError(code, `\`${loop}\` stays ${row.state}: ${step.why}`, {
      help: step.unmet.map(toAdvice).join("\n"),
    });
  }
  return { loop, state: row.state, changed: step.kind === "moved", why: row.why };
}

function toAdvice(gate: Gate): string {
  return `${gate.name}: ${gate.evidence}; to make it hold, ${gate.toHold}`;
}
