/**
 * `npm run chaos`: real faults on real processes, and what must be true after them.
 *
 *   npm run -s chaos                                   rounds of mixed faults
 *   npm run -s chaos -- kills --cases 2000 --seed 7    another scenario, smaller
 *   npm run -s chaos -- --list                         the scenarios
 *
 * Progress goes to stderr, the table (or `--json`) to stdout; it ends with 1 when something does not hold.
 * Whatever it starts it stops, and it listens on loopback only.
 */
import { parseArgs } from "node:util";
import { defaultScenario, quickScenario } from "./scenario/rounds.ts";
import { embedded } from "./scenario/embedded.ts";
import { fence } from "./scenario/fence.ts";
import { full } from "./scenario/full.ts";
import { kills } from "./scenario/kills.ts";
import { million } from "./scenario/million.ts";
import { reportToText } from "./report.ts";
import { Stage } from "./stage.ts";
import type { Scenario } from "./scenario/scenario.ts";

const SCENARIOS: ReadonlyArray<Scenario> = [
  defaultScenario,
  quickScenario,
  kills,
  fence,
  million,
  full,
  embedded,
];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: "string", default: "1" },
    rounds: { type: "string" },
    cases: { type: "string" },
    signals: { type: "string" },
    minutes: { type: "string" },
    every: { type: "string" },
    json: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
  },
});

for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void Stage.closeEvery().then(() => process.exit(130)));
}

if (values.list) {
  for (const { name, words } of SCENARIOS) process.stdout.write(`${name.padEnd(10)} ${words}\n`);
} else {
  await runAll(positionals.length === 0 ? ["default"] : positionals);
}

async function runAll(names: ReadonlyArray<string>): Promise<void> {
  const reports = [];
  for (const name of names) {
    const scenario = SCENARIOS.find((one) => one.name === name);
    if (scenario === undefined) throw new Error(`no scenario is named \`${name}\`: see --list`);
    const say = (line: string) => process.stderr.write(`${name}: ${line}\n`);
    say(scenario.words);
    const report = await scenario.run({
      seed: numberOf("seed") ?? 1,
      rounds: numberOf("rounds"),
      cases: numberOf("cases"),
      signals: numberOf("signals"),
      minutes: numberOf("minutes"),
      every: numberOf("every"),
      say,
    });
    reports.push(report);
    if (!values.json) process.stdout.write(`${reportToText(report)}\n`);
  }
  if (values.json) process.stdout.write(`${JSON.stringify(reports)}\n`);
  if (reports.some(({ holds }) => !holds)) process.exitCode = 1;
}

function numberOf(
  name: "seed" | "rounds" | "cases" | "signals" | "minutes" | "every",
): number | undefined {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} takes a number`);
  return value;
}
