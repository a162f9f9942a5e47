/**
 * What marketing assumes about money and customers: `economics.yaml`, read and checked.
 *
 * Every input is a belief with a range and a source, because most of them are not known. Money is written
 * in whole units of the currency by people and held in minor units here.
 */
import { InvalidDocumentError } from "../../core/document.ts";
import { problem, type ProblemKind } from "../../core/problem.ts";
import { compileSchema, type SchemaCheck } from "../../core/schema.ts";
import type { Problem } from "../../core/contract/types.ts";
import type { PriorRange } from "../../stats/decide/draw.ts";

type Kind = "money" | "share" | "ratio" | "days" | "count";

type InputSpec = {
  readonly kind: Kind;
  readonly min: number;
  readonly max: number;
  /** For readers: "what matters most and is not known is ...". */
  readonly words: string;
};

const MONEY_MAX = 10_000_000;

const money = (words: string): InputSpec => ({ kind: "money", min: 0, max: MONEY_MAX, words });
const share = (words: string, max = 1): InputSpec => ({ kind: "share", min: 0, max, words });
const ratio = (words: string, min: number, max: number): InputSpec => ({
  kind: "ratio",
  min,
  max,
  words,
});

/** Inputs whose value nobody knows for sure, in the order of their draws. */
export const INPUTS = {
  netPrice: money("the price of an order"),
  goods: money("the cost of the goods"),
  forwardFreight: money("the forward freight"),
  reverseFreight: money("the freight of a return"),
  packing: money("the cost of packing"),
  receipt: money("the cost of taking a return in"),
  writeDownShare: share("what a return costs in goods"),
  codFee: money("the cash handling fee"),
  gatewayFee: money("the payment gateway's fee"),
  codShare: share("how many orders are paid in cash"),
  codRateRatio: ratio("how COD and prepaid orders differ in failing", 0.2, 20),
  recovery: share("how many failed attempts are delivered in the end"),
  prepaidSwitchShare: share("how many COD buyers would pay ahead"),
  paidShare: share("how many orders would come without ads"),
  spendElasticity: ratio("how orders follow ad spend", 0.05, 1),
  bidResponse: ratio("how spend follows the bid", 0.1, 5),
  redirectedReturn: ratio("what the money earns elsewhere", 0, 10),
  learningLossShare: share("what the platform's learning phase costs"),
  mendShare: share("how much of it logistics can mend"),
  confirmationReduction: share("how many returns a confirmation prevents"),
  confirmationCancelled: share("how many buyers do not confirm", 0.9),
  confirmationCost: money("what a confirmation costs"),
} as const satisfies Record<string, InputSpec>;

export type InputName = keyof typeof INPUTS;
export const INPUT_NAMES = Object.keys(INPUTS) as ReadonlyArray<InputName>;

/** How the agent chooses; set, not believed. */
const DECISION = {
  probabilityBetterMin: { kind: "share", min: 0.5, max: 1 },
  downsideMax: { kind: "ratio", min: 0, max: 100 },
  gainMin: { kind: "money", min: 0, max: MONEY_MAX },
  tieShare: { kind: "share", min: 0, max: 1 },
  standingDays: { kind: "days", min: 1, max: 366 },
  standingDaysDoubtful: { kind: "days", min: 1, max: 366 },
  standingDaysCourier: { kind: "days", min: 1, max: 366 },
  confidentFrom: { kind: "share", min: 0, max: 1 },
  // Without a probe a recovery cannot be seen.
  probeShare: { kind: "share", min: 0.1, max: 0.5 },
  priorTrials: { kind: "count", min: 1, max: 10_000 },
  learningDays: { kind: "days", min: 0, max: 60 },
  actionCost: { kind: "money", min: 0, max: MONEY_MAX },
  mendDays: { kind: "days", min: 0, max: 366 },
} as const satisfies Record<string, Omit<InputSpec, "words">>;

export type DecisionName = keyof typeof DECISION;

export type Economics = {
  readonly currency: string;
  /** Money in minor units. */
  readonly inputs: { readonly [name in InputName]: PriorRange & { readonly source: string } };
  readonly decision: { readonly [name in DecisionName]: number };
};

const MINOR_PER_UNIT = 100;

let checkShape: SchemaCheck | undefined;

