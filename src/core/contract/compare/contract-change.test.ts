import assert from "node:assert/strict";
import { test } from "node:test";
import { referenceContract } from "../../../../test/kit/reference-loop.ts";
import { parseContract } from "../parse.ts";
import type { Contract } from "../types.ts";
import { compareContracts } from "./compare.ts";
import type { Bump, Comparison, Verdict } from "./types.ts";
import { bumpBetween, isEnough } from "./version.ts";

type Draft = Record<string, unknown>;
type Put = readonly [pointer: string, value: unknown];

/** The reference contract with values set at JSON Pointers; `undefined` removes. */
function changed(puts: ReadonlyArray<Put>): Contract {
  const draft = structuredClone(referenceContract()) as unknown as Draft;
  for (const [pointer, value] of puts) {
    const keys = pointer.split("/").slice(1);
    const last = keys.pop() ?? "";
    let node: Draft = draft;
    for (const key of keys) node = node[key] as Draft;
    if (value !== undefined) node[last] = value;
    else if (Array.isArray(node)) node.splice(Number(last), 1);
    else delete node[last];
  }
  return parseContract(draft);
}

function compare(...puts: ReadonlyArray<Put>): Comparison {
  return compareContracts(referenceContract(), changed(puts));
}

const OPTION = {
  name: "pause_ads",
  kind: "act",
  reversible: true,
  description: "Stop all advertising for a while, everywhere",
  parameters: { type: "object", additionalProperties: false, properties: {} },
};
const P = "/payload/properties";
const PROBE = "/options/0/parameters/properties/probeShare";

const ROWS: ReadonlyArray<readonly [string, Verdict, Bump, ...Put[]]> = [
  ["nothing changes", "full", "none"],
  [
    "a description is reworded",
    "full",
    "patch",
    ["/description", "Quite other words for the very same thing"],
  ],
  ["a title inside the payload is added", "full", "patch", [`${P}/level/title`, "Level"]],
  [
    "the way of calibrating is reworded",
    "full",
    "patch",
    ["/confidence/calibration", "Scored against outcomes each month, per band"],
  ],
  [
    "a bound is written differently",
    "full",
    "patch",
    [`${P}/measure/properties/trials/minimum`, undefined],
    [`${P}/measure/properties/trials/exclusiveMinimum`, 0],
  ],
  [
    "a unit that nobody had said is said",
    "full",
    "minor",
    [`${P}/cause/properties/split/unit`, "parts"],
  ],
  [
    "an optional field is added",
    "backward",
    "minor",
    [`${P}/note`, { type: "string", maxLength: 80, description: "a remark" }],
  ],
  [
    "a level is added",
    "backward",
    "minor",
    [`${P}/level/enum`, ["pincode", "district", "state", "nation", "zone"]],
  ],
  [
    "a level is taken away",
    "forward",
    "minor",
    [`${P}/level/enum`, ["pincode", "district", "state"]],
  ],
  ["a range is narrowed", "forward", "minor", [`${P}/maturity/minimum`, 0.5]],
  [
    "a unit changes",
    "breaking",
    "major",
    [`${P}/exposure/properties/ordersPerDay/unit`, "orders per week"],
  ],
  [
    "a unit is no longer said",
    "breaking",
    "major",
    [`${P}/exposure/properties/ordersPerDay/unit`, undefined],
  ],
  ["a denominator changes", "breaking", "major", [`${P}/maturity/denominator`, "orders"]],
  [
    "a parameter's unit changes",
    "breaking",
    "major",
    ["/options/0/parameters/properties/standingDays/unit", "weeks"],
  ],
  [
    "subjects are widened",
    "backward",
    "minor",
    ["/subject/pattern", "^IN(?:-[1-9][0-9]{5}|-[A-Z]-[a-z0-9-]{1,60})?$"],
  ],
  [
    "subjects are narrowed",
    "forward",
    "minor",
    ["/subject/pattern", "^IN(?:-[1-9][0-9]{5}|-[DS]-[a-z0-9-]{1,40})?$"],
  ],
  ["subjects are exchanged", "breaking", "major", ["/subject/pattern", "^SKU-[0-9]{6}$"]],
  [
    "the subject's pattern is written differently",
    "full",
    "patch",
    ["/subject/pattern", "^IN(?:-[1-9]\\d{5}|-(?:D|S)-[a-z\\d-]{1,60})?$"],
  ],
  ["the subject is of another kind", "breaking", "major", ["/subject/kind", "warehouse"]],
  ["an option is added", "backward", "minor", ["/options/6", OPTION]],
  ["an option is removed", "forward", "minor", ["/options/2", undefined]],
  ["an option is renamed", "breaking", "major", ["/options/2/name", "cod_off"]],
  ["an option's kind changes", "breaking", "major", ["/options/2/kind", "none"]],
  ["an option can no longer be undone", "breaking", "major", ["/options/0/reversible", false]],
  [
    "options are put in another order",
    "full",
    "patch",
    ["/options/5", referenceContract().options[4]],
    ["/options/4", referenceContract().options[5]],
  ],
  [
    "a parameter is narrowed, which the receiver must know first",
    "backward",
    "minor",
    [`${PROBE}/maximum`, 0.3],
  ],
  [
    "a parameter is widened, which the sender's side must know first",
    "forward",
    "minor",
    [`${PROBE}/maximum`, 0.9],
  ],
  [
    "a required parameter is added",
    "breaking",
    "major",
    ["/options/1/parameters/properties/why", { type: "string", maxLength: 9, description: "why" }],
    ["/options/1/parameters/required", ["bidModifier", "standingDays", "why"]],
  ],
  ["signals may be less sure", "backward", "minor", ["/confidence/thresholds/signal", 0.5]],
  ["signals must be surer", "forward", "minor", ["/confidence/thresholds/signal", 0.65]],
  ["acting needs more confidence", "backward", "minor", ["/confidence/thresholds/act", 0.8]],
  ["acting needs less confidence", "forward", "minor", ["/confidence/thresholds/act", 0.65]],
  [
    "confidence means something else",
    "breaking",
    "major",
    [
      "/confidence/meaning",
      "The probability that the rise is at least 5 points (0.05), given all days",
    ],
  ],
  ["signals stay open longer", "backward", "minor", ["/expiry/afterHours", 96]],
  ["signals expire sooner", "forward", "minor", ["/expiry/afterHours", 24]],
  [
    "evidence is required that the payload requires anyway",
    "full",
    "patch",
    ["/evidence/required/8", { name: "Day", path: "/change/onDay", why: "since when" }],
  ],
  [
    "evidence is required that may be an empty list",
    "forward",
    "minor",
    ["/evidence/required/8", { name: "Split", path: "/cause/split", why: "where it sits" }],
  ],
  ["the receiver is another department", "breaking", "major", ["/receiver/department", "sales"]],
  ["it is another contract", "breaking", "major", ["/name", "logistics.other"]],
  [
    "payload widened and option removed",
    "breaking",
    "major",
    [`${P}/maturity/maximum`, 2],
    ["/options/2", undefined],
  ],
];

