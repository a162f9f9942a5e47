/**
 * Old payloads in the words of a new version, and back: a list of small steps over JSON Pointers.
 *
 * Steps are data, not code, so that both departments can read them, every program can carry them out,
 * and nothing can go wrong that a test on golden payloads does not show. What is not there is left
 * alone; what is there and does not fit (scaling a text, mapping a value that is not listed) refuses
 * the whole payload. Factors are multiplied in decimal, so that 0.07 times 100 is 7.
 *
 * Left out: computing one field from several others. That is a version for both to run side by side.
 */
import { canonicalJson, type Json } from "../../std/canonical-json.ts";
import { pointerToken, pointerTokens, problem, quote } from "../problem.ts";
import { compileSchema } from "../schema.ts";
import { isObject } from "./payload.ts";
import { findMissingEvidence } from "./signal.ts";
import type { Contract, Migration, MigrationStep, Problem } from "./types.ts";

export type Payload = { readonly [key: string]: Json };

export type MigrationResult =
  | { readonly kind: "migrated"; readonly payload: Payload }
  | { readonly kind: "refused"; readonly problems: ReadonlyArray<Problem> };

export type MigrationDirection = "up" | "down";

/**
 * `up`: a payload of `fromVersion` in the words of this contract, checked against it. `down`: a payload
 * of this contract in the words of `fromVersion`, which its own contract has to check.
 */
export function migratePayload(
  contract: Contract,
  payload: Payload,
  fromVersion: string,
  direction: MigrationDirection,
): MigrationResult {
  const migration = contract.migrations?.find(({ from }) => from === fromVersion);
  if (migration === undefined) {
    const message = `${contract.name} ${contract.version} declares no migration from ${quote(fromVersion)}`;
    return { kind: "refused", problems: [problem("contract", "wrong-contract", "", message)] };
  }
  const result = runSteps(migration[direction], payload);
  if (result.kind === "refused" || direction === "down") return result;
  const problems = findPayloadProblems(contract, result.payload);
  return problems.length > 0 ? { kind: "refused", problems } : result;
}

/** Why the payload does not keep this contract: its schema, then its evidence. */
export function findPayloadProblems(contract: Contract, payload: Payload): ReadonlyArray<Problem> {
  const problems = compileSchema(contract.payload, "contract")(payload);
  return problems.length > 0 ? problems : findMissingEvidence(contract, { payload });
}

/** Everything wrong with the migrations of a contract, as far as it can be seen without the old one. */
export function findMigrationProblems(contract: Contract): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [i, migration] of (contract.migrations ?? []).entries()) {
    const at = `/migrations/${i}`;
    if (seen.has(migration.from)) {
      const message = `there are two migrations from ${quote(migration.from)}`;
      problems.push(problem("contract", "duplicate", `${at}/from`, message));
    }
    seen.add(migration.from);
    if (migration.from === contract.version) {
      const message = `a migration from ${quote(migration.from)}, this very version, has no meaning`;
      problems.push(problem("contract", "inconsistent", `${at}/from`, message));
    }
    const faults = (["up", "down"] as const).flatMap((direction) =>
      migration[direction].flatMap((step, j) => findStepProblems(step, `${at}/${direction}/${j}`)),
    );
    problems.push(...faults);
    if (faults.length === 0) problems.push(...findGoldenProblems(contract, migration, at));
  }
  return problems;
}

const FIELDS: Readonly<Record<MigrationStep["op"], ReadonlyArray<string>>> = {
  add: ["value"],
  remove: [],
  move: ["from"],
  copy: ["from"],
  scale: ["by"],
  map: ["values"],
};

function findStepProblems(step: MigrationStep, at: string): Problem[] {
  const wanted = FIELDS[step.op];
  const problems = wanted
    .filter((field) => !Object.hasOwn(step, field))
    .map((field) => {
      const message = `${step.op} needs ${quote(field)}`;
      return problem("contract", "missing-field", `${at}/${field}`, message);
    });
  for (const field of Object.keys(step)) {
    if (field === "op" || field === "path" || wanted.includes(field)) continue;
    const message = `${quote(field)} has no meaning for ${step.op}`;
    problems.push(problem("contract", "unknown-field", `${at}/${field}`, message));
  }
  if ((step.op === "move" || step.op === "copy") && problems.length === 0) {
    const stars = (path: string): number => pointerTokens(path).filter((t) => t === "*").length;
    if (stars(step.from) !== stars(step.path)) {
      const message = "from and path must have the same number of *";
      problems.push(problem("contract", "inconsistent", `${at}/path`, message));
    }
  }
  if (step.op === "scale" && step.by === 0) {
    problems.push(problem("contract", "out-of-range", `${at}/by`, "nothing comes back from 0"));
  }
  return problems;
}

function findGoldenProblems(contract: Contract, migration: Migration, at: string): Problem[] {
  return migration.golden.flatMap((pair, i) => {
    const here = `${at}/golden/${i}`;
    const own = findPayloadProblems(contract, pair.new);
    return [
      ...own.map((found) => ({ ...found, path: `${here}/new${found.path}` })),
      ...differs(runSteps(migration.up, pair.old), pair.new, [], `${here}/new`, "up(old)"),
      ...differs(
        runSteps(migration.down, pair.new),
        pair.old,
        migration.lossy ?? [],
        `${here}/old`,
        "down(new)",
      ),
    ];
  });
}

function differs(
  result: MigrationResult,
  expected: Payload,
  lossy: ReadonlyArray<string>,
  at: string,
  what: string,
): Problem[] {
  if (result.kind === "refused") {
    return result.problems.map((found) => ({ ...found, message: `${what}: ${found.message}` }));
  }
  const strip = (payload: Payload): Json =>
    lossy.reduce<Json>((value, path) => removeAt(value, pointerTokens(path)), payload);
  const place = firstDifference(strip(result.payload), strip(expected), "");
  if (place === undefined) return [];
  const message = `${what} differs from it at ${quote(place === "" ? "/" : place)}`;
  const help = "mend the steps or the golden payload; name under `lossy` what cannot come back";
  return [problem("contract", "inconsistent", `${at}${place}`, message, help)];
}

function firstDifference(
  a: Json | undefined,
  b: Json | undefined,
  path: string,
): string | undefined {
  if (a === undefined || b === undefined) return a === b ? undefined : path;
  if (canonicalJson(a) === canonicalJson(b)) return undefined;
  const isBranch = (value: Json): value is { readonly [key: string]: Json } =>
    value !== null && typeof value === "object";
  if (!isBranch(a) || !isBranch(b) || Array.isArray(a) !== Array.isArray(b)) return path;
  for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const inner = firstDifference(own(a, key), own(b, key), `${path}/${pointerToken(key)}`);
    if (inner !== undefined) return inner;
  }
  return path;
}

function own(object: { readonly [key: string]: Json }, key: string): Json | undefined {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

// --- carrying out ---

class Misfit extends Error {
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

function runSteps(steps: ReadonlyArray<MigrationStep>, payload: Payload): MigrationResult {
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

function removeAt(root: Json, tokens: ReadonlyArray<string>): Json {
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

function readDecimal(value: number): { readonly digits: bigint; readonly exponent: number } {
  const [mantissa = "0", exponent = "0"] = String(value).split("e");
  const [whole = "0", fraction = ""] = mantissa.split(".");
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length };
}
