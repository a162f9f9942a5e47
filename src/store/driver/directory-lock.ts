/**
 * One process per data directory, enforced by the operating system.
 *
 * PGlite takes no lock, and two processes in one directory lose each other's committed rows without
 * an error. The lock here is a file lock that the kernel holds for the process and drops when the
 * process ends, however it ends: there is no stale lock to steal and so no live one is ever stolen.
 * Node has no file locks of its own, but its SQLite does, on every platform, across containers that
 * share a disk, and within one process too; an empty SQLite file held in exclusive mode is the lock.
 *
 * `owner.json` beside it says who holds it. It is for the message only and never decides.
 *
 * Left out: network file systems without locks; those are refused, not trusted.
 */
import fs from "node:fs";
import path from "node:path";
import { DatabaseSync } from "node:sqlite";
import { InterlockError } from "../../std/errors.ts";

const LOCK_FILE = "interlock.lock";
const OWNER_FILE = "owner.json";

export type DirectoryLock = { release(): void };

/** Makes the directory if need be. Throws `store/locked` when another opener holds it. */
export function lockDirectory(directory: string): DirectoryLock {
  fs.mkdirSync(directory, { recursive: true, mode: 0o700 });
  const real = fs.realpathSync(directory);
  const file = new DatabaseSync(path.join(real, LOCK_FILE), { timeout: 0 });
  try {
    file.exec("begin exclusive");
  } catch (error) {
    file.close();
    throw lockedError(directory, real, error);
  }
  const owner = { pid: process.pid, since: new Date(performance.timeOrigin).toISOString() };
  fs.writeFileSync(path.join(real, OWNER_FILE), JSON.stringify(owner));
  return {
    release() {
      if (!file.isOpen) return;
      fs.rmSync(path.join(real, OWNER_FILE), { force: true });
      file.close();
    },
  };
}

const SQLITE_BUSY = 5;

function lockedError(directory: string, real: string, error: unknown): InterlockError {
  const busy = (error as { errcode?: number }).errcode === SQLITE_BUSY;
  const pid = readOwnerPid(real);
  const owner = pid === undefined ? "another process" : `process ${pid}`;
  const message = busy
    ? `data directory \`${directory}\` is held by ${owner}`
    : `data directory \`${directory}\` cannot be locked: ${(error as Error).message}`;
  return new InterlockError("store/locked", message, {
    retry: "later",
    help: busy
      ? "stop that process, name another directory, or give several processes a PostgreSQL server"
      : "use a local disk, or a PostgreSQL server",
    cause: error,
  });
}

function readOwnerPid(real: string): number | undefined {
  try {
    const text = fs.readFileSync(path.join(real, OWNER_FILE), "utf8");
    const { pid } = JSON.parse(text) as { pid?: unknown };
    return typeof pid === "number" ? pid : undefined;
  } catch {
    return undefined;
  }
}
