import assert from "node:assert/strict";
import { test } from "node:test";
import { containersOf, isResource, overlaps, rootOf } from "./resource.ts";

test("a name is a system, a colon, and parts by slashes with nothing empty between them", () => {
  for (const name of ["ads:google/1/geo/IN-1", "ads:meta:campaign/9", "stock:SKU-7/BLR"]) {
    assert(isResource(name), name);
  }
  for (const name of [
    "",
    "ads",
    "ads/1",
    "ads:",
    "ads:/1",
    "ads:1/",
    "ads:1//2",
    "Ads:1",
    "ads:1 2",
  ]) {
    assert(!isResource(name), name);
  }
});

test("a resource overlaps itself, what contains it and what it contains, and nothing beside it", () => {
  const place = "ads:google/1/geo/IN/IN-S-bihar/IN-800001";
  assert(overlaps(place, place));
  assert(overlaps(place, "ads:google/1/geo/IN/IN-S-bihar"));
  assert(overlaps("ads:google/1", place));
  assert(!overlaps(place, "ads:google/1/geo/IN/IN-S-bihar/IN-800002"));
  assert(!overlaps(place, "ads:google/1/geo/IN/IN-S-bihar/IN-80000"), "a name is no part");
});

test("what contains a resource is found by its name, from its root down", () => {
  assert.deepEqual(containersOf("ads:g/1/2"), ["ads:g", "ads:g/1", "ads:g/1/2"]);
  assert.equal(rootOf("ads:g/1/2"), "ads:g");
});
