/**
 * An archived month: files that left the database, and a manifest that lets anybody find out whether they
 * are still the ones that left.
 *
 * Picture a box that goes to the cellar. The list of what is in it is glued to the lid, and the book
 * upstairs has an entry that quotes the list: so the list cannot be changed without the book, nor a paper in
 * the box without the list.
 *
 *   statement   which month, from which tree to which, and each file with its hash
 *   entry       the ledger's own entry that quotes the hash of the statement, with its place in the tree
 *   head        signed, over that entry and over all that the month ends with, and the proof of it
 *
 * The rule: the entries of consecutive months make one tree from the first to the last, and each month's end
 * is the beginning of a head that was signed. What lies in the other files rests on the statement.
 */
import { canonicalJson } from "../../std/canonical-json.ts";
import { InterlockError } from "../../std/errors.ts";
import { type Hash, hashJson, isHash } from "../../std/hash.ts";
import { isMonth, type Month } from "../../std/time.ts";
import { type Envelope, isSigned } from "../sign/envelope.ts";
import type { PublicKey } from "../sign/ssh-key.ts";
import { readHead } from "./head.ts";
import { isConsistent, isIncluded } from "./proof.ts";
import { computeRoot, PLAIN_HASHER, type Tree } from "./tree.ts";

export const ARCHIVE_FORMAT = "interlock-archive/1";
export const SEALED_KIND = "archive.sealed";
/** Of no case, and leaned on as long as there are cases: what stood when they acted, and who had signed it. */
export const STANDING_KINDS: ReadonlyArray<string> = [
  "charter.in-force",
  "charter.signed",
  "charter.withdrawn",
  "loop.moved",
  "signer.added",
  "stop.pressed",
  "stop.released",
];

export type ArchivedFile = {
  readonly name: string;
  readonly rows: number;
  readonly bytes: number;
  /** SHA-256 of the whole file. */
  readonly hash: Hash;
};

export type ArchiveStatement = {
  readonly format: typeof ARCHIVE_FORMAT;
  readonly month: Month;
  /** The ledger before the first entry of the month, and after its last. */
  readonly after: Tree;
  readonly until: Tree;
  /** Of what else leaves the database, so that it is the same when it leaves. */
  readonly marks: { readonly cases: string; readonly observations: string };
  readonly files: ReadonlyArray<ArchivedFile>;
};

/** What the ledger gives for a statement. */
export type ArchiveSeal = {
  readonly entry: { readonly n: number; readonly text: string; readonly path: ReadonlyArray<Hash> };
  readonly head: Envelope;
  /** That the head goes on from the month's end. */
  readonly path: ReadonlyArray<Hash>;
};

export type ArchiveManifest = { readonly statement: ArchiveStatement } & ArchiveSeal;

/** The one way in which a manifest is written: another spelling is another file. */
export function writeManifest(manifest: ArchiveManifest): string {
  return `${canonicalJson(manifest)}\n`;
}

/** Throws `archive/bad-file` for what was not written by `writeManifest`. */
export function readManifest(text: string): ArchiveManifest {
  try {
    const manifest = JSON.parse(text) as ArchiveManifest;
    const { statement, entry, path } = manifest;
    const isWhole =
      isStatement(statement) &&
      typeof entry.text === "string" &&
      entry.path.every(isHash) &&
      path.every(isHash);
    if (isWhole && writeManifest(manifest) === text) return manifest;
  } catch {
    // Said below.
  }
  throw new InterlockError("archive/bad-file", "the manifest is not as it was written");
}

/** Throws `archive/bad-file` for what is no statement. */
export function readStatement(value: unknown): ArchiveStatement {
  try {
    if (isStatement(value as ArchiveStatement)) return value as ArchiveStatement;
  } catch {
    // Said below.
  }
  throw new InterlockError("archive/bad-file", "this is no list of an archived month", {
    help: "`interlock archive` writes one and sends it",
  });
}

function isStatement({ format, month, after, until, marks, files }: ArchiveStatement): boolean {
  return (
    format === ARCHIVE_FORMAT &&
    isMonth(month) &&
    isTree(after) &&
    isTree(until) &&
    typeof marks.cases === "string" &&
    typeof marks.observations === "string" &&
    files.every(({ name, hash }) => /^[a-z]+\.parquet$/.test(name) && isHash(hash))
  );
}

function isTree({ n, peaks }: Tree): boolean {
  return Number.isSafeInteger(n) && n >= 0 && peaks.length === countOnes(n) && peaks.every(isHash);
}

function countOnes(n: number): number {
  return [...n.toString(2)].filter((digit) => digit === "1").length;
}

export function hashStatement(statement: ArchiveStatement): Hash {
  return hashJson(statement);
}

/** What the entry that seals a month says. */
export function sealOf(statement: ArchiveStatement) {
  const { month, until } = statement;
  return { month, until: until.n, root: computeRoot(until), statement: hashStatement(statement) };
}

/** Why a manifest does not hold under one of the keys; undefined when it does. */
export function findManifestFault(
  { statement, entry, head: signed, path }: ArchiveManifest,
  keys: ReadonlyArray<PublicKey>,
): string | undefined {
  const { envelope, head } = readHead(signed);
  if (!keys.some((key) => isSigned(envelope, key))) {
    return "its head is not signed by the ledger's key";
  }
  const end = { size: statement.until.n, root: computeRoot(statement.until) };
  if (!isConsistent(end, head, path)) return "its last entry is not under its head";
  const leaf = { n: entry.n, hash: PLAIN_HASHER.leaf(entry.text) };
  if (!isIncluded(leaf, head, entry.path)) return "the entry that seals it is not under its head";
  const { kind, body } = JSON.parse(entry.text) as { kind?: unknown; body?: unknown };
  return kind === SEALED_KIND && canonicalJson(body) === canonicalJson(sealOf(statement))
    ? undefined
    : "the entry that seals it quotes another list of files";
}
