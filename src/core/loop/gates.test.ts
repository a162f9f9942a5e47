import assert from "node:assert/strict";
import { test } from "node:test";
import { addMs, HOUR_MS } from "../../std/time.ts";
import { computeGates, type GateEvidence, type GateName } from "./gates.ts";

const NOW = "2026-03-02T06:00:00.000Z";
const HASH = "c".repeat(64);

function wholeEvidence(change: Partial<GateEvidence> = {}): GateEvidence {
  return {
    now: NOW,
    sender: { name: "ndr-watch", version: "1.0.0" },
    receiver: { name: "budget-keeper", version: "2.0.0" },
    dataCompleteTo: "2026-03-01T18:30:00.000Z",
    dataMaxAgeHours: 48,
    contractRegistered: true,
    conformance: { contractHash: HASH, receiverVersion: "2.0.0", cases: 18, failures: [] },
    contractHash: HASH,
    calibration: { daysFolded: 30, daysNeeded: 30 },
    charter: {
      unsigned: [],
      effective: { from: "2026-01-01T00:00:00.000Z", until: "2027-01-01T00:00:00.000Z" },
      errors: [],
    },
    connectors: [{ name: "google-ads" }],
    optionsWithoutConnector: [],
    maturityDays: 14,
    ...change,
  };
}

function without(field: "sender" | "receiver" | "dataCompleteTo" | "conformance"): GateEvidence {
  const { [field]: _gone, ...rest } = wholeEvidence();
  return rest;
}

function unmetOf(evidence: GateEvidence): ReadonlyArray<GateName> {
  return computeGates(evidence)
    .filter((gate) => !gate.holds)
    .map(({ name }) => name);
}

const { charter, conformance } = wholeEvidence();
assert.ok(conformance);

/** Each row: what lapsed, and the one gate that must see it, with the words that say so. */
const LAPSES: ReadonlyArray<readonly [string, GateEvidence, GateName, RegExp]> = [
  ["no sender is connected", without("sender"), "sender-connected", /no sending agent/],
  ["no data ever came", without("dataCompleteTo"), "data-fresh", /ever received/],
  [
    "the data is older than it may be",
    wholeEvidence({ dataCompleteTo: addMs(NOW, -48 * HOUR_MS - 1) }),
    "data-fresh",
    /48 hours ago/,
  ],
  [
    "the contract is not registered",
    wholeEvidence({ contractRegistered: false }),
    "contract-registered",
    /not registered/,
  ],
  ["the receiver was never tested", without("conformance"), "receiver-conforms", /not tested/],
  [
    "the receiver was tested against another contract",
    wholeEvidence({ conformance: { ...conformance, contractHash: "d".repeat(64) } }),
    "receiver-conforms",
    /not tested against this contract/,
  ],
  [
    "another version of the receiver was tested",
    wholeEvidence({ conformance: { ...conformance, receiverVersion: "1.9.0" } }),
    "receiver-conforms",
    /not tested/,
  ],
  [
    "the receiver broke the contract once",
    wholeEvidence({ conformance: { ...conformance, failures: ["/kind: no"] } }),
    "receiver-conforms",
    /broke the contract: \/kind: no/,
  ],
  [
    "no sample was tried",
    wholeEvidence({ conformance: { ...conformance, cases: 0 } }),
    "receiver-conforms",
    /no sample was tried/,
  ],
  [
    "the sender lacks one day of history",
    wholeEvidence({ calibration: { daysFolded: 29, daysNeeded: 30 } }),
    "sender-calibrated",
    /29 of 30 days/,
  ],
  [
    "one head has not signed",
    wholeEvidence({ charter: { ...charter, unsigned: ["marketing"] } }),
    "charter-in-force",
    /not signed by marketing/,
  ],
  [
    "the charter has a gap",
    wholeEvidence({ charter: { ...charter, errors: ["rule 3 decides nothing"] } }),
    "charter-in-force",
    /rule 3 decides nothing/,
  ],
  [
    "the charter has run out this very moment",
    wholeEvidence({ charter: { ...charter, effective: { ...charter.effective, until: NOW } } }),
    "charter-in-force",
    /until 2026-03-02/,
  ],
  [
    "the charter is not yet in force",
    wholeEvidence({
      charter: { ...charter, effective: { ...charter.effective, from: addMs(NOW, 1) } },
    }),
    "charter-in-force",
    /in force from/,
  ],
  [
    "a connector does not answer",
    wholeEvidence({ connectors: [{ name: "google-ads" }, { name: "shop", fault: "it is down" }] }),
    "connectors-reachable",
    /shop: it is down/,
  ],
  [
    "no connector is set up",
    wholeEvidence({ connectors: [] }),
    "connectors-reachable",
    /no connector is set up/,
  ],
  [
    "an option has no connector",
    wholeEvidence({ optionsWithoutConnector: ["prepaid_only"] }),
    "connectors-reachable",
    /carries out prepaid_only/,
  ],
  [
    "nobody says when the effect is read",
    wholeEvidence({ maturityDays: 0 }),
    "measurable",
    /when an effect is read/,
  ],
];

test("with whole evidence every gate holds and none asks for anything", () => {
  const gates = computeGates(wholeEvidence());
  assert.deepEqual(unmetOf(wholeEvidence()), []);
  for (const gate of gates) {
    assert.equal(gate.toHold, "", gate.name);
    assert.notEqual(gate.evidence, "", gate.name);
  }
});

for (const [what, evidence, name, words] of LAPSES) {
  test(`when ${what}, \`${name}\` alone lapses and says what would make it hold`, () => {
    assert.deepEqual(unmetOf(evidence), [name]);
    const gate = computeGates(evidence).find((candidate) => candidate.name === name);
    assert.match(gate?.evidence ?? "", words);
    assert.notEqual(gate?.toHold, "");
  });
}

test("a receiver that is gone neither is connected nor conforms, whatever was once tested", () => {
  assert.deepEqual(unmetOf(without("receiver")), ["receiver-connected", "receiver-conforms"]);
});

test("data exactly as old as it may be is still fresh", () => {
  const evidence = wholeEvidence({ dataCompleteTo: addMs(NOW, -48 * HOUR_MS) });
  assert.deepEqual(unmetOf(evidence), []);
});

test("every gate has a case of its own in this table", () => {
  const seen = new Set([...LAPSES.map(([, , name]) => name), "receiver-connected"]);
  assert.deepEqual(
    computeGates(wholeEvidence())
      .map(({ name }) => name)
      .filter((name) => !seen.has(name)),
    [],
  );
});
