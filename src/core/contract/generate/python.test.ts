import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import {
  goodProposal,
  goodSignal,
  referenceContract,
} from "../../../../test/kit/reference-loop.ts";
import type { Json } from "../../../std/canonical-json.ts";
import { randomFrom } from "../../../std/random.ts";
import { instancesFor } from "../compare/instances.fixture.ts";
import { randomSchema } from "../compare/random-schema.fixture.ts";
import { compileSchema } from "../../schema.ts";
import { findSchemaProblems } from "../payload.ts";
import type { JsonSchema } from "../types.ts";
import { contractToExamples, exampleSignals } from "./examples.ts";
import { oddContract } from "./odd-contract.fixture.ts";
import { PYTHON_RUNTIME } from "./python-runtime.ts";
import { contractToPython } from "./python.ts";
import { pythonPattern, withPythonPatterns } from "./python-text.ts";
import { contractToPydantic } from "./pydantic.ts";

const FOLDER = mkdtempSync(join(tmpdir(), "interlock-python-"));
after(() => {
  rmSync(FOLDER, { recursive: true, force: true });
});

function run(...given: ReadonlyArray<string>): { status: number | null; out: string; err: string } {
  const ran = spawnSync("python3", ["-B", ...given], { cwd: FOLDER, encoding: "utf8" });
  return { status: ran.status, out: ran.stdout, err: ran.stderr };
}

const hasPython = spawnSync("python3", ["-c", "import sys; sys.exit(sys.version_info < (3, 10))"]);
const noPython = hasPython.status === 0 ? false : "python3 of 3.10 or newer is not installed";
const hasPydantic = spawnSync("python3", ["-c", "import pydantic; assert pydantic.VERSION >= '2'"]);
const noPydantic = hasPydantic.status === 0 ? noPython : "pydantic 2 is not installed for python3";

/** Writes the module and runs the lines, which find `cases` in scope; returns what they print as JSON. */
function ask(module: string, text: string, lines: string, cases: unknown): unknown {
  writeFileSync(join(FOLDER, `${module}.py`), text);
  writeFileSync(join(FOLDER, "cases.json"), JSON.stringify(cases));
  const program = `import json\nfrom ${module} import *\nimport ${module} as m\ncases = json.load(open("cases.json"))\n${lines}`;
  const ran = run("-W", "error", "-c", program);
  assert.equal(ran.status, 0, ran.err);
  return JSON.parse(ran.out);
}

/** Each case as JSON again, or the paths of what is wrong with it. */
const TRY_EACH = `
def one(f, case):
    try:
        return f(case).to_json()
    except ContractError as e:
        return [path for path, why in e.problems]
print(json.dumps([one(FUNCTION, case) for case in cases]))`;

const good = goodSignal() as unknown as Record<string, Json>;
const payload = goodSignal().payload as Record<string, Record<string, Json>>;
const wrong: ReadonlyArray<[string, Json, ReadonlyArray<string>]> = [
  [
    "a text as a number",
    { ...good, payload: { ...payload, maturity: "0.9" } },
    ["/payload/maturity"],
  ],
  ["true as a number", { ...good, payload: { ...payload, maturity: true } }, ["/payload/maturity"]],
  ["a rate in percent", { ...good, payload: { ...payload, maturity: 93 } }, ["/payload/maturity"]],
  ["an unknown level", { ...good, payload: { ...payload, level: "city" } }, ["/payload/level"]],
  ["a field too many", { ...good, payload: { ...payload, x: 1 } }, ["/payload/x"]],
  [
    "a day that is none",
    { ...good, payload: { ...payload, change: { ...payload["change"], onDay: "2026-02-30" } } },
    ["/payload/change/onDay"],
  ],
  ["an unknown option", { ...good, options: ["exclude_gep"] }, ["/options/0"]],
  ["an option twice", { ...good, options: ["do_nothing", "do_nothing"] }, ["/options"]],
  ["another version", { ...good, version: "2.0.0" }, ["/version"]],
  ["a subject that is none", { ...good, subject: "IN-560001\n" }, ["/subject"]],
  ["low confidence", { ...good, confidence: 0.3 }, ["/confidence"]],
  ["nothing", null, [""]],
];

