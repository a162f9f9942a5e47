/**
 * What is allowed in a contract and will still mislead one of the two departments.
 *
 * A number without a unit, a rate without its denominator, a parameter without a range, a confidence
 * nobody can check: each is how two teams come to mean different things by the same field.
 */
import { type Finding, quote } from "../problem.ts";
import { isObject, schemasAt, visitSchema } from "./payload.ts";
import type { Contract, ContractOption, JsonSchema } from "./types.ts";

/** Shorter than this, a sentence cannot say what it must. */
const SENTENCE_LENGTH_MIN = 30;
const EXPIRY_HOURS_LONG = 14 * 24;
const RATE_NAME = /(^|_)(rate|share|ratio)s?$|(Rate|Share|Ratio)s?$|^(rate|share|ratio)[A-Z]/;

type Severity = Finding["severity"];
type Add = (severity: Severity, path: string, message: string, help: string) => void;

export function lintContract(contract: Contract): ReadonlyArray<Finding> {
  const findings: Finding[] = [];
  const add: Add = (severity, path, message, help) => {
    findings.push({ severity, path, message, help });
  };
  lintFields(contract.payload, "/payload", add);
  for (const [i, option] of contract.options.entries()) lintOption(option, `/options/${i}`, add);
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

/** Every named field in a schema: described, with a unit, bounded where a bound is known. */
function lintFields(schema: JsonSchema, at: string, add: Add): void {
  visitSchema(schema, at, (node, path) => {
    if (node["type"] === "object") lintObject(node, path, add);
    const properties = node["properties"];
    if (!isObject(properties)) return;
    for (const [name, field] of Object.entries(properties)) {
      if (isObject(field)) lintField(name, field, properties, `${path}/properties/${name}`, add);
    }
  });
}

function lintObject(node: JsonSchema, path: string, add: Add): void {
  if (node["additionalProperties"] !== false) {
    const help = "add `additionalProperties: false`; a misspelt field would pass unseen";
    add("warning", path, "fields that nobody described are let through", help);
  }
  const properties = node["properties"];
  const names = isObject(properties) ? Object.keys(properties) : [];
  if (names.length > 0 && node["required"] === undefined) {
    add("warning", path, "no field is required", "list the fields the receiver cannot do without");
  }
}

function lintField(
  name: string,
  field: JsonSchema,
  siblings: JsonSchema,
  path: string,
  add: Add,
): void {
  if (field["$ref"] === undefined && !isSentence(field["description"], 5)) {
    add("warning", path, `${quote(name)} has no description`, "say what it is, in words");
  }
  const type = field["type"];
  if (type !== "number" && type !== "integer") return;
  const unit = field["unit"];
  if (typeof unit !== "string" || unit === "") {
    const help = 'add `unit`, such as "days", "INR" or "1" for a rate; "none" when it has none';
    add("error", path, `the number ${quote(name)} has no unit`, help);
    return;
  }
  if (unit !== "1") return;
  const isParameter = path.startsWith("/options/");
  if (!isParameter && (field["minimum"] === undefined || field["maximum"] === undefined)) {
    const help = "set minimum and maximum, or 0.3 and 30 both pass for 30 percent";
    add("warning", path, `the rate ${quote(name)} has no bounds`, help);
  }
  const hasDenominator = isObject(siblings["trials"]) || typeof field["denominator"] === "string";
  if (RATE_NAME.test(name) && !hasDenominator) {
    const help = "put `trials` beside it, or name what it is a share of with `denominator`";
    add("warning", path, `nobody can tell what ${quote(name)} is a share of`, help);
  }
}

function lintOption(option: ContractOption, path: string, add: Add): void {
  lintFields(option.parameters, `${path}/parameters`, add);
  visitSchema(option.parameters, `${path}/parameters`, (node, at) => {
    const type = node["type"];
    const isNumber = type === "number" || type === "integer";
    if (isNumber && !["minimum", "exclusiveMinimum"].some((k) => node[k] !== undefined)) {
      add("warning", at, "the parameter has no least value", "set minimum");
    }
    if (isNumber && !["maximum", "exclusiveMaximum"].some((k) => node[k] !== undefined)) {
      add("warning", at, "the parameter has no greatest value", "set maximum");
    }
    if (type === "string" && !["enum", "const", "maxLength"].some((k) => node[k] !== undefined)) {
      add("warning", at, "the parameter may be any text of any length", "set enum or maxLength");
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

function isSentence(text: unknown, lengthMin: number): boolean {
  return typeof text === "string" && text.trim().length >= lengthMin;
}
