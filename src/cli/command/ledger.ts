/** `ledger`: the append-only record: is it whole, prove it, carry it away, who witnesses it. */
import { Command } from "commander";
import { readHeadFile, verifyLedgerFile, writeLedgerFile } from "../../app/ledger-file.ts";
import { DEFAULT_DIRECTORY, openWorkspace } from "../../app/workspace.ts";
import { checkHeads } from "../../core/ledger/head.ts";
import { ledgerHeads } from "../../operation/list-heads.ts";
import type { CallOperation } from "../../operation/operation.ts";
import { ledgerProve } from "../../operation/prove-ledger.ts";
import { ledgerVerify } from "../../operation/verify-ledger.ts";
import { InterlockError } from "../../std/errors.ts";
import { EXIT_DOES_NOT_HOLD } from "../errors.ts";
import { createOutput, type Output, table } from "../output.ts";
import { parseWhole } from "../parse.ts";
import { readPublicKeyOption } from "../public-key.ts";
import { workspaceCommand } from "../workspace-command.ts";
import { ledgerKeyCommand, witnessCommand } from "./ledger-witness.ts";

export function ledgerCommand(): Command {
  return new Command("ledger")
    .description("the append-only record")
    .addCommand(verifyCommand())
    .addCommand(proveCommand())
    .addCommand(headsCommand())
    .addCommand(exportCommand())
    .addCommand(witnessCommand())
    .addCommand(ledgerKeyCommand());
}

type VerifyOptions = {
  readonly data: string;
  readonly json?: boolean;
  readonly export?: string;
  readonly head?: string;
  readonly key?: string;
};

function verifyCommand(): Command {
  return new Command("verify")
    .description(ledgerVerify.summary)
    .option("--data <directory>", "data directory", DEFAULT_DIRECTORY)
    .option("--json", "print JSON")
    .option("--export <file>", "verify an export, and nothing else: no system is needed")
    .option("--head <file>", "also against the heads in a witness's file")
    .option("--key <key>", "the ledger's key, as a line or a file: ssh-ed25519 AAAA...")
    .action(async (options: VerifyOptions) => {
      const output = createOutput(options.json === true);
      if (options.export !== undefined) return verifyExport(options.export, output, options);
      const workspace = await openWorkspace(options.data);
      try {
        await verifyHere(workspace.call, output, options);
      } finally {
        await workspace.close();
      }
    });
}

async function verifyHere(
  call: CallOperation,
  output: Output,
  { head, key }: VerifyOptions,
): Promise<void> {
  const known =
    head === undefined
      ? []
      : checkHeads(
          readHeadFile(head),
          readPublicKeyOption(key ?? (await call(ledgerHeads, { limit: 1 })).heads[0]?.key),
        ).heads.map(({ size, root }) => ({ size, root }));
  const check = await call(ledgerVerify, {
    ...(known.length === 0 ? {} : { known: known.slice(-1_000) }),
    onProgress: (verified) => output.progress.report("entries", verified, verified),
  });
  output.progress.end();
  output.result(check, () => toSentence(check));
  if (!check.verified) process.exitCode = EXIT_DOES_NOT_HOLD;
}

async function verifyExport(file: string, output: Output, options: VerifyOptions): Promise<void> {
  if (options.key === undefined) {
    throw new InterlockError("cli/usage", "an export is verified against a key that you know", {
      help: "--key 'ssh-ed25519 AAAA...': `ledger heads` says it, on the system, before you need it",
    });
  }
  const check = await verifyLedgerFile(
    file,
    readPublicKeyOption(options.key),
    options.head === undefined ? [] : readHeadFile(options.head),
    (done) => output.progress.report("entries", done, done),
  );
  output.progress.end();
  output.result(check, () =>
    [
      toSentence({ ...check, head: check.root }),
      `${check.heads} signed heads were compared; the last is over ${check.signedUntil} entries.`,
    ].join("\n"),
  );
  if (!check.verified) process.exitCode = EXIT_DOES_NOT_HOLD;
}

function toSentence(check: {
  readonly verified: boolean;
  readonly entries: number;
  readonly head: string | null;
  readonly firstBad: { readonly n: number; readonly why: string } | null;
}): string {
  return check.verified
    ? `The ledger holds: ${check.entries} entries, root ${check.head ?? ""}.`
    : `The ledger does NOT hold. First bad entry: ${check.firstBad?.n ?? ""} ` +
        `(${check.firstBad?.why ?? ""}).`;
}

function proveCommand(): Command {
  return workspaceCommand(
    "prove <entry>",
    ledgerProve.summary,
    async (call, output, [entry = ""], { since }) => {
      const proof = await call(ledgerProve, {
        n: parseWhole(entry),
        signed: true,
        ...(since === undefined ? {} : { since: parseWhole(since) }),
      });
      const [proved] = proof.entries;
      if (proved === undefined) {
        throw new InterlockError("cli/usage", `the ledger has no entry ${entry}`, {
          help: `it has ${proof.head.size}`,
        });
      }
      output.result(proof, () =>
        [
          `entry ${proved.n} is one of the ${proof.head.size} under root ${proof.head.root}`,
          ...proved.path.map((hash, index) => `${`${index + 1}`.padStart(4)}  ${hash}`),
          `signed by ${proof.signed?.key ?? ""}`,
        ].join("\n"),
      );
    },
  ).option("--since <entries>", "also prove that it goes on from a head of so many entries");
}

function headsCommand(): Command {
  return workspaceCommand("heads", ledgerHeads.summary, async (call, output, _args, { after }) => {
    const page = await call(ledgerHeads, after === undefined ? {} : { after: parseWhole(after) });
    output.result(page, () =>
      [
        page.heads.length === 0
          ? "No head was signed yet: a server signs them, and `ledger witness check` does."
          : table([["ENTRIES", "ROOT"], ...page.heads.map(({ size, root }) => [`${size}`, root])]),
        `signs: ${page.key}`,
      ].join("\n"),
    );
  }).option("--after <id>", "begin after the head with this id");
}

function exportCommand(): Command {
  return workspaceCommand(
    "export <file>",
    "Writes every entry and every signed head to a file that is verified elsewhere.",
    async (call, output, [file = ""]) => {
      const written = await writeLedgerFile(call, file, (done, total) =>
        output.progress.report("entries", done, total),
      );
      output.progress.end();
      const { key } = await call(ledgerHeads, { limit: 1 });
      output.result({ file, ...written, key }, () =>
        [
          `${written.entries} entries and ${written.heads} signed heads are in ${file}. Verify it anywhere:`,
          `  interlock ledger verify --export ${file} --key '${key}'`,
        ].join("\n"),
      );
    },
  );
}
