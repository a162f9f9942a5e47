import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createGeography } from "./geography.ts";
import { computeResponse, type InForce, type InterventionInForce } from "./response.ts";
import { COMPANY_DEFAULTS } from "./settings.ts";

function setup(standing: { [place: string]: ReadonlyArray<InterventionInForce> }) {
  const [pincode] = createGeography({ ...COMPANY_DEFAULTS, geographies: 20 }).pincodes;
  assert.ok(pincode !== undefined);
  const places = new Map([
    [pincode.id, "pincode"],
    [pincode.district, "district"],
    [pincode.state, "state"],
    ["IN", "nation"],
  ]);
  const inForce: InForce = (subject) => standing[places.get(subject) ?? ""] ?? [];
  return computeResponse(pincode, "2026-03-01", inForce);
}

const exclude = (probeShare: number) => ({ option: "exclude_geo", parameters: { probeShare } });
const lower = (bidModifier: number) => ({ option: "lower_bid", parameters: { bidModifier } });

describe("the response to interventions", () => {
  it("is none where nothing stands, or only what changes nothing", () => {
    const untouched = { orders: 1, spend: 1, isPrepaidOnly: false, isConfirmed: false };
    assert.deepEqual(setup({}), untouched);
    assert.deepEqual(setup({ pincode: [{ option: "do_nothing", parameters: {} }] }), untouched);
  });

  it("lets paid orders fall less than spend when bids are lower", () => {
    const { orders, spend } = setup({ pincode: [lower(0.5)] });
    assert.equal(spend, 0.5);
    assert.ok(Math.abs(orders - (0.2 + 0.8 * 0.5 ** 0.7)) < 1e-12);
  });

  it("reaches a pincode from its district, its state and the nation", () => {
    for (const place of ["district", "state", "nation"]) {
      assert.equal(setup({ [place]: [exclude(0)] }).spend, 0);
    }
  });

  it("obeys the nearest bid, but an exclusion wherever it stands", () => {
    assert.equal(setup({ pincode: [lower(0.8)], state: [lower(0.3)] }).spend, 0.8);
    assert.equal(setup({ pincode: [lower(0.8)], state: [exclude(0.05)] }).spend, 0.05);
    assert.equal(setup({ pincode: [exclude(0.2)], district: [exclude(0.1)] }).spend, 0.1);
  });

  it("has cash orders confirmed, which changes neither orders nor spend", () => {
    const confirm = { option: "confirm_orders", parameters: {} };
    const response = setup({ district: [confirm] });
    assert.deepEqual(response, { orders: 1, spend: 1, isPrepaidOnly: false, isConfirmed: true });
  });

  it("turns COD off beside a lower bid", () => {
    const off = { option: "prepaid_only", parameters: {} };
    const both = setup({ pincode: [lower(0.5)], district: [off] });
    assert.ok(both.isPrepaidOnly);
    assert.equal(both.spend, 0.5);
  });
});
