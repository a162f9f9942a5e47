/**
 * A case in one file, which verifies alone: whoever has it and the ledger's key needs nothing else.
 *
 * Picture a sealed court file: the decision, the law that it was made under, the statements with their
 * signatures, and the clerk's register with its stamp. A reader checks that
 *
 *   the entries      are in the ledger under the signed head                     inclusion proofs
 *   the papers       are those that the entries name                             hashes
 *   the signatures   of both heads, and of voters who signed, are over them      keys that entries name
 *   the case         follows from the entries by the rules, to the last field    the same pure core
 *
 * and that the file holds nothing besides. What cannot be seen in it is said with it (`NOT_SHOWN`).
 */
import { canonicalJson } from "../../std/canonical-json.ts";
import { errorToText, InterlockError } from "../../std/errors.ts";
import { type Hash, hashText } from "../../std/hash.ts";
import { checkCharter } from "../charter/parse.ts";
import { packCharter, type SignedCharter, verifyCharter } from "../charter/signing.ts";
import { contractHash } from "../contract/parse.ts";
import type { Contract } from "../contract/types.ts";
import { readHead } from "../ledger/head.ts";
import { isIncluded } from "../ledger/proof.ts";
import { PLAIN_HASHER } from "../ledger/tree.ts";
import { type Envelope, isSigned, readEnvelope } from "../sign/envelope.ts";
import { type Signer } from "../sign/signers.ts";
import { keyIdOf, readPublicKey, writePublicKey } from "../sign/ssh-key.ts";
import { retraceCase, type Told, type ToldCase } from "./retrace.ts";
import type { Terms } from "./types.ts";

export const CASE_FILE_FORMAT = "interlock-case/1";

export type ProvedEntry = {
  readonly n: number;
  readonly text: string;
  /** From its leaf to the head's root. */
  readonly path: ReadonlyArray<Hash>;
};

export type CaseFile = {
  readonly format: typeof CASE_FILE_FORMAT;
  readonly case: ToldCase;
  readonly contracts: ReadonlyArray<Contract>;
  readonly charters: ReadonlyArray<SignedCharter>;
  /** The people's keys that signed: `ssh-ed25519 AAAA...`. */
  readonly keys: ReadonlyArray<string>;
  /** Of the case, and of who signed which charter with which key. */
  readonly entries: ReadonlyArray<ProvedEntry>;
  readonly head: Envelope;
  /** The ledger's key. */
  readonly key: string;
};

export type CaseFileCheck = {
  readonly holds: boolean;
  readonly case: string;
  readonly head: { readonly size: number; readonly root: Hash; readonly at: string } | null;
  /** What was shown, in sentences. */
  readonly shown: ReadonlyArray<string>;
  /** What does not hold; empty for a good file. */
  readonly faults: ReadonlyArray<string>;
  readonly notShown: ReadonlyArray<string>;
};

const NOT_SHOWN: ReadonlyArray<string> = [
  "that nothing happened to the case after the last entry here",
  "that what connectors and agents answered was true: the ledger holds what they said",
  "that a key is the person's whose name it was registered under, and was not revoked before it signed",
  "when an entry was written, beyond the order of entries and the time of the signed head",
];
const KEY_IN_FILE = "that the key in the file is the ledger's: pass the key you know";

