/**
 * The docs hold together: every relative link leads somewhere, every npm script that is named exists, and
 * every test that is quoted as evidence is there.
 */
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

/** The anchor under which a heading can be linked to. */
function anchorOf(heading: string): string {
  const words = heading.toLowerCase().replace(/[^\p{L}\p{N}\s-]/gu, "");
  return words.trim().replace(/\s/g, "-");
}

test("every link to a heading in the docs leads to one", () => {
  const anchorsOf = (page: string) =>
    [...readFileSync(page, "utf8").matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
      anchorOf(heading),
    );
  const broken = listPages().flatMap((page) =>
    [...readFileSync(join(ROOT, page), "utf8").matchAll(/\]\(([^)#\s:]*)#([^)\s]+)\)/g)]
      .map(([, file = "", anchor = ""]) => ({
        target: file === "" ? join(ROOT, page) : join(ROOT, dirname(page), file),
        anchor,
      }))
      .filter(({ target, anchor }) => !existsSync(target) || !anchorsOf(target).includes(anchor))
      .map(({ anchor }) => `${page}: #${anchor}`),
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

/**
 * Links to a test, each with the names that are quoted behind it up to the next link:
 * `[text](path.ts) "a name", "another …"`, where `…` stands for what a name is filled in with.
 */
function quotedTests(text: string): Array<{ file: string; name: string }> {
  const links = /\]\(([^)\s]*\/test\/[^)\s]+\.ts|test\/[^)\s]+\.ts|[^)\s]+\.test\.ts)\)([^\]|]*)/g;
  return [...text.matchAll(links)].flatMap(([, file = "", behind = ""]) =>
    [...behind.matchAll(/"([^"]+)"/g)].map(([, name = ""]) => ({
      file,
      name: name.replace(/\s+/g, " "),
    })),
  );
}

function isNamed(source: string, name: string): boolean {
  const escaped = name.split("…").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`["\`]${escaped.join("\\$\\{[^}]+\\}")}["\`]`).test(source);
}

test("every test that the docs quote as evidence exists under that name", () => {
  const quoted = listPages().flatMap((page) =>
    quotedTests(readFileSync(join(ROOT, page), "utf8")).map(({ file, name }) => ({
      page,
      file: join(ROOT, dirname(page), file),
      name,
    })),
  );
  assert(quoted.length > 30, `only ${quoted.length} tests are quoted`);
  const gone = quoted
    .filter(({ file, name }) => !isNamed(readFileSync(file, "utf8"), name))
    .map(({ page, file, name }) => `${page}: "${name}" is not in ${file}`);
  assert.deepEqual(gone, []);
});

test("a quoted test is found by its whole name only", () => {
  const source = 'test("a fact holds", f); test(`after ${what}, it names ${entry}`, f);';
  assert(isNamed(source, "a fact holds"));
  assert(isNamed(source, "after …, it names …"));
  assert(!isNamed(source, "a fact"));
  assert(!isNamed(source, "after …, it names"));
  assert.deepEqual(quotedTests('| [x](test/x.test.ts) "one", "two …"; [y](docs/y.md) "no" |'), [
    { file: "test/x.test.ts", name: "one" },
    { file: "test/x.test.ts", name: "two …" },
  ]);
});
