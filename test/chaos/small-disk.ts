/**
 * A disk small enough to be filled: a file system in memory, mounted for one run. Mounting takes root;
 * where that is not given there is none.
 */
import { execFile } from "node:child_process";
import fs from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const CHUNK = Buffer.alloc(1024 * 1024);

export type SmallDisk = {
  readonly directory: string;
  /** Takes all that is free, and goes on taking what others give back. */
  fill(): Promise<void>;
  /** Gives it all back. */
  free(): Promise<void>;
  unmount(): Promise<void>;
};

export async function mountSmallDisk(megabytes: number): Promise<SmallDisk | undefined> {
  const directory = await fs.mkdtemp(path.join(os.tmpdir(), "interlock-disk-"));
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m,mode=0755`, "tmpfs", directory]);
  } catch {
    await fs.rm(directory, { recursive: true, force: true });
    return undefined;
  }
  const filler = path.join(directory, "filler");
  return {
    directory,
    async fill() {
      const file = await fs.open(filler, "a");
      try {
        for (let size = CHUNK.length; size >= 1;) {
          const isWritten = await file.write(CHUNK, 0, size).then(
            () => true,
            () => false,
          );
          if (!isWritten) size = Math.floor(size / 2);
        }
      } finally {
        await file.close();
      }
    },
    free: () => fs.rm(filler, { force: true }),
    async unmount() {
      await run("umount", [directory]);
      await fs.rmdir(directory);
    },
  };
}
