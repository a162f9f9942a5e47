/**
 * How full is too full.
 *
 * Postgres panics when its log has no room, so writes stop while there is still enough to finish
 * what runs, checkpoint and close: under 512 MB, or 5 % on disks where that is more. The 5 % is
 * capped, because 50 GB free on a 1 TB laptop is not a full disk.
 */
import fs from "node:fs/promises";

const MB = 1024 * 1024;
export const FREE_BYTES_MIN = 512 * MB;
export const FREE_SHARE_MIN = 0.05;
export const FREE_BYTES_ENOUGH = 5 * 1024 * MB;

export type DiskSpace = { readonly freeBytes: number; readonly totalBytes: number };
export type ReadDiskSpace = (directory: string) => Promise<DiskSpace>;

export const readDiskSpace: ReadDiskSpace = async (directory) => {
  const stat = await fs.statfs(directory);
  return { freeBytes: stat.bavail * stat.bsize, totalBytes: stat.blocks * stat.bsize };
};

/** Free bytes under which no transaction may write. */
export function computeSpaceFloor(totalBytes: number): number {
  const share = Math.min(totalBytes * FREE_SHARE_MIN, FREE_BYTES_ENOUGH);
  return Math.max(share, FREE_BYTES_MIN);
}
