/**
 * A data directory in memory that starts out as the template, without copying it.
 *
 * PGlite can load an archive itself, but byte by byte; here each file of the archive becomes the
 * file's contents as it lies, which makes opening a database in memory about twice as fast. Tests
 * open many. The archive must not be used again afterwards: the database writes into it.
 */
import { MemoryFS, PGlite } from "@electric-sql/pglite";
import { entriesOf } from "./data-directory.ts";

type EmscriptenModule = {
  readonly FS: {
    mkdirTree(path: string): void;
    writeFile(path: string, body: Uint8Array, options: { readonly canOwn: boolean }): void;
  };
};
type PreRun = (module: EmscriptenModule) => void;

export class TemplateMemoryFs extends MemoryFS {
  readonly #template: Uint8Array;

  constructor(template: Uint8Array) {
    super();
    this.#template = template;
  }

  override async init(...args: Parameters<MemoryFS["init"]>): ReturnType<MemoryFS["init"]> {
    const result = await super.init(...args);
    const load: PreRun = ({ FS }) => {
      FS.mkdirTree(PGlite.paths.PGDATA);
      for (const { name, body } of entriesOf(this.#template)) {
        const place = `${PGlite.paths.PGDATA}/${name}`;
        if (body === undefined) FS.mkdirTree(place);
        else FS.writeFile(place, body, { canOwn: true });
      }
    };
    const preRun = result.emscriptenOpts.preRun as unknown as PreRun[];
    preRun.push(load);
    return result;
  }
}
