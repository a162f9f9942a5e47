/**
 * Example signals and parameters that keep the contract: made from its schemas, checked by its validator.
 *
 * They show every field; whether such a thing ever happens is not for a schema to know. The same contract
 * always has the same examples.
 */
import { canonicalJson, type Json } from "../../../std/canonical-json.ts";
import { randomFrom } from "../../../std/random.ts";
import type { Instant } from "../../../std/time.ts";
import { signalToCloudEvent } from "../cloud-event.ts";
import { contractHash } from "../parse.ts";
import { isObject } from "../payload.ts";
import { createSignalValidator } from "../signal.ts";
import { createSignalMaker } from "../suite/envelope.ts";
import { makeMatching, ValueMaker } from "../suite/value.ts";
import type { Contract, JsonSchema, Signal } from "../types.ts";
import { followReference } from "../words.ts";

/** Examples are of this instant. */
export const EXAMPLE_NOW: Instant = "2026-03-02T06:00:00.000Z";
const SEED = 1;
const SIGNALS_MAX = 4;
const TRIES_MAX = 40;

/** The fullest first; none where no valid payload was found. */
export function exampleSignals(contract: Contract): ReadonlyArray<Signal> {
  const validate = createSignalValidator(contract);
  const subject = exampleSubject(contract);
  if (subject === undefined) return [];
  const maker = createSignalMaker(contract, {
    now: EXAMPLE_NOW,
    seed: SEED,
    subjects: [subject],
  });
  const source = `${contract.sender.department}/example`;
  const found: Signal[] = [];
  const seen = new Set<string>();
  for (const payload of candidates(contract.payload)) {
    if (found.length === SIGNALS_MAX) break;
    const text = canonicalJson(payload);
    if (seen.has(text)) continue;
    seen.add(text);
    const signal = maker.make(payload, { id: `example-${found.length + 1}`, source });
    const checked = validate(signal, { now: EXAMPLE_NOW });
    if (checked.ok) found.push(checked.signal);
  }
  return found;
}

/** With as many fields as can be and the author's own `examples` where there are some; then random. */
function* candidates(schema: JsonSchema): Generator<Json> {
  const values = new ValueMaker(schema, EXAMPLE_NOW);
  const plain = [assemble(schema, values), values.full()].filter((made) => made !== undefined);
  for (const payload of plain) {
    const written = withExamples(schema, schema, payload);
    yield values.isValid(written) ? written : payload;
  }
  const random = randomFrom(SEED, "examples");
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    const payload = values.random(random);
    if (payload !== undefined) yield payload;
  }
}

/** Field by field, where the whole was too much at once; optional fields that do not fit are left out. */
function assemble(schema: JsonSchema, values: ValueMaker): Json | undefined {
  const { properties, $defs, required } = schema;
  const draft: { [name: string]: Json } = {};
  for (const [name, field] of Object.entries(isObject(properties) ? properties : {})) {
    if (!isObject(field)) continue;
    const inner = { ...field, ...($defs === undefined ? {} : { $defs }) };
    const value = new ValueMaker(inner, EXAMPLE_NOW).full();
    if (value !== undefined) draft[name] = value;
  }
  const needed = Array.isArray(required) ? (required as ReadonlyArray<Json>) : [];
  for (const name of Object.keys(draft)) {
    if (values.isValid(draft)) break;
    const { [name]: _, ...rest } = draft;
    if (!needed.includes(name) && values.isValid(rest)) delete draft[name];
  }
  return values.isValid(draft) ? draft : undefined;
}

function withExamples(root: JsonSchema, given: Json | undefined, value: Json): Json {
  if (!isObject(given)) return value;
  const node = followReference(root, given);
  const examples = node["examples"];
  if (Array.isArray(examples) && examples[0] !== undefined) return examples[0] as Json;
  if (Array.isArray(value)) {
    return (value as ReadonlyArray<Json>).map((item) => withExamples(root, node["items"], item));
  }
  const properties = node["properties"];
  if (!isObject(value) || !isObject(properties)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [
      name,
      withExamples(root, Object.hasOwn(properties, name) ? properties[name] : undefined, member),
    ]),
  );
}

/** Parameters with every field, by option; an option whose parameters cannot be found has none. */
export function exampleParameters(contract: Contract): { readonly [option: string]: Json } {
  const made = contract.options.flatMap(({ name, parameters }) => {
    const value = new ValueMaker(parameters, EXAMPLE_NOW).full();
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries(made);
}

export function contractToExamples(contract: Contract): JsonSchema {
  const signals = exampleSignals(contract);
  const [first] = signals;
  return structuredClone({
    contract: contract.name,
    version: contract.version,
    hash: contractHash(contract),
    signals: signals,
    ...(first === undefined ? {} : { cloudEvent: signalToCloudEvent(first) }),
    parameters: exampleParameters(contract),
  });
}

/** One that the contract's own words name, such as IN-560001, or one made from the pattern. */
function exampleSubject({ subject }: Contract): string | undefined {
  const pattern = new RegExp(subject.pattern, "u");
  const named = subject.description.split(/[\s,;()]+/).map((word) => word.replace(/\.$/, ""));
  return (
    named.find((word) => /\d/.test(word) && pattern.test(word)) ??
    makeMatching(subject.pattern, 1, 200)
  );
}
