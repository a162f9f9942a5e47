import assert from "node:assert/strict";
import { test } from "node:test";
import { moneyToText } from "./money.ts";

const inr = (amountMinor: number) => moneyToText({ amountMinor, currency: "INR" });

test("rupees are grouped as in India: thousands once, then lakhs and crores", () => {
  assert.equal(inr(0), "Rs 0");
  assert.equal(inr(99_900), "Rs 999");
  assert.equal(inr(100_000), "Rs 1,000");
  assert.equal(inr(12_345_600), "Rs 1,23,456");
  assert.equal(inr(1_234_567_800), "Rs 1,23,45,678");
});

test("paise are rounded to whole rupees, and a loss keeps its sign", () => {
  assert.equal(inr(149), "Rs 1");
  assert.equal(inr(150), "Rs 2");
  assert.equal(inr(-12_345_600), "-Rs 1,23,456");
});

test("what rounds to nothing has no sign", () => {
  assert.equal(inr(-20), "Rs 0");
  assert.equal(inr(-50), "Rs 0");
});

test("another currency has its code and groups of three", () => {
  assert.equal(moneyToText({ amountMinor: 123_456_700, currency: "EUR" }), "1,234,567 EUR");
  assert.equal(moneyToText({ amountMinor: -100_000, currency: "USD" }), "-1,000 USD");
});
