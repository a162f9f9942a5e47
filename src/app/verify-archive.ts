/**
 * Verifies an archive where there is nothing but its files and the ledger's key.
 *
 * Month by month: the manifest under a signed head, each file against its hash, then every entry through
 * the one tree, which has to come to each root that was signed. What is missing, added, cut short or changed
 * is named by month and file; an entry by its number.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { scanParquet } from "../connector/table-file/index.ts";
import {
  type ArchiveStatement,
  findManifestFault,
  hashStatement,
  readManifest,
} from "../core/ledger/archive.ts";
import { readHead } from "../core/ledger/head.ts";
import { computeRoot, EMPTY_TREE, type Tree } from "../core/ledger/tree.ts";
import { type KnownRoots, verifyTexts } from "../core/ledger/verify.ts";
import { isSigned } from "../core/sign/envelope.ts";
import { type PublicKey, readPublicKey } from "../core/sign/ssh-key.ts";
import { InterlockError } from "../std/errors.ts";
import type { Hash } from "../std/hash.ts";
import { isMonth, type Month } from "../std/time.ts";
import { NATIVE_HASHER } from "../store/tree-hasher.ts";
import { ARCHIVE_FILES, hashFile, MANIFEST_FILE } from "./archive-month.ts";

export type ArchiveFault = {
  readonly month: Month;
  /** Undefined where an entry is at fault, or the month as a whole. */
  readonly file?: string;
  readonly n?: number;
  readonly why: string;
};

export type ArchivedMonth = { readonly month: Month; readonly statement: Hash };

export type ArchiveCheck = {
  readonly verified: boolean;
  readonly months: ReadonlyArray<ArchivedMonth>;
  /** The ledger after the last entry that holds. */
  readonly until: Tree;
  readonly root: Hash;
  /** Signed heads whose roots the entries make. */
  readonly heads: number;
  readonly firstBad: ArchiveFault | null;
};

/** Throws `archive/bad-file` where there is no archive at all. */
export async function verifyArchive(
  directory: string,
  trusted: ReadonlyArray<PublicKey>,
  known: KnownRoots,
  onPage: (done: number) => void,
): Promise<ArchiveCheck> {
  const keys = [...trusted];
  const months: ArchivedMonth[] = [];
  let until: Tree = EMPTY_TREE;
  let heads = 0;
  const report = (firstBad: ArchiveFault | null): ArchiveCheck => ({
    ...{ verified: firstBad === null, months, until, heads, firstBad },
    root: computeRoot(until, NATIVE_HASHER),
  });
  for (const month of listMonths(directory)) {
    const checked = await verifyMonth(directory, month, until, keys, known, onPage);
    if ("fault" in checked) return report(checked.fault);
    months.push({ month, statement: hashStatement(checked.statement) });
    until = checked.statement.until;
    heads += checked.heads;
  }
  return report(null);
}

/** One month that begins at a tree which is trusted. Keys that its heads name are added to `keys`. */
export async function verifyMonth(
  directory: string,
  month: Month,
  from: Tree,
  keys: PublicKey[],
  known: KnownRoots,
  onPage: (done: number) => void,
): Promise<
  | { readonly statement: ArchiveStatement; readonly heads: number }
  | { readonly fault: ArchiveFault }
> {
  try {
    return await new MonthVerifier(join(directory, month), month, keys, known).verify(from, onPage);
  } catch (error) {
    if (error instanceof BadMonth) return { fault: { month, ...error.fault } };
    throw error;
  }
}

/** Throws `archive/bad-file` where there is none. */
export function listMonths(directory: string): ReadonlyArray<Month> {
  const names = existsSync(directory) ? readdirSync(directory).sort() : [];
  const months = names.filter(isMonth);
  if (months.length > 0) return months;
  throw new InterlockError("archive/bad-file", `\`${directory}\` holds no archived month`, {
    help: "`interlock archive --to DIR` writes one directory for each month",
  });
}

class BadMonth extends Error {
  readonly fault: Omit<ArchiveFault, "month">;

  constructor(fault: Omit<ArchiveFault, "month">) {
    super(fault.why);
    this.fault = fault;
  }
}

class MonthVerifier {
  readonly #directory: string;
  readonly #month: Month;
  /** Grows with each head that names another key. */
  readonly #keys: PublicKey[];
  readonly #known: KnownRoots;

