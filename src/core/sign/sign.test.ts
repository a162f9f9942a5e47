import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { bytesToUtf8, utf8ToBytes } from "../../std/bytes.ts";
import { publicKeyOf } from "../../std/ed25519.ts";
import { InterlockError } from "../../std/errors.ts";
import {
  bytesOfStatement,
  encodeForSigning,
  isSigned,
  openEnvelope,
  readEnvelope,
  signEnvelope,
} from "./envelope.ts";
import { readSigners, type Signer, writeSigners } from "./signers.ts";
import {
  keyIdOf,
  type PublicKey,
  readPrivateKey,
  readPublicKey,
  writePrivateKey,
  writePublicKey,
} from "./ssh-key.ts";
import { readSshSignature } from "./ssh-signature.ts";

const SECRET = new Uint8Array(32).fill(7);
const KEY: PublicKey = { type: "ssh-ed25519", bytes: publicKeyOf(SECRET) };
const CHECK = Uint8Array.of(1, 2, 3, 4);

const refusedWith = (code: string) => (thrown: unknown) =>
  thrown instanceof InterlockError && thrown.code === code;

test("the bytes that are signed are those of the published example", () => {
  const bytes = encodeForSigning("http://example.com/HelloWorld", utf8ToBytes("hello world"));
  assert.equal(bytesToUtf8(bytes), "DSSEv1 29 http://example.com/HelloWorld 11 hello world");
});

test("a signed statement is read back, and only by the key that signed it", () => {
  const envelope = signEnvelope(openEnvelope("withdrawal", { b: 1, a: "ä" }), SECRET);
  const { statement } = readEnvelope("withdrawal", JSON.parse(JSON.stringify(envelope)));
  assert.deepEqual(statement, { a: "ä", b: 1 });
  assert(isSigned(envelope, KEY));
  const other = { ...KEY, bytes: publicKeyOf(new Uint8Array(32).fill(8)) };
  assert(!isSigned(envelope, other));
  const claimed = envelope.signatures.map((one) => ({ ...one, keyid: keyIdOf(other) }));
  assert(!isSigned({ ...envelope, signatures: claimed }, other));
});

test("a signature for one kind of statement is none for another", () => {
  const envelope = signEnvelope(openEnvelope("withdrawal", { a: 1 }), SECRET);
  assert.throws(() => readEnvelope("charter", envelope), refusedWith("sign/wrong-type"));
  const relabelled = { ...envelope, payloadType: openEnvelope("charter", {}).payloadType };
  assert(!isSigned(relabelled, KEY));
});

test("bytes that say the same in another spelling are refused", () => {
  const loose = Buffer.from('{ "a": 1 }').toString("base64");
  const envelope = { ...openEnvelope("vote", { a: 1 }), payload: loose };
  assert.throws(() => readEnvelope("vote", envelope), refusedWith("sign/not-canonical"));
});

for (const [what, value] of [
  ["nothing", undefined],
  ["a text", "{}"],
  ["no signatures", { payloadType: "x", payload: "" }],
  ["a signature without a key", { payloadType: "x", payload: "", signatures: [{ sig: "" }] }],
  ["bytes that are no base64", { ...openEnvelope("vote", {}), payload: "e30" }],
] as const) {
  test(`${what} is no envelope`, () => {
    assert.throws(() => readEnvelope("vote", value), refusedWith("sign/malformed"));
  });
}

test("a private key file is read back, and has the public line's fingerprint", () => {
  const file = writePrivateKey(SECRET, "head@logistics.example.com", CHECK);
  assert.deepEqual(readPrivateKey(file), SECRET);
  assert.equal(keyIdOf(readPublicKey(writePublicKey(KEY, "head"))), keyIdOf(KEY));
});

test("a file of signers is read back with terms and namespaces; a line that is wrong is named", () => {
  const signers: ReadonlyArray<Signer> = [
    { person: "a@example.com", key: KEY },
    {
      person: "b@example.com",
      key: KEY,
      validFrom: "2026-01-01T00:00:00.000Z",
      validUntil: "2026-11-23T09:30:00.000Z",
      namespaces: ["interlock-charter@v1", "interlock-vote@v1"],
    },
  ];
  assert.deepEqual(readSigners(`# ours\n\n${writeSigners(signers)}`), signers);
  assert.throws(() => readSigners("a@example.com ssh-ed25519 AAAA"), /line 1 of the signers/);
  assert.throws(
    () => readSigners(`${writeSigners(signers)}b@example.com valid-after="2026-13" ssh-ed25519 A`),
    /line 3/,
  );
});

const LINE = writePublicKey(KEY, "");

test("lines about keys that we do not take are passed over, as those of authorities are", () => {
  const text = [
    "a@example.com ssh-rsa AAAAB3NzaC1yc2E= of an old machine",
    'b@example.com namespaces="git" sk-ssh-ed25519@openssh.com AAAAGnNr',
    `*@example.com cert-authority ${LINE}`,
    `c@example.com ${LINE} of c`,
  ].join("\r\n");
  assert.deepEqual(readSigners(text), [{ person: "c@example.com", key: KEY }]);
});

test("options are read as OpenSSH writes them, in any case and after one another", () => {
  const line = `a@example.com Namespaces="git,file",VALID-AFTER="20260101" ${LINE}`;
  assert.deepEqual(readSigners(line), [
    {
      person: "a@example.com",
      key: KEY,
      validFrom: "2026-01-01T00:00:00.000Z",
      namespaces: ["git", "file"],
    },
  ]);
});

