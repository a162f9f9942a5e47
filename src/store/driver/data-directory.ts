/**
 * The embedded database's first day: a data directory that appears whole or not at all.
 *
 * `initdb` takes a second, unpacking its result a few hundredths, so the result is kept once per user and
 * version as a template in the system's temporary directory (zstd with a checksum; a damaged or
 * foreign one is ignored and made again). A new directory is unpacked beside its place, every file
 * and folder is flushed, and only then is it renamed into place and the rename flushed too: a crash
 * leaves either nothing that counts or all of it.
 *
 * All clusters from one template share a system identifier, which matters only to replication.
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import zlib from "node:zlib";
import { MemoryFS, PGlite } from "@electric-sql/pglite";
import { assert } from "../../std/assert.ts";

/** Within the directory that the user names. */
export const PGDATA = "pgdata";
const PGDATA_UNFINISHED = "pgdata.unfinished";

/** Call only while holding the directory's lock. */
export async function ensureDataDirectory(directory: string): Promise<string> {
  const pgdata = path.join(directory, PGDATA);
  if (fs.existsSync(pgdata)) return pgdata;
  const unfinished = path.join(directory, PGDATA_UNFINISHED);
  fs.rmSync(unfinished, { recursive: true, force: true });
  const created = unpack(await readTemplate(), unfinished);
  for (const entry of created) flush(entry);
  fs.renameSync(unfinished, pgdata);
  flush(directory);
  flush(path.dirname(directory));
  return pgdata;
}

/** A tar archive of a freshly initialised, cleanly shut down data directory. */
export async function readTemplate(): Promise<Uint8Array<ArrayBuffer>> {
  const cache = templateCache();
  const cached = cache === undefined ? undefined : readCached(cache);
  if (cached !== undefined) return cached;
  const template = await buildTemplate();
  if (cache !== undefined) writeCached(cache, template);
  return template;
}

class TemplateFs extends MemoryFS {
  tar: Blob | undefined;

  override async closeFs(): Promise<void> {
    this.tar = await this.dumpTar(PGDATA, "none"); // after Postgres shut down, before memory goes
    await super.closeFs();
  }
}

async function buildTemplate(): Promise<Uint8Array<ArrayBuffer>> {
  const memory = new TemplateFs();
  const pglite = await PGlite.create({ fs: memory });
  await pglite.close();
  assert(memory.tar !== undefined, "PGlite closed without closing its file system");
  return new Uint8Array(await memory.tar.arrayBuffer());
}

/** Undefined where no directory can be trusted to be ours alone. */
function templateCache(): string | undefined {
  const uid = process.getuid?.();
  const folder = path.join(os.tmpdir(), `interlock-${uid ?? os.userInfo().username}`);
  try {
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const stat = fs.lstatSync(folder);
    const isOurs = uid === undefined || (stat.uid === uid && (stat.mode & 0o077) === 0);
    if (!stat.isDirectory() || !isOurs) return undefined;
  } catch {
    return undefined;
  }
  return path.join(folder, `pgdata-${pgliteVersion()}.tar.zst`);
}

function pgliteVersion(): string {
  const entry = fileURLToPath(import.meta.resolve("@electric-sql/pglite"));
  const manifest = fs.readFileSync(path.join(path.dirname(entry), "../package.json"), "utf8");
  return (JSON.parse(manifest) as { version: string }).version;
}

function readCached(file: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return new Uint8Array(zlib.zstdDecompressSync(fs.readFileSync(file)));
  } catch {
    return undefined; // absent, or its checksum does not hold
  }
}

function writeCached(file: string, template: Uint8Array): void {
  const own = `${file}.${process.pid}-${performance.now()}`;
  const params = { [zlib.constants.ZSTD_c_checksumFlag]: 1 };
  try {
    fs.writeFileSync(own, zlib.zstdCompressSync(template, { params }), { mode: 0o600 });
    fs.renameSync(own, file);
  } catch {
    fs.rmSync(own, { force: true }); // a cache that cannot be written costs a second, no more
  }
}

/** Returns every path created, files before the folders that hold them. */
function unpack(tar: Uint8Array, target: string): string[] {
  const files: string[] = [];
  const folders: string[] = [target];
  fs.mkdirSync(target, { mode: 0o700 });
  for (const { name, body } of entriesOf(tar)) {
    const place = path.join(target, name);
    assert(place.startsWith(target + path.sep), `template entry \`${name}\` leaves its folder`);
    if (body === undefined) {
      fs.mkdirSync(place, { recursive: true, mode: 0o700 });
      folders.push(place);
    } else {
      fs.writeFileSync(place, body, { mode: 0o600 });
      files.push(place);
    }
  }
  return [...files, ...folders.reverse()];
}

const TAR_BLOCK = 512;
const TAR_FILE = "0";
const TAR_FOLDER = "5";

/** Folders, without a body, come before what is in them. Bodies are views, not copies. */
export function* entriesOf(tar: Uint8Array): Generator<{ name: string; body?: Uint8Array }> {
  for (let at = 0; tar[at] !== 0 && at < tar.length;) {
    const header = Buffer.from(tar.buffer, tar.byteOffset + at, TAR_BLOCK);
    const name = header.toString("utf8", 0, 100).replace(/\0.*$/s, "");
    const size = parseInt(header.toString("ascii", 124, 136), 8);
    const type = String.fromCharCode(header[156] ?? 0);
    assert(type === TAR_FILE || type === TAR_FOLDER, `tar entry is of type \`${type}\``);
    const start = at + TAR_BLOCK;
    yield type === TAR_FOLDER ? { name } : { name, body: tar.subarray(start, start + size) };
    at = start + Math.ceil(size / TAR_BLOCK) * TAR_BLOCK;
  }
}

/** Makes a file's bytes, or a folder's names, outlive a power cut. */
export function flush(entry: string): void {
  if (process.platform === "win32" && fs.statSync(entry).isDirectory()) return;
  const handle = fs.openSync(entry, "r");
  try {
    fs.fsyncSync(handle);
  } finally {
    fs.closeSync(handle);
  }
}
