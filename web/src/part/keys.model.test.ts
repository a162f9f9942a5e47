import assert from "node:assert/strict";
import { test } from "node:test";
import { readKey } from "./keys.model.ts";

const PAGES = [{ page: "today", key: "t" }, { page: "case" }];
const press = (key: string, isAfterG = false, change = {}) =>
  readKey({ key, isChord: false, isTyping: false, ...change }, isAfterG, PAGES);

test("g waits for a page's letter, which goes there; another letter goes nowhere", () => {
  assert.deepEqual(press("g"), { kind: "wait" });
  assert.deepEqual(press("t", true), { kind: "go", page: "today" });
  assert.deepEqual(press("x", true), { kind: "none" });
  assert.deepEqual(press("t"), { kind: "none" });
});

test("whoever types, or holds a key of the browser's, is left alone", () => {
  for (const key of ["g", "/", "?"]) {
    assert.notEqual(press(key).kind, "none");
    assert.deepEqual(press(key, false, { isTyping: true }), { kind: "none" });
    assert.deepEqual(press(key, false, { isChord: true }), { kind: "none" });
  }
});