/** `knownKey`: the ledger's key from elsewhere; without it the one in the file is believed, and said so. */
export function verifyCaseFile(value: unknown, knownKey?: string): CaseFileCheck {
  const shown: string[] = [];
  const faults: string[] = [];
  const check = <T>(what: string, work: () => T): T | undefined => {
    try {
      return work();
    } catch (error) {
      faults.push(`${what}: ${errorToText(error)}`);
      return undefined;
    }
  };
  const file = value as CaseFile;
  const notShown = [...NOT_SHOWN, ...(knownKey === undefined ? [KEY_IN_FILE] : [])];
  const head = check("the signed head", () => checkHead(file, knownKey));
  const told = head && check("the entries", () => checkEntries(file, head));
  if (head !== undefined && told !== undefined) {
    shown.push(`a head of ${head.size} entries was signed at ${head.at}`);
    shown.push(`${told.length} entries are in the ledger under that head`);
    const papers = check("the papers", () => checkPapers(file, told));
    if (papers !== undefined) {
      shown.push("both heads signed each charter that the case was under");
      shown.push("the contract is the one that the entries name");
      const signed = check("the votes", () => checkVotes(file, told));
      if (signed !== undefined && signed > 0) shown.push(`${signed} votes carry a good signature`);
      check("the case", () => checkCase(file, told, papers));
      if (faults.length === 0) shown.push("the case follows from its entries by the rules");
    }
  }
  return {
    holds: faults.length === 0,
    case: String((file as Partial<CaseFile> | null)?.case?.id ?? ""),
    head: head === undefined ? null : { size: head.size, root: head.root, at: head.at },
    ...{ shown, faults, notShown },
  };
}

function broken(why: string): InterlockError {
  return new InterlockError("ledger/bad-file", why);
}

function refuseUnless(holds: boolean, why: string): void {
  if (!holds) throw broken(why);
}

const FIELDS = "case,charters,contracts,entries,format,head,key,keys";

function checkHead(file: CaseFile, knownKey: string | undefined) {
  const fields = Object.keys(file ?? {}).sort();
  refuseUnless(fields.join() === FIELDS, "this is no file of a case");
  refuseUnless(file.format === CASE_FILE_FORMAT, "it has another format");
  const key = readPublicKey(file.key);
  refuseUnless(writePublicKey(key, "") === file.key, "its key is not written as we write it");
  if (knownKey !== undefined) {
    refuseUnless(keyIdOf(readPublicKey(knownKey)) === keyIdOf(key), "it names another key");
  }
  const { envelope, head } = readHead(file.head);
  const [signature, ...others] = envelope.signatures;
  refuseUnless(others.length === 0 && signature !== undefined, "it has not exactly one signature");
  refuseUnless(canonicalJson(envelope) === canonicalJson(file.head), "it holds more than a head");
  refuseUnless(isSigned(envelope, key), "the signature is not over it");
  return head;
}

function checkEntries(
  { entries }: CaseFile,
  head: ReturnType<typeof checkHead>,
): ReadonlyArray<Told> {
  refuseUnless(Array.isArray(entries) && entries.length > 0, "there are none");
  let before = 0;
  return entries.map((entry) => {
    const { n, text, path } = entry;
    refuseUnless(Object.keys(entry).sort().join() === "n,path,text", "one holds more than it may");
    refuseUnless(n > before, `entry ${n} stands after ${before}`);
    before = n;
    const leaf = { n, hash: PLAIN_HASHER.leaf(text) };
    refuseUnless(
      Array.isArray(path) && isIncluded(leaf, head, path),
      `entry ${n} is not in the ledger under that head`,
    );
    return JSON.parse(text) as Told;
  });
}

type Papers = ReadonlyMap<Hash, Terms["contract"] | Terms["charter"]>;

function checkPapers(file: CaseFile, told: ReadonlyArray<Told>): Papers {
  const own = told.filter((entry) => entry.case !== null);
  const named = new Set(own.flatMap(({ contract = "", charter = "" }) => [contract, charter]));
  named.delete("");
  const papers = new Map<Hash, Terms["contract"] | Terms["charter"]>();
  for (const contract of file.contracts) papers.set(contractHash(contract), contract);
  const keys = file.keys.map(readPublicKey);
  refuseUnless(
    canonicalJson(keys.map((key) => writePublicKey(key, ""))) === canonicalJson(file.keys),
    "a key is not written as we write it",
  );
  const signers = keys.map((key): Signer => {
    const added = told.find(
      ({ kind, body }) => kind === "signer.added" && body["key"] === keyIdOf(key),
    );
    refuseUnless(added !== undefined, `no entry says whose the key ${keyIdOf(key)} is`);
    return { person: String(added?.body["person"]), key };
  });
  const used = new Set<string>();
  for (const signed of file.charters) {
    const { hash, charter, keyIds } = checkSignedCharter(signed, told, signers);
    papers.set(hash, charter);
    keyIds.forEach((id) => used.add(id));
  }
  for (const { keyId } of listSignedVotes(told)) used.add(keyId);
  const stranger = keys.find((key) => !used.has(keyIdOf(key)));
  refuseUnless(stranger === undefined, "it has a key that signed nothing here");
  const has = [...papers.keys()].sort().join();
  refuseUnless(has === [...named].sort().join(), "its papers are not those that the entries name");
  refuseUnless(
    file.contracts.length + file.charters.length === papers.size,
    "it has a paper twice",
  );
  return papers;
}

