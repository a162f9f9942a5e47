/** Preloaded: a PGlite whose file system does not take our fsync, as a later version might not. */
import { NodeFS } from "@electric-sql/pglite/nodefs";

const init = NodeFS.prototype.init;
NodeFS.prototype.init = async function (...args) {
  const result = await init.apply(this, args);
  const preRun = [...(result.emscriptenOpts.preRun as unknown as unknown[])];
  Object.defineProperty(preRun, "push", { value: () => preRun.length });
  return { emscriptenOpts: { ...result.emscriptenOpts, preRun } } as typeof result;
};
