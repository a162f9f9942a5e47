/** `charter sign`, `propose`, `withdraw`, `list`, `export`, `verify`: the paper between both heads. */
import { readFile } from "node:fs/promises";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { type SignedCharter, verifyCharter } from "../../core/charter/signing.ts";
import { bytesOfStatement, openEnvelope, signEnvelope } from "../../core/sign/envelope.ts";
import { readSigners } from "../../core/sign/signers.ts";
import { namespaceOf } from "../../core/sign/ssh-signature.ts";
import {
  charterList,
  type CharterVersion,
  type CharterVersions,
} from "../../operation/list-charters.ts";
import type { CallOperation } from "../../operation/operation.ts";
import { charterPropose } from "../../operation/propose-charter.ts";
import { charterSign, type SignInput } from "../../operation/sign-charter.ts";
import { charterWithdraw } from "../../operation/withdraw-charter.ts";
import { assert } from "../../std/assert.ts";
import { InterlockError } from "../../std/errors.ts";
import { readKeyFile } from "../key-file.ts";
import { readText } from "../lint.ts";
import { createOutput, table } from "../output.ts";
import { workspaceCommand } from "../workspace-command.ts";

export function charterSignCommands(): ReadonlyArray<Command> {
  return [
    listCommand(),
    signCommand(),
    proposeCommand(),
    withdrawCommand(),
    exportCommand(),
    verifyCommand(),
  ];
}

/** The version asked for; else the newest that waits for signatures; else the one that stands. */
async function findVersion(
  call: CallOperation,
  loop: string,
  asked: string | undefined,
  prefers: "waiting" | "standing",
): Promise<{ readonly version: CharterVersion; readonly all: CharterVersions }> {
  const all = await call(charterList, { loop });
  const waiting = all.versions.find(({ state }) => state === "proposed");
  const standing = all.versions.find(({ stands }) => stands);
  const version =
    asked === undefined
      ? prefers === "waiting"
        ? (waiting ?? standing)
        : standing
      : all.versions.find(({ charter }) => String(charter.version) === asked);
  if (version !== undefined) return { version, all };
  throw new InterlockError(
    "charter/not-found",
    `${loop} has no charter of version ${asked ?? ""}`,
    {
      help: `interlock charter list ${loop}`,
    },
  );
}

function ownerOf({ charter }: CharterVersion, party: string): string {
  const owner = charter.parties.find(({ department }) => department === party)?.owner.email;
  if (owner !== undefined) return owner;
  const parties = charter.parties.map(({ department }) => department).join(", ");
  throw new InterlockError("charter/not-owner", `\`${party}\` is not a party of this charter`, {
    help: `its parties are ${parties}`,
  });
}

function listCommand(): Command {
  return workspaceCommand("list <loop>", charterList.summary, async (call, output, [loop = ""]) => {
    const listed = await call(charterList, { loop });
    output.result(listed, () =>
      table([
        ["VERSION", "STATE", "IN FORCE", "SIGNED BY", "HASH"],
        ...listed.versions.map(({ charter, state, signedBy, hash }) => [
          String(charter.version),
          state,
          `${charter.effective.from} to ${charter.effective.until}`,
          signedBy.map(({ party, person }) => `${party}: ${person}`).join(", ") || "nobody",
          hash.slice(0, 12),
        ]),
      ]),
    );
  });
}

function signCommand(): Command {
  return workspaceCommand(
    "sign <loop>",
    charterSign.summary,
    async (
      call,
      output,
      [loop = ""],
      { data = "", party = "", key, signature, version, person },
    ) => {
      const found = await findVersion(call, loop, version, "waiting");
      const owner = person ?? ownerOf(found.version, party);
      const own = signature === undefined ? readKeyFile(key, data, owner) : undefined;
      const given =
        own !== undefined
          ? signHere(found.version, own.secret)
          : ({
              form: "sshsig",
              keyId: "ssh",
              signature: await readText(signature ?? "", readFile),
            } as const);
      const { charter, hash } = found.version;
      const standing = await call(charterSign, { loop, charter: hash, party, ...given });
      const missing = charter.parties
        .map(({ department }) => department)
        .filter((department) => !standing.signedBy.includes(department));
      const by = own?.file ?? signature;
      output.result({ charter: hash, ...standing, by }, () =>
        [
          `${owner} signed version ${charter.version} for ${party} (${hash.slice(0, 12)}).`,
          `By: ${by}`,
          missing.length === 0
            ? "Every owner has signed: it is in force."
            : `It waits for ${missing.join(" and ")}.`,
        ].join("\n"),
      );
    },
  )
    .requiredOption("--party <department>", "the department you head")
    .option("--person <email>", "who you are (default: the party's owner)")
    .option("--version <n>", "the version you sign (default: the one that waits)")
    .option("--key <file>", "your private key (default: keys/ of the data directory, then ~/.ssh)")
    .option("--signature <file>", "made by ssh-keygen -Y sign over the bytes of `charter export`");
}

