import assert from "node:assert/strict";
import { test } from "node:test";
import ts from "typescript";
import {
  goodProposal,
  goodSignal,
  referenceContract,
} from "../../../../test/kit/reference-loop.ts";
import { randomFrom } from "../../../std/random.ts";
import { instancesFor } from "../compare/instances.fixture.ts";
import { randomSchema } from "../compare/random-schema.fixture.ts";
import { checkContract } from "../parse.ts";
import { compileSchema } from "../../schema.ts";
import { exampleSignals } from "./examples.ts";
import { oddContract } from "./odd-contract.fixture.ts";
import { contractToTypeScript } from "./typescript.ts";

const OPTIONS: ts.CompilerOptions = {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  target: ts.ScriptTarget.ESNext,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ["lib.esnext.d.ts"],
  types: [],
  allowImportingTsExtensions: true,
};

/** Compiles files that exist only here; errors by file and line. */
function compile(files: Readonly<Record<string, string>>): ReadonlyArray<string> {
  const host = ts.createCompilerHost(OPTIONS);
  const { getSourceFile, fileExists, readFile } = host;
  const own = (path: string): string | undefined => files[path.slice(path.lastIndexOf("/") + 1)];
  host.getSourceFile = (path, ...rest) => {
    const text = own(path);
    return text === undefined
      ? getSourceFile.call(host, path, ...rest)
      : ts.createSourceFile(path, text, ts.ScriptTarget.ESNext);
  };
  host.fileExists = (path) => own(path) !== undefined || fileExists.call(host, path);
  host.readFile = (path) => own(path) ?? readFile.call(host, path);
  const program = ts.createProgram(Object.keys(files), OPTIONS, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, " ").slice(0, 200);
    if (file === undefined || start === undefined) return text;
    const { line } = file.getLineAndCharacterOfPosition(start);
    return `${file.fileName.slice(file.fileName.lastIndexOf("/") + 1)}:${line + 1} ${text}`;
  });
}

const json = (value: unknown): string => JSON.stringify(value);

test("valid signals and replies of the reference contract have the types, wrong ones have not", () => {
  const good = goodSignal();
  const payload = good.payload as Record<string, Record<string, unknown>>;
  const proposal = goodProposal();
  const wrong: ReadonlyArray<[string, unknown]> = [
    ["GeoRiskPayload", { ...payload, level: "city" }],
    ["GeoRiskPayload", { ...payload, maturity: "0.9" }],
    ["GeoRiskPayload", { ...payload, extra: 1 }],
    ["GeoRiskPayload", { ...payload, measure: { ...payload["measure"], trials: null } }],
    ["GeoRiskPayload", { ...payload, cause: { owner: "courier", split: [{}] } }],
    ["GeoRiskPayload", { ...payload, exposure: undefined }],
    ["GeoRiskSignal", { ...good, version: "2.0.0" }],
    ["GeoRiskSignal", { ...good, options: ["exclude_gep"] }],
    ["GeoRiskSignal", { ...good, sentAt: 5 }],
    ["GeoRiskReply", { kind: "accept", proposal: { ...proposal, option: "hand_back" } }],
    [
      "GeoRiskReply",
      { kind: "accept", proposal: { ...proposal, parameters: { standingDays: 3 } } },
    ],
    ["GeoRiskReply", { kind: "maybe" }],
    ["GeoRiskReply", { kind: "need-more", reason: "x" }],
    ["LowerBidParameters", { standingDays: 3 }],
    ["DoNothingParameters", { x: 1 }],
  ];
  const right: ReadonlyArray<[string, unknown]> = [
    ["GeoRiskSignal", good],
    ...exampleSignals(referenceContract()).map((one): [string, unknown] => ["GeoRiskSignal", one]),
    ["GeoRiskReply", { kind: "accept", proposal }],
    ["GeoRiskReply", { kind: "decline", reason: "small", scored: proposal.scored }],
    ["GeoRiskReply", { kind: "need-more", missing: ["x"], reason: "y" }],
    ["DoNothingParameters", {}],
  ];
  const lines = [
    'import type * as g from "./g.ts";',
    ...right.map(([type, value], i) => `export const a${i}: g.${type} = ${json(value)};`),
    ...wrong.map(([type, value], i) => `export const b${i}: g.${type} = ${json(value)};`),
  ];
  const errors = compile({
    "g.ts": contractToTypeScript(referenceContract()),
    "use.ts": lines.join("\n"),
  });
  const failing = [...new Set(errors.map((error) => Number(/^use\.ts:(\d+)/.exec(error)?.[1])))];
  const first = right.length + 2;
  assert.deepEqual(
    failing.sort((a, b) => a - b),
    wrong.map((_, i) => first + i),
    errors.join("\n"),
  );
});

test("a contract with names that are no identifiers gives types that compile and fit its signals", () => {
  const [first] = exampleSignals(oddContract());
  assert(first);
  const lines = [
    'import type { Class3dSignal, Class3dPayload } from "./odd.ts";',
    `export const good: Class3dSignal = ${json(first)};`,
    `export const bad: Class3dPayload = ${json({ ...first.payload, pair: ["x"] })};`,
    `export const worse: Class3dPayload = ${json({ ...first.payload, "maybe line": { sku: 1 } })};`,
  ];
  const errors = compile({
    "odd.ts": contractToTypeScript(oddContract()),
    "use.ts": lines.join("\n"),
  });
  assert.deepEqual(
    [...new Set(errors.map((error) => error.split(" ")[0]))],
    ["use.ts:3", "use.ts:4"],
    errors.join("\n"),
  );
});

test("whatever keeps a random contract has its type", () => {
  const random = randomFrom(3, "typescript");
  const files: Record<string, string> = {};
  let values = 0;
  for (let i = 0; i < 120; i++) {
    const payload = {
      type: "object",
      additionalProperties: false,
      required: ["a"],
      properties: { a: randomSchema(random), b: { $ref: "#/$defs/D" } },
      $defs: { D: randomSchema(random, 1) },
    };
    const checked = checkContract({ ...referenceContract(), payload, evidence: { required: [] } });
    if (checked.kind === "invalid") continue;
    const check = compileSchema(payload, "contract");
    const valid = instancesFor(random, [payload], 12).filter((value) => check(value).length === 0);
    files[`c${i}.ts`] = contractToTypeScript(checked.contract);
    files[`u${i}.ts`] = [
      `import type { GeoRiskPayload } from "./c${i}.ts";`,
      ...valid.map((value, n) => `export const v${n}: GeoRiskPayload = ${json(value)};`),
    ].join("\n");
    values += valid.length;
  }
  const errors = compile(files);
  const shown = errors.slice(0, 3).map((error) => {
    const [, name = "", line = ""] = /^(\S+?):(\d+)/.exec(error) ?? [];
    return `${error}\n${files[name]?.split("\n")[Number(line) - 1] ?? ""}\n${files[name.replace("u", "c")]?.slice(0, 1_500) ?? ""}`;
  });
  assert.deepEqual(shown, []);
  assert.ok(values > 150, `only ${values} values`);
});
