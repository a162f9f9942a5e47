import assert from "node:assert/strict";
import { test } from "node:test";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import {
  goodProposal,
  goodSignal,
  NOW,
  referenceContract,
} from "../../../../test/kit/reference-loop.ts";
import type { Json } from "../../../std/canonical-json.ts";
import { randomFrom } from "../../../std/random.ts";
import { randomSchema, randomValue } from "../compare/random-schema.fixture.ts";
import { checkContract } from "../parse.ts";
import { validateReply } from "../proposal.ts";
import { createSignalValidator } from "../signal.ts";
import { ValueMaker } from "../suite/value.ts";
import type { Contract, JsonSchema, Signal } from "../types.ts";
import { exampleSignals } from "./examples.ts";
import { contractToJsonSchema, isModern, replySchema, signalSchema } from "./json-schema.ts";
import { oddContract } from "./odd-contract.fixture.ts";
import { writeOut } from "./schema-form.ts";

function compile(schema: JsonSchema): (value: unknown) => boolean {
  const ajv = new Ajv2020({ strict: false, allErrors: true, ownProperties: true, logger: false });
  addFormats.default(ajv);
  const validate = ajv.compile(schema);
  return (value) => validate(value);
}

function put(value: Json, path: ReadonlyArray<string>, to: Json | undefined): Json {
  const copy = structuredClone(value) as { [key: string]: Json };
  let node = copy;
  for (const key of path.slice(0, -1)) node = node[key] as { [key: string]: Json };
  const last = path.at(-1) ?? "";
  if (to === undefined) delete node[last];
  else node[last] = to;
  return copy;
}

const contracts: ReadonlyArray<[string, () => Contract]> = [
  ["the reference contract", referenceContract],
  ["the odd contract", oddContract],
];

for (const [name, contract] of contracts) {
  test(`the signal schema of ${name} agrees with the validator on every small change`, () => {
    const isValid = compile(contractToJsonSchema(contract()));
    const validate = createSignalValidator(contract());
    const examples = exampleSignals(contract());
    assert.ok(examples.length > 0);
    let refused = 0;
    let accepted = 0;
    const replacements = [undefined, null, "", 0, -1, 1.5, 1e9, "x", true, [], {}, [7], { a: 1 }];
    for (const example of [...examples, goodSignal()]) {
      const signal = example as unknown as Json;
      for (const path of listPaths(signal)) {
        // Relations between instants are the validator's alone.
        if (/^(sentAt|asOf|expiresAt)$/.test(path[0] ?? "")) continue;
        for (const to of replacements) {
          const changed = put(signal, path, to);
          const { ok } = validate(changed, { now: NOW });
          assert.equal(isValid(changed), ok, `${path.join("/")} -> ${JSON.stringify(to)}`);
          if (ok) accepted += 1;
          else refused += 1;
        }
      }
    }
    assert.ok(accepted > 20, `only ${accepted} accepted`);
    assert.ok(refused > 200, `only ${refused} refused`);
  });
}

function listPaths(value: Json, path: ReadonlyArray<string> = []): ReadonlyArray<string>[] {
  if (value === null || typeof value !== "object") return [path];
  const inner = Object.entries(value).flatMap(([key, member]) =>
    listPaths(member ?? null, [...path, key]),
  );
  return path.length === 0 ? inner : [path, ...inner];
}

const reply = { kind: "accept", proposal: goodProposal() };
const replies: ReadonlyArray<[string, Json]> = [
  ["a good proposal", reply],
  ["hand_back as a proposal", put(reply, ["proposal", "option"], "hand_back")],
  ["an unknown option", put(reply, ["proposal", "option"], "close_shop")],
  ["a missing parameter", put(reply, ["proposal", "parameters"], { standingDays: 14 })],
  ["a parameter too many", put(reply, ["proposal", "parameters", "x"], 1)],
  ["a parameter out of range", put(reply, ["proposal", "parameters", "probeShare"], 0.6)],
  ["an unknown scored option", put(reply, ["proposal", "scored", "0", "option"], "x")],
  ["a kind that is none", { kind: "perhaps" }],
  ["need-more", { kind: "need-more", missing: ["the courier's name"], reason: "cannot tell" }],
  ["need-more without what", { kind: "need-more", missing: [], reason: "cannot tell" }],
  ["a decline", { kind: "decline", reason: "too small", scored: [] }],
  ["a bounce without a department", { kind: "bounce", reason: "yours", scored: [] }],
];

