/** What the figures were taken on: a figure without its machine says nothing. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import os from "node:os";

export type Machine = {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  /** Runnable processes of everybody, averaged over a minute, before the bench began. */
  readonly loadBefore: number;
  readonly system: string;
  readonly disk: string;
  readonly versions: { readonly [name: string]: string };
  readonly at: string;
};

export function readMachine(directory: string): Machine {
  return {
    cpu: os.cpus()[0]?.model.trim() ?? "unknown",
    cores: os.availableParallelism(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    loadBefore: os.loadavg()[0] ?? 0,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    disk: readFileSystem(directory),
    versions: {
      node: process.versions.node,
      interlock: versionOf("../package.json"),
      pglite: versionOf("../node_modules/@electric-sql/pglite/package.json"),
      ajv: versionOf("../node_modules/ajv/package.json"),
    },
    at: new Date().toISOString(),
  };
}

function versionOf(file: string): string {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}

/** The file system's type matters: on one that lives in memory a durable commit costs nothing. */
function readFileSystem(directory: string): string {
  try {
    const lines = execFileSync("df", ["-PT", directory], { encoding: "utf8" }).trim().split("\n");
    return lines.at(-1)?.split(/\s+/)[1] ?? "unknown";
  } catch {
    return "unknown";
  }
}