for (const [name, verdict, bump, ...puts] of ROWS) {
  test(`${name}: ${verdict}, ${bump}`, () => {
    const comparison = compare(...puts);
    assert.equal(comparison.verdict, verdict, JSON.stringify(comparison.changes));
    assert.equal(comparison.bump, bump);
    const mirror = { full: "full", backward: "forward", forward: "backward", breaking: "breaking" };
    const back = compareContracts(changed(puts), referenceContract());
    // To say a unit for the first time only adds; to fall silent on it takes away.
    const isOneWay = name.includes("said");
    assert.equal(
      back.verdict,
      isOneWay ? (verdict === "full" ? "breaking" : "full") : mirror[verdict],
    );
  });
}

test("each party is told whether it must change, in which order, and because of which change", () => {
  const { parties } = compare([
    `${P}/level/enum`,
    ["pincode", "district", "state", "nation", "zone"],
  ]);
  assert.deepEqual(
    [
      parties.receiver.mustChange,
      parties.receiver.order,
      parties.sender.mustChange,
      parties.sender.order,
    ],
    [true, "first", false, "second"],
  );
  assert.match(parties.receiver.why.join(), /`level`: allowed values gained zone/);
  assert.deepEqual(parties.sender.why, []);

  const narrowed = compare([`${P}/maturity/minimum`, 0.5]).parties;
  assert.deepEqual([narrowed.sender.order, narrowed.receiver.mustChange], ["first", false]);

  // A wider parameter is read by the sender's side, so that side moves first.
  const parameter = compare([`${PROBE}/maximum`, 0.9]).parties;
  assert.deepEqual([parameter.sender.order, parameter.receiver.mustChange], ["first", false]);

  const both = compare([`${P}/maturity/denominator`, "orders"]).parties;
  assert.deepEqual([both.sender.order, both.receiver.order], ["together", "together"]);
});

test("every change names its place, what it was and is, what it does, and whom it concerns", () => {
  const [change, ...others] = compare([`${PROBE}/maximum`, 0.3]).changes;
  assert.deepEqual(others, []);
  assert.deepEqual(change, {
    path: `${PROBE}/maximum`,
    kind: "upper-bound",
    channel: "reply",
    before: { maximum: 0.5 },
    after: { maximum: 0.3 },
    effect: { backward: "yes", forward: "no" },
    party: "receiver",
    words: "`probeShare`: upper bound <= 0.5 -> <= 0.3; allows less than before",
    counterExample: {
      of: "parameters of exclude_geo",
      place: ["probeShare"],
      oldRefusedByNew: { standingDays: 1, probeShare: 0.4 },
    },
  });
});

