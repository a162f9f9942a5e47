/**
 * One archived month on disk: a directory that appears whole or not at all.
 *
 *   2026-01/ledger.parquet         n, text: every entry of the month, word for word
 *           heads.parquet          size, envelope: the heads that were signed over them
 *           cases.parquet          id, document, signal, effects: cases whose last entry is among them
 *           observations.parquet   metric, day, subject, stratum, n, k, reasons
 *           manifest.json          what these are, by hash, and the ledger's seal on it
 *
 * Written under another name, flushed, and given its own by a rename; nothing leaves the database before.
 */
import { createHash } from "node:crypto";
import {
  closeSync,
  createReadStream,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { type ParquetColumn, ParquetFile } from "../connector/table-file/index.ts";
import {
  ARCHIVE_FORMAT,
  type ArchivedFile,
  type ArchiveManifest,
  type ArchiveStatement,
  readManifest,
  writeManifest,
} from "../core/ledger/archive.ts";
import type { MonthPlan } from "../engine/archive.ts";
import { archiveRead, archiveSeal, type RowsAfter } from "../operation/archive.ts";
import { ledgerExport } from "../operation/export-ledger.ts";
import type { CallOperation } from "../operation/operation.ts";
import { InterlockError } from "../std/errors.ts";
import type { Hash } from "../std/hash.ts";
import type { Month } from "../std/time.ts";
import { flush } from "../store/driver/data-directory.ts";
import { listHeadPages } from "./head-pages.ts";

export const MANIFEST_FILE = "manifest.json";
const text = (name: string): ParquetColumn => ({ name, type: "text" });
const whole = (name: string): ParquetColumn => ({ name, type: "whole" });
export const ARCHIVE_FILES: { readonly [name: string]: ReadonlyArray<ParquetColumn> } = {
  "ledger.parquet": [whole("n"), text("text")],
  "heads.parquet": [whole("size"), text("envelope")],
  "cases.parquet": [text("id"), text("document"), text("signal"), text("effects")],
  "observations.parquet": [
    ...[text("metric"), text("day"), text("subject"), text("stratum")],
    ...[whole("n"), whole("k"), { name: "reasons", type: "text", isOptional: true } as const],
  ],
};

type Rows = AsyncGenerator<ReadonlyArray<{ readonly [column: string]: string | number | null }>>;

/** Writes the month and has it sealed. Whatever stood there of an interrupted try is written anew. */
export async function writeMonth(
  call: CallOperation,
  to: string,
  plan: MonthPlan,
  onEntries: (done: number, total: number) => void,
): Promise<ArchiveManifest> {
  const { month, after, until } = plan;
  const unfinished = join(to, `.${month}.unfinished`);
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const sources: { readonly [name: string]: Rows } = {
    "ledger.parquet": readEntries(call, plan, onEntries),
    "heads.parquet": readHeads(call, plan),
    "cases.parquet": readCases(call, plan),
    "observations.parquet": readObservations(call, plan),
  };
  const files: ArchivedFile[] = [];
  for (const [name, rows] of Object.entries(sources)) {
    const path = join(unfinished, name);
    const file = new ParquetFile(path, ARCHIVE_FILES[name] ?? []);
    for await (const page of rows) await file.append(page);
    await file.finish();
    files.push({ name, rows: file.rows, ...(await hashFile(path)) });
  }
  const statement: ArchiveStatement = {
    ...{ format: ARCHIVE_FORMAT, month, after, until, files },
    marks: { cases: plan.cases.mark, observations: plan.observations.mark },
  };
  const manifest = { statement, ...(await call(archiveSeal, { statement })) };
  writeDurably(join(unfinished, MANIFEST_FILE), writeManifest(manifest));
  flush(unfinished);
  const directory = join(to, month);
  rmSync(directory, { recursive: true, force: true });
  renameSync(unfinished, directory);
  flush(to);
  return manifest;
}

/** Undefined where the month is not there; throws `archive/bad-file` where its manifest is none. */
export function findManifest(to: string, month: Month): ArchiveManifest | undefined {
  const file = join(to, month, MANIFEST_FILE);
  return existsSync(file) ? readManifest(readFileSync(file, "utf8")) : undefined;
}

export function getManifest(to: string, month: Month): ArchiveManifest {
  const manifest = findManifest(to, month);
  if (manifest !== undefined) return manifest;
  throw new InterlockError("archive/bad-file", `\`${join(to, month)}\` has no manifest`);
}

export async function hashFile(
  path: string,
): Promise<{ readonly bytes: number; readonly hash: Hash }> {
  const sum = createHash("sha256");
  let bytes = 0;
  for await (const chunk of createReadStream(path)) {
    sum.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, hash: sum.digest("hex") };
}

async function* readEntries(
  call: CallOperation,
  { after, until }: MonthPlan,
  onEntries: (done: number, total: number) => void,
): Rows {
  for (let at = after.n; at < until.n;) {
    const { entries } = await call(ledgerExport, { after: at });
    const page = entries.filter(({ n }) => n <= until.n).map(({ n, text }) => ({ n, text }));
    if (page.length === 0) break;
    yield page;
    at = page.at(-1)?.n ?? until.n;
    onEntries(at - after.n, until.n - after.n);
  }
}

async function* readHeads(call: CallOperation, { after, until }: MonthPlan): Rows {
  for await (const { heads } of listHeadPages(call)) {
    yield heads
      .filter(({ size }) => size > after.n && size <= until.n)
      .map(({ size, envelope }) => ({ size, envelope: JSON.stringify(envelope) }));
    if ((heads.at(-1)?.size ?? 0) > until.n) return;
  }
}

async function* readCases(call: CallOperation, { month, until }: MonthPlan): Rows {
  for (let after: RowsAfter | undefined; ;) {
    const from = after === undefined ? {} : { after };
    const { cases } = await call(archiveRead, { month, until: until.n, of: "cases", ...from });
    const last = cases.at(-1);
    if (last === undefined) return;
    yield cases;
    after = { id: last.id };
  }
}

async function* readObservations(call: CallOperation, { month, until }: MonthPlan): Rows {
  for (let after: RowsAfter | undefined; ;) {
    const from = after === undefined ? {} : { after };
    const page = await call(archiveRead, { month, until: until.n, of: "observations", ...from });
    const last = page.observations.at(-1);
    if (last === undefined) return;
    yield page.observations;
    const { metric, day, subject, stratum } = last;
    after = { metric, day, subject, stratum };
  }
}

function writeDurably(file: string, content: string): void {
  const to = openSync(file, "w");
  try {
    writeSync(to, content);
    fsyncSync(to);
  } finally {
    closeSync(to);
  }
}
