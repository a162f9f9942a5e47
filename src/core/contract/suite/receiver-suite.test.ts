import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { NOW, referenceContract } from "../../../../test/kit/reference-loop.ts";
import { canonicalJson, type Json } from "../../../std/canonical-json.ts";
import { valueAt } from "../evidence.ts";
import { visitSchema } from "../payload.ts";
import { createSignalValidator } from "../signal.ts";
import type { Contract, Signal } from "../types.ts";
import { RECEIVER_FAULTS, SENDER_FAULTS } from "./fault.ts";
import { CASES_LEAST, createReceiverSuite, listSubsets } from "./receiver-suite.ts";
import { stockContract } from "./stock-contract.fixture.ts";
import type { CaseKind, ReceiverCase, ReceiverSuite } from "./types.ts";
import { randomFrom } from "../../../std/random.ts";

const CONTRACTS: ReadonlyArray<readonly [string, Contract]> = [
  ["the reference contract", referenceContract()],
  ["a contract of stock", stockContract()],
];
const INPUT = { seed: 7, cases: 600, now: NOW };

const suites = new Map<string, ReceiverSuite>();
/** Made once for each contract: the tests only read it. */
function suiteOf(name: string, contract: Contract): ReceiverSuite {
  const made = suites.get(name) ?? createReceiverSuite(contract, INPUT);
  suites.set(name, made);
  return made;
}

function ofKind({ cases }: ReceiverSuite, kind: CaseKind): ReadonlyArray<ReceiverCase> {
  return cases.filter((one) => one.kind === kind);
}

const payloads = (cases: ReadonlyArray<ReceiverCase>) =>
  cases.map(({ signal }) => (signal as Signal).payload as Json);

const KINDS = [
  "golden",
  "boundary",
  "combination",
  "hostile",
  "injection",
  "repeat",
  "duplicate-id",
] as const;