function signHere(
  { charter }: CharterVersion,
  secret: Uint8Array,
): Pick<SignInput, "form" | "keyId" | "signature"> {
  const [made] = signEnvelope(openEnvelope("charter", charter), secret).signatures;
  assert(made, "an envelope that was just signed has a signature");
  return { form: "dsse", keyId: made.keyid, signature: made.sig };
}

function proposeCommand(): Command {
  return workspaceCommand(
    "propose <loop> <file>",
    charterPropose.summary,
    async (call, output, [loop = "", file = ""], { person = "" }) => {
      const document = await readText(file, readFile);
      const row = await call(charterPropose, { loop, document, person });
      output.result(row, () =>
        [
          `Version ${row.charter.version} of the charter of ${loop} is ${row.state} (${row.hash.slice(0, 12)}).`,
          ...row.charter.parties.map(
            ({ department }) =>
              `  to sign it: interlock charter sign ${loop} --party ${department}`,
          ),
        ].join("\n"),
      );
    },
  ).requiredOption("--person <email>", "who you are");
}

function withdrawCommand(): Command {
  return workspaceCommand(
    "withdraw <loop>",
    charterWithdraw.summary,
    async (call, output, [loop = ""], { data = "", party = "", reason = "", key, person }) => {
      const { version } = await findVersion(call, loop, undefined, "standing");
      const owner = person ?? ownerOf(version, party);
      const { secret } = readKeyFile(key, data, owner);
      const at = new Date().toISOString();
      const said = { charter: version.hash, loop, party, person: owner, reason, at };
      const envelope = signEnvelope(openEnvelope("withdrawal", said), secret);
      const standing = await call(charterWithdraw, { loop, envelope });
      output.result(standing, () =>
        [
          `${owner} withdrew ${party} from version ${version.charter.version}. The loop has stopped.`,
          "What stands is lifted at its time. To go on: `interlock charter propose` a later version.",
        ].join("\n"),
      );
    },
  )
    .requiredOption("--party <department>", "the department you head")
    .requiredOption("--reason <words>", "why, for the other department")
    .option("--person <email>", "who you are (default: the party's owner)")
    .option("--key <file>", "your private key");
}

function exportCommand(): Command {
  return workspaceCommand(
    "export <loop>",
    "Writes the charter with its signatures, the keys that verify it, and the bytes that are signed.",
    async (call, output, [loop = ""], { out = "", version }) => {
      const found = await findVersion(call, loop, version, "standing");
      const files = {
        "charter.signed.json": `${JSON.stringify(found.version.signed, null, 2)}\n`,
        "charter.canonical.json": bytesOfStatement(found.version.charter),
        allowed_signers: found.all.signers,
      };
      mkdirSync(out, { recursive: true });
      const written = Object.entries(files).map(([name, content]) => {
        writeFileSync(join(out, name), content);
        return join(out, name);
      });
      output.result({ charter: found.version.hash, files: written }, () =>
        [
          ...written,
          `To verify it anywhere: interlock charter verify ${written[0]} --signers ${written[2]}`,
          `To sign with a key of SSH: ssh-keygen -Y sign -n ${namespaceOf("charter")} -f KEY ${written[1]}`,
        ].join("\n"),
      );
    },
  )
    .requiredOption("--out <directory>", "where the files go")
    .option("--version <n>", "another version than the one that stands");
}

/** Needs no data directory and no network: a file, and a file of keys. */
function verifyCommand(): Command {
  const command = new Command("verify")
    .description(
      "Verifies a signed charter offline: who signed, with which keys, whether it binds.",
    )
    .argument("<file>", "charter.signed.json of `charter export`")
    .requiredOption("--signers <file>", "the keys, as OpenSSH's allowed signers")
    .option("--at <instant>", "the moment it is to bind at (default: now)")
    .option("--json", "print JSON");
  return command.action(async (file: string) => {
    const options = command.opts<{ json?: boolean; signers: string; at?: string }>();
    const output = createOutput(options.json === true);
    const signed = readJson(await readText(file, readFile), file) as SignedCharter;
    const signers = readSigners(await readText(options.signers, readFile));
    const at = options.at ?? new Date().toISOString();
    const { charter, hash, signatures } = verifyCharter(signed, signers, at);
    output.result({ ok: true, hash, version: charter.version, signatures }, () =>
      [
        `${charter.name} version ${charter.version} (${hash}) binds:`,
        ...signatures.map(
          ({ party, person, keyId, signedAt }) => `  ${party}: ${person}, ${keyId}, ${signedAt}`,
        ),
        `In force from ${charter.effective.from} until ${charter.effective.until}.`,
      ].join("\n"),
    );
  });
}

function readJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new InterlockError("document/invalid-syntax", `${file} is not JSON: ${why}`);
  }
}
