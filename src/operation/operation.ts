/**
 * What an operation is: one thing that a person or a program can ask of Interlock.
 *
 * Every way in (command line today; HTTP, MCP and A2A are the same list seen through other windows)
 * calls these and nothing deeper. `access` is the role that the caller needs.
 */
import type { Engine } from "../engine/engine.ts";
import type { LoopWiring } from "../engine/wiring.ts";
import { type ErrorCode, InterlockError } from "../std/errors.ts";

export type OperationContext = { readonly engine: Engine };

export type Operation<Input, Output> = {
  /** Noun, then verb: `case.vote`. */
  readonly name: string;
  readonly summary: string;
  readonly access: "viewer" | "operator" | "approver" | "owner";
  /** Codes it may throw besides those of the store. */
  readonly errors: ReadonlyArray<ErrorCode>;
  handler(context: OperationContext, input: Input): Promise<Output>;
};

export function getWiring({ engine }: OperationContext, loop: string): LoopWiring {
  const wiring = engine.wiringOf(loop);
  if (wiring !== undefined) return wiring;
  const known = [...engine.context.loops.keys()];
  throw new InterlockError("loop/not-found", `no loop is named \`${loop}\``, {
    help: known.length === 0 ? "no loop is set up here" : `the loops here are ${known.join(", ")}`,
  });
}
