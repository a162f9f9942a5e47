/**
 * From any value to a contract that both agents can be held to, or every reason why not.
 *
 * Beyond the shape: names are unique, patterns cannot be made to run for ever, schemas compile and stay
 * in the subset, required evidence exists in the payload, thresholds are in order, and the receiver
 * always has a way to do nothing and a way to hand back.
 * `lint.ts` says what is allowed but unwise.
 */
import { type Hash, hashJson } from "../../std/hash.ts";
import { InvalidDocumentError } from "../document.ts";
import { type PlainLimits, toPlainJson } from "../plain.ts";
import { problem, quote } from "../problem.ts";
import { compileSchema, type SchemaCheck } from "../schema.ts";
import { CONTRACT_SCHEMA } from "./meta-schema.ts";
import { findMigrationProblems } from "./migration.ts";
import { findPatternMistake, isWholeTextPattern } from "./pattern.ts";
import { findSchemaProblems, schemasAt } from "./payload.ts";
import type { Contract, Problem } from "./types.ts";

/** What one governance document, contract or charter, may hold. */
export const DOCUMENT_LIMITS: PlainLimits = {
  depthMax: 64,
  textMax: 4_000,
  itemsMax: 1_000,
  valuesMax: 20_000,
  bytesMax: 256 * 1024,
};

let checkShape: SchemaCheck | undefined;

/** Throws `InvalidDocumentError` (`document/invalid-shape`) with every problem. */
export function parseContract(value: unknown): Contract {
  const result = checkContract(value);
  if (result.kind === "invalid") throw new InvalidDocumentError("not a contract", result.problems);
  return result.contract;
}

export type ContractCheck =
  | { readonly kind: "valid"; readonly contract: Contract }
  | { readonly kind: "invalid"; readonly problems: ReadonlyArray<Problem> };

/** As `parseContract`, for those who want to show problems rather than throw them. */
export function checkContract(value: unknown): ContractCheck {
  const plain = toPlainJson(value, DOCUMENT_LIMITS, "contract");
  if (plain.kind === "refused") return { kind: "invalid", problems: plain.problems };
  checkShape ??= compileSchema(CONTRACT_SCHEMA, "contract");
  const shape = checkShape(plain.value);
  if (shape.length > 0) return { kind: "invalid", problems: shape };
  const contract = plain.value as unknown as Contract;
  const problems = [
    ...findSubjectProblems(contract),
    ...findSchemaProblems(contract.payload, "/payload"),
    ...findOptionProblems(contract),
    ...findThresholdProblems(contract),
  ];
  if (!problems.some(({ path }) => path.startsWith("/payload"))) {
    problems.push(...findEvidenceProblems(contract));
  }
  if (problems.length === 0) problems.push(...findMigrationProblems(contract));
  return problems.length > 0 ? { kind: "invalid", problems } : { kind: "valid", contract };
}

/** What signatures, gates and cases are bound to. */
export function contractHash(contract: Contract): Hash {
  return hashJson(contract);
}

function findSubjectProblems({ subject }: Contract): Problem[] {
  const mistake =
    findPatternMistake(subject.pattern) ??
    (isWholeTextPattern(subject.pattern)
      ? undefined
      : "it must run from ^ to $, with alternatives in a group, or half a match would do");
  if (mistake === undefined) return [];
  return [problem("contract", "bad-pattern", "/subject/pattern", mistake)];
}

function findOptionProblems(contract: Contract): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [i, option] of contract.options.entries()) {
    if (seen.has(option.name)) {
      const message = `the option ${quote(option.name)} is there twice`;
      problems.push(problem("contract", "duplicate", `/options/${i}/name`, message));
    }
    seen.add(option.name);
    problems.push(...findSchemaProblems(option.parameters, `/options/${i}/parameters`));
  }
  const kinds = {
    none: "the receiver must be able to do nothing",
    "hand-back": "the receiver must be able to return a case that is not its own",
  } as const;
  for (const [kind, why] of Object.entries(kinds)) {
    if (contract.options.some((option) => option.kind === kind)) continue;
    const message = `no option is of kind ${kind}`;
    problems.push(problem("contract", "missing-field", "/options", message, why));
  }
  return problems;
}

function findThresholdProblems({ confidence }: Contract): Problem[] {
  const { signal, act } = confidence.thresholds;
  if (signal <= act) return [];
  const message = `the threshold to signal, ${signal}, is above the threshold to act, ${act}`;
  return [problem("contract", "inconsistent", "/confidence/thresholds", message)];
}

function findEvidenceProblems(contract: Contract): Problem[] {
  const problems: Problem[] = [];
  const seen = new Set<string>();
  for (const [i, item] of contract.evidence.required.entries()) {
    const at = `/evidence/required/${i}`;
    if (seen.has(item.path)) {
      const message = `${quote(item.path)} is required twice`;
      problems.push(problem("contract", "duplicate", `${at}/path`, message));
    }
    seen.add(item.path);
    if (schemasAt(contract.payload, item.path).length > 0) continue;
    const message = `${quote(item.path)} is not in the payload schema`;
    problems.push(problem("contract", "unknown-evidence", `${at}/path`, message));
  }
  return problems;
}