test(
  "the dataclasses of the reference contract parse its signals and give them back",
  { skip: noPython },
  () => {
    const signals = [good, ...exampleSignals(referenceContract())];
    const lines = TRY_EACH.replace("FUNCTION", "parse_signal");
    assert.deepEqual(ask("geo", contractToPython(referenceContract()), lines, signals), signals);
  },
);

test("the dataclasses of the reference contract give typed access", { skip: noPython }, () => {
  const lines = `
s = parse_signal(cases)
p = parse_parameters("lower_bid", {"bidModifier": 0.7, "standingDays": 3})
print(json.dumps([type(s).__name__, type(s.payload).__name__, s.payload.measure.trials,
  s.payload.cause.split[0].share_of_excess, s.sent_at, s.payload.exposure.orders_per_day,
  type(p).__name__, p.bid_modifier, m.CONTRACT, m.VERSION]))`;
  assert.deepEqual(ask("geo", contractToPython(referenceContract()), lines, good), [
    ...["GeoRiskSignal", "GeoRiskPayload", 240, 0.88, good["sentAt"], 20],
    ...["LowerBidParameters", 0.7, "logistics.geo-risk", "1.0.0"],
  ]);
});

test("the dataclasses refuse what breaks the contract, at its place", { skip: noPython }, () => {
  const lines = TRY_EACH.replace("FUNCTION", "parse_signal");
  const cases = wrong.map(([, value]) => value);
  const found = ask("geo", contractToPython(referenceContract()), lines, cases);
  assert.deepEqual(
    found,
    wrong.map(([, , paths]) => paths),
  );
});

test("NaN, which Python's JSON lets in, is refused", { skip: noPython }, () => {
  const lines = `
case = json.loads(json.dumps(cases).replace("0.93", "NaN"))
try:
    parse_signal(case)
    print("[]")
except ContractError as e:
    print(json.dumps([path for path, why in e.problems]))`;
  const found = ask("geo", contractToPython(referenceContract()), lines, good);
  assert.deepEqual(found, ["/payload/maturity"]);
});

test("replies and parameters are checked too", { skip: noPython }, () => {
  const proposal = goodProposal() as unknown as Record<string, Json>;
  const cases = [
    { kind: "accept", proposal },
    { kind: "decline", reason: "too small", scored: proposal["scored"] },
    { kind: "accept", proposal: { ...proposal, option: "hand_back" } },
    {
      kind: "accept",
      proposal: { ...proposal, parameters: { standingDays: 99, probeShare: 0.1 } },
    },
    { kind: "perhaps" },
  ];
  const lines = `
def one(case):
    try:
        check_reply(case)
        return True
    except ContractError:
        return False
def parameters(option, given):
    try:
        return parse_parameters(option, given).to_json()
    except ContractError as e:
        return [path for path, why in e.problems]
print(json.dumps([[one(case) for case in cases], parameters("prepaid_only", {"standingDays": 0}),
  parameters("close_shop", {}), parameters("do_nothing", {})]))`;
  assert.deepEqual(ask("geo", contractToPython(referenceContract()), lines, cases), [
    [true, true, false, false, false],
    ["/standingDays"],
    [""],
    {},
  ]);
});

test(
  "names that are no identifiers, unions, tuples and optional nulls survive the way through Python",
  { skip: noPython },
  () => {
    const signals = exampleSignals(oddContract());
    assert.ok(signals.length > 1);
    const lines = TRY_EACH.replace("FUNCTION", "parse_signal");
    assert.deepEqual(ask("odd", contractToPython(oddContract()), lines, signals), signals);
    const [first] = signals;
    const withNull = { ...first, payload: { ...first?.payload, aB: null, "maybe line": null } };
    assert.deepEqual(ask("odd", contractToPython(oddContract()), lines, [withNull]), [withNull]);
    const { parameters } = contractToExamples(oddContract());
    const each = `print(json.dumps({k: parse_parameters(k, v).to_json() for k, v in cases.items()}))`;
    assert.deepEqual(ask("odd", contractToPython(oddContract()), each, parameters), parameters);
  },
);

