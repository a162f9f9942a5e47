import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Gate, GateName } from "./gates.ts";
import { computeLoopStep, LOOP_STATES, type LoopRequest, type LoopState } from "./lifecycle.ts";

const STAGES: Readonly<Record<GateName, Gate["stage"]>> = {
  "sender-connected": "connect",
  "receiver-connected": "connect",
  "contract-accepted": "connect",
  "data-fresh": "calibrate",
  "sender-calibrated": "go-live",
  "sender-conforms": "go-live",
  "receiver-conforms": "go-live",
  "receiver-trusted": "go-live",
  "charter-in-force": "go-live",
  "connectors-reachable": "go-live",
  measurable: "go-live",
  drilled: "go-live",
};
const NAMES = Object.keys(STAGES) as ReadonlyArray<GateName>;

function gatesWithout(...unmet: ReadonlyArray<GateName>): ReadonlyArray<Gate> {
  return NAMES.map((name) => {
    const holds = !unmet.includes(name);
    return {
      name,
      stage: STAGES[name],
      holds,
      evidence: `${name} ${holds ? "holds" : "lapsed"}`,
      toHold: holds ? "" : `mend ${name}`,
      commands: [],
    };
  });
}

const inactive = ["draft", "connected", "calibrating", "ready", "suspended", "paused"] as const;

for (const name of NAMES) {
  test(`when \`${name}\` lapses, a live loop is suspended and says why`, () => {
    const step = computeLoopStep("live", "review", gatesWithout(name));
    assert.ok(step.kind === "moved");
    assert.equal(step.to, "suspended");
    assert.equal(step.why, `${name} lapsed`);
  });

  test(`while \`${name}\` does not hold, no loop goes live, and the refusal names it`, () => {
    for (const state of inactive) {
      const step = computeLoopStep(state, "activate", gatesWithout(name));
      assert.ok(step.kind === "refused", state);
      assert.deepEqual(
        step.unmet.map((gate) => gate.name),
        [name],
      );
    }
  });
}

test("activation is refused with every gate that does not hold, not only the first", () => {
  const unmet = ["data-fresh", "charter-in-force", "measurable"] as const;
  const step = computeLoopStep("ready", "activate", gatesWithout(...unmet));
  assert.ok(step.kind === "refused");
  assert.deepEqual(
    step.unmet.map((gate) => gate.name),
    unmet,
  );
  assert.match(step.why, /^3 gate/);
});

test("with every gate holding, a loop goes live from each state that is not retired", () => {
  for (const state of inactive) {
    const step = computeLoopStep(state, "activate", gatesWithout());
    assert.ok(step.kind === "moved" && step.to === "live", state);
  }
  assert.deepEqual(computeLoopStep("live", "activate", gatesWithout()), { kind: "unchanged" });
});

test("a loop is as far along as its evidence carries it, and falls back with it", () => {
  const stages: ReadonlyArray<readonly [ReadonlyArray<GateName>, LoopState]> = [
    [["sender-connected"], "draft"],
    [["receiver-connected", "data-fresh"], "draft"],
    [["data-fresh"], "connected"],
    [["sender-calibrated", "charter-in-force"], "calibrating"],
    [["measurable"], "calibrating"],
    [[], "ready"],
  ];
  for (const from of ["draft", "connected", "calibrating", "ready"] as const) {
    for (const [unmet, reached] of stages) {
      const step = computeLoopStep(from, "review", gatesWithout(...unmet));
      if (from === reached) assert.deepEqual(step, { kind: "unchanged" });
      else assert.ok(step.kind === "moved" && step.to === reached, `${from} ${unmet.join()}`);
    }
  }
});

test("a review neither wakes a paused loop nor moves a live one whose gates hold", () => {
  assert.deepEqual(computeLoopStep("paused", "review", gatesWithout()), { kind: "unchanged" });
  assert.deepEqual(computeLoopStep("paused", "review", gatesWithout("data-fresh")), {
    kind: "unchanged",
  });
  assert.deepEqual(computeLoopStep("live", "review", gatesWithout()), { kind: "unchanged" });
});

test("a suspended loop goes on by itself once every gate holds, and not before", () => {
  const step = computeLoopStep("suspended", "review", gatesWithout());
  assert.deepEqual(step, { kind: "moved", to: "live", why: "every gate holds again" });
  for (const name of NAMES) {
    const still = computeLoopStep("suspended", "review", gatesWithout(name));
    assert.deepEqual(still, { kind: "unchanged" }, name);
  }
});

test("only a loop that is live or suspended can be paused, and a pause needs no gate", () => {
  for (const state of LOOP_STATES) {
    const step = computeLoopStep(state, "pause", gatesWithout("data-fresh"));
    if (state === "live" || state === "suspended")
      assert.ok(step.kind === "moved" && step.to === "paused");
    else assert.equal(step.kind, "refused", state);
  }
});

test("a retired loop stays retired whatever is asked", () => {
  for (const request of ["activate", "pause", "retire"] as const) {
    assert.equal(computeLoopStep("retired", request, gatesWithout()).kind, "refused");
  }
  assert.deepEqual(computeLoopStep("retired", "review", gatesWithout()), { kind: "unchanged" });
});

test("whatever is asked in whatever order, a loop is live only while every gate held and a person wants it", () => {
  const move = fc.record({
    request: fc.constantFrom<LoopRequest>("activate", "pause", "retire", "review"),
    unmet: fc.subarray([...NAMES], { maxLength: 2 }),
  });
  fc.assert(
    fc.property(fc.array(move, { maxLength: 30 }), (moves) => {
      let state: LoopState = "draft";
      let isWanted = false;
      for (const { request, unmet } of moves) {
        const step = computeLoopStep(state, request, gatesWithout(...unmet));
        const before: LoopState = state;
        if (step.kind === "moved") state = step.to;
        if (request === "pause" && step.kind === "moved") isWanted = false;
        if (request === "activate" && step.kind === "moved") isWanted = true;
        if (state === "live" && before !== "live") {
          assert.ok(isWanted, `${request} in ${before}`);
          assert.deepEqual(unmet, []);
        }
        if (request === "review" && unmet.length > 0) assert.notEqual(state, "live");
      }
    }),
  );
});
