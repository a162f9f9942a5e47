import assert from "node:assert/strict";
import { test } from "node:test";
import { computeMap, type MapContract, type MapLoop } from "./map.ts";
import { mapToText } from "./map-text.ts";

const CONTRACT: MapContract = {
  name: "logistics.geo-risk",
  version: "1.0.0",
  state: "in-force",
  sender: "logistics",
  receiver: "marketing",
  actingOptions: ["exclude_geo", "lower_bid"],
};

const LOOP: MapLoop = {
  name: "logistics-marketing",
  state: "live",
  contract: { name: "logistics.geo-risk", version: "1.0.0" },
  sender: { name: "ndr-watch", version: "1.0.0", isHeard: true },
  receiver: { name: "geo-value", version: "2.1.0", isHeard: true },
  charterOptions: ["exclude_geo", "lower_bid"],
  connectorOptions: ["exclude_geo", "lower_bid"],
};

function endsOf(loops: ReadonlyArray<MapLoop>, contracts: ReadonlyArray<MapContract> = [CONTRACT]) {
  return computeMap({ loops, contracts }).deadEnds.map(
    ({ kind, what, words }) => `${kind} ${what}: ${words}`,
  );
}

test("what halts a loop is written beneath it, wrapped like the rest", () => {
  const halts = [`head@marketing.example.com stopped the loop ${LOOP.name}: ${"a ".repeat(30)}`];
  const text = mapToText(computeMap({ loops: [{ ...LOOP, halts }], contracts: [CONTRACT] }));
  const lines = text.split("\n");
  assert.match(lines[2] ?? "", /^ {4}! head@marketing\.example\.com stopped the loop/);
  assert.ok(lines.every((line) => line.length <= 100));
});

test("a live loop with both ends heard and every option carried out has no dead end", () => {
  const map = computeMap({ loops: [LOOP], contracts: [CONTRACT] });
  assert.deepEqual(map.deadEnds, []);
  assert.deepEqual(
    map.nodes.map(({ id, state }) => [id, state]),
    [
      ["logistics/ndr-watch", "connected"],
      ["marketing/geo-value", "connected"],
    ],
  );
  assert.equal(
    mapToText(map),
    [
      "logistics/ndr-watch 1.0.0 ──[logistics.geo-risk 1.0.0]──> marketing/geo-value 2.1.0",
      "    loop logistics-marketing: live, contract in force, sender connected, receiver connected",
      "",
      "No dead ends.",
    ].join("\n"),
  );
});

test("a signal is a dead end while its receiver is missing, silent, or its loop is not live", () => {
  const { receiver: _, ...unreceived } = LOOP;
  assert.match(endsOf([unreceived]).join(), /^signal .*no agent of marketing receives it$/);
  const silent = { ...LOOP, receiver: { name: "geo-value", version: "2.1.0", isHeard: false } };
  assert.match(endsOf([silent]).join(), /^signal .*has not been heard in time$/);
  for (const state of ["draft", "connected", "ready", "suspended", "paused"] as const) {
    assert.match(
      endsOf([{ ...LOOP, state }]).join(),
      new RegExp(`^signal .* is ${state}: .*parked`),
    );
  }
});

test("a contract that no loop carries is a signal without a receiver, draft or not", () => {
  for (const state of ["draft", "in-force", "deprecated"] as const) {
    const orphan = { ...CONTRACT, name: "returns.quality", state };
    const map = computeMap({ loops: [LOOP], contracts: [CONTRACT, orphan] });
    assert.deepEqual(
      map.deadEnds.map(({ kind, what }) => [kind, what]),
      [["signal", "returns.quality 1.0.0"]],
    );
    assert.deepEqual(
      map.edges.map(({ contract, loop }) => [contract, loop]),
      [
        ["logistics.geo-risk", "logistics-marketing"],
        ["returns.quality", null],
      ],
    );
  }
  assert.deepEqual(
    endsOf([LOOP], [CONTRACT, { ...CONTRACT, name: "returns.quality", state: "retired" }]),
    [],
  );
});

test("a newer version in force that the loop does not speak yet is a dead end; a draft is not", () => {
  const newer = { ...CONTRACT, version: "1.1.0" };
  const old = { ...CONTRACT, state: "deprecated" } as const;
  assert.match(
    endsOf([LOOP], [old, newer]).join(),
    /^signal logistics.geo-risk 1.1.0: .*speaks 1.0.0/,
  );
  assert.deepEqual(endsOf([LOOP], [CONTRACT, { ...newer, state: "draft" }]), []);
});

test("a deprecated version is drawn to the loop that takes it in beside its successor", () => {
  const old = { ...CONTRACT, state: "deprecated" } as const;
  const newer = { ...CONTRACT, version: "1.1.0" };
  const loop = { ...LOOP, contract: { name: CONTRACT.name, version: "1.1.0" } };
  const map = computeMap({ loops: [loop], contracts: [old, newer] });
  assert.deepEqual(map.deadEnds, []);
  assert.deepEqual(
    map.edges.map(({ version, contractState, loop: carrier }) => [version, contractState, carrier]),
    [
      ["1.0.0", "deprecated", "logistics-marketing"],
      ["1.1.0", "in-force", "logistics-marketing"],
    ],
  );
});

test("an option is a dead end when the charter has no rule for it or nothing carries it out", () => {
  assert.match(
    endsOf([{ ...LOOP, charterOptions: ["lower_bid"] }]).join(),
    /^option exclude_geo: .*always forbidden$/,
  );
  assert.match(
    endsOf([{ ...LOOP, connectorOptions: ["exclude_geo"] }]).join(),
    /^option lower_bid: .*no connector carries it out$/,
  );
  const { connectorOptions: _, ...elsewhere } = LOOP;
  assert.deepEqual(endsOf([elsewhere]), [], "what is wired elsewhere is not guessed at");
});

test("a receiver is a dead end while nobody sends to it", () => {
  const { sender: _, ...unsent } = LOOP;
  assert.match(
    endsOf([unsent]).join(),
    /^receiver marketing\/geo-value: no agent of logistics sends to it$/,
  );
  const silent = { ...LOOP, sender: { name: "ndr-watch", version: "1.0.0", isHeard: false } };
  assert.match(
    endsOf([silent]).join(),
    /^receiver marketing\/geo-value: its sender .* not been heard/,
  );
});

test("a retired loop carries nothing", () => {
  assert.match(endsOf([{ ...LOOP, state: "retired" }]).join(), /^signal .*no loop carries it/);
});

test("the drawing stays within 100 columns, however long the names are", () => {
  const long = "x".repeat(40);
  const contract = { ...CONTRACT, name: `${long}.${long}`, sender: long, receiver: long };
  const loop = {
    ...LOOP,
    name: `${long}-loop`,
    contract: { name: contract.name, version: "1.0.0" },
    sender: { name: long, version: "1.0.0", isHeard: true },
    receiver: { name: long, version: "1.0.0", isHeard: false },
    connectorOptions: [],
  };
  const text = mapToText(computeMap({ loops: [loop], contracts: [contract] }));
  for (const line of text.split("\n")) assert.ok(line.length <= 100, line);
  assert.match(text, /3 dead end\(s\)/);
  assert.match(text, /-> start that agent again/);
});
