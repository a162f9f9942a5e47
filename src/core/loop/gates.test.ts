import assert from "node:assert/strict";
import { test } from "node:test";
import { addMs, HOUR_MS } from "../../std/time.ts";
import { computeGates, type GateEvidence, type GateName } from "./gates.ts";

const NOW = "2026-03-02T06:00:00.000Z";
const BEFORE = "2026-03-01T06:00:00.000Z";

function wholeEvidence(change: Partial<GateEvidence> = {}): GateEvidence {
  return {
    now: NOW,
    loop: "logistics-marketing",
    departments: { sender: "logistics", receiver: "marketing" },
    sender: agent("logistics", "ndr-watch"),
    receiver: { ...agent("marketing", "budget-keeper"), isRemote: true, silenceMaxMs: 45_000 },
    contract: {
      name: "logistics.geo-risk",
      version: "1.0.0",
      isInForce: true,
      unaccepted: [],
    },
    dataCompleteTo: "2026-03-01T18:30:00.000Z",
    dataMaxAgeHours: 48,
    senderLearning: { kind: "days", folded: 30, needed: 30 },
    senderConformance: { cases: 500, failures: 0, first: "", madeAt: BEFORE },
    receiverConformance: { cases: 500, failures: 0, first: "", madeAt: BEFORE },
    receiverRecord: { predictions: 100, covered: 81, nominal: 0.8, asOf: BEFORE },
    receiverTrustedBy: { person: "head@marketing.example.com", at: BEFORE },
    charter: {
      owners: [
        { department: "logistics", email: "head@logistics.example.com" },
        { department: "marketing", email: "head@marketing.example.com" },
      ],
      unsigned: [],
      keyless: [],
      state: "in-force",
      today: "2026-03-02",
      effective: { from: "2026-01-01", until: "2027-01-01" },
      errors: [],
    },
    connectors: [{ name: "google-ads" }],
    optionsWithoutConnector: [],
    measurement: {
      maturityDays: 14,
      effect: 0.03,
      ablePlaces: 3,
      places: 200,
      acceptsUndetermined: true,
    },
    drill: { passed: true, why: "", madeAt: BEFORE },
    drillMaxAgeHours: 720,
    ...change,
  };
}

function agent(department: string, name: string) {
  return { department, name, version: "1.0.0", isRemote: false, seenAt: NOW };
}

function without(field: keyof GateEvidence): GateEvidence {
  return Object.fromEntries(
    Object.entries(wholeEvidence()).filter(([name]) => name !== field),
  ) as GateEvidence;
}

function unmetOf(evidence: GateEvidence): ReadonlyArray<GateName> {
  return computeGates(evidence)
    .filter((gate) => !gate.holds)
    .map(({ name }) => name);
}

const { charter, contract, measurement, receiver, receiverConformance, receiverRecord } =
  wholeEvidence();
assert.ok(receiver && receiverConformance && receiverRecord);

