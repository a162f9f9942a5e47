/** `ledger`: the append-only record: is it whole, prove it, carry it away, who witnesses it. */
import { Command } from "commander";
import { readHeadFile, verifyLedgerFile, writeLedgerFile } from "../../app/ledger-file.ts";
import { verifyAgainst } from "../../app/archive.ts";
import { proveArchived } from "../../app/prove-archived.ts";
import { type ArchiveCheck, verifyArchive } from "../../app/verify-archive.ts";
import { DEFAULT_DIRECTORY, openWorkspace } from "../../app/workspace.ts";
import { checkHeads, readHead, rootsOf } from "../../core/ledger/head.ts";
import { ledgerHeads } from "../../operation/list-heads.ts";
import type { CallOperation } from "../../operation/operation.ts";
import { ledgerProve } from "../../operation/prove-ledger.ts";
import { ledgerVerify } from "../../operation/verify-ledger.ts";
import { assert } from "../../std/assert.ts";
import { canonicalJson } from "../../std/canonical-json.ts";
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
  readonly archive?: string;
  readonly head?: string;
  readonly key?: string;
};

function verifyCommand(): Command {
  return new Command("verify")
    .description(ledgerVerify.summary)
    .option("--data <directory>", "data directory", DEFAULT_DIRECTORY)
    .option("--json", "print JSON")
    .option("--export <file>", "verify an export, and nothing else: no system is needed")
    .option(
      "--archive <directory>",
      "also the months that left for it; with --key nothing else, or with --export both: no system is needed",
    )
    .option("--head <file>", "also against the heads in a witness's file")
    .option("--key <key>", "the ledger's key, as a line or a file: ssh-ed25519 AAAA...")
    .action(async (options: VerifyOptions) => {
      const output = createOutput(options.json === true);
      const { archive, key } = options;
      if (options.export !== undefined || (archive !== undefined && key !== undefined)) {
        return verifyElsewhere(output, options);
      }
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
  { head, key, archive: directory }: VerifyOptions,
): Promise<void> {
  const onPage = (done: number) => output.progress.report("entries", done, done);
  const noted =
    head === undefined
      ? []
      : checkHeads(
          readHeadFile(head),
          readPublicKeyOption(key ?? (await call(ledgerHeads, { limit: 1 })).heads[0]?.key),
        ).heads.map(({ size, root }) => ({ size, root }));
  const archive =
    directory === undefined
      ? undefined
      : await verifyAgainst(call, directory, onPage, rootsOf(noted));
  const known = [
    ...noted.slice(-999),
    // The database must go on from the very tree that the archive ends with.
    ...(archive?.verified === true ? [{ size: archive.until.n, root: archive.root }] : []),
  ];
  const check = await call(ledgerVerify, {
    ...(known.length === 0 ? {} : { known }),
    onProgress: onPage,
  });
  output.progress.end();
  report(output, { ...check, ...(archive === undefined ? {} : { archive }) });
}

/** Needs the files and the ledger's key: nothing of the system. */
async function verifyElsewhere(output: Output, options: VerifyOptions): Promise<void> {
  if (options.key === undefined) {
    throw new InterlockError("cli/usage", "an export is verified against a key that you know", {
      help: "--key 'ssh-ed25519 AAAA...': `ledger heads` says it, on the system, before you need it",
    });
  }
  const key = readPublicKeyOption(options.key);
  const onPage = (done: number) => output.progress.report("entries", done, done);
  const witnessed = options.head === undefined ? [] : readHeadFile(options.head);
  const archive =
    options.archive === undefined
      ? undefined
      : await verifyArchive(
          options.archive,
          [key],
          rootsOf(checkHeads(witnessed, key).heads),
          onPage,
        );
  const file =
    options.export === undefined
      ? undefined
      : await verifyLedgerFile(options.export, key, witnessed, onPage);
  output.progress.end();
  if (file === undefined) {
    assert(archive !== undefined, "one of the two was asked for");
    const { verified, until, root } = archive;
    return report(output, { verified, entries: until.n, head: root, firstBad: null, archive });
  }
  const goesOn =
    archive === undefined || canonicalJson(file.begins) === canonicalJson(archive.until);
  report(output, {
    ...(goesOn
      ? file
      : {
          ...file,
          verified: false,
          firstBad: { n: file.begins.n + 1, why: "the export does not go on from the archive" },
        }),
    head: file.root,
    ...(archive === undefined ? {} : { archive }),
  });
}

type Verification = {
  readonly verified: boolean;
  readonly entries: number;
  readonly head: string | null;
  readonly firstBad: { readonly n: number; readonly why: string } | null;
  /** Up to which entry the past is not here: of a database. */
  readonly archived?: { readonly n: number; readonly month: string } | null;
  readonly notCompared?: number;
  /** The same of an export. */
  readonly begins?: { readonly n: number };
  /** Of an export: signed heads that were compared. */
  readonly heads?: number;
  readonly signedUntil?: number;
  readonly archive?: ArchiveCheck;
};

function report(output: Output, check: Verification): void {
  const verified = check.verified && check.archive?.verified !== false;
  output.result({ ...check, verified }, () => toSentences(check).join("\n"));
  if (!verified) process.exitCode = EXIT_DOES_NOT_HOLD;
}

function toSentences(check: Verification): ReadonlyArray<string> {
  const { archive, archived, begins, firstBad, notCompared = 0 } = check;
  const from = archived?.n ?? begins?.n ?? 0;
  const last = archived?.month === undefined ? "" : `, to ${archived.month}`;
  return [
    ...(archive === undefined ? [] : [archiveToSentence(archive)]),
    firstBad !== null
      ? `The ledger does NOT hold. First bad entry: ${firstBad.n} (${firstBad.why}).`
      : check.verified
        ? `The ledger holds: ${check.entries} entries, root ${check.head ?? ""}.`
        : "The ledger does NOT hold.",
    ...(from > 0 && archive === undefined
      ? [`Entries 1 to ${from} are archived${last}, and were not read: --archive reads them too.`]
      : []),
    ...(notCompared > 0 && archive === undefined
      ? [`${notCompared} of the heads are over archived entries alone, and were not compared.`]
      : []),
    ...(check.heads === undefined
      ? []
      : [
          `${check.heads} signed heads were compared; the last is over ${check.signedUntil ?? 0} entries.`,
        ]),
  ];
}

function archiveToSentence({ firstBad, months, until, heads }: ArchiveCheck): string {
  if (firstBad !== null) {
    const { month, file, n, why } = firstBad;
    const where = file === undefined ? "" : `/${file}`;
    const entry = n === undefined ? "" : `, entry ${n}`;
    return `The archive does NOT hold: ${month}${where}${entry}: ${why}.`;
  }
  const [first] = months;
  return (
    `The archive holds: ${first?.month ?? ""} to ${months.at(-1)?.month ?? ""}, ` +
    `${until.n === 0 ? "no entries" : `entries 1 to ${until.n}`}, under ${heads} signed heads.`
  );
}

function proveCommand(): Command {
  return workspaceCommand(
    "prove <entry>",
    ledgerProve.summary,
    async (call, output, [entry = ""], { since, archive }) => {
      if (archive !== undefined) {
        return proveFromArchive(output, archive, parseWhole(entry), parseWhole(since ?? "0"));
      }
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
  )
    .option("--since <entries>", "also prove that it goes on from a head of so many entries")
    .option("--archive <directory>", "of an entry that left for the archive there");
}

async function proveFromArchive(
  output: Output,
  directory: string,
  n: number,
  since: number,
): Promise<void> {
  const proof = await proveArchived(directory, n, since);
  const { entry, end, signed } = proof;
  output.result(proof, () =>
    [
      `entry ${n} is one of the ${end.size} under root ${end.root}`,
      ...entry.path.map((hash, index) => `${`${index + 1}`.padStart(4)}  ${hash}`),
      `which the signed head of ${readHead(signed.envelope).head.size} entries begins with`,
      ...signed.path.map((hash, index) => `${`${index + 1}`.padStart(4)}  ${hash}`),
    ].join("\n"),
  );
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
          ...(written.after === 0 ? [] : [`Entries 1 to ${written.after} are archived.`]),
          `  interlock ledger verify --export ${file} --key '${key}'`,
        ].join("\n"),
      );
    },
  );
}
