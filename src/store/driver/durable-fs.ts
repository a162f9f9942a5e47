/**
 * PGlite's directory on disk, with the fsync that PGlite leaves out.
 *
 * PGlite hands Postgres a file system whose fsync does nothing, so what it acknowledges survives a
 * killed process but not a power cut. Here fsync reaches the disk, is counted, and a failing one
 * ends the worker before Postgres can say COMMIT: the log on disk is then the truth, and the next
 * opening recovers from it.
 *
 * INVARIANT (ack-is-durable): a failed fsync is never answered. `ErrnoError(29)` is EIO as the
 * compiled Postgres knows it; any other kind of throw it would take for success.
 *
 * Left out: disks that lie about their cache. On macOS Node's fsync asks for a full flush.
 */
import fs from "node:fs";
import { NodeFS } from "@electric-sql/pglite/nodefs";

const EIO = 29;

type Stream = { readonly nfd: number };
type EmscriptenModule = {
  readonly FS: { readonly ErrnoError: new (errno: number) => Error };
  readonly NODEFS: { readonly stream_ops: object };
};
type PreRun = (module: EmscriptenModule) => void;

export class DurableNodeFs extends NodeFS {
  readonly #onFsync: () => void;
  readonly #onFailure: (error: unknown) => void;

  /** `onFailure` must not return in a worker; if it does, Postgres is told EIO and panics. */
  constructor(directory: string, onFsync: () => void, onFailure: (error: unknown) => void) {
    super(directory);
    this.#onFsync = onFsync;
    this.#onFailure = onFailure;
  }

  override async init(...args: Parameters<NodeFS["init"]>): ReturnType<NodeFS["init"]> {
    const result = await super.init(...args);
    const addFsync: PreRun = ({ FS, NODEFS }) => {
      const fsync = (stream: Stream): number => {
        try {
          fs.fsyncSync(stream.nfd);
        } catch (error) {
          this.#onFailure(error);
          throw new FS.ErrnoError(EIO);
        }
        this.#onFsync();
        return 0;
      };
      Object.assign(NODEFS.stream_ops, { fsync });
    };
    const preRun = result.emscriptenOpts.preRun as unknown as PreRun[];
    preRun.push(addFsync);
    return result;
  }
}
