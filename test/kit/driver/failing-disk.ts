/**
 * Preloaded into a child and its threads: once the file named by INTERLOCK_TEST_EIO exists, every
 * fsync fails as a dying disk fails it.
 */
import fs from "node:fs";

const trigger = process.env["INTERLOCK_TEST_EIO"] ?? "";
const fsyncSync = fs.fsyncSync;
fs.fsyncSync = (handle) => {
  if (!fs.existsSync(trigger)) return fsyncSync(handle);
  throw Object.assign(new Error("EIO: i/o error, fsync"), { code: "EIO" });
};
