/** The names and promises that other programs rely on, compared with what was agreed. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import * as interlock from "../../src/index.ts";
import { operations } from "../../src/operation/index.ts";
import { ERROR_CODES } from "../../src/std/error-codes.ts";
import { assertGolden } from "./golden.ts";

const INDEX = readFileSync(new URL("../../src/index.ts", import.meta.url), "utf8");

/** `value openInterlock`, `type Case`: every name that `src/index.ts` exports. */
function listExports(text: string): ReadonlyArray<string> {
  return [...text.matchAll(/export (type )?\{([^}]*)\}/g)].flatMap(([, isType, names]) =>
    (names ?? "")
      .split(",")
      .map((name) => name.trim())
      .filter((name) => name !== "")
      .map((name) => `${isType === undefined ? "value" : "type"} ${name}`),
  );
}

test("the public API exports exactly the names in exports.txt", () => {
  assertGolden("exports.txt", [...listExports(INDEX)].sort());
});

test("what is listed as a value is one at run time, and nothing else is", () => {
  const listed = listExports(INDEX).filter((line) => line.startsWith("value "));
  assert.deepEqual(
    listed.map((line) => line.slice("value ".length)).sort(),
    Object.keys(interlock).sort(),
  );
  for (const [name, value] of Object.entries(interlock)) assert.ok(value !== undefined, name);
});

test("the operations, who may call each and what each may refuse are those in operations.txt", () => {
  assertGolden(
    "operations.txt",
    Object.values(operations)
      .map(({ name, access, errors }) => [name, access, ...[...errors].sort()].join(" "))
      .sort(),
  );
});

test("every operation has its own name, a summary that is a sentence, and known error codes", () => {
  const all = Object.values(operations);
  assert.equal(new Set(all.map(({ name }) => name)).size, all.length);
  for (const { name, summary, errors } of all) {
    assert.match(name, /^[a-z]+\.[a-z]+$/);
    assert.match(summary, /^[A-Z].*\.$/, name);
    for (const code of errors) assert.ok(code in ERROR_CODES, `${name}: ${code}`);
  }
});