for (const [name, given] of replies) {
  test(`the reply schema agrees with the validator on ${name}`, () => {
    const isValid = compile(replySchema(referenceContract()));
    const problems = validateReply(referenceContract(), goodSignal(), given);
    assert.equal(isValid(given), problems.length === 0, JSON.stringify(problems));
  });
}

test("the whole is one document whose references all lead somewhere inside it", () => {
  const document = contractToJsonSchema(oddContract());
  const ajv = new Ajv2020({ strict: false, logger: false });
  addFormats.default(ajv);
  ajv.addSchema(document, "whole");
  assert.ok(ajv.getSchema("whole#/$defs/reply"));
  assert.equal(document["$schema"], "https://json-schema.org/draft/2020-12/schema");
  assert.equal(document["$id"], "urn:interlock:contract:odd.class-3d:2.1.0-rc.1+build.5");
});

test("a schema with its references written out lets in exactly what it let in before", () => {
  const random = randomFrom(11, "write-out");
  let [schemas, valid] = [0, 0];
  for (let i = 0; i < 150; i++) {
    const [one, two] = [randomSchema(random, 1), randomSchema(random, 2)];
    const schema: JsonSchema = {
      type: "object",
      properties: {
        $ref: { $ref: "#/$defs/one" },
        enum: { $ref: "#/$defs/a~1b", description: "both" },
        list: { type: "array", items: { $ref: "#/$defs/a~1b", maxItems: 2 } },
      },
      $defs: { one, "a/b": { anyOf: [{ $ref: "#/$defs/one" }, two] } },
    };
    const written = writeOut(schema);
    assert.doesNotMatch(JSON.stringify(written), /#\/\$defs/);
    const [before, after] = [compile(schema), compile(written)];
    schemas += 1;
    for (let n = 0; n < 12; n++) {
      const value = {
        $ref: randomValue(random),
        enum: randomValue(random),
        list: [randomValue(random)],
      };
      assert.equal(after(value), before(value), JSON.stringify({ schema, value }));
      if (before(value)) valid += 1;
    }
  }
  assert.ok(schemas === 150 && valid > 30, `${valid} valid`);
});

test("required evidence is in the schema also where the payload leaves it open", () => {
  const [first] = exampleSignals(oddContract());
  assert(first);
  const isValid = compile(signalSchema(oddContract()));
  assert.equal(isValid(first), true);
  const { lines: _, ...payload } = first.payload;
  assert.equal(isValid({ ...first, payload }), false);
  assert.equal(isValid({ ...first, payload: { ...first.payload, lines: [] } }), false);
});

test("only words that are newer than draft-07 make a schema modern", () => {
  assert.equal(isModern(referenceContract().payload), false);
  assert.equal(isModern(oddContract().payload), true);
});

test("the examples of random contracts keep them", () => {
  const random = randomFrom(5, "examples");
  let made = 0;
  for (let i = 0; i < 60; i++) {
    const payload = {
      type: "object",
      properties: { a: randomSchema(random), b: randomSchema(random) },
    };
    const checked = checkContract({
      ...referenceContract(),
      payload,
      evidence: { required: [] },
    });
    if (checked.kind === "invalid") continue;
    const validate = createSignalValidator(checked.contract);
    const values = new ValueMaker(checked.contract.payload, NOW);
    for (const signal of exampleSignals(checked.contract)) {
      made += 1;
      assert.equal(validate(signal satisfies Signal, { now: NOW }).ok, true);
      assert.equal(values.isValid(signal.payload), true);
    }
  }
  assert.ok(made > 60, `${made} examples`);
});
