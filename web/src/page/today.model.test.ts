import assert from "node:assert/strict";
import { test } from "node:test";
import type { VoteLine } from "../../../src/operation/show-today.ts";
import { groupVotes, sumMoney } from "./today.model.ts";

const LINE = { loop: "a", party: "marketing", option: "lower_bid", rule: "big" } as VoteLine;

test("questions to one party about one option under one rule are one group; any difference is another", () => {
  const groups = groupVotes([
    { ...LINE, id: "1" },
    { ...LINE, id: "2", party: "logistics" },
    { ...LINE, id: "3" },
    { ...LINE, id: "4", rule: "bigger" },
    { ...LINE, id: "5", loop: "b" },
    { ...LINE, id: "6", option: "exclude_geo" },
  ]);
  assert.deepEqual(
    groups.map(({ lines }) => lines.map(({ id }) => id)),
    [["1", "3"], ["2"], ["4"], ["5"], ["6"]],
  );
});

test("money of one currency is added up, and no other is mixed in", () => {
  const inr = { currency: "INR", amountMinor: 150 };
  assert.deepEqual(sumMoney([inr, null, { currency: "USD", amountMinor: 1 }, inr]), {
    currency: "INR",
    amountMinor: 300,
  });
  assert.equal(sumMoney([null]), undefined);
});
