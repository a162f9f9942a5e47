import assert from "node:assert/strict";
import { test } from "node:test";
import { computeCause } from "./cause.ts";
import type { CauseInput } from "./cause.ts";
import type { PartCounts } from "./strata.ts";

type Row = readonly [
  part: string,
  before: readonly [number, number],
  since: readonly [number, number],
];

function setup(expectedRate: number, whole: Row, rows: ReadonlyArray<Row>): CauseInput {
  const toPart = ([part, before, since]: Row): PartCounts => {
    const [dimension = "", value = ""] = part.split("=");
    return {
      dimension,
      value,
      before: { trials: before[0], events: before[1] },
      since: { trials: since[0], events: since[1] },
    };
  };
  const counts = { whole: toPart(whole), parts: rows.map(toPart) };
  return { expectedRate, ...counts, network: counts };
}

test("shares say where the excess is, and a part that fell has a negative one", () => {
  const { split } = computeCause(
    setup(
      0.2,
      ["", [10_000, 2_000], [400, 140]],
      [
        ["courier=a", [5_000, 1_000], [200, 120]],
        ["courier=b", [5_000, 1_000], [200, 20]],
      ],
    ),
  );
  assert.deepEqual(
    split.map(({ value, shareOfExcess }) => [value, Math.round(shareOfExcess * 100)]),
    [
      ["a", 133],
      ["b", -33],
    ],
  );
});

test("a courier is named only when the difference to the others is more than luck", () => {
  const of = (scale: number) =>
    computeCause(
      setup(
        0.2,
        ["", [10_000, 2_000], [50 * scale, 16 * scale]],
        [
          ["courier=a", [5_000, 1_000], [25 * scale, 10 * scale]],
          ["courier=b", [5_000, 1_000], [25 * scale, 6 * scale]],
        ],
      ),
    ).owner;
  assert.equal(of(1), "unknown");
  assert.equal(of(8), "courier");
});

test("the only courier of a geography is not to blame for all of its excess", () => {
  const { owner } = computeCause(
    setup(0.2, ["", [9_000, 1_800], [400, 160]], [["courier=a", [9_000, 1_800], [400, 160]]]),
  );
  assert.equal(owner, "unknown");
});

test("more cash orders at an unchanged rate are a change in demand", () => {
  const { owner } = computeCause(
    setup(
      0.2,
      ["", [10_000, 2_000], [1_000, 280]],
      [
        ["payment=cod", [5_000, 1_500], [900, 270]],
        ["payment=prepaid", [5_000, 500], [100, 10]],
      ],
    ),
  );
  assert.equal(owner, "demand");
});

test("more parcels with the worse courier are the courier's, though none got worse", () => {
  const { owner } = computeCause(
    setup(
      0.2,
      ["", [10_000, 2_000], [1_000, 280]],
      [
        ["courier=a", [5_000, 1_500], [900, 270]],
        ["courier=b", [5_000, 500], [100, 10]],
      ],
    ),
  );
  assert.equal(owner, "courier");
});

test("a geography without history is compared with what its parts usually are in the network", () => {
  const input = setup(
    0.2,
    ["", [0, 0], [200, 70]],
    [
      ["payment=cod", [0, 0], [100, 60]],
      ["payment=prepaid", [0, 0], [100, 10]],
    ],
  );
  const network = setup(
    0.2,
    ["", [10_000, 2_000], [0, 0]],
    [
      ["payment=cod", [5_000, 1_500], [0, 0]],
      ["payment=prepaid", [5_000, 500], [0, 0]],
    ],
  );
  const { split } = computeCause({ ...input, network });
  assert.ok(Math.abs(split.find(({ value }) => value === "cod")!.baselineRate - 0.3) < 1e-9);
  assert.ok(Math.abs(split.find(({ value }) => value === "prepaid")!.baselineRate - 0.1) < 1e-9);
});

test("fewer than twenty orders since the change name nobody", () => {
  const { owner } = computeCause(
    setup(
      0.2,
      ["", [10_000, 2_000], [19, 15]],
      [["reason=address_issue", [10_000, 100], [19, 15]]],
    ),
  );
  assert.equal(owner, "unknown");
});