  constructor(directory: string, month: Month, keys: PublicKey[], known: KnownRoots) {
    this.#directory = directory;
    this.#month = month;
    this.#keys = keys;
    this.#known = known;
  }

  async verify(
    from: Tree,
    onPage: (done: number) => void,
  ): Promise<{ statement: ArchiveStatement; heads: number }> {
    const manifest = this.#readManifest();
    const { statement } = manifest;
    if (statement.month !== this.#month) throw this.#bad(MANIFEST_FILE, "it is of another month");
    if (statement.after.n !== from.n || statement.after.peaks.join() !== from.peaks.join()) {
      const why = `it goes on from entry ${statement.after.n}, and ${from.n} were before it`;
      throw this.#bad(MANIFEST_FILE, why);
    }
    await this.#checkFiles(statement);
    const roots = await this.#readHeads();
    const why = findManifestFault(manifest, this.#keys);
    if (why !== undefined) throw this.#bad(MANIFEST_FILE, why);
    const tree = await this.#readEntries(from, new Map([...this.#known, ...roots]), onPage);
    if (tree.n !== statement.until.n || tree.peaks.join() !== statement.until.peaks.join()) {
      throw this.#bad("ledger.parquet", "its entries do not come to the root that was sealed");
    }
    return { statement, heads: roots.size + 1 };
  }

  #readManifest() {
    const file = join(this.#directory, MANIFEST_FILE);
    if (!existsSync(file)) throw this.#bad(MANIFEST_FILE, "it is missing");
    try {
      return readManifest(readFileSync(file, "utf8"));
    } catch (error) {
      throw this.#bad(MANIFEST_FILE, error instanceof Error ? error.message : String(error));
    }
  }

  async #checkFiles({ files }: ArchiveStatement): Promise<void> {
    const names = Object.keys(ARCHIVE_FILES);
    if (files.map(({ name }) => name).join() !== names.join()) {
      throw this.#bad(MANIFEST_FILE, "it lists other files than a month has");
    }
    const extra = readdirSync(this.#directory).find(
      (name) => name !== MANIFEST_FILE && !names.includes(name),
    );
    if (extra !== undefined) throw this.#bad(extra, "it is not of the archive");
    for (const { name, bytes, hash } of files) {
      const file = join(this.#directory, name);
      if (!existsSync(file)) throw this.#bad(name, "it is missing");
      const found = await hashFile(file);
      if (found.hash === hash && found.bytes === bytes) continue;
      throw this.#bad(name, "it is not the file that was sealed");
    }
  }

  /** The roots that the ledger's key signed within the month. */
  async #readHeads(): Promise<ReadonlyMap<number, Hash>> {
    const roots = new Map<number, Hash>();
    await this.#scan("heads.parquet", ["envelope"], ([envelopes]) => {
      for (const text of Array.from(envelopes ?? [])) {
        const { envelope, head } = readHead(JSON.parse(String(text)));
        // Before the first that a trusted key signed: vouched for by it.
        if (!this.#keys.some((key) => isSigned(envelope, key))) continue;
        if (head.successor !== undefined) this.#keys.push(readPublicKey(head.successor));
        roots.set(head.size, head.root);
      }
    });
    return roots;
  }

  async #readEntries(from: Tree, roots: KnownRoots, onPage: (done: number) => void): Promise<Tree> {
    let tree = from;
    await this.#scan("ledger.parquet", ["text"], ([texts]) => {
      const checked = verifyTexts(tree, Array.from(texts ?? [], String), roots, NATIVE_HASHER);
      if ("fault" in checked) throw new BadMonth(checked.fault);
      tree = checked.tree;
      onPage(tree.n);
    });
    return tree;
  }

  async #scan(
    name: string,
    columns: ReadonlyArray<string>,
    take: (columns: ReadonlyArray<ArrayLike<unknown>>) => void,
  ): Promise<void> {
    let thrown: Error | undefined;
    try {
      await scanParquet(
        join(this.#directory, name),
        () => columns,
        ({ columns: page }) => {
          if (thrown !== undefined) return;
          try {
            take(page);
          } catch (error) {
            thrown = error instanceof Error ? error : new Error(String(error));
          }
        },
      );
    } catch (error) {
      throw this.#bad(name, error instanceof Error ? error.message : String(error));
    }
    if (thrown !== undefined) throw thrown;
  }

  #bad(file: string, why: string): BadMonth {
    return new BadMonth({ file, why });
  }
}
