/**
 * Old payloads in the words of a new version, and back: a list of small steps over JSON Pointers.
 *
 * Steps are data, not code, so that both departments can read them, every program can carry them out,
 * and nothing can go wrong that a test on golden payloads does not show.
 *
 * Left out: computing one field from several others. That is a version for both to run side by side.
 */
import { canonicalJson, type Json } from "../../std/canonical-json.ts";
import { pointerToken, pointerTokens, problem, quote } from "../problem.ts";
import { compileSchema, type SchemaCheck } from "../schema.ts";
import { type MigrationResult, type Payload, removeAt, runSteps } from "./migration-step.ts";
import { findMissingEvidence } from "./signal.ts";
import type { Contract, Migration, MigrationStep, Problem } from "./types.ts";

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

/** Compiled payload schemas, as long as the contract object lives. */
const payloadChecks = new WeakMap<Contract, SchemaCheck>();

/** Why the payload does not keep this contract: its schema, then its evidence. */
export function findPayloadProblems(contract: Contract, payload: Payload): ReadonlyArray<Problem> {
  let check = payloadChecks.get(contract);
  if (check === undefined) {
    check = compileSchema(contract.payload, "contract");
    payloadChecks.set(contract, check);
  }
  const problems = check(payload);
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
