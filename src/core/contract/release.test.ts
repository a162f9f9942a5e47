import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { goodSignal, referenceContract } from "../../../test/kit/reference-loop.ts";
import type { Json } from "../../std/canonical-json.ts";
import { findPayloadProblems, migratePayload } from "./migration.ts";
import { type Payload, runSteps, timesDecimal } from "./migration-step.ts";
import { checkContract, contractHash, parseContract } from "./parse.ts";
import { judgeRelease } from "./release.ts";
import type { Contract, Migration, MigrationStep } from "./types.ts";

type Draft = { [key: string]: Json };

function changed(version: string, change: (draft: Draft, fields: Draft) => void): unknown {
  const draft = structuredClone({ ...referenceContract(), version }) as unknown as Draft;
  change(draft, (draft["payload"] as Draft)["properties"] as Draft);
  return draft;
}

const OLD = goodSignal().payload;
/** Maturity in percent, and `level` called `size`. */
const NEW = (() => {
  const { level, ...rest } = OLD;
  return { ...rest, size: level ?? null, maturity: 93 } as Payload;
})();

const MIGRATION: Migration = {
  from: "1.0.0",
  up: [
    { op: "scale", path: "/maturity", by: 100 },
    { op: "move", from: "/level", path: "/size" },
  ],
  down: [
    { op: "scale", path: "/maturity", by: 0.01 },
    { op: "move", from: "/size", path: "/level" },
  ],
  golden: [{ old: OLD, new: NEW }],
};

function next(
  version: string,
  migration?: Migration,
  more: (draft: Draft) => void = () => {},
): unknown {
  return changed(version, (draft, fields) => {
    fields["maturity"] = { ...(fields["maturity"] as Draft), maximum: 100, unit: "percent" };
    fields["size"] = fields["level"] as Json;
    delete fields["level"];
    const payload = draft["payload"] as Draft;
    payload["required"] = (payload["required"] as string[]).map((n) =>
      n === "level" ? "size" : n,
    );
    if (migration !== undefined) draft["migrations"] = [migration];
    more(draft);
  });
}

const judged = (value: unknown, previous: Contract = referenceContract()) =>
  judgeRelease(previous, parseContract(value));

test("a breaking version is refused without a migration, unless it is a major one, which runs side by side", () => {
  const minor = judged(next("1.1.0"));
  assert.deepEqual([minor.allowed, minor.needs], [false, "migration"]);
  assert.match(minor.why, /declare a migration from 1\.0\.0, or make it a major version/);
  const major = judged(next("2.0.0"));
  assert.deepEqual([major.allowed, major.needs], [true, "side-by-side"]);
});

test("a breaking version with a migration that holds is allowed, and a patch is too small a step for it", () => {
  for (const version of ["1.1.0", "2.0.0"]) {
    const judgement = judged(next(version, MIGRATION));
    assert.deepEqual([judgement.allowed, judgement.needs], [true, "migration"], judgement.why);
  }
  const patch = judged(next("1.0.1", MIGRATION));
  assert.deepEqual([patch.allowed, patch.needs], [false, "migration"]);
});

