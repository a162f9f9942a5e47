/**
 * Carrying out the steps of a migration on one payload, without changing the one that is given.
 *
 * What is not there is left alone; what is there and does not fit (scaling a text, mapping a value that
 * is not listed) refuses the whole payload. Factors are multiplied in decimal, so that 0.07 times 100
 * is 7.
 */
import { canonicalJson, type Json } from "../../std/canonical-json.ts";
import { pointerToken, pointerTokens, problem, quote } from "../problem.ts";
import { isObject } from "./payload.ts";
import type { MigrationStep, Problem } from "./types.ts";

export type Payload = { readonly [key: string]: Json };

export type MigrationResult =
  | { readonly kind: "migrated"; readonly payload: Payload }
  | { readonly kind: "refused"; readonly problems: ReadonlyArray<Problem> };

class Misfit extends Error {
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

export function runSteps(steps: ReadonlyArray<MigrationStep>, payload: Payload): MigrationResult {
  let value: Json = payload;
  try {
    for (const step of steps) value = runStep(step, value);
  } catch (thrown) {
    if (!(thrown instanceof Misfit)) throw thrown;
    const found = problem("contract", "inconsistent", thrown.path, thrown.message);
    return { kind: "refused", problems: [found] };
  }
  return { kind: "migrated", payload: value as Payload };
}

function runStep(step: MigrationStep, root: Json): Json {
  switch (step.op) {
    case "add":
      return expand(root, pointerTokens(step.path).slice(0, -1)).reduce(
        (value, parent) =>
          setAt(value, [...parent, pointerTokens(step.path).at(-1) ?? ""], step.value),
        root,
      );
    case "remove":
      return removeAt(root, pointerTokens(step.path));
    case "move":
    case "copy": {
      const places = expand(root, pointerTokens(step.from));
      const copied = places.reduce((value, place) => {
        const target = fillStars(pointerTokens(step.path), pointerTokens(step.from), place);
        return setAt(value, target, valueAtTokens(root, place) as Json);
      }, root);
      if (step.op === "copy") return copied;
      const target = (place: ReadonlyArray<string>): string =>
        fillStars(pointerTokens(step.path), pointerTokens(step.from), place).join("/");
      return places
        .filter((place) => target(place) !== place.join("/"))
        .reduce((value, place) => removeAt(value, place), copied);
    }
    case "scale":
      return replaceEach(root, step.path, (value, at) => {
        if (typeof value !== "number") throw new Misfit(at, `${quote(value)} is not a number`);
        return timesDecimal(value, step.by);
      });
    case "map":
      return replaceEach(root, step.path, (value, at) => {
        const same = step.values.find(({ from }) => canonicalJson(from) === canonicalJson(value));
        if (same === undefined) {
          throw new Misfit(at, `${quote(value)} is not among the values that are mapped`);
        }
        return same.to;
      });
  }
}

function replaceEach(root: Json, path: string, change: (value: Json, at: string) => Json): Json {
  return expand(root, pointerTokens(path)).reduce((value, place) => {
    const at = place.map((token) => `/${pointerToken(token)}`).join("");
    return setAt(value, place, change(valueAtTokens(root, place) as Json, at));
  }, root);
}

/** The places that a path with `*` stands for and that are there. */
function expand(root: Json, tokens: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> {
  let places: ReadonlyArray<ReadonlyArray<string>> = [[]];
  for (const token of tokens) {
    places = places.flatMap((place) => {
      const value = valueAtTokens(root, place);
      if (token === "*" && Array.isArray(value)) return value.map((_, i) => [...place, String(i)]);
      return valueAtTokens(root, [...place, token]) === undefined ? [] : [[...place, token]];
    });
  }
  return places;
}

/** The `*` of a path in the order in which those of another path were filled. */
function fillStars(
  path: ReadonlyArray<string>,
  from: ReadonlyArray<string>,
  place: ReadonlyArray<string>,
): ReadonlyArray<string> {
  const filled = place.filter((_, i) => from[i] === "*");
  return path.map((token) => (token === "*" ? (filled.shift() ?? token) : token));
}

function valueAtTokens(root: Json, tokens: ReadonlyArray<string>): Json | undefined {
  let value: Json | undefined = root;
  for (const token of tokens) {
    if (value === null || typeof value !== "object" || !Object.hasOwn(value, token))
      return undefined;
    value = (value as { readonly [key: string]: Json | undefined })[token];
  }
  return value;
}

/** Sets it where its parent is; a list takes what replaces one of its items, or a new last one. */
function setAt(root: Json, tokens: ReadonlyArray<string>, value: Json): Json {
  const [token, ...rest] = tokens;
  if (token === undefined) return value;
  if (Array.isArray(root)) {
    const list = [...(root as ReadonlyArray<Json>)];
    const index = Number(token);
    if (!Number.isInteger(index) || index < 0 || index > list.length) return root;
    list[index] = rest.length === 0 ? value : setAt(list[index] ?? null, rest, value);
    return list;
  }
  if (!isObject(root)) return root;
  const child = Object.hasOwn(root, token) ? root[token] : undefined;
  if (rest.length > 0 && child === undefined) return root;
  return { ...root, [token]: rest.length === 0 ? value : setAt(child ?? null, rest, value) };
}

export function removeAt(root: Json, tokens: ReadonlyArray<string>): Json {
  const [token, ...rest] = tokens;
  if (token === undefined) return root;
  if (Array.isArray(root)) {
    const list = root as ReadonlyArray<Json>;
    const isHere = (i: number): boolean => token === "*" || String(i) === token;
    if (rest.length === 0) return list.filter((_, i) => !isHere(i));
    return list.map((item, i) => (isHere(i) ? removeAt(item, rest) : item));
  }
  if (!isObject(root) || !Object.hasOwn(root, token)) return root;
  if (rest.length > 0) return { ...root, [token]: removeAt(root[token] ?? null, rest) };
  return Object.fromEntries(Object.entries(root).filter(([name]) => name !== token));
}

/** The product as people reckon it: of the decimals that the two numbers are written as. */
export function timesDecimal(a: number, b: number): number {
  const [x, y] = [readDecimal(a), readDecimal(b)];
  return Number(`${x.digits * y.digits}e${x.exponent + y.exponent}`);
}

/** The decimal that the number is written as: `digits` times ten to the `exponent`. */
export function readDecimal(value: number): { readonly digits: bigint; readonly exponent: number } {
  const [mantissa = "0", exponent = "0"] = String(value).split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}
