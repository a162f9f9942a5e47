import assert from "node:assert/strict";
import { test } from "node:test";
import {
  dayToText,
  distanceToText,
  moneyToShortText,
  sentence,
  shareToText,
  spanToText,
} from "./words.ts";

test("rupees are short from a lakh on, and whole below it", () => {
  const inr = (rupees: number) => moneyToShortText({ currency: "INR", amountMinor: rupees * 100 });
  assert.equal(inr(99_999), "Rs 99,999");
  assert.equal(inr(219_284), "Rs 2.19 lakh");
  assert.equal(inr(-1_250_000), "-Rs 12.5 lakh");
  assert.equal(inr(31_400_000), "Rs 3.14 crore");
  assert.equal(moneyToShortText({ currency: "EUR", amountMinor: 12_345_600 }), "123,456 EUR");
});

test("a span is told in the largest unit that still says something", () => {
  const hour = 3_600_000;
  assert.equal(spanToText(0), "0 seconds");
  assert.equal(spanToText(59_999), "59 seconds");
  assert.equal(spanToText(hour), "1 hour");
  assert.equal(spanToText(27 * hour), "27 hours");
  assert.equal(spanToText(49 * hour), "2 days");
  assert.equal(
    distanceToText("2026-03-04T06:00:00.000Z", "2026-03-04T02:00:00.000Z"),
    "in 4 hours",
  );
  assert.equal(
    distanceToText("2026-03-04T01:00:00.000Z", "2026-03-04T02:00:00.000Z"),
    "1 hour ago",
  );
});

test("a share has a decimal only where it is needed", () => {
  assert.deepEqual([0, 0.01, 0.0268, 0.1, 0.2917, 1].map(shareToText), [
    "0%",
    "1%",
    "2.7%",
    "10%",
    "29%",
    "100%",
  ]);
});

test("a sentence begins with a capital, a name keeps its letters", () => {
  assert.equal(sentence("value at stake is small"), "Value at stake is small.");
  assert.equal(sentence("lower_bid gains"), "lower_bid gains.");
  assert.equal(sentence("google-ads, storefront answered"), "google-ads, storefront answered.");
  assert.equal(sentence("Why?"), "Why?");
});

test("a day of the business is the same day in every zone", () => {
  assert.equal(dayToText("2026-02-27"), "Fri, 27 Feb 2026");
});