test("a migration is refused when a payload at an edge of either version does not come through it", () => {
  // The enumeration loses a value, and nothing says what becomes of it.
  const value = next("1.1.0", MIGRATION, (draft) => {
    const fields = (draft["payload"] as Draft)["properties"] as Draft;
    fields["size"] = { ...(fields["size"] as Draft), enum: ["pincode", "district"] };
  });
  const judgement = judged(value);
  assert.deepEqual([judgement.allowed, judgement.needs], [false, "migration"]);
  assert.match(judgement.why, /a valid payload of 1\.0\.0 does not come through up/);
  assert.match(judgement.problems[0]?.help ?? "", /the payload is \{/);
});

test("a golden payload that the old version refuses is found when both versions are at hand", () => {
  const wrong = { ...OLD, level: "continent" };
  const golden = [{ old: wrong, new: { ...NEW, size: "continent" } }];
  const value = next("1.1.0", { ...MIGRATION, golden }, (draft) => {
    const fields = (draft["payload"] as Draft)["properties"] as Draft;
    fields["size"] = { type: "string", maxLength: 20, description: "How large it is" };
  });
  const judgement = judged(value);
  assert.equal(judgement.allowed, false);
  assert(judgement.problems.some(({ path }) => path === "/migrations/0/golden/0/old/level"));
});

test("no migration mends what breaks beyond the payload", () => {
  const kind = (draft: Draft): void => {
    (draft["options"] as Draft[])[0]!["reversible"] = false;
  };
  const minor = judged(next("1.1.0", MIGRATION, kind));
  assert.deepEqual([minor.allowed, minor.needs], [false, "side-by-side"]);
  assert.match(minor.why, /\/options\/0\/reversible/);
  const major = judged(next("2.0.0", MIGRATION, kind));
  assert.deepEqual([major.allowed, major.needs], [true, "side-by-side"]);
});

test("a compatible version needs nothing but the step that it calls for", () => {
  const wider = (version: string) =>
    changed(version, (_, fields) => {
      fields["maturity"] = { ...(fields["maturity"] as Draft), maximum: 2 };
    });
  assert.deepEqual(
    ["1.0.1", "1.1.0", "2.0.0"].map((version) => judged(wider(version)).allowed),
    [false, true, true],
  );
  const reworded = changed("1.0.1", (draft) => void (draft["title"] = "Other words"));
  assert.deepEqual([judged(reworded).allowed, judged(reworded).needs], [true, "nothing"]);
});

test("a version is taken by one text, goes up, and keeps its name", () => {
  const reworded = (version: string) =>
    changed(version, (draft) => void (draft["title"] = "Other words"));
  assert.equal(judged(referenceContract()).allowed, true);
  assert.match(judged(reworded("1.0.0")).why, /taken by another text/);
  assert.match(judged(reworded("0.9.0")).why, /goes backwards/);
  const renamed = changed("2.0.0", (draft) => void (draft["name"] = "logistics.other"));
  assert.match(judged(renamed).why, /two contracts/);
  for (const value of [reworded("1.0.0"), reworded("0.9.0"), renamed]) {
    assert.equal(judged(value).allowed, false);
  }
});

test("a payload goes up into the new words and down again, and the new contract has the last word", () => {
  const contract = parseContract(next("1.1.0", MIGRATION));
  assert.deepEqual(migratePayload(contract, OLD, "1.0.0", "up"), {
    kind: "migrated",
    payload: NEW,
  });
  assert.deepEqual(migratePayload(contract, NEW, "1.0.0", "down"), {
    kind: "migrated",
    payload: OLD,
  });
  const bad = migratePayload(contract, { ...OLD, maturity: 1.5 }, "1.0.0", "up");
  assert(bad.kind === "refused" && bad.problems[0]?.path === "/maturity");
  const unknown = migratePayload(contract, OLD, "0.5.0", "up");
  assert(
    unknown.kind === "refused" &&
      /no migration from `0\.5\.0`/.test(unknown.problems[0]?.message ?? ""),
  );
  assert.deepEqual(findPayloadProblems(contract, NEW), []);
});

test("a contract whose migration does not keep its golden payloads is no contract, with the place", () => {
  const problemsOf = (migration: Migration) => {
    const checked = checkContract(next("1.1.0", migration));
    return checked.kind === "valid" ? [] : checked.problems.map(({ path }) => path);
  };
  assert.deepEqual(problemsOf(MIGRATION), []);
  const { golden } = MIGRATION;
  assert.deepEqual(problemsOf({ ...MIGRATION, up: [...MIGRATION.up].slice(1) }), [
    "/migrations/0/golden/0/new/maturity",
  ]);
  assert.deepEqual(problemsOf({ ...MIGRATION, down: [] }), ["/migrations/0/golden/0/old/maturity"]);
  assert.deepEqual(
    problemsOf({ ...MIGRATION, golden: [{ old: OLD, new: { ...NEW, maturity: 101 } }] }),
    [
      "/migrations/0/golden/0/new/maturity",
      "/migrations/0/golden/0/new/maturity",
      "/migrations/0/golden/0/old/maturity",
    ],
  );
  assert.deepEqual(problemsOf({ ...MIGRATION, from: "1.1.0" }), ["/migrations/0/from"]);
  assert.deepEqual(
    problemsOf({ ...MIGRATION, up: [{ op: "scale", path: "/maturity" } as never] }),
    ["/migrations/0/up/0/by"],
  );
  assert.deepEqual(
    problemsOf({
      ...MIGRATION,
      up: [{ op: "move", from: "/cause/split/*/rate", path: "/maturity" }],
    }),
    ["/migrations/0/up/0/path"],
  );
  assert.deepEqual(problemsOf({ ...MIGRATION, golden: [] as typeof golden }), [
    "/migrations/0/golden",
  ]);
});

test("what cannot come back is named as lossy, and nothing else may differ", () => {
  const drop = (lossy: string[]) =>
    checkContract(
      changed("1.1.0", (draft, fields) => {
        const cause = fields["cause"] as Draft;
        delete (cause["properties"] as Draft)["split"];
        cause["required"] = ["owner"];
        const golden = [{ old: OLD, new: { ...OLD, cause: { owner: "demand" } } }];
        const up = [{ op: "remove", path: "/cause/split" }];
        const down = [{ op: "add", path: "/cause/split", value: [] }];
        draft["migrations"] = [{ from: "1.0.0", up, down, lossy, golden }];
      }),
    ).kind;
  assert.equal(drop([]), "invalid");
  assert.equal(drop(["/maturity"]), "invalid");
  assert.equal(drop(["/cause/split"]), "valid");
});

test("steps change every item, leave alone what is not there, and never the payload they are given", () => {
  const payload = { list: [{ a: 1, b: "x" }, { b: "y" }], n: 0.07 };
  const frozen = JSON.stringify(payload);
  const run = (...steps: MigrationStep[]): unknown => {
    const result = runSteps(steps, payload);
    return result.kind === "migrated" ? result.payload : result.problems[0]?.path;
  };
  assert.deepEqual(run({ op: "scale", path: "/list/*/a", by: 100 }), {
    list: [{ a: 100, b: "x" }, { b: "y" }],
    n: 0.07,
  });
  assert.deepEqual(run({ op: "move", from: "/list/*/b", path: "/list/*/c" }), {
    list: [{ a: 1, c: "x" }, { c: "y" }],
    n: 0.07,
  });
  assert.deepEqual(run({ op: "copy", from: "/n", path: "/m" }), { ...payload, m: 0.07 });
  assert.deepEqual(run({ op: "add", path: "/list/*/z", value: null }), {
    list: [
      { a: 1, b: "x", z: null },
      { b: "y", z: null },
    ],
    n: 0.07,
  });
  const values = [
    { from: "x", to: 1 },
    { from: "y", to: null },
  ];
  assert.deepEqual(run({ op: "map", path: "/list/*/b", values }), {
    list: [{ a: 1, b: 1 }, { b: null }],
    n: 0.07,
  });
  assert.equal(run({ op: "map", path: "/list/*/b", values: values.slice(0, 1) }), "/list/1/b");
  assert.equal(run({ op: "scale", path: "/list/*/b", by: 2 }), "/list/0/b");
  assert.deepEqual(
    run({ op: "remove", path: "/gone/deep" }, { op: "move", from: "/gone", path: "/x" }),
    payload,
  );
  assert.deepEqual(run({ op: "remove", path: "/list/*/b" }), { list: [{ a: 1 }, {}], n: 0.07 });
  assert.deepEqual(run({ op: "add", path: "/gone/deep", value: 1 }), payload);
  assert.equal(JSON.stringify(payload), frozen);
});

test("scaling by a power of ten and back gives the same number, as people reckon it", () => {
  assert.equal(timesDecimal(0.07, 100), 7);
  assert.equal(timesDecimal(1.1, 1.1), 1.21);
  assert.equal(timesDecimal(-2.5e-7, 4), -0.000001);
  fc.assert(
    fc.property(
      fc.integer({ min: -1e9, max: 1e9 }),
      fc.integer({ min: 0, max: 6 }),
      (n, places) => {
        const value = Number(`${n}e-${places}`);
        assert.equal(timesDecimal(timesDecimal(value, 100), 0.01), value);
        assert.equal(timesDecimal(value, 10 ** places), n);
      },
    ),
  );
});

test("a contract without migrations has the hash it had before there were any", () => {
  const contract = referenceContract();
  assert.equal("migrations" in contract, false);
  assert.notEqual(
    contractHash(parseContract(next("1.1.0", MIGRATION))),
    contractHash(parseContract(next("1.1.0"))),
  );
});
