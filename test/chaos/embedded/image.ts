/**
 * What a disk may hold after a power cut: a copy of the directory as it was, and on it everything that was
 * recorded until the cut, less what the disk had not been told to keep.
 *
 * The model is hard on data and kind to names: of each file, a block of 4 KB that was written since the file's
 * last fsync may be lost, which block is up to the strategy, and is then what it was at that fsync (zeros
 * where there was nothing); names and sizes survive. Left out: torn blocks, and names that are lost.
 */
import fs from "node:fs";
import path from "node:path";
import type { Random } from "../../../src/std/random.ts";
import type { Noted } from "./recorder.ts";

const BLOCK = 4_096;

export type Strategy =
  "keep all" | "lose all" | "lose half" | "lose a tenth" | "lose the log" | "fsync is ignored";

/** A file as the system sees it, and the blocks of it as the disk would have them after a cut. */
type Held = {
  bytes: Buffer;
  size: number;
  /** Blocks written since the last fsync, as they were at it. */
  readonly unsynced: Map<number, Buffer>;
  /** The same since the beginning: as if no fsync had ever done anything. */
  readonly unsyncedEver: Map<number, Buffer>;
};

export class Disk {
  readonly #base: string;
  readonly #held = new Map<string, Held>();
  readonly #removed = new Set<string>();
  readonly #folders = new Set<string>();

  /** `base` is a directory that was closed cleanly; it is read as needed and never changed. */
  constructor(base: string) {
    this.#base = base;
  }

  apply(noted: Noted): void {
    switch (noted.op) {
      case "ack":
        return;
      case "mkdir":
        this.#folders.add(noted.path);
        return;
      case "create":
        this.#removed.delete(noted.path);
        this.#held.set(noted.path, emptyFile());
        return;
      case "remove":
        this.#held.delete(noted.path);
        this.#folders.delete(noted.path);
        this.#removed.add(noted.path);
        return;
      case "rename":
        this.#held.set(noted.to, this.#hold(noted.path));
        this.#held.delete(noted.path);
        this.#removed.add(noted.path);
        this.#removed.delete(noted.to);
        return;
      case "fsync":
        // Folders are flushed too; and what was never written has nothing to flush.
        this.#held.get(noted.path)?.unsynced.clear();
        return;
      case "truncate":
        resize(this.#hold(noted.path), noted.size);
        return;
      case "write":
        write(this.#hold(noted.path), noted.at, Buffer.from(noted.data, "base64"));
    }
  }

  /** Builds the image at `target`, which must not exist. Returns how many blocks it lost. */
  build(target: string, strategy: Strategy, random: Random): number {
    fs.cpSync(this.#base, target, { recursive: true });
    for (const gone of this.#removed)
      fs.rmSync(path.join(target, gone), { recursive: true, force: true });
    for (const folder of this.#folders)
      fs.mkdirSync(path.join(target, folder), { recursive: true });
    let lost = 0;
    for (const [name, held] of this.#held) {
      const bytes = Buffer.from(held.bytes.subarray(0, held.size));
      const blocks = strategy === "fsync is ignored" ? held.unsyncedEver : held.unsynced;
      for (const [block, before] of blocks) {
        if (!isLost(strategy, name, random) || block * BLOCK >= held.size) continue;
        before.copy(bytes, block * BLOCK, 0, Math.min(BLOCK, held.size - block * BLOCK));
        lost += 1;
      }
      fs.writeFileSync(path.join(target, name), bytes, { mode: 0o600 });
    }
    return lost;
  }

  #hold(name: string): Held {
    const known = this.#held.get(name);
    if (known !== undefined) return known;
    const file = path.join(this.#base, name);
    const bytes = fs.existsSync(file) ? fs.readFileSync(file) : Buffer.alloc(0);
    const held = { ...emptyFile(), bytes, size: bytes.length };
    this.#held.set(name, held);
    return held;
  }
}

function isLost(strategy: Strategy, name: string, random: Random): boolean {
  switch (strategy) {
    case "keep all":
      return false;
    case "lose all":
    case "fsync is ignored":
      return true;
    case "lose half":
      return random.next() < 0.5;
    case "lose a tenth":
      return random.next() < 0.1;
    case "lose the log":
      return name.includes("pg_wal/");
  }
}

function emptyFile(): Held {
  return { bytes: Buffer.alloc(0), size: 0, unsynced: new Map(), unsyncedEver: new Map() };
}

function write(held: Held, at: number, data: Buffer): void {
  const end = at + data.length;
  for (let block = Math.floor(at / BLOCK); block * BLOCK < end; block++) remember(held, block);
  if (end > held.bytes.length) grow(held, end);
  // What lies between the old end and this write reads as zeros.
  if (at > held.size) held.bytes.fill(0, held.size, at);
  data.copy(held.bytes, at);
  held.size = Math.max(held.size, end);
}

function resize(held: Held, size: number): void {
  const [from, until] = [Math.min(size, held.size), Math.max(size, held.size)];
  for (let block = Math.floor(from / BLOCK); block * BLOCK < until; block++) remember(held, block);
  if (size > held.bytes.length) grow(held, size);
  if (size > held.size) held.bytes.fill(0, held.size, size);
  held.size = size;
}

function remember(held: Held, block: number): void {
  if (held.unsynced.has(block) && held.unsyncedEver.has(block)) return;
  const before = Buffer.alloc(BLOCK);
  held.bytes.subarray(block * BLOCK, Math.min((block + 1) * BLOCK, held.size)).copy(before);
  if (!held.unsynced.has(block)) held.unsynced.set(block, before);
  if (!held.unsyncedEver.has(block)) held.unsyncedEver.set(block, before);
}

function grow(held: Held, needed: number): void {
  const bytes = Buffer.alloc(Math.max(needed, 2 * held.bytes.length, 16 * BLOCK));
  held.bytes.subarray(0, held.size).copy(bytes);
  held.bytes = bytes;
}
