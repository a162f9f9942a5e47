import type { LoopRequest } from "../core/loop/lifecycle.ts";
import { refuseUnmet } from "../engine/gates.ts";
import { requestLoop } from "../engine/loops.ts";
import { findLoop } from "../store/table/loop.ts";
import { InterlockError } from "../std/errors.ts";
import {
  getWiring,
  inputSchema,
  LOOP_FIELD,
  type Operation,
  type OperationContext,
} from "./operation.ts";

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
  input: inputSchema({ loop: LOOP_FIELD }),
  handler: (context, { loop }) => moveLoop(context, loop, "activate"),
};

export const loopPause: Operation<{ readonly loop: string }, LoopMoved> = {
  name: "loop.pause",
  summary: "Halts a live loop at once; new signals are parked, nothing is lost.",
  access: "owner",
  errors: ["loop/not-found", "loop/wrong-state"],
  input: inputSchema({ loop: LOOP_FIELD }),
  handler: (context, { loop }) => moveLoop(context, loop, "pause"),
};

async function moveLoop(
  context: OperationContext,
  loop: string,
  request: LoopRequest,
): Promise<LoopMoved> {
  const wiring = getWiring(context, loop);
  const { engine } = context;
  const step = await requestLoop(engine.context, wiring, request);
  const row = await findLoop(engine.context.driver, loop);
  const state = row?.state ?? "draft";
  if (step.kind === "refused") {
    const what = `\`${loop}\` stays ${state}: ${step.why}`;
    if (step.unmet.length > 0) throw refuseUnmet(what, step.unmet);
    throw new InterlockError("loop/wrong-state", what);
  }
  return { loop, state, changed: step.kind === "moved", why: row?.why ?? "" };
}
