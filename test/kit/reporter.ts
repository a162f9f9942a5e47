/** Test results for people: a dot a test, every failure in full, the slowest files, a closing line. */
import { relative } from "node:path";
import { inspect } from "node:util";
import type { TestEvent } from "node:test/reporters";

const DOTS_PER_LINE = 100;
const SLOWEST = 6;

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  const notes: string[] = [];
  const files: Array<{ readonly file: string; readonly seconds: number }> = [];
  for await (const { type, data } of events) {
    if (type === "test:summary" && data.file !== undefined) {
      files.push({ file: relative(process.cwd(), data.file), seconds: data.duration_ms / 1_000 });
    }
    // What a test wants to have looked at; all else that is said is for `--test-reporter=spec`.
    if (type === "test:diagnostic" && data.message.startsWith("see ")) notes.push(data.message);
    if (type !== "test:pass" && type !== "test:fail") continue;
    if (data.details.type === "suite") continue;
    if (type === "test:fail") {
      counts.failed += 1;
      const where = `${data.file ?? ""}:${data.line ?? ""}`;
      failures.push(`${data.name}\n  ${where}\n${inspect(data.details.error.cause)}\n`);
      yield "X";
    } else if (data.skip === undefined || data.skip === false) {
      counts.passed += 1;
      yield ".";
    } else {
      counts.skipped += 1;
      yield "s";
    }
    const done = counts.passed + counts.failed + counts.skipped;
    if (done % DOTS_PER_LINE === 0) yield ` ${done}\n`;
  }
  yield "\n";
  for (const failure of failures) yield `\n${failure}`;
  const slowest = files.sort((a, b) => b.seconds - a.seconds).slice(0, SLOWEST);
  for (const note of notes) yield `${note}\n`;
  yield `slowest: ${slowest.map(({ file, seconds }) => `${file} ${seconds.toFixed(0)} s`).join(", ")}\n`;
  yield `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
}
