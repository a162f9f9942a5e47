/**
 * Who signs with which key, from when until when: OpenSSH's `allowed_signers`, so that anybody can verify
 * with a text file and a company's existing one works.
 *
 * A revoked key is one that ended: what it signed before stays signed, what follows does not count.
 * Lines of other kinds of keys, and of authorities that certify keys, are passed over: their signatures
 * are nobody's here. One line is one person: a pattern of addresses, or a list of them, is no owner's.
 */
import { addMs, type Instant, isInstant, SECOND_MS } from "../../std/time.ts";
import { InterlockError } from "../../std/errors.ts";
import { normaliseEmail } from "../charter/seat.ts";
import type { StatementKind } from "./envelope.ts";
import { keyIdOf, type PublicKey, readPublicKey, writePublicKey } from "./ssh-key.ts";
import { namespaceOf } from "./ssh-signature.ts";

export type Signer = {
  readonly person: string;
  readonly key: PublicKey;
  readonly validFrom?: Instant;
  /** From here on its signatures do not count. */
  readonly validUntil?: Instant;
  /** Kinds of statement it may sign; all when left out. */
  readonly namespaces?: ReadonlyArray<string>;
};

export function findSigner(signers: ReadonlyArray<Signer>, keyId: string): Signer | undefined {
  return signers.find(({ key }) => keyIdOf(key) === keyId);
}

/** Throws unless this key may speak for the person, for this kind of statement, at that moment. */
export function checkSigner(
  signer: Signer | undefined,
  said: { readonly keyId: string; readonly person: string; readonly kind: StatementKind },
  at: Instant,
): Signer {
  if (signer === undefined) {
    throw new InterlockError("sign/unknown-key", `the key ${said.keyId} is nobody's`, {
      help: "register it first: `charter key add`, or name it in the file of signers",
    });
  }
  const { person, validFrom, validUntil, namespaces } = signer;
  if (normaliseEmail(person) !== normaliseEmail(said.person)) {
    throw new InterlockError(
      "sign/other-person",
      `the key ${said.keyId} is ${person}'s, not ${said.person}'s`,
    );
  }
  if (validFrom !== undefined && at < validFrom) {
    throw new InterlockError(
      "sign/key-not-valid",
      `the key ${said.keyId} is valid from ${validFrom}`,
    );
  }
  if (validUntil !== undefined && at >= validUntil) {
    throw new InterlockError(
      "sign/key-revoked",
      `the key ${said.keyId} counts only until ${validUntil}; this is of ${at}`,
    );
  }
  if (namespaces !== undefined && !namespaces.includes(namespaceOf(said.kind))) {
    throw new InterlockError("sign/wrong-type", `the key ${said.keyId} is not for a ${said.kind}`);
  }
  return signer;
}

export function writeSigners(signers: ReadonlyArray<Signer>): string {
  return signers.map(writeSigner).join("\n") + (signers.length > 0 ? "\n" : "");
}

/** Rounded outwards to whole seconds, so that nothing a key signed in its time falls out of it. */
function writeSigner({ person, key, validFrom, validUntil, namespaces }: Signer): string {
  const options = [
    ...(namespaces === undefined ? [] : [`namespaces="${namespaces.join(",")}"`]),
    ...(validFrom === undefined ? [] : [`valid-after="${writeTime(validFrom)}"`]),
    ...(validUntil === undefined ? [] : [`valid-before="${writeTime(nextSecond(validUntil))}"`]),
  ];
  const said = options.length === 0 ? [] : [options.join(",")];
  return [person, ...said, writePublicKey(key, "")].join(" ");
}

/** Throws `sign/malformed` with the number of the line. Comments and empty lines are passed over. */
export function readSigners(text: string): ReadonlyArray<Signer> {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (/^\s*(#|$)/.test(line)) return [];
    try {
      return readSigner(line.trim());
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new InterlockError("sign/malformed", `line ${index + 1} of the signers: ${why}`);
    }
  });
}

const PERSON = /(?<person>[^\s"]+)/.source;
const OPTIONS = /(?<options>[a-z-](?:[^\s"]|"[^"]*")*)/.source;
const KEY = /(?<key>(?<type>(?:ssh|ecdsa|sk)-[a-z\d@.-]+)\s+\S+)/.source;
const LINE = new RegExp(`^${PERSON}\\s+(?:${OPTIONS}\\s+)?${KEY}(?:\\s|$)`, "i");
const OPTION = /^(?<name>[a-z-]+)(?:="(?<value>[^"]*)")?(?:,|$)/i;
/** What may be said of a key; a restriction that we cannot keep is refused rather than passed over. */
const OPTION_NAMES = ["namespaces", "valid-after", "valid-before", "cert-authority"];

/** One signer, or none where the line is about a kind of key that we do not take. */
function readSigner(line: string): ReadonlyArray<Signer> {
  const parts = LINE.exec(line)?.groups;
  if (parts === undefined) {
    throw new InterlockError("sign/malformed", "it is not `person [options] ssh-ed25519 KEY`");
  }
  const { person = "", key = "", type = "" } = parts;
  const options = readOptions(parts["options"] ?? "");
  if (type !== "ssh-ed25519" || options.has("cert-authority")) return [];
  const [after, before] = [options.get("valid-after"), options.get("valid-before")];
  const namespaces = options.get("namespaces");
  return [
    {
      person,
      key: readPublicKey(key),
      ...(after === undefined ? {} : { validFrom: readTime(after) }),
      ...(before === undefined ? {} : { validUntil: readTime(before) }),
      ...(namespaces === undefined ? {} : { namespaces: namespaces.split(",") }),
    },
  ];
}

function readOptions(text: string): ReadonlyMap<string, string> {
  const options = new Map<string, string>();
  for (let rest = text; rest !== "";) {
    const [whole = "", name = "", value = ""] = OPTION.exec(rest) ?? [];
    const known = name.toLowerCase();
    if (!OPTION_NAMES.includes(known) || options.has(known)) {
      throw new InterlockError("sign/malformed", `\`${rest.slice(0, 60)}\` is no option we know`);
    }
    options.set(known, value);
    rest = rest.slice(whole.length);
  }
  return options;
}

/** `20261123093000Z`, without what is less than a second. */
function writeTime(at: Instant): string {
  return `${at.slice(0, 19).replaceAll(/[-:T]/g, "")}Z`;
}

function nextSecond(at: Instant): Instant {
  return at.endsWith(".000Z") ? at : addMs(at, SECOND_MS);
}

/** `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`; taken as UTC, as everything here. */
function readTime(text: string): Instant {
  const parts = /^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?Z?$/.exec(text);
  const [, year, month, day, hour = "00", minute = "00", second = "00"] = parts ?? [];
  const at = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  if (!isInstant(at)) {
    throw new InterlockError("sign/malformed", `\`${text}\` is no time such as 20261123093000Z`);
  }
  return at;
}
