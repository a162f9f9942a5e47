/** The marketing agent's assumptions about money: `economics.yaml`, read and checked. */
import { InterlockError } from "../../std/errors.ts";
import type { OrderEconomics } from "../../stats/decide/economics.ts";
import type { Prior, Unknowns } from "../../stats/decide/gain.ts";

export type ChoiceSettings = {
  /** 0..1 */
  readonly probabilityBetterMin: number;
  /** Major units of the currency. */
  readonly gainMinimum: number;
  readonly bidModifiers: ReadonlyArray<number>;
  readonly standingDays: number;
  readonly probeShare: number;
  /** Of a week's spend in the geography. */
  readonly learningCostShare: number;
};

export type Economics = {
  readonly currency: string;
  /** Major units of the currency, per order. */
  readonly order: OrderEconomics;
  readonly unknowns: Unknowns;
  readonly codToPrepaidRatio: number;
  readonly choice: ChoiceSettings;
};

const MONEY_MAX = 10_000_000;
const ORDER_FIELDS = [
  "netPrice",
  "goods",
  "forward",
  "reverse",
  "packing",
  "receipt",
  "codFee",
  "gatewayFee",
] as const;

/** Throws `document/invalid-shape` with the place of the first value that does not fit. */
export function parseEconomics(value: unknown): Economics {
  const root = readObject(value, "");
  if (root["interlock"] !== "economics/1") fail("/interlock", "must be `economics/1`");
  const currency = root["currency"];
  if (typeof currency !== "string" || !/^[A-Z]{3}$/.test(currency)) {
    return fail("/currency", "must be a currency code of three capitals, such as INR");
  }
  const order = readObject(root["order"], "/order");
  const unknowns = readObject(root["unknowns"], "/unknowns");
  const choice = readObject(root["choice"], "/choice");
  const money = Object.fromEntries(
    ORDER_FIELDS.map((name) => [name, readNumber(order, "/order", name, 0, MONEY_MAX)]),
  ) as Record<(typeof ORDER_FIELDS)[number], number>;
  const share = (name: keyof Unknowns, high = 1) => readPrior(unknowns, name, high);
  return {
    currency,
    order: { ...money, writeDownShare: readNumber(order, "/order", "writeDownShare", 0, 1) },
    unknowns: {
      returnsPerFailure: share("returnsPerFailure"),
      paidShare: share("paidShare"),
      spendElasticity: share("spendElasticity"),
      marginalValue: share("marginalValue", 10),
      prepaidSwitchShare: share("prepaidSwitchShare"),
    },
    codToPrepaidRatio: readNumber(root, "", "codToPrepaidRatio", 0.1, 100),
    choice: {
      probabilityBetterMin: readNumber(choice, "/choice", "probabilityBetterMin", 0.5, 1),
      gainMinimum: readNumber(choice, "/choice", "gainMinimum", 0, MONEY_MAX),
      bidModifiers: readModifiers(choice["bidModifiers"]),
      standingDays: readNumber(choice, "/choice", "standingDays", 1, 28),
      probeShare: readNumber(choice, "/choice", "probeShare", 0, 0.5),
      learningCostShare: readNumber(choice, "/choice", "learningCostShare", 0, 1),
    },
  };
}

type Plain = { readonly [key: string]: unknown };

function readObject(value: unknown, path: string): Plain {
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    return fail(path, "must be a map of settings");
  }
  return value as Plain;
}

function readNumber(of: Plain, path: string, name: string, low: number, high: number): number {
  const value = of[name];
  if (typeof value !== "number" || !(value >= low && value <= high)) {
    return fail(`${path}/${name}`, `must be a number from ${low} to ${high}`);
  }
  return value;
}

function readPrior(of: Plain, name: string, highest: number): Prior {
  const path = `/unknowns/${name}`;
  const range = readObject(of[name], path);
  const low = readNumber(range, path, "low", 0, highest);
  return { low, high: readNumber(range, path, "high", low, highest) };
}

function readModifiers(value: unknown): ReadonlyArray<number> {
  const isModifier = (one: unknown) => typeof one === "number" && one >= 0.1 && one <= 0.9;
  if (!Array.isArray(value) || value.length === 0 || !value.every(isModifier)) {
    return fail("/choice/bidModifiers", "must list numbers from 0.1 to 0.9");
  }
  return value as ReadonlyArray<number>;
}

function fail(path: string, message: string): never {
  throw new InterlockError("document/invalid-shape", `economics: ${path || "/"} ${message}`, {
    path,
  });
}
