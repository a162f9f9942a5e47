import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InterlockError } from "../../src/std/errors.ts";
import { checkSettings, COMPANY_DEFAULTS } from "./settings.ts";

describe("the company's settings", () => {
  it("fill up with defaults", () => {
    assert.deepEqual(checkSettings({}), COMPANY_DEFAULTS);
    assert.equal(checkSettings({ seed: 9 }).seed, 9);
  });

  const WRONG: ReadonlyArray<readonly [string, { [name: string]: unknown }, RegExp]> = [
    ["too few geographies", { geographies: 19 }, /geographies is `19`.*20/],
    ["half a pincode", { geographies: 20.5 }, /whole number/],
    ["a negative seed", { seed: -1 }, /seed/],
    ["a share above 1", { breaksPerMonth: 1.5 }, /breaksPerMonth.*0 to 1/],
    ["a number that is none", { ordersPerDay: Number.NaN }, /ordersPerDay is `NaN`/],
    ["a history as long as the run", { days: 30, historyDays: 30 }, /historyDays.*1 to 29/],
    ["a day that does not exist", { startDay: "2026-02-30" }, /startDay is `2026-02-30`/],
    ["a setting that does not exist", { pincodes: 5 }, /no setting `pincodes`/],
  ];
  for (const [name, given, message] of WRONG) {
    it(`refuse ${name}`, () => {
      assert.throws(
        () => checkSettings(given),
        (thrown) =>
          thrown instanceof InterlockError &&
          thrown.code === "twin/invalid-setting" &&
          message.test(thrown.message),
      );
    });
  }
});
