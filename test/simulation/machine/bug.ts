/**
 * Bugs planted on purpose, to see that the simulator finds them.
 *
 * Each is a patch in `test/simulation/bug`, in the usual form. It is put into a copy of the module graph:
 * modules asked for with `?bug=NAME` ask for their own with the same, and the patched file is changed as
 * it is loaded. Hunks are found by their lines, wherever they stand now; one that is not found, or found
 * twice, is an error that says so, because a bug that is no longer planted proves nothing.
 */
import { readdirSync, readFileSync } from "node:fs";
import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";
import type * as Machine from "./run.ts";

const FOLDER = new URL("../bug/", import.meta.url);
const ROOT = new URL("../../../", import.meta.url);
/** Loaded anew for each bug; what is below keeps its one identity. */
const PATCHED =
  /\/(?:src\/(?:engine|operation|app|core\/case|store\/table)|test\/(?:simulation\/machine|kit))\//;

export type Bug = {
  readonly name: string;
  /** What is wrong, as the head of the patch says. */
  readonly about: string;
  /** The first that finds it. */
  readonly seed: number;
  readonly hunks: ReadonlyArray<{
    readonly file: string;
    readonly find: string;
    readonly put: string;
  }>;
};

export function listBugs(): ReadonlyArray<Bug> {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith(".patch"))
    .sort()
    .map((name) =>
      parseBug(name.replace(".patch", ""), readFileSync(new URL(name, FOLDER), "utf8")),
    );
}

export function parseBug(name: string, text: string): Bug {
  const [head = "", ...files] = text.split(/^--- a\//m);
  return {
    name,
    about: head.replace(/^seed: .*$/m, "").trim(),
    seed: Number(/^seed: (.*)$/m.exec(head)?.[1]),
    hunks: files.flatMap((part) => {
      const [file = "", , ...lines] = part.split("\n");
      return lines
        .join("\n")
        .split(/^@@.*\n/m)
        .slice(1)
        .map((hunk) => ({ file, find: side(hunk, "-"), put: side(hunk, "+") }));
    }),
  };
}

/** The lines of a hunk as they stand before (`-`) or after (`+`) it. */
function side(hunk: string, sign: "-" | "+"): string {
  return hunk
    .split("\n")
    .filter((line) => line.startsWith(" ") || line.startsWith(sign))
    .map((line) => `${line.slice(1)}\n`)
    .join("");
}

export function applyBug({ name, hunks }: Bug, file: string, source: string): string {
  let text = source;
  for (const { find, put } of hunks.filter((hunk) => hunk.file === file)) {
    const times = text.split(find).length - 1;
    if (times !== 1) {
      throw new Error(
        `the bug \`${name}\` is not planted: its lines stand ${times} times in ${file}; ` +
          `mend test/simulation/bug/${name}.patch`,
      );
    }
    text = text.replace(find, () => put);
  }
  return text;
}

let isHooked = false;

/** The simulator with this bug in it. */
export async function loadWithBug(bug: Bug): Promise<typeof Machine> {
  for (const { file } of bug.hunks) {
    applyBug(bug, file, readFileSync(new URL(file, ROOT), "utf8"));
  }
  if (!isHooked) {
    isHooked = true;
    hook();
  }
  return (await import(`./run.ts?bug=${bug.name}`)) as typeof Machine;
}

function hook(): void {
  const bugs = new Map(listBugs().map((bug) => [bug.name, bug]));
  registerHooks({
    resolve(specifier, context, next) {
      const found = next(specifier, context);
      const bug = /\?bug=(.*)$/.exec(context.parentURL ?? "")?.[1];
      if (bug === undefined || found.url.includes("?") || !PATCHED.test(found.url)) return found;
      return { ...found, url: `${found.url}?bug=${bug}` };
    },
    load(url, context, next) {
      const [, path = "", name = ""] = /^(file:.*)\?bug=(.*)$/.exec(url) ?? [];
      const bug = bugs.get(name);
      if (bug === undefined) return next(url, context);
      const file = fileURLToPath(path).slice(fileURLToPath(ROOT).length);
      const source = applyBug(bug, file, readFileSync(new URL(path), "utf8"));
      return { format: "module-typescript", source, shortCircuit: true };
    },
  });
}
