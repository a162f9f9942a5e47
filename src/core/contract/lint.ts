/**
 * What is allowed in a contract and will still mislead one of the two departments.
 *
 * A number without a unit, a rate without its denominator, a parameter without a range, a confidence
 * nobody can check: each is how two teams come to mean different things by the same field.
 */
import { type Finding, quote } from "../problem.ts";
import { type Add, isSentence, lintFields, UnitSpellings } from "./lint-field.ts";
import { schemasAt, visitSchema } from "./payload.ts";
import type { Contract, ContractOption } from "./types.ts";

/** Shorter than this, a sentence cannot say what it must. */
const SENTENCE_LENGTH_MIN = 30;
const EXPIRY_HOURS_LONG = 14 * 24;

export function lintContract(contract: Contract): ReadonlyArray<Finding> {
  const findings: Finding[] = [];
  const add: Add = (severity, path, message, help) => {
    findings.push({ severity, path, message, help });
  };
  const units = new UnitSpellings();
  lintFields(contract.payload, "/payload", units, add);
  for (const [i, option] of contract.options.entries()) {
    lintOption(option, `/options/${i}`, units, add);
  }
  units.lint(add);
  lintNames(contract, add);
  if (!contract.options.some(({ kind }) => kind === "act")) {
    add("warning", "/options", "no option acts, so a signal changes nothing", "add one that acts");
  }
  lintWords(contract, add);
  lintEvidence(contract, add);
  if (contract.sender.department === contract.receiver.department) {
    const message = "sender and receiver are the same department";
    add("warning", "/receiver/department", message, "a contract runs between two departments");
  }
  if (contract.expiry.afterHours > EXPIRY_HOURS_LONG) {
    const message = `a signal stays open for up to ${contract.expiry.afterHours} hours`;
    add(
      "warning",
      "/expiry/afterHours",
      message,
      "old figures make bad decisions; make it shorter",
    );
  }
  return findings;
}

function lintOption(option: ContractOption, path: string, units: UnitSpellings, add: Add): void {
  lintFields(option.parameters, `${path}/parameters`, units, add);
  visitSchema(option.parameters, `${path}/parameters`, (node, at) => {
    if (/(?<!\/properties)\/(?:not|if|contains)(?:\/|$)/.test(at)) return;
    const isClosed = node["enum"] !== undefined || node["const"] !== undefined;
    const types = isClosed ? [] : [node["type"]].flat();
    const isNumber = types.includes("number") || types.includes("integer");
    if (isNumber && !["minimum", "exclusiveMinimum"].some((k) => node[k] !== undefined)) {
      add("warning", at, "the parameter has no least value", "set minimum");
    }
    if (isNumber && !["maximum", "exclusiveMaximum"].some((k) => node[k] !== undefined)) {
      add("warning", at, "the parameter has no greatest value", "set maximum");
    }
    if (types.includes("string") && node["maxLength"] === undefined && !isShort(node["format"])) {
      add("warning", at, "the parameter may be any text of any length", "set enum or maxLength");
    }
    if (types.includes("array") && node["maxItems"] === undefined) {
      add("warning", at, "the parameter may be a list of any length", "set maxItems");
    }
  });
  if (!isSentence(option.description, SENTENCE_LENGTH_MIN)) {
    const help = "say what happens, to someone of the other department";
    add("warning", `${path}/description`, `${quote(option.name)} is hardly described`, help);
  }
  if (option.kind === "act" && !option.reversible) {
    const help = "the charter should ask for votes wherever it is proposed";
    add("advice", path, `${quote(option.name)} cannot be undone`, help);
  }
}

function lintWords({ confidence, description }: Contract, add: Add): void {
  if (!isSentence(description, SENTENCE_LENGTH_MIN)) {
    add(
      "warning",
      "/description",
      "the contract is hardly described",
      "say when the sender speaks",
    );
  }
  if (!isSentence(confidence.meaning, SENTENCE_LENGTH_MIN)) {
    const help = "name the event whose probability it is, so that it can turn out right or wrong";
    add("warning", "/confidence/meaning", "confidence has no stated meaning", help);
  }
  if (!isSentence(confidence.calibration, SENTENCE_LENGTH_MIN)) {
    const help = "say against what outcomes, how often, and what makes it fail";
    add("warning", "/confidence/calibration", "nothing says how confidence is checked", help);
  }
  if (confidence.thresholds.signal <= 0) {
    const help = "set it above 0; every reading would become a signal";
    add("warning", "/confidence/thresholds/signal", "the sender never stays silent", help);
  }
  if (confidence.thresholds.act <= 0) {
    const help = "set it above 0; the receiver might act on nothing";
    add("warning", "/confidence/thresholds/act", "no confidence is too low to act on", help);
  }
}

function lintEvidence(contract: Contract, add: Add): void {
  const { required } = contract.evidence;
  if (required.length === 0) {
    const help = "name the data points without which the receiver should not act";
    add("warning", "/evidence/required", "no evidence is required", help);
  }
  for (const [i, { path }] of required.entries()) {
    const isLeaf = schemasAt(contract.payload, path).some(
      (node) => node["type"] !== "object" && node["type"] !== "array",
    );
    if (isLeaf) continue;
    const help = "point at the figure itself, such as /measure/trials";
    add(
      "advice",
      `/evidence/required/${i}/path`,
      `${quote(path)} is a whole group of fields`,
      help,
    );
  }
}

/** Formats that bound a text by themselves. */
function isShort(format: unknown): boolean {
  return format === "date" || format === "date-time" || format === "uuid";
}

/** Options that a reader would take for one another. */
function lintNames({ options }: Contract, add: Add): void {
  for (const [i, option] of options.entries()) {
    const twin = options.slice(0, i).find((other) => isAlike(other, option));
    if (twin === undefined) continue;
    const message = `${quote(option.name)} and ${quote(twin.name)} cannot be told apart by their words`;
    add("warning", `/options/${i}`, message, "give them other names, or say what differs");
  }
}

function isAlike(a: ContractOption, b: ContractOption): boolean {
  const bare = (text: string): string => text.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
  return bare(a.name) === bare(b.name) || bare(a.description) === bare(b.description);
}
