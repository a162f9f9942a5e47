/**
 * The rules of the house that a program can check: what may import what, where purity must hold, and
 * that every folder is one we know.
 *
 * Imports are read with a regular expression, so the check also refuses dynamic imports of what is not
 * written out, which it could not see through.
 */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** Folder -> the folders it may import besides itself, and the packages it may use. */
const HOUSE: Record<string, { mayImport: string[]; packages: string[] }> = {
  "src/std": { mayImport: [], packages: ["@noble/hashes", "@noble/curves", "temporal-polyfill"] },
  "src/core": { mayImport: ["src/std"], packages: ["ajv", "ajv-formats", "yaml"] },
  "src/stats": { mayImport: ["src/core", "src/std"], packages: [] },
  "src/store": {
    mayImport: ["src/core", "src/std"],
    packages: ["node:", "pg", "@electric-sql/pglite"],
  },
  "src/agent": { mayImport: ["src/stats", "src/core", "src/std"], packages: [] },
  "src/connector": {
    mayImport: ["src/stats", "src/core", "src/std"],
    packages: [
      "node:",
      "undici",
      "ipaddr.js",
      "@slack/web-api",
      "standardwebhooks",
      "nodemailer",
      "postal-mime",
      "csv-parse",
      "hyparquet",
      "hyparquet-compressors",
      "hyparquet-writer",
      "ajv",
      "ajv-formats",
    ],
  },
  "src/engine": {
    mayImport: ["src/store", "src/stats", "src/core", "src/std"],
    packages: ["node:"],
  },
  "src/operation": {
    mayImport: ["src/engine", "src/store", "src/stats", "src/core", "src/std"],
    packages: [],
  },
  "src/server": {
    mayImport: ["src/operation", "src/engine", "src/store", "src/core", "src/std"],
    packages: [
      "node:",
      "hono",
      "@hono/node-server",
      "@simplewebauthn/server",
      "openid-client",
      "rate-limiter-flexible",
      "prom-client",
    ],
  },
  loops: {
    mayImport: ["src/engine", "src/agent", "src/stats", "src/core", "src/std"],
    packages: ["node:"],
  },
  twin: { mayImport: ["src/core", "src/std"], packages: ["node:", "smtp-server", "postal-mime"] },
  "src/app": {
    mayImport: [
      "loops",
      "twin",
      "src/server",
      "src/operation",
      "src/engine",
      "src/agent",
      "src/connector",
      "src/store",
      "src/stats",
      "src/core",
      "src/std",
    ],
    packages: ["node:"],
  },
  "src/cli": {
    mayImport: ["src/app", "src/operation", "src/stats", "src/core", "src/std"],
    packages: ["node:", "commander", "picocolors"],
  },
  "web/src": {
    mayImport: ["src/stats", "src/core", "src/std"],
    packages: ["react", "react-dom", "@tanstack/react-query", "echarts", "@simplewebauthn/browser"],
  },
};
/** Runs in a browser, so of these it may only know the types. */
const WEB_TYPES_OF = ["src/operation", "src/engine", "src/store"];

