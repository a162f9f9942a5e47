import assert from "node:assert/strict";
import { test } from "node:test";
import { errorOfStatus, retryAfterMs } from "./answer.ts";

test("each status becomes the one code that says what the engine may do next", () => {
  const table: ReadonlyArray<readonly [number, string, string]> = [
    [301, "connector/rejected never", "connector/rejected never"],
    [400, "connector/rejected never", "connector/rejected never"],
    [401, "connector/unauthorised never", "connector/unauthorised never"],
    [403, "connector/unauthorised never", "connector/unauthorised never"],
    [404, "connector/rejected never", "connector/rejected never"],
    [408, "connector/unavailable later", "connector/unknown-outcome later"],
    [429, "connector/rate-limited later", "connector/rate-limited later"],
    [500, "connector/unavailable later", "connector/unknown-outcome later"],
    [503, "connector/unavailable later", "connector/unknown-outcome later"],
  ];
  for (const [status, onRead, onMutation] of table) {
    const read = errorOfStatus("s", "read", status, {});
    const mutation = errorOfStatus("s", "mutation", status, {});
    assert.deepEqual(
      [status, `${read.code} ${read.retry}`, `${mutation.code} ${mutation.retry}`],
      [status, onRead, onMutation],
    );
  }
});

test("an outage that states that nothing happened is safe to send again", () => {
  const error = errorOfStatus("s", "mutation", 503, { nothingHappened: true });
  assert.equal(error.code, "connector/unavailable");
});

test("the platform's own code and message are passed on, at a bounded length", () => {
  const error = errorOfStatus("s", "mutation", 400, { code: "a.B", message: "x".repeat(5_000) });
  assert.match(error.message, /^s answered 400: a\.B: xxx/);
  assert.ok(error.message.length < 400);
});

test("Retry-After is read as seconds and as a date, and nonsense is no delay", () => {
  assert.equal(retryAfterMs({ "retry-after": "7" }), 7_000);
  const date = "Mon, 05 Jan 2026 06:30:00 GMT";
  const later = "Mon, 05 Jan 2026 06:30:30 GMT";
  assert.equal(retryAfterMs({ "retry-after": later, date }), 30_000);
  assert.equal(retryAfterMs({ "retry-after": later }), undefined);
  assert.equal(retryAfterMs({ "retry-after": "soon", date }), undefined);
  assert.equal(retryAfterMs({}), undefined);
});
