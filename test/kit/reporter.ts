/** Test results for people: a dot a test, every failure in full, and one closing line. */
import { inspect } from "node:util";
import type { TestEvent } from "node:test/reporters";

const DOTS_PER_LINE = 100;

export default async function* report(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  const failures: string[] = [];
  for await (const { type, data } of events) {
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
  yield `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`;
}