for (const [name, contract] of CONTRACTS) {
  const validate = createSignalValidator(contract);
  const isGood = (signal: unknown) => validate(signal, { now: NOW }).ok;

  test(`${name} has at least ${CASES_LEAST} distinct cases, of every kind`, () => {
    const suite = suiteOf(name, contract);
    assert.ok(suite.cases.length >= 600, `${suite.cases.length}`);
    for (const kind of KINDS) assert.ok(ofKind(suite, kind).length >= 5, kind);
    assert.equal(new Set(suite.cases.map(({ id }) => id)).size, suite.cases.length);
    const distinct = new Set(
      suite.cases
        .filter(({ kind }) => kind !== "repeat")
        .map(({ signal }) => JSON.stringify(signal, (_key, value: unknown) => showNumber(value))),
    );
    assert.ok(distinct.size >= CASES_LEAST, `${distinct.size}`);
  });

  test(`${name}: what must be answered keeps it, what must be refused breaks it under those codes`, () => {
    for (const { about, signal, expect } of suiteOf(name, contract).cases) {
      const checked = validate(signal, { now: NOW });
      assert.equal(checked.ok, expect.kind === "answer", about);
      if (checked.ok || expect.kind === "answer") continue;
      for (const { code } of checked.problems) assert.ok(expect.codes.includes(code), about);
    }
  });

  test(`${name}: hostile cases are all refused, every other case is answered`, () => {
    for (const { kind, about, expect } of suiteOf(name, contract).cases) {
      assert.equal(expect.kind, kind === "hostile" ? "refusal" : "answer", `${kind} ${about}`);
    }
  });

  test(`${name}: every combination of options is offered by some case`, () => {
    const offered = new Set(
      ofKind(suiteOf(name, contract), "combination").map(({ signal }) =>
        [...(signal as Signal).options].sort().join(),
      ),
    );
    assert.equal(offered.size, 2 ** contract.options.length - 1);
  });

  test(`${name}: nothing is left uncovered without saying so`, () => {
    assert.deepEqual(suiteOf(name, contract).uncovered, []);
  });

  test(`${name}: an injected text is compared with plain words in the same place, and nothing else differs`, () => {
    const { cases } = suiteOf(name, contract);
    const injected = cases.filter(({ like }) => like?.injected !== undefined);
    assert.ok(injected.length >= 50, `${injected.length}`);
    for (const { signal, like } of injected) {
      const other = cases.find(({ id }) => id === like?.case);
      const texts = like?.injected ?? [];
      assert.ok(other !== undefined && texts.length > 0);
      const blank = (value: unknown): string =>
        JSON.stringify(value, (_key, member: unknown) =>
          typeof member !== "string"
            ? member
            : [...texts, ...(member.match(/plain words[a-z ]*$/) ?? [])].reduce(
                (text, part) => text.replace(part, "*"),
                member,
              ),
        );
      assert.equal(blank(signal), blank(other.signal));
    }
  });

  test(`${name}: the second content under one id is compared with itself under another`, () => {
    const { cases } = suiteOf(name, contract);
    const pairs = cases.filter(({ like }) => like?.same === "decision-by-content");
    assert.ok(pairs.length >= 5);
    for (const { signal, like } of pairs) {
      const { id, ...content } = signal as Signal;
      const other = cases.find((one) => one.id === like?.case)?.signal as Signal;
      const { id: otherId, ...otherContent } = other;
      assert.notEqual(id, otherId);
      assert.deepEqual(content, otherContent);
      const first = cases.filter((one) => (one.signal as { id?: unknown } | null)?.id === id);
      assert.ok(first.some((one) => canonicalJson(one.signal) !== canonicalJson(signal)));
    }
  });

  test(`${name}: the hostile cases hold each thing that the issue of conformance names`, () => {
    const hostile = ofKind(suiteOf(name, contract), "hostile").map(({ about }) => about);
    for (const sort of [
      /as (?:null|boolean|number|string|a list|object)$/,
      /with the field/,
      /at (?:-?1e\+308|1152921504606846976|1152921504606847000)$/,
      /at NaN$/,
      /nested \d+ deep$/,
      /megabyte/,
      /as an order$/,
      /unknown option/,
      /expired/,
      /from the future/,
      /missing$/,
      /below its least|above its most/,
    ]) {
      assert.ok(
        hostile.some((about) => sort.test(about)),
        String(sort),
      );
    }
  });

  test(`${name}: the same seed gives the same suite, another seed another`, () => {
    const text = (seed: number) =>
      createReceiverSuite(contract, { ...INPUT, seed })
        .cases.map(
          ({ about, signal }) => `${about} ${String(JSON.stringify(signal)).slice(0, 2_000)}`,
        )
        .join("\n");
    assert.equal(text(3), text(3));
    assert.notEqual(text(3), text(4));
  });

  test(`${name}: real subjects and signals given are used, unfit ones are not`, () => {
    const [good] = ofKind(suiteOf(name, contract), "golden");
    const example = { ...(good?.signal as Signal), subject: "given by the test" };
    const subject = (good?.signal as Signal).subject;
    const suite = createReceiverSuite(contract, {
      ...INPUT,
      subjects: ["no such form", subject],
      examples: [{ ...example, subject }],
    });
    assert.match(suite.cases[0]?.about ?? "", /^as sent/);
    assert.ok(
      suite.cases
        .filter(({ expect }) => expect.kind === "answer")
        .every(({ signal }) => isGood(signal)),
    );
    assert.ok(
      !suite.cases.some(({ signal }) => (signal as Signal | null)?.subject === "no such form"),
    );
  });
}

function showNumber(value: unknown): unknown {
  return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
}

/** An independent reading of the schema: what the suite must have touched, by plain recursion. */
test("every range end, listed value and optional field of the reference contract has its case", () => {
  const contract = referenceContract();
  const seen = payloads(ofKind(suiteOf("the reference contract", contract), "boundary"));
  let ends = 0;
  visitSchema(contract.payload, "", (node, at) => {
    const pointer = at.replaceAll("/properties/", "/").replaceAll("/items", "/0");
    for (const keyword of ["minimum", "maximum"]) {
      const limit = node[keyword];
      if (limit === undefined) continue;
      ends += 1;
      assert.ok(
        seen.some((payload) => valueAt(payload, pointer) === limit),
        `${pointer} ${keyword}`,
      );
    }
    for (const value of (node["enum"] ?? []) as ReadonlyArray<Json>) {
      ends += 1;
      assert.ok(
        seen.some((payload) => valueAt(payload, pointer) === value),
        `${pointer} ${String(value)}`,
      );
    }
    for (const keyword of ["minLength", "maxLength"]) {
      const limit = node[keyword];
      if (limit === undefined) continue;
      ends += 1;
      const has = seen.some((payload) => String(valueAt(payload, pointer) ?? "").length === limit);
      assert.ok(has, `${pointer} ${keyword}`);
    }
  });
  assert.ok(ends >= 50, `${ends}`);
  const counts = new Set(
    seen.map((payload) => (valueAt(payload, "/cause/split") as unknown[]).length),
  );
  assert.ok(counts.has(0) && counts.has(100));
});