/** Both heads' signatures, received when the ledger says so, and nothing in the papers besides. */
function checkSignedCharter(
  signed: SignedCharter,
  told: ReadonlyArray<Told>,
  signers: ReadonlyArray<Signer>,
) {
  const { statement } = readEnvelope("charter", signed.envelope);
  const checked = checkCharter(statement);
  refuseUnless(checked.kind === "valid", "there is no charter in the envelope");
  const hash = hashText(canonicalJson(statement));
  const receipts = told.filter(
    ({ kind, body }) => kind === "charter.signed" && body["charter_hash"] === hash,
  );
  const receivedAt = Object.fromEntries(receipts.map(({ at, body }) => [String(body["key"]), at]));
  const last = receipts.at(-1)?.at ?? "";
  const verified = verifyCharter({ ...signed, receivedAt }, signers, last);
  refuseUnless(
    verified.signatures.every(({ keyId }) => Object.hasOwn(receivedAt, keyId)),
    "no entry says when it was signed",
  );
  refuseUnless(
    canonicalJson(packCharter(verified.charter, verified.signatures)) === canonicalJson(signed),
    "the signed charter is not as the entries have it",
  );
  return { hash, charter: verified.charter, keyIds: verified.signatures.map(({ keyId }) => keyId) };
}

type SignedVote = { readonly keyId: string; readonly envelope: unknown; readonly person: string };

function listSignedVotes(told: ReadonlyArray<Told>): ReadonlyArray<SignedVote> {
  return told.flatMap(({ kind, body }) => {
    if (kind !== "vote.cast") return [];
    const { vote } = body["event"] as unknown as {
      readonly vote: { readonly person: string; readonly proof: SignedVote & { kind: string } };
    };
    return vote.proof.kind === "signature" ? [{ ...vote.proof, person: vote.person }] : [];
  });
}

function checkVotes({ keys }: CaseFile, told: ReadonlyArray<Told>): number {
  const votes = listSignedVotes(told);
  for (const { keyId, envelope: value, person } of votes) {
    const { envelope } = readEnvelope("vote", value);
    const key = keys.map(readPublicKey).find((one) => keyIdOf(one) === keyId);
    refuseUnless(
      key !== undefined && isSigned(envelope, key),
      `${person}'s signature is not over it`,
    );
  }
  return votes.length;
}

function checkCase(file: CaseFile, told: ReadonlyArray<Told>, papers: Papers): void {
  const own = told.filter((entry) => entry.case !== null);
  refuseUnless(
    own.every((entry) => entry.case === file.case.id),
    "an entry is another case's",
  );
  const retraced = retraceCase(own, (contract, charter) => {
    const [one, other] = [papers.get(contract), papers.get(charter)];
    if (one === undefined || other === undefined) return undefined;
    return {
      ...{ contract: one as Terms["contract"], contractHash: contract },
      ...{ charter: other as Terms["charter"], charterHash: charter },
    };
  });
  if ("fault" in retraced) throw broken(`entry ${retraced.fault.n}: ${retraced.fault.why}`);
  refuseUnless(
    canonicalJson(retraced.case) === canonicalJson(file.case),
    "it is not what its entries lead to",
  );
}
