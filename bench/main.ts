/**
 * The bench: `npm run bench`, with the names of sections to run only those, `--quick` for a short run,
 * `--seeds` to draw other worlds and `--json` for programs.
 *
 * Progress goes to standard error, results to standard output as each section ends. Everything it
 * starts it stops, and its directory is removed.
 */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { createOutput, errorToScreen } from "../src/cli/output.ts";
import { InterlockError } from "../src/std/errors.ts";
import { decide } from "./decide/section.ts";
import { detect } from "./detect/section.ts";
import { file } from "./file/section.ts";
import { ledger } from "./ledger/section.ts";
import { outcome } from "./outcome/section.ts";
import { createPeersSection } from "./peer/section.ts";
import { real } from "./real/section.ts";
import type { BenchContext, Section, SectionReport } from "./section.ts";
import { speed } from "./speed.ts";
import { web } from "./web/section.ts";
import { year } from "./year/section.ts";

const SEED_MAX = 2 ** 31;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
    seeds: { type: "string" },
    /** Where the durable store is put; a file system in memory would flatter it. */
    directory: { type: "string", default: os.tmpdir() },
    /** These are of the section `peers` alone. */
    only: { type: "string" },
    all: { type: "boolean", default: false },
    rounds: { type: "string" },
    markdown: { type: "boolean", default: false },
    write: { type: "boolean", default: false },
  },
});
// Progress is wanted from a long run even when its result is for a program.
const { progress } = createOutput(false);
const peers = createPeersSection(
  { only: values.only, rounds: values.rounds, ...values },
  (line) => {
    progress.end();
    process.stderr.write(`${line}\n`);
  },
);
const SECTIONS: ReadonlyArray<Section> = [
  outcome,
  speed,
  detect,
  decide,
  file,
  real,
  web,
  peers,
  ledger,
  year,
];
if (values.help) {
  process.stdout.write(
    "npm run -s bench -- [SECTION...] [--seeds 1,2,3] [--quick] [--json] [--directory WHERE]\n" +
      "npm run -s bench -- peers [--only NAME,...] [--all] [--rounds N] [--markdown] [--write]\n\n" +
      SECTIONS.map(({ name, words }) => `  ${name.padEnd(10)} ${words}\n`).join(""),
  );
  process.exit(0);
}
const chosen = chooseSections(positionals);
const seeds = parseSeeds(values.seeds);
const output = createOutput(values.json);
const directory = mkdtempSync(path.join(values.directory, "interlock-bench-"));
const context: BenchContext = {
  seeds,
  quick: values.quick,
  directory,
  report: (label) => (done, total) => {
    progress.report(label, done, total);
    if (done === total) progress.end();
  },
};
try {
  const reports: Record<string, SectionReport["json"]> = {};
  for (const section of chosen) {
    const { json, text } = await section.run(context);
    progress.end();
    reports[section.name] = json;
    if (!values.json) process.stdout.write(`${section.name}: ${section.words}\n\n${text}\n\n`);
  }
  if (values.json) output.result(reports, () => "");
} catch (error) {
  if (!(error instanceof InterlockError)) throw error;
  progress.end();
  process.stderr.write(`${errorToScreen(error)}\n`);
  process.exitCode = 2;
} finally {
  progress.end();
  rmSync(directory, { recursive: true, force: true });
}

function chooseSections(names: ReadonlyArray<string>): ReadonlyArray<Section> {
  const stranger = names.find((name) => !SECTIONS.some((section) => section.name === name));
  if (stranger !== undefined) {
    const known = SECTIONS.map(({ name }) => name).join(", ");
    fail(`the bench has no section \`${stranger}\``, `its sections are ${known}`);
  }
  if (names.length === 0) return SECTIONS.filter(({ isOnDemand }) => isOnDemand !== true);
  return SECTIONS.filter(({ name }) => names.includes(name));
}

function parseSeeds(text: string | undefined): ReadonlyArray<number> | undefined {
  if (text === undefined) return undefined;
  return text.split(",").map((part) => {
    const seed = Number(part);
    if (part.trim() === "" || !Number.isInteger(seed) || seed < 0 || seed >= SEED_MAX) {
      fail(`\`${part}\` is not a seed`, `--seeds takes whole numbers from 0, as in 1,2,3`);
    }
    return seed;
  });
}

function fail(message: string, help: string): never {
  process.stderr.write(`error  ${message}\nhelp   ${help}\n`);
  process.exit(2);
}
