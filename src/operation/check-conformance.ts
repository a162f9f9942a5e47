import { CASES_LEAST } from "../core/contract/suite/receiver-suite.ts";
import type { ConformanceReport, Side } from "../core/contract/suite/types.ts";
import { runConformance } from "../engine/conformance.ts";
import { SECOND_MS } from "../std/time.ts";
import { getWiring, inputSchema, LOOP_FIELD, type Operation } from "./operation.ts";

export type ConformanceInput = {
  readonly loop: string;
  readonly side?: Side | "both";
  readonly seed?: number;
  readonly cases?: number;
  readonly withinSeconds?: number;
};

export type ConformanceResult = {
  readonly passed: boolean;
  readonly reports: ReadonlyArray<ConformanceReport>;
};

const CASES_MOST = 20_000;
const WITHIN_SECONDS_MOST = 60;

export const contractConform: Operation<ConformanceInput, ConformanceResult> = {
  name: "contract.conform",
  summary:
    "Tests the ends of a loop against its contract with a generated suite; keeps the result.",
  access: "operator",
  errors: ["loop/not-found", "agent/not-registered", "agent/failed"],
  input: inputSchema(
    {
      loop: LOOP_FIELD,
      side: { enum: ["sender", "receiver", "both"], description: "which end; both if left out" },
      seed: {
        type: "integer",
        minimum: 0,
        maximum: Number.MAX_SAFE_INTEGER,
        description: "the same seed gives the same suite; 1 if left out",
      },
      cases: {
        type: "integer",
        minimum: CASES_LEAST,
        maximum: CASES_MOST,
        description: "cases for each end, at the least",
      },
      withinSeconds: {
        type: "number",
        exclusiveMinimum: 0,
        maximum: WITHIN_SECONDS_MOST,
        unit: "seconds",
        description: "time that the receiver has for one answer; the engine's own if left out",
      },
    },
    ["side", "seed", "cases", "withinSeconds"],
  ),
  async handler(context, { loop, side = "both", seed, cases, withinSeconds }) {
    const wiring = getWiring(context, loop);
    const settings = {
      ...(seed === undefined ? {} : { seed }),
      ...(cases === undefined ? {} : { cases }),
      ...(withinSeconds === undefined ? {} : { answerWithinMs: withinSeconds * SECOND_MS }),
    };
    const reports: ConformanceReport[] = [];
    for (const one of side === "both" ? (["sender", "receiver"] as const) : [side]) {
      const options = { ...settings, side: one };
      const { engine, onProgress } = context;
      reports.push(await runConformance(engine.context, wiring, options, onProgress));
    }
    return {
      passed: reports.every(({ cases: tried, failed }) => tried > 0 && failed === 0),
      reports,
    };
  },
};
