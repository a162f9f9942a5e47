import assert from "node:assert/strict";
import { test } from "node:test";
import { randomCharter } from "../../../../test/kit/random-charter.ts";
import { referenceCharter, referenceContract } from "../../../../test/kit/reference-loop.ts";
import { integerBetween, randomFrom } from "../../../std/random.ts";
import { decideAt } from "./decided-table.ts";
import { computeMatrix } from "./matrix.ts";
import { matrixToSvg } from "./matrix-svg.ts";
import { cellToText, matrixToText } from "./matrix-text.ts";

const charter = referenceCharter();

test("the page of the reference charter reads as it does on paper", () => {
  const rules = charter.rules.slice(0, -1);
  const text = matrixToText(computeMatrix({ ...charter, rules }, { shareOfOrders: 0.03 }));
  assert.equal(
    text,
    `Acting on a lasting rise in non-delivery (logistics-marketing, version 1)
at confidence 1, 1 place, 3% of all orders, 0% of all ad spend, Mon 12:00; columns are value at stake

                below Rs 5,00,000          from Rs 5,00,000 up to Rs 10,00,000  more than Rs 10,00,000
exclude_geo     logistics + marketing [1]  logistics + marketing [1]            forbidden [2]
lower_bid       marketing [3]              no rule [4]                          forbidden [2]
prepaid_only    marketing [3]              no rule [4]                          forbidden [2]
confirm_orders  marketing [3]              no rule [4]                          forbidden [2]

[1] rule exclusion-of-many-orders
[2] guardrail \`perDay.value\` (Rs 10,00,000)
[3] rule marketing-decides
[4] nobody: no rule fits, so it is forbidden`,
  );
});

test("every cell is true for every value of its column", () => {
  for (let seed = 0; seed < 60; seed++) {
    const random = randomFrom("matrix", seed);
    const drawn = randomCharter(random, charter, { rules: 10, dimensions: 8, kind: "tiered" });
    const at = { subjects: integerBetween(random, 1, 300), confidence: 0.9, reversible: false };
    const matrix = computeMatrix(drawn, at);
    for (const { option, cells, reversible } of matrix.rows) {
      for (const [i, { atLeast = 0, below = 2e9 }] of matrix.tiers.entries()) {
        for (const valueAtStake of [atLeast, integerBetween(random, atLeast, below), below - 1]) {
          const location = decideAt(drawn, { ...matrix.at, option, reversible, valueAtStake });
          const cell = cells[i];
          assert(cell);
          if (location.kind === "rule") assert.equal(cell.by, drawn.rules[location.index]?.name);
          else assert.equal(cell.decidedBy, location.kind === "outside" ? "limit" : "no-rule");
        }
      }
    }
  }
});

test("with a contract an option is undone as the contract says, below its confidence all is forbidden", () => {
  const contract = referenceContract();
  const options = contract.options.map((option) =>
    option.name === "lower_bid" ? { ...option, reversible: false } : option,
  );
  const matrix = computeMatrix(charter, {}, { ...contract, options });
  assert.deepEqual(
    matrix.rows.map(({ option, reversible, cells: [first] }) => [option, reversible, first?.by]),
    [
      ["exclude_geo", true, "small-and-reversible"],
      ["lower_bid", false, "marketing-decides"],
      ["prepaid_only", true, "small-and-reversible"],
      ["confirm_orders", true, "small-and-reversible"],
    ],
  );
  const doubtful = computeMatrix(charter, { confidence: 0.5 }, contract);
  assert(
    doubtful.rows.every(({ cells }) => cells.every((cell) => cellToText(cell) === "forbidden")),
  );
});

test("the picture is one well-formed SVG that names every decision and cannot be broken by a name", () => {
  const title = `<script>"R&D"</script>`;
  const svg = matrixToSvg(computeMatrix({ ...charter, title }));
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" role="img"/);
  assert.match(svg, /<\/svg>\n$/);
  assert(!svg.includes("<script"));
  assert(svg.includes("&lt;script&gt;&quot;R&amp;D&quot;"));
  for (const word of ["auto", "marketing", "logistics + marketing", "forbidden"]) {
    assert(svg.includes(`>${word}</text>`), word);
  }
  const opened = svg.match(/<(title|text|svg)\b/g)?.length;
  assert.equal(svg.match(/<\/(title|text|svg)>/g)?.length, opened);
});
