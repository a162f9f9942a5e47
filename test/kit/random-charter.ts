/**
 * Charters by chance, for those who check or measure what is said of whole tables.
 *
 * `tiered` looks like what people write: a few round bounds used again and again, most rules about some
 * options, and at the end rules that catch what is left. `scattered` has a bound of its own everywhere
 * and wide overlapping ranges, and is what makes tables hard.
 */
import {
  type Charter,
  type Range,
  type Rule,
  type RuleConditions,
  WEEKDAYS,
  type WeekWindow,
} from "../../src/core/charter/types.ts";
import { integerBetween, type Random } from "../../src/std/random.ts";

/** Conditions in the order in which a charter of fewer dimensions has them. */
export const CONDITIONS = [
  "option",
  "valueAtStake",
  "subjects",
  "confidence",
  "shareOfOrders",
  "reversible",
  "shareOfSpend",
  "time",
] as const;

export type CharterShape = {
  readonly rules: number;
  /** How many of `CONDITIONS` are used. */
  readonly dimensions: number;
  readonly kind: "tiered" | "scattered";
  /** How often a rule states a condition that it may. */
  readonly stated?: number;
};

const OPTIONS = ["exclude_geo", "lower_bid", "prepaid_only", "pause_ads", "hold_stock", "cap_cod"];
const RUPEES = [25_000, 50_000, 75_000, 100_000, 250_000, 500_000, 1_000_000];
const COUNTS = [2, 5, 10, 25, 75, 200];
const CONFIDENCES = [0.7, 0.75, 0.8, 0.85, 0.9, 0.95];
const SHARES = [0.005, 0.01, 0.02, 0.05, 0.1, 1];
const HOURS: ReadonlyArray<ReadonlyArray<WeekWindow>> = [
  [{ days: ["mon", "tue", "wed", "thu", "fri"], from: "09:00", until: "18:00" }],
  [{ days: ["mon", "tue", "wed", "thu", "fri", "sat"], from: "08:00", until: "20:00" }],
  [{ days: ["sat", "sun"], from: "00:00", until: "24:00" }],
];

/** `like` gives everything but options and rules. */
export function randomCharter(random: Random, like: Charter, shape: CharterShape): Charter {
  const options = OPTIONS.slice(0, shape.dimensions > 5 ? 6 : 3);
  const rules = Array.from({ length: shape.rules }, (_, i): Rule => {
    const share = shape.kind === "tiered" && i >= shape.rules * 0.9 ? 0.2 : (shape.stated ?? 0.5);
    return {
      name: `r${i}`,
      because: "drawn by chance",
      when: drawConditions(random, options, shape, share),
      ...drawEffect(random),
    };
  });
  return { ...like, options, rules };
}

function drawEffect(random: Random): Pick<Rule, "then" | "accountable"> {
  const vote = (party: string) => ({ party, quorum: 1, from: ["owner"] });
  switch (integerBetween(random, 0, 5)) {
    case 0:
      return { then: { kind: "auto" }, accountable: "marketing" };
    case 1:
      return { then: { kind: "forbid" } };
    case 2:
      return { then: { kind: "approve", votes: [vote("marketing")] }, accountable: "marketing" };
    case 3:
      return { then: { kind: "approve", votes: [vote("logistics")] }, accountable: "logistics" };
    default:
      return {
        then: { kind: "approve", votes: [vote("logistics"), vote("marketing")] },
        accountable: "marketing",
      };
  }
}

function drawConditions(
  random: Random,
  options: ReadonlyArray<string>,
  { dimensions, kind }: CharterShape,
  stated: number,
): RuleConditions {
  const drawn = CONDITIONS.slice(0, dimensions).filter(() => random.next() < stated);
  const bound = (grid: ReadonlyArray<number>, top: number, isWhole: boolean): number => {
    if (kind === "tiered") return grid[integerBetween(random, 0, grid.length)] ?? 0;
    const value = random.next() * top;
    return isWhole ? Math.ceil(value) : value;
  };
  const range = (grid: ReadonlyArray<number>, top: number, isWhole: boolean): Range => {
    const [a, b] = [bound(grid, top, isWhole), bound(grid, top, isWhole)].sort((x, y) => x - y);
    const side = integerBetween(random, 0, 3);
    if (side === 0 || a === b) return { atLeast: b ?? 0 };
    return side === 1 ? { below: b ?? 1 } : { atLeast: a ?? 0, below: b ?? 1 };
  };
  const conditions: { -readonly [name in keyof RuleConditions]: RuleConditions[name] } = {};
  for (const name of drawn) {
    if (name === "option") {
      const some = options.filter(() => random.next() < 0.4);
      conditions.option = some.length > 0 ? some : options.slice(0, 1);
    } else if (name === "reversible") conditions.reversible = random.next() < 0.7;
    else if (name === "time") conditions.time = drawHours(random, kind);
    else if (name === "valueAtStake") {
      const { atLeast, below } = range(RUPEES, 1_000_000, true);
      conditions.valueAtStake = {
        ...(atLeast === undefined ? {} : { atLeast: `INR ${atLeast}` }),
        ...(below === undefined ? {} : { below: `INR ${below}` }),
      };
    } else if (name === "subjects") conditions.subjects = range(COUNTS, 400, true);
    else if (name === "confidence") conditions.confidence = range(CONFIDENCES, 1, false);
    else conditions[name] = range(SHARES, 1, false);
  }
  return conditions;
}

function drawHours(random: Random, kind: CharterShape["kind"]): ReadonlyArray<WeekWindow> {
  if (kind === "tiered") return HOURS[integerBetween(random, 0, HOURS.length)] ?? [];
  const at = (minute: number): string =>
    `${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  const from = integerBetween(random, 0, 1_200);
  const days = WEEKDAYS.filter(() => random.next() < 0.5);
  return [
    {
      days: days.length > 0 ? days : ["mon"],
      from: at(from),
      until: at(integerBetween(random, from + 1, 1_441)),
    },
  ];
}