/** Throws `InvalidDocumentError` (`document/invalid-shape`) with every problem. */
export function parseEconomics(value: unknown): Economics {
  checkShape ??= compileSchema(ECONOMICS_SCHEMA, "economics");
  const shape = checkShape(value);
  if (shape.length > 0) throw new InvalidDocumentError("not economics", shape);
  const written = value as Written;
  const problems = findProblems(written);
  if (problems.length > 0) throw new InvalidDocumentError("not economics", problems);
  const scaleOf = (kind: Kind) => (kind === "money" ? MINOR_PER_UNIT : 1);
  return {
    currency: written.currency,
    inputs: mapValues(INPUTS, (spec, name) => {
      const { value, low, high, source } = written.inputs[name];
      const scale = scaleOf(spec.kind);
      return { value: value * scale, low: low * scale, high: high * scale, source };
    }),
    decision: mapValues(
      DECISION,
      (spec, name) => written.decision[name].value * scaleOf(spec.kind),
    ),
  };
}

/** The document as people write it, once its shape holds. */
type Written = {
  readonly currency: string;
  readonly inputs: {
    readonly [name in InputName]: PriorRange & { readonly unit: string; readonly source: string };
  };
  readonly decision: {
    readonly [name in DecisionName]: { readonly value: number; readonly unit: string };
  };
};

const numbersOf = (spec: Omit<InputSpec, "words">) => ({
  type: spec.kind === "days" || spec.kind === "count" ? "integer" : "number",
  minimum: spec.min,
  maximum: spec.max,
});
const text = { type: "string", minLength: 1, maxLength: 500 };

const ECONOMICS_SCHEMA = {
  type: "object",
  additionalProperties: false,
  required: ["interlock", "currency", "inputs", "decision"],
  properties: {
    interlock: { const: "economics/1" },
    currency: {
      type: "string",
      pattern: "^[A-Z]{3}$",
      description: "an ISO 4217 code such as INR",
    },
    inputs: {
      type: "object",
      additionalProperties: false,
      required: INPUT_NAMES,
      properties: mapValues(INPUTS, (spec) => ({
        type: "object",
        description: spec.words,
        additionalProperties: false,
        required: ["value", "low", "high", "unit", "source"],
        properties: {
          value: numbersOf(spec),
          low: numbersOf(spec),
          high: numbersOf(spec),
          unit: text,
          source: text,
        },
      })),
    },
    decision: {
      type: "object",
      additionalProperties: false,
      required: Object.keys(DECISION),
      properties: mapValues(DECISION, (spec) => ({
        type: "object",
        additionalProperties: false,
        required: ["value", "unit", "why"],
        properties: { value: numbersOf(spec), unit: text, why: text },
      })),
    },
  },
};

function findProblems({ currency, inputs, decision }: Written): Problem[] {
  const problems: Problem[] = [];
  const add = (kind: ProblemKind, path: string, message: string, help?: string): void => {
    problems.push(problem("economics", kind, path, message, help));
  };
  const checkUnit = (path: string, kind: Kind, unit: string): void => {
    const wanted = { money: currency, share: "1", ratio: "1", days: "days", count: "shipments" }[
      kind
    ];
    if (unit === wanted) return;
    add("wrong-value", `${path}/unit`, `the unit must be \`${wanted}\``, "write the figure in it");
  };
  for (const name of INPUT_NAMES) {
    const { value, low, high, unit } = inputs[name];
    checkUnit(`/inputs/${name}`, INPUTS[name].kind, unit);
    if (low <= value && value <= high) continue;
    const message = `${low} to ${high} does not hold the value ${value}`;
    add("inconsistent", `/inputs/${name}`, message, "write low, value and high in rising order");
  }
  for (const name of Object.keys(DECISION) as ReadonlyArray<DecisionName>) {
    checkUnit(`/decision/${name}`, DECISION[name].kind, decision[name].unit);
  }
  const { netPrice, goods, codFee, gatewayFee } = inputs;
  if (netPrice.low <= goods.high + Math.max(codFee.high, gatewayFee.high)) {
    const message = "a delivered order may earn less than its goods and fees cost";
    add("inconsistent", "/inputs/netPrice", message, "compare its low end with the others' high");
  }
  return problems;
}

function mapValues<Key extends string, From, To>(
  of: Readonly<Record<Key, From>>,
  change: (value: From, key: Key) => To,
): Record<Key, To> {
  return Object.fromEntries(
    (Object.keys(of) as Key[]).map((key) => [key, change(of[key], key)]),
  ) as Record<Key, To>;
}
