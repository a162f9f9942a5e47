import assert from "node:assert/strict";
import { test } from "node:test";
import { listParts, sortGates } from "./loop.model.ts";

test("the parts of a loop add up to what was accepted, in words and with a tone", () => {
  const parts = listParts({
    accepted: 9,
    open: 4,
    openByState: { held: 1, watching: 3 },
    closed: { helped: 4, failed: 1, expired: 0 },
  });
  assert.deepEqual(
    parts.map(({ words, tone, count }) => [words, tone, count]),
    [
      ["waits for votes", "wait", 1],
      ["acted, stands", "good", 3],
      ["helped", "good", 4],
      ["failed", "bad", 1],
    ],
  );
});

test("a gate that does not hold is shown before those that do", () => {
  const gates = [
    { holds: true, n: 1 },
    { holds: false, n: 2 },
    { holds: true, n: 3 },
  ];
  assert.deepEqual(
    sortGates(gates).map(({ n }) => n),
    [2, 1, 3],
  );
});