for (const [what, options] of [
  ["an option that nobody knows", 'only-on="monday"'],
  ["an option twice", 'valid-before="20260101",valid-before="20990101"'],
  ["options apart from one another", 'valid-after="20260101" valid-before="20270101"'],
  ["a time that is none", 'valid-after="2026-13-01"'],
  ["a quote that does not end", 'namespaces="git'],
] as const) {
  test(`a line with ${what} is refused, not read in part`, () => {
    const read = () => readSigners(`a@example.com ${options} ${LINE}`);
    assert.throws(read, refusedWith("sign/malformed"));
  });
}

test("a line made to be read for ever is refused at once", () => {
  const started = performance.now();
  for (const part of ["a", "a,", 'a="",', "a ", '"a"']) {
    const read = () => readSigners(`x@example.com ${part.repeat(20_000)}! ssh-ed25519 A`);
    assert.throws(read, refusedWith("sign/malformed"));
  }
  assert(performance.now() - started < 1_000);
});

test("a time is rounded outwards, so that a signature of that second counts wherever it is read", () => {
  const validFrom = "2026-11-23T09:30:00.700Z";
  const validUntil = "2026-11-23T09:30:05.200Z";
  const [read] = readSigners(writeSigners([{ person: "a@b.c", key: KEY, validFrom, validUntil }]));
  assert.equal(read?.validFrom, "2026-11-23T09:30:00.000Z");
  assert.equal(read?.validUntil, "2026-11-23T09:30:06.000Z");
});

// Made once by ssh-keygen with the key of the seed above, over the bytes below.
const SIGNED_BYTES = bytesOfStatement({ hello: "world" });
const SSH_SIGNATURE = readFileSync(new URL("ssh-signature.fixture.txt", import.meta.url), "utf8");

test("a signature by ssh-keygen holds over these bytes, for this kind, and for nothing else", () => {
  assert.equal(keyIdOf(readSshSignature(SSH_SIGNATURE, "charter", SIGNED_BYTES)), keyIdOf(KEY));
  const read = (kind: "charter" | "vote", bytes: Uint8Array) => () =>
    readSshSignature(SSH_SIGNATURE, kind, bytes);
  assert.throws(read("vote", SIGNED_BYTES), refusedWith("sign/wrong-type"));
  assert.throws(read("charter", utf8ToBytes("{}")), refusedWith("sign/bad-signature"));
  assert.throws(
    () => readSshSignature("-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----", "charter", SIGNED_BYTES), // prettier-ignore
    refusedWith("sign/malformed"),
  );
});

const SSH_KEYGEN = ["/usr/bin/ssh-keygen", "/bin/ssh-keygen"].find((path) => existsSync(path));
const root = mkdtempSync(join(tmpdir(), "interlock-sign-"));
after(() => rmSync(root, { recursive: true, force: true }));

test(
  "ssh-keygen takes our keys and signers, and we take its keys and signatures",
  { skip: SSH_KEYGEN === undefined ? "ssh-keygen is not installed" : false },
  () => {
    assert(SSH_KEYGEN);
    const run = (args: ReadonlyArray<string>, input = "") =>
      execFileSync(SSH_KEYGEN, args, {
        input,
        cwd: root,
        stdio: ["pipe", "pipe", "pipe"],
      }).toString();
    writeFileSync(join(root, "ours"), writePrivateKey(SECRET, "us", CHECK), { mode: 0o600 });
    assert.ok(run(["-l", "-f", "ours"]).includes(keyIdOf(KEY)));
    writeFileSync(join(root, "bytes"), SIGNED_BYTES);
    run(["-Y", "sign", "-q", "-n", "interlock-charter@v1", "-f", "ours", "bytes"]);
    const signature = readFileSync(join(root, "bytes.sig"), "utf8");
    assert.equal(keyIdOf(readSshSignature(signature, "charter", SIGNED_BYTES)), keyIdOf(KEY));
    writeFileSync(
      join(root, "signers"),
      writeSigners([
        {
          person: "us@example.com",
          key: KEY,
          validFrom: "2020-01-01T00:00:00.000Z",
          validUntil: "2999-01-01T00:00:00.000Z",
          namespaces: ["interlock-charter@v1", "interlock-vote@v1"],
        },
      ]),
    );
    const verify = ["-Y", "verify", "-f", "signers", "-I", "us@example.com"];
    const said = run(
      [...verify, "-n", "interlock-charter@v1", "-s", "bytes.sig"],
      bytesToUtf8(SIGNED_BYTES),
    );
    assert.match(said, /^Good/);
    run(["-q", "-t", "ed25519", "-N", "", "-C", "theirs", "-f", "theirs"]);
    const theirs = readPrivateKey(readFileSync(join(root, "theirs"), "utf8"));
    const line = readFileSync(join(root, "theirs.pub"), "utf8");
    assert.deepEqual(publicKeyOf(theirs), readPublicKey(line).bytes);
    run(["-q", "-t", "ed25519", "-N", "secret", "-f", "locked"]);
    const locked = readFileSync(join(root, "locked"), "utf8");
    assert.throws(() => readPrivateKey(locked), /under a passphrase/);
  },
);