/** Each row: what lapsed, and the one gate that must see it, with the words that say so. */
const LAPSES: ReadonlyArray<readonly [string, GateEvidence, GateName, RegExp]> = [
  [
    "no sender is connected",
    without("sender"),
    "sender-connected",
    /no sending agent of logistics/,
  ],
  [
    "the receiver has been silent a millisecond too long",
    wholeEvidence({ receiver: { ...receiver, seenAt: addMs(NOW, -45_001) } }),
    "receiver-connected",
    /last heard at .* 45 seconds ago/,
  ],
  ["no data ever came", without("dataCompleteTo"), "data-fresh", /ever received/],
  [
    "the data is older than it may be",
    wholeEvidence({ dataCompleteTo: addMs(NOW, -48 * HOUR_MS - 1) }),
    "data-fresh",
    /48 hours ago/,
  ],
  [
    "one department has not accepted the contract",
    wholeEvidence({ contract: { ...contract, isInForce: false, unaccepted: ["marketing"] } }),
    "contract-accepted",
    /not accepted by marketing/,
  ],
  [
    "the contract was deprecated",
    wholeEvidence({ contract: { ...contract, isInForce: false } }),
    "contract-accepted",
    /not in force/,
  ],
  [
    "the receiver was never tested",
    without("receiverConformance"),
    "receiver-conforms",
    /this version of the receiver was not tested/,
  ],
  [
    "the sender was never tested",
    without("senderConformance"),
    "sender-conforms",
    /this version of the sender was not tested/,
  ],
  [
    "the receiver broke the contract once",
    wholeEvidence({ receiverConformance: { ...receiverConformance, failures: 1, first: "late" } }),
    "receiver-conforms",
    /failed 1 of 500 cases: late/,
  ],
  [
    "no case was tried",
    wholeEvidence({ receiverConformance: { ...receiverConformance, cases: 0 } }),
    "receiver-conforms",
    /no case was tried/,
  ],
  [
    "the sender lacks one day of history",
    wholeEvidence({ senderLearning: { kind: "days", folded: 29, needed: 30 } }),
    "sender-calibrated",
    /29 of 30 days/,
  ],
  [
    "a remote sender shows no record",
    wholeEvidence({ senderLearning: { kind: "record" } }),
    "sender-calibrated",
    /no record/,
  ],
  [
    "the receiver has no record of its own domain",
    without("receiverRecord"),
    "receiver-trusted",
    /no record/,
  ],
  [
    "the receiver is surer of its own domain than it has reason to be",
    wholeEvidence({ receiverRecord: { ...receiverRecord, covered: 60 } }),
    "receiver-trusted",
    /only 60 of 100/,
  ],
  [
    "the receiver's record is too short to say anything",
    wholeEvidence({ receiverRecord: { ...receiverRecord, predictions: 19, covered: 19 } }),
    "receiver-trusted",
    /19 predictions; 20 are needed/,
  ],
  [
    "nobody trusts the receiver yet",
    without("receiverTrustedBy"),
    "receiver-trusted",
    /marketing has not said/,
  ],
  ["no drill was run", without("drill"), "drilled", /no drill/],
  [
    "the last drill failed",
    wholeEvidence({ drill: { passed: false, why: "ask: silent", madeAt: BEFORE } }),
    "drilled",
    /failed: ask: silent/,
  ],
  [
    "the last drill is too old",
    wholeEvidence({ drill: { passed: true, why: "", madeAt: addMs(NOW, -720 * HOUR_MS - 1) } }),
    "drilled",
    /more than 720 hours ago/,
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
    "the charter ran out this very day",
    wholeEvidence({
      charter: { ...charter, effective: { ...charter.effective, until: "2026-03-02" } },
    }),
    "charter-in-force",
    /until 2026-03-02/,
  ],
  [
    "the charter is not yet in force",
    wholeEvidence({
      charter: { ...charter, effective: { ...charter.effective, from: "2026-03-03" } },
    }),
    "charter-in-force",
    /in force from/,
  ],
  [
    "one side withdrew from the charter",
    wholeEvidence({ charter: { ...charter, state: "withdrawn" } }),
    "charter-in-force",
    /withdrew/,
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
    "the effect could not be told in most places, and nobody accepted that",
    wholeEvidence({ measurement: { ...measurement, acceptsUndetermined: false } }),
    "measurable",
    /3 points would show within 14 days in 3 of 200 places, and the charter does not/,
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

test("an agent exactly as silent as it may be is still connected", () => {
  const evidence = wholeEvidence({ receiver: { ...receiver, seenAt: addMs(NOW, -45_000) } });
  assert.deepEqual(unmetOf(evidence), []);
});

test("the commands that would make a gate hold name the people and papers at hand", () => {
  const evidence = wholeEvidence({
    contract: { ...contract, isInForce: false, unaccepted: ["logistics", "marketing"] },
    charter: { ...charter, unsigned: ["logistics", "marketing"], keyless: ["marketing"] },
  });
  assert.deepEqual(
    computeGates(evidence).flatMap(({ commands }) => commands),
    [
      "contract accept logistics.geo-risk 1.0.0 --as logistics --by head@logistics.example.com",
      "contract accept logistics.geo-risk 1.0.0 --as marketing --by head@marketing.example.com",
      "charter sign logistics-marketing --party logistics",
      "charter key create --person head@marketing.example.com",
      "charter sign logistics-marketing --party marketing",
    ],
  );
});

test("where half of the places are busy enough, nobody has to accept that one cannot tell", () => {
  const plan = { ...measurement, acceptsUndetermined: false, places: 6 };
  assert.deepEqual(unmetOf(wholeEvidence({ measurement: plan })), []);
  const fewer = { ...plan, ablePlaces: 2 };
  assert.deepEqual(unmetOf(wholeEvidence({ measurement: fewer })), ["measurable"]);
});

test("data exactly as old as it may be is still fresh", () => {
  const evidence = wholeEvidence({ dataCompleteTo: addMs(NOW, -48 * HOUR_MS) });
  assert.deepEqual(unmetOf(evidence), []);
});

test("every gate has a case of its own in this table", () => {
  const seen = new Set(LAPSES.map(([, , name]) => name));
  assert.deepEqual(
    computeGates(wholeEvidence())
      .map(({ name }) => name)
      .filter((name) => !seen.has(name)),
    [],
  );
});
