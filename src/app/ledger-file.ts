/** Exports of the ledger on disk: written page by page, verified line by line, however large. */
import { createReadStream, createWriteStream, readFileSync } from "node:fs";
import { finished } from "node:stream/promises";
import { once } from "node:events";
import { checkHeads, type LedgerHead } from "../core/ledger/head.ts";
import {
  isHeadLine,
  readFirstLine,
  readHeadLine,
  writeFirstLine,
  writeHeadLine,
} from "../core/ledger/ledger-file.ts";
import { computeRoot, EMPTY_TREE, type Tree } from "../core/ledger/tree.ts";
import {
  findMissingTail,
  type KnownRoots,
  type LedgerFault,
  verifyTexts,
} from "../core/ledger/verify.ts";
import type { PublicKey } from "../core/sign/ssh-key.ts";
import { ledgerExport } from "../operation/export-ledger.ts";
import type { CallOperation } from "../operation/operation.ts";
import { ledgerPublish } from "../operation/publish-ledger.ts";
import { InterlockError } from "../std/errors.ts";
import type { Hash } from "../std/hash.ts";
import { NATIVE_HASHER } from "../store/tree-hasher.ts";
import { listHeadPages } from "./head-pages.ts";

/** Lines verified at a time. */
const PAGE_LINES = 5_000;

export type LedgerFileReport = {
  /** Entries up to there are archived, and not in the file. */
  readonly after: number;
  readonly entries: number;
  readonly heads: number;
};

/** Signs a head over everything first, so that the file is whole under one. */
export async function writeLedgerFile(
  call: CallOperation,
  file: string,
  onPage: (done: number, total: number) => void,
): Promise<LedgerFileReport> {
  await call(ledgerPublish, {});
  const out = createWriteStream(file, { flags: "w" });
  const write = async (lines: ReadonlyArray<string>) => {
    if (!out.write(lines.map((line) => `${line}\n`).join(""))) await once(out, "drain");
  };
  const { begins } = await call(ledgerExport, { after: 0, limit: 1 });
  await write([writeFirstLine(begins)]);
  let heads = 0;
  let size = 0;
  for await (const page of listHeadPages(call)) {
    await write(page.heads.map(({ envelope }) => writeHeadLine(envelope)));
    heads += page.heads.length;
    size = page.heads.at(-1)?.size ?? size;
  }
  let last = begins.n;
  // What came after the last head here is not under it, and is for the next export.
  while (last < size) {
    const page = await call(ledgerExport, { after: last });
    const some = page.entries.slice(0, size - last);
    if (some.length === 0) break;
    await write(some.map(({ text }) => text));
    last += some.length;
    onPage(last, size);
  }
  out.end();
  await finished(out);
  return { after: begins.n, entries: last - begins.n, heads };
}

export type LedgerFileCheck = {
  readonly verified: boolean;
  /** The tree before the first entry in the file: of an archive, where there is one. */
  readonly begins: Tree;
  readonly entries: number;
  readonly root: Hash | null;
  /** Heads that the trusted key signed, and whose roots the entries make. */
  readonly heads: number;
  /** Of the last of them. */
  readonly signedUntil: number;
  readonly firstBad: LedgerFault | null;
};

/** Needs the file, the key, and heads kept elsewhere if there are any: nothing of the system. */
export async function verifyLedgerFile(
  file: string,
  trusted: PublicKey,
  witnessed: ReadonlyArray<unknown>,
  onPage: (done: number) => void,
): Promise<LedgerFileCheck> {
  const own: unknown[] = [];
  let known: ReadonlyArray<LedgerHead> | undefined;
  let roots: KnownRoots = new Map();
  let begins = EMPTY_TREE;
  let tree: Tree | undefined;
  let fault: LedgerFault | undefined;
  let page: string[] = [];
  const take = () => {
    if (known === undefined) {
      known = [...checkHeads(own, trusted).heads, ...checkHeads(witnessed, trusted).heads];
      roots = mergeRoots(known);
    }
    if (tree === undefined || fault !== undefined) return;
    const checked = verifyTexts(tree, page, roots, NATIVE_HASHER);
    if ("fault" in checked) fault = checked.fault;
    else tree = checked.tree;
    page = [];
    onPage(tree.n);
  };
  for await (const line of readLines(file)) {
    if (tree === undefined) {
      tree = readFirstLine(line);
      if (tree === undefined) break;
      begins = tree;
    } else if (known === undefined && page.length === 0 && isHeadLine(line)) {
      own.push(readHeadLine(line));
    } else {
      page.push(line);
      if (page.length >= PAGE_LINES) take();
      if (fault !== undefined) break;
    }
  }
  if (tree === undefined) {
    throw new InterlockError("ledger/bad-file", `\`${file}\` is no export of a ledger`, {
      help: "`ledger export FILE` writes one",
    });
  }
  take();
  const heads = (known ?? []).filter(({ size }) => size >= begins.n);
  fault ??= findMissingTail(tree.n, roots);
  const signedUntil = Math.max(0, ...heads.map(({ size }) => size));
  return fault === undefined
    ? {
        ...{ verified: true, begins, entries: tree.n, root: computeRoot(tree, NATIVE_HASHER) },
        ...{ heads: heads.length, signedUntil, firstBad: null },
      }
    : {
        ...{ verified: false, begins, entries: fault.n - 1, root: null },
        ...{ heads: heads.length, signedUntil, firstBad: fault },
      };
}

/** At line feeds and nowhere else: a text may hold every other character that ends a line somewhere. */
async function* readLines(file: string): AsyncGenerator<string> {
  let rest = "";
  for await (const chunk of createReadStream(file, { encoding: "utf8", highWaterMark: 1 << 20 })) {
    const lines = (rest + (chunk as string)).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}

function mergeRoots(heads: ReadonlyArray<LedgerHead>): ReadonlyMap<number, Hash> {
  const roots = new Map<number, Hash>();
  for (const { size, root } of heads) {
    const before = roots.get(size);
    // Two good signatures over two pasts: no entries can make both, so none are asked to.
    if (before !== undefined && before !== root) {
      throw new InterlockError(
        "ledger/bad-head",
        `the ledger's key signed two heads of ${size} entries with different roots`,
      );
    }
    roots.set(size, root);
  }
  return roots;
}

/** Envelopes of a file of heads: a witness's, or of an export. */
export function readHeadFile(file: string): ReadonlyArray<unknown> {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map(readHeadLine);
}
