/** Preloaded: a PGlite whose file system answers fsync without doing it, as a later one might. */
import { NodeFS } from "@electric-sql/pglite/nodefs";

type PreRun = (module: { NODEFS: { stream_ops: object } }) => void;

const loseFsync: PreRun = ({ NODEFS }) => {
  Object.assign(NODEFS.stream_ops, { fsync: () => 0 });
};

const init = NodeFS.prototype.init;
NodeFS.prototype.init = async function (...args) {
  const result = await init.apply(this, args);
  const preRun = result.emscriptenOpts.preRun as unknown as PreRun[];
  // Whatever is added after this still runs, and then is undone.
  preRun.push = (...added) => Array.prototype.push.call(preRun, ...added, loseFsync);
  return result;
};