test(
  "the validator in Python agrees with ours on random schemas and values",
  { skip: noPython },
  () => {
    const random = randomFrom(23, "python");
    const cases: Array<{ schema: JsonSchema; values: ReadonlyArray<Json>; valid: boolean[] }> = [];
    for (let i = 0; i < 400; i++) {
      const inner = randomSchema(random);
      const schema = { type: "object", required: ["a"], properties: { a: inner } };
      if (findSchemaProblems(schema, "").length > 0) continue;
      // Email and URI are checked for their form only.
      if (/"format":"(?:email|uri)"/.test(JSON.stringify(schema))) continue;
      const check = compileSchema(schema, "contract");
      const values = instancesFor(random, [schema], 10);
      const valid = values.map((value) => check(value).length === 0);
      cases.push({ schema: withPythonPatterns(schema), values, valid });
    }
    const lines =
      "print(json.dumps([[not find_problems(c['schema'], v) for v in c['values']] for c in cases]))";
    const module = `import datetime, json, re\n${PYTHON_RUNTIME}`;
    const found = ask("runtime", module, lines, cases) as boolean[][];
    const all = cases.flatMap(({ schema, values, valid }, i) =>
      values.map((value, n) => ({ schema, value, ours: valid[n], python: found[i]?.[n] })),
    );
    const different = all.filter(({ ours, python }) => ours !== python);
    assert.deepEqual(different.slice(0, 3), []);
    assert.ok(all.filter(({ ours }) => ours).length > 300);
    assert.ok(all.filter(({ ours }) => !ours).length > 300);
  },
);

const patterns: ReadonlyArray<[string, ReadonlyArray<string>]> = [
  ["^[a-z\\d]+$", ["a1", "a1\n", "٣", "A"]],
  ["^.$", ["a", "\n", "\r", "\u2028", "é", "😀"]],
  ["^\\s\\S$", [" a", "\u00a0a", "\ufeffa", "a "]],
  ["^[\\s,]+$", [" ,", "\u2003", "x"]],
  ["^[[&~|\\]\\-/]+$", ["[&", "&~|", "x", "[]"]],
  ["^\\u{1F600}\\u00e9\\/\\.$", ["😀é/.", "😀é/x"]],
  ["^\\w\\W$", ["a é", "aé", "éa", "a-"]],
  ["^(?:ab|c{2,3})?\\$$", ["ab$", "cc$", "$", "c$"]],
];

test("a pattern means the same in Python", { skip: noPython }, () => {
  const cases = patterns.map(([pattern, texts]) => [pythonPattern(pattern), texts]);
  writeFileSync(join(FOLDER, "empty.py"), "");
  const lines =
    "import re\nprint(json.dumps([[bool(re.search(p, t, re.ASCII)) for t in ts] for p, ts in cases]))";
  assert.deepEqual(
    ask("empty", "", lines, cases),
    patterns.map(([pattern, texts]) => texts.map((text) => new RegExp(pattern, "u").test(text))),
  );
  assert.equal(pythonPattern("^\\p{Lu}$"), undefined);
});

test(
  "the pydantic models parse the reference contract's signals and refuse wrong ones",
  { skip: noPydantic },
  () => {
    const signals = [good, ...exampleSignals(referenceContract())];
    const lines = `
from pydantic import ValidationError
def one(case):
    try:
        return m.GeoRiskSignal.model_validate(case).model_dump(by_alias=True, exclude_unset=True)
    except ValidationError as e:
        return ["/" + "/".join(str(part) for part in error["loc"]) for error in e.errors()]
print(json.dumps([one(case) for case in cases]))`;
    const text = contractToPydantic(referenceContract());
    assert.deepEqual(ask("geo_models", text, lines, signals), signals);
    const found = ask(
      "geo_models",
      text,
      lines,
      wrong.map(([, value]) => value),
    ) as string[][];
    assert.deepEqual(
      found,
      wrong.map(([, , paths]) => paths.map((path) => (path === "" ? "/" : path))),
    );
  },
);

test(
  "the pydantic models of a contract with odd names parse its signals",
  { skip: noPydantic },
  () => {
    const signals = exampleSignals(oddContract());
    const lines =
      "print(json.dumps([m.Class3dSignal.model_validate(c).model_dump(by_alias=True, exclude_unset=True) for c in cases]))";
    assert.deepEqual(ask("odd_models", contractToPydantic(oddContract()), lines, signals), signals);
  },
);
