import { checkSnapshot, INVARIANTS } from "../engine/invariant/check.ts";
import type { Violation } from "../engine/invariant/invariant.ts";
import { inputSchema, type Operation } from "./operation.ts";

export type InvariantCheck = {
  readonly name: string;
  /** What must be true, as a fact. */
  readonly sentence: string;
  readonly holds: boolean;
  /** The rows that break it, at most a hundred. */
  readonly violations: ReadonlyArray<Violation>;
  /** What to do about them; null where there is none. */
  readonly help: string | null;
  readonly ms: number;
};

export type InvariantReport = {
  readonly holds: boolean;
  readonly checks: ReadonlyArray<InvariantCheck>;
};

/** The others need the outside's own record, which only a test has. */
const NAMES = INVARIANTS.filter(({ needsOutside }) => needsOutside !== true).map(
  ({ name }) => name,
);

export const invariantCheck: Operation<
  { readonly quick?: boolean; readonly only?: ReadonlyArray<string> },
  InvariantReport
> = {
  name: "invariant.check",
  summary: "Looks up in one snapshot that every promise of the engine holds; changes nothing.",
  access: "viewer",
  errors: [],
  input: inputSchema(
    {
      quick: {
        type: "boolean",
        description: "only what costs no more than the work that is under way",
      },
      only: {
        type: "array",
        maxItems: NAMES.length,
        items: { enum: NAMES },
        description: "these alone",
      },
    },
    ["quick", "only"],
  ),
  async handler({ engine, onProgress }, { quick, only }) {
    const { driver, clock, limits } = engine.context;
    const checked = await checkSnapshot(driver, {
      now: clock.now(),
      limits,
      ...(quick === true ? { cost: "open" } : {}),
      ...(only === undefined ? {} : { names: only }),
      ...(onProgress === undefined ? {} : { onProgress }),
    });
    const checks = checked.map(({ invariant, violations, ms }): InvariantCheck => {
      const { name, sentence, help } = invariant;
      const holds = violations.length === 0;
      return { name, sentence, holds, violations, help: holds ? null : help, ms: Math.round(ms) };
    });
    return { holds: checks.every(({ holds }) => holds), checks };
  },
};
