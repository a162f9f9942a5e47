import assert from "node:assert/strict";
import { test } from "node:test";
import type { Json } from "../../../std/canonical-json.ts";
import { randomFrom } from "../../../std/random.ts";
import { findSchemaMistake } from "../../schema.ts";
import type { JsonSchema } from "../types.ts";
import { keepsNode } from "./evaluate.ts";
import { Includer } from "./include.ts";
import { instancesFor } from "./instances.fixture.ts";
import { schemaThing } from "./judge.ts";
import { NodeTable } from "./keyword.ts";
import { mutateSchema, randomSchema, randomValue } from "./random-schema.fixture.ts";

const PAIRS = 1_000;

/** Pairs of schemas that our validator takes: related by a mutation or two, or not at all. */
function* randomPairs(seed: string, count: number): Generator<[number, JsonSchema, JsonSchema]> {
  for (let i = 0, made = 0; made < count; i++) {
    const random = randomFrom(seed, i);
    const before = randomSchema(random, 2 + (i % 2));
    const mutated = mutateSchema(random, before);
    const after =
      i % 5 === 0 ? randomSchema(random) : i % 5 === 1 ? mutateSchema(random, mutated) : mutated;
    if (findSchemaMistake(before) !== undefined || findSchemaMistake(after) !== undefined) continue;
    made += 1;
    yield [i, before, after];
  }
}

test("no value of random schemas refutes an inclusion that was proved, and every refutation validates", () => {
  const count = { yes: 0, no: 0, unknown: 0 };
  for (const [i, before, after] of randomPairs("inclusion", PAIRS)) {
    const [old, now] = [schemaThing(before), schemaThing(after)];
    const includer = new Includer();
    const nodes = [before, after].map((schema) => includer.table.read(schema, schema));
    const random = randomFrom("values", i);
    const values: Json[] = [
      ...instancesFor(random, [before, after], 60),
      ...Array.from({ length: 60 }, () => randomValue(random, 3)),
    ];
    for (const [first, second, a, b] of [
      [old, now, nodes[0], nodes[1]],
      [now, old, nodes[1], nodes[0]],
    ] as const) {
      assert(a !== undefined && b !== undefined);
      const inclusion = includer.includes(a, b);
      count[inclusion.kind] += 1;
      const pair = `${JSON.stringify(first.schema)} in ${JSON.stringify(second.schema)}`;
      if (inclusion.kind === "no") {
        const value = inclusion.counterExample;
        assert(first.accepts(value), `${pair}: ${JSON.stringify(value)} is not of the first`);
        assert(!second.accepts(value), `${pair}: ${JSON.stringify(value)} is of the second too`);
      }
      if (inclusion.kind !== "yes") continue;
      const refuted = values.find((value) => first.accepts(value) && !second.accepts(value));
      assert(refuted === undefined, `${pair}: ${JSON.stringify(refuted)}`);
    }
  }
  // The test would say nothing if nothing were decided, or everything the same way.
  assert(count.yes > PAIRS / 4 && count.no > PAIRS / 4, JSON.stringify(count));
  assert(count.unknown < PAIRS / 50, JSON.stringify(count));
});

test("a node is kept by exactly the values that the ordinary validator takes", () => {
  for (const [i, schema] of randomPairs("evaluation", 400)) {
    const table = new NodeTable();
    const node = table.read(schema, schema);
    const { accepts } = schemaThing(schema);
    const random = randomFrom("evaluated", i);
    for (const value of instancesFor(random, [schema], 40)) {
      const what = `${JSON.stringify(schema)} on ${JSON.stringify(value)}`;
      assert.equal(keepsNode(node, value), accepts(value), what);
    }
  }
});

test("a value read as a schema is kept by that value alone", () => {
  for (let i = 0; i < 300; i++) {
    const random = randomFrom("constant", i);
    const [one, other] = [randomValue(random), randomValue(random)];
    const node = new NodeTable().readValue(one);
    assert(keepsNode(node, one));
    assert.equal(keepsNode(node, other), JSON.stringify(one) === JSON.stringify(other));
  }
});

function ask(before: JsonSchema, after: JsonSchema): string {
  const includer = new Includer();
  const [a, b] = [before, after].map((schema) => includer.table.read(schema, schema));
  assert(a !== undefined && b !== undefined);
  const inclusion = includer.includes(a, b);
  return inclusion.kind === "unknown" ? `unknown: ${inclusion.why}` : inclusion.kind;
}

test("multiples of fractions are never called compatible by arithmetic that a validator does not do", () => {
  // In binary floating point 0.3 / 0.1 is not whole, so a validator takes 0.3 as a multiple of 0.3 only.
  assert.match(
    ask({ type: "number", multipleOf: 0.3 }, { type: "number", multipleOf: 0.1 }),
    /^no|^unknown/,
  );
  assert.equal(
    ask({ type: "number", multipleOf: 0.5 }, { type: "number", multipleOf: 0.25 }),
    "yes",
  );
});

test("what is beyond the method is unknown and says why, after a bounded amount of work", () => {
  const word = { type: "string", pattern: "\\bword\\b" };
  assert.match(ask(word, { type: "string", pattern: "word" }), /^unknown: .*pattern/);
  assert.equal(ask(word, word), "yes");
  const many = Array.from({ length: 14 }, (_, i) => ({
    oneOf: [
      { type: "number", multipleOf: i + 2 },
      { type: "number", minimum: i * 3, maximum: i * 3 + 40 },
      { type: "number", minimum: i - 100 },
    ],
  }));
  const start = performance.now();
  ask({ type: "number", allOf: many }, { type: "number", maximum: 60 });
  ask(
    { type: "string", pattern: "^(?:a|b)[ab]{0,60}a[ab]{12}$" },
    { type: "string", pattern: "^[ab]*b[ab]{14}$" },
  );
  // A tenth of a second on a quiet machine; unbounded, the two would take years.
  assert(performance.now() - start < 30_000);
});

test("distinct items that could change places are not taken for impossible", () => {
  // The first item may be 1 or 2, the second only 1: there is [2, 1].
  const places = [{ enum: [1, 2] }, { enum: [1] }];
  const pair = { type: "array", prefixItems: places, minItems: 2, items: false, uniqueItems: true };
  assert.notEqual(ask(pair, { type: "array", maxItems: 1 }), "yes");
});

test("an inclusion is a proof also where the schemas nest, refer and repeat", () => {
  const item = (most: number): JsonSchema => ({
    type: "object",
    additionalProperties: false,
    required: ["name", "parts"],
    properties: {
      name: { type: "string", minLength: 1, maxLength: most },
      parts: {
        type: "array",
        maxItems: most,
        items: { anyOf: [{ type: "integer", maximum: most }, { type: "null" }] },
      },
    },
  });
  const nested = (most: number): JsonSchema => ({
    type: "object",
    properties: {
      a: { $ref: "#/$defs/item" },
      b: { type: "array", items: { $ref: "#/$defs/item" } },
    },
    $defs: { item: item(most) },
  });
  assert.equal(ask(nested(9), nested(10)), "yes");
  assert.equal(ask(nested(10), nested(9)), "no");
});