test("what one change takes and another gives back is no difference, and what they do together is told", () => {
  const parts = (more: object) =>
    [
      `${P}/maturity`,
      {
        type: "number",
        unit: "1",
        denominator: "shipments attempted in the measure",
        minimum: 0,
        ...more,
      },
    ] as const;
  const given = compareContracts(
    changed([parts({ maximum: 1 })]),
    changed([parts({ enum: [0, 1] })]),
  );
  assert.equal(given.verdict, "forward");
  // Alone, neither a wider type nor another enumeration would let 0.5 in.
  const before = changed([
    [`${P}/maturity`, { type: "integer", enum: [0, 1], unit: "1", denominator: "x" }],
  ]);
  const after = changed([
    [`${P}/maturity`, { type: "number", enum: [0, 0.5, 1], unit: "1", denominator: "x" }],
  ]);
  const together = compareContracts(before, after);
  assert.equal(together.verdict, "backward");
  assert(
    together.changes.some(({ kind, counterExample }) => {
      return kind === "together" && counterExample?.newRefusedByOld !== undefined;
    }),
  );
});

test("a renamed option or field is suspected by name", () => {
  assert.match(
    JSON.stringify(compare(["/options/2/name", "cod_off"])),
    /is it `prepaid_only` renamed\?/,
  );
  const { maturity } = referenceContract().payload["properties"] as Record<string, object>;
  const renamed = compare(
    [`${P}/maturity`, undefined],
    [`${P}/share`, maturity],
    [
      "/payload/required",
      [
        "metric",
        "level",
        "measure",
        "baseline",
        "change",
        "evidence",
        "share",
        "cause",
        "exposure",
      ],
    ],
    ["/evidence/required/5", { name: "Outcomes known", path: "/share", why: "as before" }],
  );
  assert.equal(renamed.verdict, "breaking");
  assert.match(JSON.stringify(renamed.changes), /is it `maturity` renamed\?/);
});

test("units are compared through references, lists, places of a tuple and alternatives", () => {
  const field = (unit: string) => ({ type: "number", unit });
  const pairs: ReadonlyArray<readonly [object, object]> = [
    [
      { type: "array", items: field("INR") },
      { type: "array", items: field("USD") },
    ],
    [{ anyOf: [field("INR"), { type: "null" }] }, { anyOf: [{ type: "null" }, field("USD")] }],
    [
      { type: "object", additionalProperties: field("INR") },
      { type: "object", additionalProperties: field("USD") },
    ],
    [
      { type: "array", minItems: 2, items: false, prefixItems: [field("m"), field("s")] },
      { type: "array", minItems: 2, items: false, prefixItems: [field("s"), field("m")] },
    ],
    [{ $ref: "#/$defs/INR" }, { $ref: "#/$defs/USD" }],
  ];
  const definitions = ["/payload/$defs", { INR: field("INR"), USD: field("USD") }] as const;
  for (const [before, after] of pairs) {
    const comparison = compareContracts(
      changed([definitions, [`${P}/x`, before]]),
      changed([definitions, [`${P}/x`, after]]),
    );
    assert.equal(comparison.verdict, "breaking", JSON.stringify(after));
    const meaning = comparison.changes.filter(({ channel }) => channel === "meaning");
    assert(meaning.length > 0 && meaning.every(({ kind }) => kind === "unit"));
    const same = compareContracts(
      changed([definitions, [`${P}/x`, before]]),
      changed([definitions, [`${P}/x`, before]]),
    );
    assert.equal(same.verdict, "full");
  }
});

test("the declared step of the version is compared with the one that is needed", () => {
  const [was] = [referenceContract()];
  const level = [`${P}/level/enum`, ["pincode", "district"]] as const;
  for (const [version, bump, enough] of [
    ["1.0.1", "patch", false],
    ["1.1.0", "minor", true],
    ["2.0.0", "major", true],
    ["1.0.0", "none", false],
    ["0.9.0", "backwards", false],
  ] as const) {
    const { declared } = compareContracts(was, changed([["/version", version], level]));
    assert.deepEqual(declared, { bump, enough }, version);
  }
});

test("steps of a version are read as semver has them, and below 1.0.0 one place lower", () => {
  for (const [from, to, bump] of [
    ["1.2.3", "1.2.4", "patch"],
    ["1.2.3", "1.3.0", "minor"],
    ["1.2.3", "2.0.0", "major"],
    ["1.9.0", "1.10.0", "minor"],
    ["0.1.0", "0.2.0", "major"],
    ["0.1.0", "0.1.1", "minor"],
    ["0.9.0", "1.0.0", "major"],
    ["2.0.0-rc.1", "2.0.0", "major"],
    ["1.3.0-rc.2", "1.3.0-rc.10", "minor"],
    ["1.0.0", "1.0.0-rc.1", "backwards"],
    ["1.0.0+a", "1.0.0+b", "none"],
  ] as const) {
    assert.equal(bumpBetween(from, to), bump, `${from} ${to}`);
  }
  assert(isEnough("major", "minor") && isEnough("none", "none"));
  assert(!isEnough("patch", "minor") && !isEnough("backwards", "none"));
});
