import assert from "node:assert/strict";
import { test } from "node:test";
import { referenceContract } from "../../../../test/kit/reference-loop.ts";
import type { Json } from "../../../std/canonical-json.ts";
import { randomFrom } from "../../../std/random.ts";
import { compileSchema } from "../../schema.ts";
import { parseContract } from "../parse.ts";
import type { Contract, JsonSchema } from "../types.ts";
import { compareContracts } from "./compare.ts";
import { instancesFor } from "./instances.fixture.ts";
import { judgeThing, schemaThing } from "./judge.ts";
import { verdictOf } from "./order.ts";
import { type Row, SCHEMA_CHANGES } from "./schema-change.fixture.ts";
import type { Change, Verdict } from "./types.ts";

const INSTANCES = 400;

function verdictOn(before: JsonSchema, after: JsonSchema): Verdict {
  const { whole } = judgeThing(schemaThing(before), schemaThing(after));
  const effect = { backward: whole.oldInNew.kind, forward: whole.newInOld.kind };
  return verdictOf([{ effect } as Change]);
}

/** The reference contract with a payload of one required field. */
function withField(field: JsonSchema, version: string): Contract {
  const { $defs: definitions, ...rest } = field;
  return parseContract({
    ...referenceContract(),
    version,
    payload: {
      type: "object",
      additionalProperties: false,
      required: ["field"],
      properties: { field: rest },
      ...(definitions === undefined ? {} : { $defs: definitions }),
    },
    evidence: { required: [] },
  });
}

const accepts = (schema: JsonSchema): ((value: Json) => boolean) => {
  const check = compileSchema(schema, "contract");
  return (value) => check(value).length === 0;
};

for (const [name, before, after, verdict, rule] of SCHEMA_CHANGES) {
  test(`${name}: ${verdict} (${rule})`, () => {
    const { whole } = judgeThing(schemaThing(before), schemaThing(after));
    assert.equal(verdictOn(before, after), verdict);

    const [old, now] = [accepts(before), accepts(after)];
    for (const value of instancesFor(randomFrom(7, name), [before, after], INSTANCES)) {
      const shown = JSON.stringify(value);
      if (whole.oldInNew.kind === "yes") assert(!old(value) || now(value), `backward: ${shown}`);
      if (whole.newInOld.kind === "yes") assert(!now(value) || old(value), `forward: ${shown}`);
    }
    for (const [inclusion, first, second] of [
      [whole.oldInNew, old, now],
      [whole.newInOld, now, old],
    ] as const) {
      if (inclusion.kind === "yes") continue;
      assert(inclusion.kind === "no", "every difference in the table has a counter-example");
      assert(first(inclusion.counterExample) && !second(inclusion.counterExample));
    }
  });
}

test("the table has at least 60 changes, and each in the other order gives the mirrored verdict", () => {
  assert(SCHEMA_CHANGES.length >= 60);
  assert.equal(new Set(SCHEMA_CHANGES.map(([name]) => name)).size, SCHEMA_CHANGES.length);
  const mirror = { full: "full", backward: "forward", forward: "backward", breaking: "breaking" };
  for (const [name, before, after, verdict] of SCHEMA_CHANGES) {
    assert.equal(verdictOn(after, before), mirror[verdict], name);
  }
});

test("as a field of a contract's payload each change of the table has the same verdict, and its example is a payload", () => {
  for (const [name, before, after, verdict] of SCHEMA_CHANGES) {
    const [old, now] = [withField(before, "1.0.0"), withField(after, "2.0.0")];
    const comparison = compareContracts(old, now);
    assert.equal(comparison.verdict, verdict, name);
    const [takesOld, takesNew] = [accepts(old.payload), accepts(now.payload)];
    const examples = comparison.changes.flatMap(({ counterExample }) => counterExample ?? []);
    for (const { oldRefusedByNew, newRefusedByOld } of examples) {
      if (oldRefusedByNew !== undefined) {
        assert(takesOld(oldRefusedByNew) && !takesNew(oldRefusedByNew), name);
      }
      if (newRefusedByOld !== undefined) {
        assert(takesNew(newRefusedByOld) && !takesOld(newRefusedByOld), name);
      }
    }
    const shows = (side: "oldRefusedByNew" | "newRefusedByOld"): boolean =>
      examples.some((example) => example[side] !== undefined);
    assert.equal(shows("oldRefusedByNew"), verdict === "forward" || verdict === "breaking", name);
    assert.equal(shows("newRefusedByOld"), verdict === "backward" || verdict === "breaking", name);
  }
});

/** The schema as a comparison would see it that does not know the keyword. */
function blindTo(schema: Json, keyword: string): Json {
  if (Array.isArray(schema)) return schema.map((item) => blindTo(item as Json, keyword));
  if (schema === null || typeof schema !== "object") return schema;
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([name]) => name !== keyword)
      .map(([name, value]) => [name, blindTo(value as Json, keyword)]),
  );
}

const KEYWORDS =
  `type enum const minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength
  maxLength pattern format minItems maxItems uniqueItems items prefixItems contains minContains
  maxContains properties required additionalProperties minProperties maxProperties dependentRequired
  anyOf oneOf allOf not if then else`.split(/\s+/);

for (const keyword of KEYWORDS) {
  test(`a comparison that ignored ${keyword} would fail a row of the table`, () => {
    const caught = SCHEMA_CHANGES.some(([, before, after, verdict]: Row) => {
      const [a, b] = [blindTo(before, keyword), blindTo(after, keyword)] as [
        JsonSchema,
        JsonSchema,
      ];
      return verdictBlind(a, b) !== verdict;
    });
    assert(caught);
  });
}

/** Without the validator, which would not compile what is left of some schemas. */
function verdictBlind(before: JsonSchema, after: JsonSchema): Verdict {
  const thing = (schema: JsonSchema) => ({ schema, also: [], accepts: () => true });
  const { whole } = judgeThing(thing(before), { ...thing(after), accepts: () => false });
  const other = judgeThing({ ...thing(before), accepts: () => false }, thing(after));
  const effect = { backward: whole.oldInNew.kind, forward: other.whole.newInOld.kind };
  return verdictOf([{ effect } as Change]);
}