const IMPORT =
  /^\s*(?:import|export)\s(?<type>type\s)?[^;]*?from\s+"([^"]+)"|^\s*import\s+"([^"]+)"|\bimport\("([^"]+)"\)/gm;
const DYNAMIC_IMPORT = /\bimport\((?!")/;
/** The clock and chance come in as arguments; these would let them in by the window. */
const IMPURE = /\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\bprocess\./;

function listFiles(directory: string): string[] {
  return readdirSync(join(ROOT, directory), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

function sourceFiles(): string[] {
  return ["src", "loops", "twin", "web/src"]
    .flatMap(listFiles)
    .filter((file) => !file.endsWith(".test.ts"));
}

function roomOf(file: string): string | undefined {
  return Object.keys(HOUSE).find((room) => file.startsWith(`${room}/`));
}

export function findStrayImports(file: string, text: string): string[] {
  const room = roomOf(file);
  const rule = room === undefined ? undefined : HOUSE[room];
  if (room === undefined || rule === undefined) {
    return file === "src/index.ts"
      ? []
      : [`${file}: stands in a folder that the house does not know`];
  }
  const complaints = DYNAMIC_IMPORT.test(text) ? [`${file}: imports dynamically`] : [];
  for (const match of text.matchAll(IMPORT)) {
    const target = match[2] ?? match[3] ?? match[4] ?? "";
    if (target.startsWith(".")) {
      const to = roomOf(relative(ROOT, join(ROOT, dirname(file), target)));
      if (to !== undefined && (to === room || rule.mayImport.includes(to))) continue;
      const isType = match.groups?.["type"] !== undefined;
      if (room === "web/src" && isType && WEB_TYPES_OF.includes(to ?? "")) continue;
      if (room === "web/src" && target.endsWith(".css")) continue;
      complaints.push(`${file}: \`${room}\` may not import \`${to ?? target}\``);
    } else if (!rule.packages.some((name) => isOfPackage(target, name))) {
      complaints.push(`${file}: \`${room}\` may not use the package \`${target}\``);
    }
  }
  return complaints;
}

function isOfPackage(target: string, name: string): boolean {
  return name.endsWith(":")
    ? target.startsWith(name)
    : target === name || target.startsWith(`${name}/`);
}

test("every folder imports only the folders below it and the packages it is allowed", () => {
  const complaints = sourceFiles().flatMap((file) =>
    findStrayImports(file, readFileSync(join(ROOT, file), "utf8")),
  );
  assert.deepEqual(complaints, []);
});

test("the import check sees an upward import, a stray package and a dynamic import", () => {
  assert.deepEqual(
    findStrayImports(
      "src/core/x.ts",
      'import { y } from "../store/y.ts";\nimport fs from "node:fs";',
    ),
    [
      "src/core/x.ts: `src/core` may not import `src/store`",
      "src/core/x.ts: `src/core` may not use the package `node:fs`",
    ],
  );
  assert.deepEqual(findStrayImports("src/core/x.ts", "const a = await import(file);"), [
    "src/core/x.ts: imports dynamically",
  ]);
  assert.deepEqual(findStrayImports("src/core/x.ts", 'const a = await import("../cli/b.ts");'), [
    "src/core/x.ts: `src/core` may not import `src/cli`",
  ]);
  assert.equal(findStrayImports("src/misc/x.ts", "").length, 1);
});

test("core, stats and agents read neither the clock nor chance", () => {
  const impure = sourceFiles()
    .filter((file) => /^src\/(core|stats|agent)\//.test(file))
    .filter((file) => IMPURE.test(stripComments(readFileSync(join(ROOT, file), "utf8"))));
  assert.deepEqual(impure, []);
});

test("no connector imports another connector", () => {
  const complaints = listFiles("src/connector").flatMap((file) => {
    const own = file.split("/")[2] ?? "";
    const text = readFileSync(join(ROOT, file), "utf8");
    return [...text.matchAll(/from "\.\.\/([a-z-]+)\//g)]
      .map((match) => match[1] ?? "")
      .filter((other) => other !== own && other !== "kit" && !file.endsWith(".test.ts"))
      .map((other) => `${file} imports ${other}`);
  });
  assert.deepEqual(complaints, []);
});

test("no source line is longer than 120 characters", () => {
  const long = sourceFiles().flatMap((file) =>
    readFileSync(join(ROOT, file), "utf8")
      .split("\n")
      .flatMap((line, index) => (line.length > 120 ? [`${file}:${index + 1}`] : [])),
  );
  assert.deepEqual(long, []);
});

test("the words of unfinished work stand nowhere in the source", () => {
  const marks = sourceFiles().filter((file) =>
    /\b(TODO|FIXME|XXX|HACK)\b/.test(readFileSync(join(ROOT, file), "utf8")),
  );
  assert.deepEqual(marks, []);
});

function stripComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
}
