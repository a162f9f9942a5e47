/**
 * Who witnesses the ledger of a data directory, and the key that signs its heads. Both are files beside the
 * store and never in it: the database's owner is whom they are there for.
 *
 *   keys/ledger.key    an OpenSSH private key; INTERLOCK_LEDGER_KEY names another file
 *   witnesses.json     [{ "to": "/mnt/other/heads.jsonl" | "https://..." | "postgres://...",
 *                        "key": "ssh-ed25519 ..." }]
 */
import { randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { GuardedFetch } from "../connector/outgoing/guarded-fetch.ts";
import { createFileMemory } from "../connector/witness/file-memory.ts";
import { createHttpWitness } from "../connector/witness/http-witness.ts";
import { createWitness, type Witness } from "../core/ledger/witness.ts";
import { readPrivateKey, writePrivateKey, writePublicKey } from "../core/sign/ssh-key.ts";
import { publicKeyOf, SECRET_BYTES } from "../std/ed25519.ts";
import { InterlockError } from "../std/errors.ts";
import { type Driver, openDriver } from "../store/driver/driver.ts";
import { openDatabaseMemory } from "../store/witness-memory.ts";

const CHECK_BYTES = 4;
const ONLY_MINE = 0o600;
const WITNESSES_MAX = 20;

export type WitnessNote = {
  readonly to: string;
  /** Trusted until a head names another: `ssh-ed25519 AAAA...`. */
  readonly key: string;
};

function keyFile(directory: string): string {
  return process.env["INTERLOCK_LEDGER_KEY"] ?? join(directory, "keys", "ledger.key");
}

/** The key that signs the heads; made when it is first needed. */
export function readLedgerSecret(directory: string): Uint8Array {
  const file = keyFile(directory);
  if (!existsSync(file)) writeSecret(file);
  return readPrivateKey(readFileSync(file, "utf8"));
}

function writeSecret(file: string): Uint8Array {
  const secret = Uint8Array.from(randomBytes(SECRET_BYTES));
  mkdirSync(dirname(file), { recursive: true });
  const text = writePrivateKey(secret, "ledger", Uint8Array.from(randomBytes(CHECK_BYTES)));
  writeFileSync(file, text, { mode: ONLY_MINE, flag: "wx" });
  return secret;
}

/**
 * Makes the next key and, once `handOver` has signed that it follows, puts it in the old one's place. The
 * old one is kept beside it. Cut off between the two, the next call goes on with the key that was made.
 */
export async function rotateLedgerKey(
  directory: string,
  handOver: (successor: string) => Promise<unknown>,
): Promise<string> {
  const file = keyFile(directory);
  const [next, old] = [`${file}.next`, `${file}.old`];
  readLedgerSecret(directory);
  const secret = existsSync(next) ? readPrivateKey(readFileSync(next, "utf8")) : writeSecret(next);
  const line = writePublicKey({ type: "ssh-ed25519", bytes: publicKeyOf(secret) }, "");
  await handOver(line);
  renameSync(file, old);
  renameSync(next, file);
  return line;
}

function notesFile(directory: string): string {
  return join(directory, "witnesses.json");
}

export function listWitnessNotes(directory: string): ReadonlyArray<WitnessNote> {
  const file = notesFile(directory);
  if (!existsSync(file)) return [];
  return JSON.parse(readFileSync(file, "utf8")) as ReadonlyArray<WitnessNote>;
}

function writeWitnessNotes(directory: string, notes: ReadonlyArray<WitnessNote>): void {
  // An address of a database carries its password.
  writeFileSync(notesFile(directory), `${JSON.stringify(notes, null, 2)}\n`, { mode: ONLY_MINE });
}

export function addWitnessNote(directory: string, to: string, key: string): WitnessNote {
  const notes = listWitnessNotes(directory);
  const place = /^[a-z]+:\/\//.test(to) ? to : resolve(to);
  if (notes.some((note) => note.to === place) || notes.length >= WITNESSES_MAX) {
    throw new InterlockError("cli/usage", `\`${nameOf(place)}\` cannot be one witness more`, {
      help: `it is one already, or there are ${WITNESSES_MAX}: \`ledger witness list\``,
    });
  }
  const note = { to: place, key };
  writeWitnessNotes(directory, [...notes, note]);
  return note;
}

export function removeWitnessNote(directory: string, to: string): void {
  const notes = listWitnessNotes(directory);
  const left = notes.filter((note) => note.to !== to && nameOf(note.to) !== to);
  if (left.length === notes.length) {
    throw new InterlockError("cli/usage", `\`${to}\` is no witness here`, {
      help: "`ledger witness list` shows them",
    });
  }
  writeWitnessNotes(directory, left);
}

/** Without a user and a password. */
export function nameOf(to: string): string {
  if (!URL.canParse(to)) return to;
  const { protocol, host, pathname } = new URL(to);
  return protocol.startsWith("postgres") ? `${host}${pathname}` : host;
}

export type OpenWitnesses = {
  /** As the file names them now: one that is added is asked at the next round. */
  list(): ReadonlyArray<Witness>;
  close(): Promise<void>;
};

export function openWitnesses(directory: string, outgoing: GuardedFetch): OpenWitnesses {
  const drivers: Driver[] = [];
  const known = new Map<string, Witness>();
  const open = ({ to, key }: WitnessNote): Witness => {
    if (to.startsWith("postgres")) {
      return createDatabaseWitness(to, key, (driver) => drivers.push(driver));
    }
    if (URL.canParse(to)) return createHttpWitness(to, outgoing.fetch);
    return createWitness(to, createFileMemory(to), key);
  };
  return {
    list: () =>
      listWitnessNotes(directory).map((note) => {
        const witness = known.get(note.to) ?? open(note);
        known.set(note.to, witness);
        return witness;
      }),
    async close() {
      await Promise.all(drivers.map((driver) => driver.close()));
    },
  };
}

/** Connects when it is first asked: one that is away keeps nobody from starting. */
function createDatabaseWitness(
  url: string,
  key: string,
  onOpen: (driver: Driver) => void,
): Witness {
  let opening: Promise<Witness> | undefined;
  const open = async () => {
    const driver = await openDriver({ url, connectionsMax: 1 });
    onOpen(driver);
    return createWitness(nameOf(url), await openDatabaseMemory(driver), key);
  };
  const opened = () =>
    (opening ??= open().catch((error: unknown) => {
      opening = undefined;
      throw error;
    }));
  return {
    name: nameOf(url),
    readLast: async () => (await opened()).readLast(),
    take: async (envelope, path) => (await opened()).take(envelope, path),
  };
}
