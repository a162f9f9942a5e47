/**
 * The folders of packages that only the comparison needs: installed when first asked for, as their lock file
 * has it and without running anybody's install script, and never part of the product.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { sizeOf } from "./product-size.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const INSTALL_MS = 900_000;

/** `peer` holds what most rows need; the others are large, and are installed only when they are named. */
export type Folder = "peer" | "node-red" | "n8n";

export function directoryOf(folder: Folder): string {
  return folder === "peer" ? HERE : path.join(HERE, folder);
}

/** Throws what npm said where it did not work. */
export async function installFolder(folder: Folder, tell: (line: string) => void): Promise<void> {
  const directory = directoryOf(folder);
  if (isInstalled(directory)) return;
  tell(`installing the peers' packages into ${path.relative(process.cwd(), directory)}, once ...`);
  const from = performance.now();
  const npm = spawn("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
    cwd: directory,
    stdio: ["ignore", "ignore", "pipe"],
    timeout: INSTALL_MS,
  });
  let said = "";
  npm.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(npm, "close")) as [number | null];
  if (code !== 0) throw new Error(`npm ci ended with ${code}: ${said.trim().slice(0, 500)}`);
  tell(`installed in ${((performance.now() - from) / 1_000).toFixed(0)} s`);
}

/** npm writes this file last, and it is as new as the lock file that it follows. */
function isInstalled(directory: string): boolean {
  const [done, wanted] = [
    path.join(directory, "node_modules", ".package-lock.json"),
    path.join(directory, "package-lock.json"),
  ];
  return existsSync(done) && statSync(done).mtimeMs >= statSync(wanted).mtimeMs;
}

type Lock = {
  readonly packages: {
    readonly [place: string]: {
      readonly version?: string;
      readonly dependencies?: { readonly [name: string]: string };
      readonly optionalDependencies?: { readonly [name: string]: string };
    };
  };
};

/** What these packages and all that they need weigh on disk, and their versions. */
export function weigh(
  folder: Folder,
  packages: ReadonlyArray<string>,
): { readonly mb: number; readonly versions: { readonly [name: string]: string } } {
  const directory = directoryOf(folder);
  const file = path.join(directory, "node_modules", ".package-lock.json");
  const lock = JSON.parse(readFileSync(file, "utf8")) as Lock;
  const places = new Set<string>();
  const add = (name: string, from: string): void => {
    const place = findPlace(lock, name, from);
    if (place === undefined || places.has(place)) return;
    places.add(place);
    const { dependencies = {}, optionalDependencies = {} } = lock.packages[place] ?? {};
    for (const next of Object.keys({ ...dependencies, ...optionalDependencies })) add(next, place);
  };
  for (const name of packages) add(name, "");
  const bytes = [...places].reduce(
    (sum, place) => sum + sizeOf(path.join(directory, place)).onDisk,
    0,
  );
  return {
    mb: bytes / 2 ** 20,
    versions: Object.fromEntries(
      packages.map((name) => [name, lock.packages[`node_modules/${name}`]?.version ?? "unknown"]),
    ),
  };
}

/** As Node looks for it: beside whoever asks, and in each folder above. */
function findPlace(lock: Lock, name: string, from: string): string | undefined {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    const place = `${at === "" ? "" : `${at}/`}node_modules/${name}`;
    if (lock.packages[place] !== undefined) return place;
    if (at === "") return undefined;
  }
}
