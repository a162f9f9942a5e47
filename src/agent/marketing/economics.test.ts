import assert from "node:assert/strict";
import { test } from "node:test";
import { InvalidDocumentError } from "../../core/document.ts";
import { computeLossPerReturn } from "../../stats/decide/contribution.ts";
import { createMarketingAgent } from "./agent.ts";
import { INPUT_NAMES, parseEconomics } from "./economics.ts";
import { ECONOMICS, readLoopDocument } from "../../../test/kit/marketing.ts";

type Draft = {
  currency: string;
  inputs: Record<string, Record<string, unknown>>;
  decision: Record<string, Record<string, unknown>>;
};

function draft(): Draft {
  return structuredClone(readLoopDocument("economics.yaml")) as Draft;
}

function problemsOf(change: (draft: Draft) => void) {
  const changed = draft();
  change(changed);
  try {
    parseEconomics(changed);
  } catch (error) {
    assert(error instanceof InvalidDocumentError);
    assert.equal(error.code, "document/invalid-shape");
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

test("the loop's economics are read, with money in minor units and every source kept", () => {
  assert.equal(ECONOMICS.inputs.netPrice.value, 88_000);
  assert.equal(ECONOMICS.inputs.recovery.value, 0.42);
  assert.equal(ECONOMICS.decision.gainMin, 40_000);
  for (const name of INPUT_NAMES) assert(ECONOMICS.inputs[name].source.length > 10, name);
});

test("a return costs what is published, Rs 180 to 240", () => {
  const order = Object.fromEntries(
    INPUT_NAMES.map((name) => [name, ECONOMICS.inputs[name].value]),
  ) as Record<(typeof INPUT_NAMES)[number], number>;
  const rupees = computeLossPerReturn(order) / 100;
  assert(rupees >= 180 && rupees <= 240, `${rupees}`);
});

test("each mistake is named with its place", () => {
  const first = (change: (draft: Draft) => void) => problemsOf(change)[0] ?? "no problem";
  assert.match(
    first((of) => delete of.inputs["recovery"]),
    /^\/inputs\/recovery: .*missing/,
  );
  assert.match(
    first((of) => (of.inputs["kappa"] = { value: 1 })),
    /^\/inputs\/kappa: `kappa` is not a field here/,
  );
  assert.match(
    first((of) => (of.inputs["recovery"]!["value"] = 42)),
    /^\/inputs\/recovery\/value: `42` is above 1/,
  );
  assert.match(
    first((of) => (of.inputs["paidShare"]!["low"] = 0.8)),
    /^\/inputs\/paidShare: 0.8 to 0.88 does not hold the value 0.75/,
  );
  assert.match(
    first((of) => (of.inputs["goods"]!["unit"] = "USD")),
    /^\/inputs\/goods\/unit: the unit must be `INR`/,
  );
  assert.match(
    first((of) => (of.decision["standingDays"]!["value"] = 2.5)),
    /^\/decision\/standingDays\/value: `2.5` is not a whole number/,
  );
  assert.match(
    first((of) => (of.decision["probeShare"]!["value"] = 0.05)),
    /^\/decision\/probeShare\/value: `0.05` is below 0.1/,
  );
  assert.match(
    first((of) => Object.assign(of.inputs["goods"]!, { value: 800, high: 850 })),
    /^\/inputs\/netPrice: a delivered order may earn less/,
  );
  assert.match(
    first((of) => delete of.inputs["recovery"]!["source"]),
    /^\/inputs\/recovery\/source: .*missing/,
  );
});

test("every mistake is told at once, not only the first", () => {
  const problems = problemsOf((of) => {
    of.inputs["goods"]!["unit"] = "USD";
    of.inputs["packing"]!["unit"] = "USD";
  });
  assert.equal(problems.length, 2);
});

test("what is no document at all is refused in words", () => {
  for (const value of [null, [], "text", 7, {}]) {
    assert.throws(() => parseEconomics(value), InvalidDocumentError);
  }
});

test("economics in another currency than the loop's are refused at the start", () => {
  assert.throws(
    () =>
      createMarketingAgent({
        facts: { readFacts: async () => undefined },
        economics: ECONOMICS,
        resourceOf: () => "",
        currency: "USD",
      }),
    /the economics are in `INR`, the loop's money is in `USD`/,
  );
});
