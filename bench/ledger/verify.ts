/** A large ledger read, verified and proved, beside the hashing of the same bytes and a walk along a chain. */
import { execFileSync } from "node:child_process";
import { hash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { verifyLedgerFile, writeLedgerFile } from "../../src/app/ledger-file.ts";
import { proveConsistency, proveInclusion } from "../../src/core/ledger/proof.ts";
import { readPublicKey } from "../../src/core/sign/ssh-key.ts";
import type { CallOperation } from "../../src/operation/operation.ts";
import { type Driver } from "../../src/store/driver/driver.ts";
import { appendLedger, getLedgerHead, readTree } from "../../src/store/table/ledger.ts";
import { verifyLedger } from "../../src/store/table/ledger-verify.ts";
import { quantile, secondsOf } from "../sample.ts";
import { draftsOf } from "./append.ts";

/** Entries in one transaction while the ledger is made. */
const BATCH = 5_000;
const PROOFS = 200;

export type VerifyFigures = {
  readonly entries: number;
  readonly megabytes: number;
  readonly appendSeconds: number;
  readonly verifySeconds: number;
  readonly exportSeconds: number;
  readonly exportVerifySeconds: number;
  /** The same file through `sha256sum`: the least that reading it could cost. */
  readonly sha256sumSeconds: number;
  /** The same texts, each hashed over the one before, in memory. */
  readonly chainSeconds: number;
  readonly proofMs: { readonly p50: number; readonly p99: number };
};

export async function measureVerifying(
  driver: Driver,
  call: CallOperation,
  key: string,
  entries: number,
  file: string,
  report: (done: number, total: number) => void,
): Promise<VerifyFigures> {
  const appendSeconds = await secondsOf(async () => {
    const drafts = draftsOf(BATCH);
    for (let done = 0; done < entries; done += BATCH) {
      await driver.transaction((tx) => appendLedger(tx, drafts));
      report(done + BATCH, entries);
    }
  });
  const verifySeconds = await secondsOf(async () => {
    if ("fault" in (await verifyLedger(driver))) throw new Error("the ledger does not hold");
  });
  const exportSeconds = await secondsOf(async () => {
    await writeLedgerFile(call, file, () => undefined);
  });
  const exportVerifySeconds = await secondsOf(async () => {
    const { verified } = await verifyLedgerFile(file, readPublicKey(key), [], () => undefined);
    if (!verified) throw new Error("the export does not hold");
  });
  const sha256sumSeconds = await secondsOf(() => void execFileSync("sha256sum", [file]));
  const bytes = statSync(file).size;
  return {
    ...{ entries, megabytes: bytes / 1e6, appendSeconds, verifySeconds, exportSeconds },
    ...{ exportVerifySeconds, sha256sumSeconds, chainSeconds: await walkChain(file, bytes) },
    proofMs: await measureProofs(driver),
  };
}

/** As far as one piece of a file goes into memory, scaled to the whole. */
async function walkChain(file: string, bytes: number): Promise<number> {
  const texts = readFileSync(file, "utf8").slice(0, 100_000_000).split("\n");
  const read = texts.reduce((sum, text) => sum + text.length + 1, 0);
  let previous = "";
  const seconds = await secondsOf(() => {
    for (const text of texts) previous = hash("sha256", previous + text, "hex");
  });
  return (seconds * bytes) / read;
}

async function measureProofs(driver: Driver): Promise<VerifyFigures["proofMs"]> {
  const { n: size } = await getLedgerHead(driver);
  const ms: number[] = [];
  for (let round = 0; round < PROOFS; round++) {
    const n = 1 + Math.floor((round * size) / PROOFS);
    const seconds = await secondsOf(async () => {
      await readTree(driver, (reader, hasher) => {
        proveInclusion(n, size, reader, hasher);
        proveConsistency(n, size, reader, hasher);
      });
    });
    ms.push(seconds * 1_000);
  }
  ms.sort((a, b) => a - b);
  return { p50: quantile(ms, 0.5), p99: quantile(ms, 0.99) };
}
