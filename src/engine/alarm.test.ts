import assert from "node:assert/strict";
import { test } from "node:test";
import { Alarm } from "./alarm.ts";

const LONG_MS = 60_000;

test("a ring while somebody looks for work does not let him sleep, and one before does", async () => {
  const alarm = new Alarm();
  const here = new AbortController();
  alarm.ring();
  const heard = alarm.rings;
  alarm.ring();
  await alarm.sleep(heard, LONG_MS, here.signal);
  let woken = false;
  const asleep = alarm.sleep(alarm.rings, LONG_MS, here.signal).then(() => (woken = true));
  await Promise.resolve();
  assert.equal(woken, false);
  alarm.ring();
  await asleep;
});

test("a sleeper wakes when the time is over, and when he is called away", async () => {
  const alarm = new Alarm();
  const here = new AbortController();
  await alarm.sleep(0, 1, here.signal);
  const asleep = alarm.sleep(0, LONG_MS, here.signal);
  here.abort();
  await asleep;
  await alarm.sleep(0, LONG_MS, here.signal);
});
