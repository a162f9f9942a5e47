import assert from "node:assert/strict";
import { test } from "node:test";
import { Bell } from "./bell.ts";

test("whoever waits for a name is woken when it is rung, and nobody else is", async () => {
  const bell = new Bell();
  const mine = [bell.wait("a", 1_000), bell.wait("a", 1_000)];
  const other = bell.wait("b", 30);
  bell.ring("a");
  assert.deepEqual(await Promise.all([...mine, other]), [true, true, false]);
});

test("a wait ends by itself, by its waiter leaving, and at once for one who is gone already", async () => {
  const bell = new Bell();
  const gone = new AbortController();
  const left = bell.wait("a", 60_000, gone.signal);
  gone.abort();
  assert.equal(await left, false);
  assert.equal(await bell.wait("a", 60_000, gone.signal), false);
  assert.equal(await bell.wait("a", 1), false);
});

test("a bell that is rung for nobody is not heard later", async () => {
  const bell = new Bell();
  bell.ring("a");
  assert.equal(await bell.wait("a", 10), false);
});
