/** A golden file: what was agreed, kept beside the test that reads it. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";

/**
 * Compares `lines` with `file` in this folder. A change that is meant is written with
 * `WRITE_GOLDEN=1` set, and then shows in the diff of the change that made it.
 */
export function assertGolden(file: string, lines: ReadonlyArray<string>): void {
  const path = new URL(file, import.meta.url);
  const text = `${lines.join("\n")}\n`;
  if (process.env["WRITE_GOLDEN"] === "1") writeFileSync(path, text);
  assert.deepEqual(
    text.split("\n"),
    readFileSync(path, "utf8").split("\n"),
    `test/golden/${file} is not what the code says; if that is meant, run its test with WRITE_GOLDEN=1`,
  );
}
