import assert from "node:assert/strict";
import { test } from "node:test";
import { compileSchema } from "../../src/core/schema.ts";
import { operations } from "../../src/operation/index.ts";
import { createOpenApi } from "../../src/server/http/open-api.ts";
import { createRoutes } from "../../src/server/http/routes.ts";
import { assertGolden } from "./golden.ts";

const FILE = "../../docs/reference/openapi.json";
const VERSION = "0.1.0";

type Described = {
  readonly operationId: string;
  readonly parameters?: ReadonlyArray<{ readonly name: string; readonly in: string }>;
  readonly responses: { readonly [status: string]: unknown };
};
type Document = {
  readonly paths: { readonly [path: string]: { readonly [method: string]: Described } };
};

// As it is read: through JSON.
const document = JSON.parse(JSON.stringify(createOpenApi(createRoutes(), VERSION))) as Document;
const described = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, one]) => ({ path, method, one })),
);

test("docs/reference/openapi.json is the document that the server gives", () => {
  assertGolden(FILE, JSON.stringify(document, null, 2).split("\n"));
});

test("every operation has an address in the document, and every id is there once", () => {
  for (const { name } of Object.values(operations)) {
    assert.ok(document.paths[`/v1/operations/${name}`]?.["post"], name);
  }
  const ids = described.map(({ one }) => one.operationId);
  assert.equal(new Set(ids).size, ids.length);
});

test("every name in a path is a parameter, and no parameter is without its name", () => {
  for (const { path, one } of described) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name).sort();
    const listed = (one.parameters ?? []).filter((parameter) => parameter.in === "path");
    assert.deepEqual(listed.map(({ name }) => name).sort(), named, path);
  }
});

test("every reference leads somewhere, and every schema compiles", () => {
  const schemas: unknown[] = [];
  const walk = (value: unknown): void => {
    if (value === null || typeof value !== "object") return;
    for (const [key, member] of Object.entries(value)) {
      if (key === "$ref") assert.ok(resolve(String(member)), String(member));
      if (key === "schema") schemas.push(member);
      walk(member);
    }
  };
  walk(document);
  assert.ok(schemas.length > 40);
  for (const schema of schemas) {
    if (!JSON.stringify(schema).includes('"$ref"')) compileSchema(schema, "request");
  }
});

function resolve(ref: string): unknown {
  return ref
    .split("/")
    .slice(1)
    .reduce<unknown>(
      (value, key) => (value as { readonly [key: string]: unknown } | undefined)?.[key],
      document,
    );
}
