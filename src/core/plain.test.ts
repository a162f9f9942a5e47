import assert from "node:assert/strict";
import { test } from "node:test";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { canonicalJson } from "../std/canonical-json.ts";
import { type PlainLimits, toPlainJson } from "./plain.ts";

const limits: PlainLimits = {
  depthMax: 5,
  textMax: 100,
  itemsMax: 50,
  valuesMax: 200,
  bytesMax: 1_000,
};

function refusal(value: unknown): string {
  const result = toPlainJson(value, limits, "contract");
  assert.equal(result.kind, "refused");
  const [first] = result.kind === "refused" ? result.problems : [];
  return `${first?.path} ${first?.code}: ${first?.message}`;
}

test("any JSON within the limits comes out equal and as another object", () => {
  const roomy = { depthMax: 20, textMax: 1e6, itemsMax: 1e6, valuesMax: 1e6, bytesMax: 1e9 };
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      fc.pre(!/\\u0000|__proto__/.test(JSON.stringify(value)));
      const result = toPlainJson(value, roomy, "contract");
      assert(result.kind === "plain");
      assert.equal(canonicalJson(result.value), canonicalJson(JSON.parse(JSON.stringify(value))));
      if (typeof value === "object" && value !== null) assert.notEqual(result.value, value);
    }),
  );
});

test("nothing that arrives can make the copy throw", () => {
  const anything = fc.anything({
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withSparseArray: true,
    withNullPrototype: true,
    withObjectString: true,
  });
  fc.assert(
    fc.property(anything, (value) => {
      const result = toPlainJson(value, limits, "contract");
      if (result.kind === "plain") canonicalJson(result.value);
      else assert(result.problems.length > 0);
    }),
    { numRuns: 3_000 },
  );
});

const circular: { self?: unknown } = {};
circular.self = circular;
class Instance {
  a = 1;
}
const refused: ReadonlyArray<[string, unknown, RegExp]> = [
  ["NaN", { a: { b: NaN } }, /^\/a\/b contract\/not-plain: `NaN` is not a number/],
  ["an infinity", [1, Infinity], /^\/1 contract\/not-plain/],
  ["a bigint", { a: 1n }, /bigint/],
  ["a function", { a: () => 1 }, /function/],
  ["a symbol", [Symbol("a")], /symbol/],
  ["a hole in a list", [1, , 2], /undefined/],
  ["a Date", { a: new Date(0) }, /plain objects/],
  ["a Map", new Map([["a", 1]]), /plain objects/],
  ["an instance of a class", new Instance(), /plain objects/],
  ["an object with an inherited field", Object.create({ a: 1 }), /plain objects/],
  ["a key __proto__", JSON.parse('{"a":{"__proto__":{"b":1}}}'), /^\/a\/__proto__ /],
  ["a circle", circular, /nested more than 5 deep/],
  ["a long text", "a".repeat(101), /more than 100/],
  ["a long list", new Array(1e9), /1000000000 items/],
  ["too many values", Array.from({ length: 40 }, () => [1, 2, 3, 4, 5]), /more than 200 values/],
  ["U+0000 in a text", { a: "x\u0000y" }, /U\+0000/],
  ["U+0000 in a key", { "x\u0000": 1 }, /U\+0000/],
  ["a lone surrogate", { a: "\ud800" }, /lone surrogate/],
  ["a throwing getter", Object.defineProperty({}, "a", { enumerable: true, get: fail }), /read/],
  ["a lying proxy", new Proxy({}, { ownKeys: fail }), /could not be read/],
  ["a revoked proxy", revoked(), /could not be read/],
];
function fail(): never {
  throw new Error("trap");
}
function revoked(): unknown {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}
for (const [what, value, why] of refused) {
  test(`${what} is refused with its place`, () => {
    assert.match(refusal(value), why);
  });
}

test("size is counted in bytes of canonical JSON, to the byte", () => {
  const three = "\u20ac".repeat(100);
  const list = [three, three, three, ""];
  const room = limits.bytesMax - new TextEncoder().encode(canonicalJson(list)).length;
  const exact = [three, three, three, "a".repeat(room)];
  assert.equal(new TextEncoder().encode(canonicalJson(exact)).length, limits.bytesMax);
  assert.equal(toPlainJson(exact, limits, "contract").kind, "plain");
  assert.match(refusal([three, three, three, "a".repeat(room + 1)]), /too-large/);
});

test("an object of another realm is as plain as one of ours", () => {
  const value: unknown = runInNewContext('({ a: { b: [1, "x"] } })');
  const result = toPlainJson(value, limits, "contract");
  assert.deepEqual(result, { kind: "plain", value: { a: { b: [1, "x"] } } });
});

test("a getter is read once and the copy keeps what it said", () => {
  let reads = 0;
  const liar = { get a() { return reads++; } }; // prettier-ignore
  const result = toPlainJson(liar, limits, "contract");
  assert.deepEqual(result, { kind: "plain", value: { a: 0 } });
  assert.equal(reads, 1);
});

test("minus nought becomes nought and undefined members are dropped, as in canonical JSON", () => {
  const result = toPlainJson({ a: -0, b: undefined }, limits, "contract");
  assert(result.kind === "plain");
  assert.deepEqual(result.value, { a: 0 });
});
