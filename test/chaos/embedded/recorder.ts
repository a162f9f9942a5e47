/**
 * Preloaded into a process and its threads: every write, truncation, rename, removal and fsync of files under
 * INTERLOCK_CHAOS_RECORD_UNDER is noted, in the order in which it was made, in INTERLOCK_CHAOS_RECORD. From
 * that, `image.ts` builds what a disk may hold after a power cut.
 *
 * Lines are appended by several threads; each goes to the system in one call, so their order is the true
 * one. An acknowledgement is noted after the commit it tells of was answered.
 */
import fs from "node:fs";

export type Noted =
  | { readonly op: "create" | "remove" | "fsync" | "mkdir"; readonly path: string }
  | { readonly op: "write"; readonly path: string; readonly at: number; readonly data: string }
  | { readonly op: "truncate"; readonly path: string; readonly size: number }
  | { readonly op: "rename"; readonly path: string; readonly to: string }
  | { readonly op: "ack"; readonly n: number };

const file = process.env["INTERLOCK_CHAOS_RECORD"] ?? "";
const under = process.env["INTERLOCK_CHAOS_RECORD_UNDER"] ?? "";
const log = file === "" ? undefined : fs.openSync(file, "a");
const { writeSync } = fs;

export function note(noted: Noted): void {
  if (log !== undefined) writeSync(log, `${JSON.stringify(noted)}\n`);
}

if (log !== undefined) record();

function record(): void {
  const opened = new Map<number, string>();
  /** Appending files know their own end. */
  const cursors = new Map<number, number>();
  const pathOf = (path: fs.PathLike): string | undefined =>
    String(path).startsWith(`${under}/`) ? String(path).slice(under.length + 1) : undefined;

  wrap("openSync", (open, path, flags, mode) => {
    const place = pathOf(path);
    const existed = place === undefined || fs.existsSync(path);
    const fd = open(path, flags, mode);
    if (place === undefined) return fd;
    opened.set(fd, place);
    cursors.set(fd, 0);
    if (!existed) note({ op: "create", path: place });
    const truncates =
      typeof flags === "string"
        ? flags.startsWith("w")
        : ((flags ?? 0) & fs.constants.O_TRUNC) !== 0;
    if (existed && truncates) note({ op: "truncate", path: place, size: 0 });
    return fd;
  });
  wrap("closeSync", (close, fd) => {
    opened.delete(fd);
    close(fd);
  });
  wrap("writeSync", ((write: AnyWrite, fd: number, ...rest: unknown[]) => {
    const written = write(fd, ...rest);
    const place = opened.get(fd);
    if (place === undefined) return written;
    const [buffer, offset, , position] = rest as [Uint8Array, number?, number?, number?];
    const at = position ?? cursors.get(fd) ?? 0;
    if (position === undefined || position === null) cursors.set(fd, at + written);
    const bytes = Buffer.from(buffer.buffer, buffer.byteOffset + (offset ?? 0), written);
    note({ op: "write", path: place, at, data: bytes.toString("base64") });
    return written;
  }) as never);
  wrap("fsyncSync", (fsync, fd) => {
    fsync(fd);
    const place = opened.get(fd);
    if (place !== undefined) note({ op: "fsync", path: place });
  });
  wrap("ftruncateSync", (truncate, fd, size) => {
    truncate(fd, size);
    const place = opened.get(fd);
    if (place !== undefined) note({ op: "truncate", path: place, size: size ?? 0 });
  });
  wrap("truncateSync", (truncate, path, size) => {
    truncate(path, size);
    const place = typeof path === "number" ? opened.get(path) : pathOf(path);
    if (place !== undefined) note({ op: "truncate", path: place, size: size ?? 0 });
  });
  wrap("renameSync", (rename, from, to) => {
    rename(from, to);
    const [path, place] = [pathOf(from), pathOf(to)];
    if (path !== undefined && place !== undefined) note({ op: "rename", path, to: place });
  });
  for (const name of ["unlinkSync", "rmdirSync"] as const) {
    wrap(name, ((remove: (path: fs.PathLike) => void, path: fs.PathLike) => {
      remove(path);
      const place = pathOf(path);
      if (place !== undefined) note({ op: "remove", path: place });
    }) as never);
  }
  wrap("mkdirSync", ((
    make: (...args: unknown[]) => unknown,
    path: fs.PathLike,
    ...rest: unknown[]
  ) => {
    const made = make(path, ...rest);
    const place = pathOf(path);
    if (place !== undefined) note({ op: "mkdir", path: place });
    return made;
  }) as never);
}

type AnyWrite = (fd: number, ...rest: unknown[]) => number;

type SyncName =
  | "openSync"
  | "closeSync"
  | "writeSync"
  | "fsyncSync"
  | "ftruncateSync"
  | "truncateSync"
  | "renameSync"
  | "unlinkSync"
  | "rmdirSync"
  | "mkdirSync";

function wrap<Name extends SyncName>(
  name: Name,
  by: (
    original: (typeof fs)[Name],
    ...args: Parameters<(typeof fs)[Name]>
  ) => ReturnType<(typeof fs)[Name]>,
): void {
  const original: (typeof fs)[Name] = fs[name];
  const wrapped = (...args: Parameters<(typeof fs)[Name]>) => by(original, ...args);
  Object.assign(fs, { [name]: wrapped });
}
