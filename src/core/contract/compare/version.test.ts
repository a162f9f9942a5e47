import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVersions } from "./version.ts";

/** Rising; the middle part is the very example of semver.org, rule 11. */
const RISING = [
  "0.9.9",
  "1.0.0-alpha",
  "1.0.0-alpha.1",
  "1.0.0-alpha.beta",
  "1.0.0-beta",
  "1.0.0-beta.2",
  "1.0.0-beta.11",
  "1.0.0-rc.1",
  "1.0.0",
  "1.0.2",
  "1.0.10",
  "1.2.0",
  "1.10.0",
  "2.0.0",
  "10.0.0",
];

test("versions stand in the order of semver.org, whichever way they are asked", () => {
  for (const [i, a] of RISING.entries()) {
    for (const [j, b] of RISING.entries()) {
      assert.equal(Math.sign(compareVersions(a, b)), Math.sign(i - j), `${a} and ${b}`);
    }
  }
});

test("a build name makes a version neither older nor newer", () => {
  assert.equal(compareVersions("1.0.0+one", "1.0.0+two"), 0);
  assert.equal(compareVersions("1.0.0-rc.1+x", "1.0.0-rc.1"), 0);
});