test("every edge of the contract of stock has its case, through references, alternatives and conditions", () => {
  const contract = stockContract();
  const seen = payloads(ofKind(suiteOf("a contract of stock", contract), "boundary"));
  const has = (pointer: string, value: Json) =>
    seen.some((payload) => {
      const found = valueAt(payload, pointer);
      return found !== undefined && canonicalJson(found) === canonicalJson(value);
    });
  const edges: ReadonlyArray<readonly [string, ReadonlyArray<Json>]> = [
    ["/onHand", [-5]],
    ["/unitCost/amountMinor", [1, 9_000_000]],
    ["/unitCost/currency", ["INR", "USD"]],
    ["/promised", [null]],
    ["/promised/amountMinor", [1, 9_000_000]],
    ["/packSize", [0.5, 50]],
    ["/urgency", ["low", "high"]],
    ["/isPerishable", [true, false]],
    ["/suppliers/0/leadDays", [1, 119]],
    ["/demand/perDay", [0, 10_000]],
    ["/place/0", [-90, 90]],
    ["/place/1", [-180, 180]],
  ];
  for (const [pointer, values] of edges) {
    for (const value of values) assert.ok(has(pointer, value), `${pointer} ${String(value)}`);
  }
  for (const name of ["promised", "packSize", "deadline", "isPerishable", "place"]) {
    assert.ok(
      seen.some((payload) => valueAt(payload, `/${name}`) === undefined),
      `without ${name}`,
    );
    assert.ok(
      seen.some((payload) => valueAt(payload, `/${name}`) !== undefined),
      `with ${name}`,
    );
  }
  for (const name of ["contact", "remark"]) {
    assert.ok(
      seen.some((payload) => valueAt(payload, `/suppliers/0/${name}`) === undefined),
      name,
    );
  }
  const lengths = seen.map((payload) => (valueAt(payload, "/suppliers") as unknown[]).length);
  assert.ok(lengths.includes(1) && lengths.includes(4), String([...new Set(lengths)]));
  const kinds = new Set(seen.map((payload) => valueAt(payload, "/demand/kind")));
  assert.deepEqual([...kinds].sort(), ["seasonal", "steady"]);
  // Optional by the schema, required as evidence: leaving it out breaks the contract.
  const hostile = ofKind(suiteOf("a contract of stock", contract), "hostile");
  const noteless = hostile.find(({ about }) => about === "/note absent");
  assert.ok(
    noteless?.expect.kind === "refusal" &&
      noteless.expect.codes.includes("contract/missing-evidence"),
  );
});

test("of many options all small choices are tried, and no more than can be", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 24 }), (count) => {
      const names = Array.from({ length: count }, (_, i) => `o${i}`);
      const subsets = listSubsets(names, randomFrom(1));
      assert.ok(subsets.length <= 300 && subsets.every(({ length }) => length > 0));
      for (const name of names)
        assert.ok(subsets.some((some) => some.length === 1 && some[0] === name));
      assert.ok(subsets.some(({ length }) => length === count));
    }),
    { numRuns: 24 },
  );
});

test("every fault has a name of small letters, words and advice", () => {
  for (const [fault, { words, advice }] of Object.entries({
    ...RECEIVER_FAULTS,
    ...SENDER_FAULTS,
  })) {
    assert.match(fault, /^[a-z]+(?:-[a-z]+)*$/);
    assert.ok(words.length > 15 && advice.length > 15, fault);
    assert.doesNotMatch(`${words}${advice}`, /\.$/);
  }
});
