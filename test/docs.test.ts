/** The docs hold together: every relative link leads somewhere, every npm script that is named exists. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("..", import.meta.url));

function listPages(): string[] {
  const inFolder = (folder: string) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(folder, name));
  const top = readdirSync(ROOT).filter((name) => name.endsWith(".md"));
  return [...top, ...inFolder("docs"), ...inFolder("loops")];
}

test("every relative link in the docs leads to a file", () => {
  const broken = listPages().flatMap((page) =>
    [...readFileSync(join(ROOT, page), "utf8").matchAll(/\]\(([^)#\s]+)[^)]*\)/g)]
      .map((match) => match[1] ?? "")
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => !existsSync(join(ROOT, dirname(page), link)))
      .map((link) => `${page}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

test("every npm script that the docs name exists", () => {
  const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  const unknown = listPages().flatMap((page) =>
    [...readFileSync(join(ROOT, page), "utf8").matchAll(/npm run (?:-s )?([a-z:]+)/g)]
      .map((match) => match[1] ?? "")
      .filter((script) => scripts[script] === undefined)
      .map((script) => `${page}: ${script}`),
  );
  assert.deepEqual(unknown, []);
});
