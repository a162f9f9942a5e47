/** What a forger may try on a signed charter: every row of the table, and 10,000 forgeries by chance. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NOW, referenceCharter } from "../../../test/kit/reference-loop.ts";
import {
  BY_BOTH,
  HEADS,
  keyIdFor,
  keyOf,
  KEYS_FROM,
  SIGNED_AT,
  signAsSsh,
  signCharterAs,
  SIGNERS,
  signerOf,
  signWithdrawal,
} from "../../../test/kit/signed-charter.ts";
import { base64ToBytes, bytesToBase64, bytesToUtf8, utf8ToBytes } from "../../std/bytes.ts";
import { signBytes } from "../../std/ed25519.ts";
import { type ErrorCode, InterlockError } from "../../std/errors.ts";
import { integerBetween, type Random, randomFrom } from "../../std/random.ts";
import type { Instant } from "../../std/time.ts";
import {
  bytesOfStatement,
  type Envelope,
  type EnvelopeSignature,
  openEnvelope,
  PAYLOAD_TYPES,
  signEnvelope,
} from "../sign/envelope.ts";
import type { Signer } from "../sign/signers.ts";
import { readArmour, writeArmour } from "../sign/ssh-wire.ts";
import { charterHash } from "./parse.ts";
import { type SignedCharter, verifyCharter } from "./signing.ts";
import type { Charter } from "./types.ts";

type Papers = {
  readonly signed: SignedCharter;
  readonly signers: ReadonlyArray<Signer>;
  readonly at: Instant;
};

const charter = referenceCharter();
const dsse = signCharterAs();
const mixed = signCharterAs([
  { person: HEADS.logistics, form: "dsse" },
  { person: HEADS.marketing, form: "sshsig" },
]);
const DEPUTY = "deputy@marketing.example.com";
const OTHER_KEY = "second key";

function papers(change: Partial<Papers> = {}): Papers {
  return { signed: dsse, signers: SIGNERS, at: NOW, ...change };
}

const verify = ({ signed, signers, at }: Papers) => verifyCharter(signed, signers, at);

/** The code of its refusal; anything but one of our errors is thrown on, and so is no refusal. */
function refusalOf(forged: Papers): ErrorCode {
  try {
    verify(forged);
  } catch (thrown) {
    if (thrown instanceof InterlockError) return thrown.code;
    throw thrown;
  }
  throw new Error("it was taken for good");
}

// --- what is not forged -------------------------------------------------------------------------

for (const [form, signed] of Object.entries({ dsse, mixed })) {
  test(`a charter that both heads signed (${form}) says who signed, with which key and when`, () => {
    const { hash, signatures } = verify(papers({ signed }));
    assert.equal(hash, charterHash(charter));
    assert.deepEqual(
      signatures.map(({ party, person, keyId, signedAt }) => [party, person, keyId, signedAt]),
      Object.entries(HEADS).map(([party, person]) => [party, person, keyIdFor(person), SIGNED_AT]),
    );
  });
}

test("in which order the heads signed does not matter, nor does another spelling of their address", () => {
  const signed = signCharterAs(BY_BOTH.toReversed());
  const signers = SIGNERS.map((one) => ({ ...one, person: one.person.toUpperCase() }));
  assert.equal(verify(papers({ signed, signers })).signatures.length, 2);
});

test("a withdrawal counts from when it was received, and not before", () => {
  const envelope = signWithdrawal(withdrawn, HEADS.marketing);
  const signed = { ...dsse, withdrawal: { envelope, receivedAt: "2026-03-01T06:00:00.000Z" } };
  assert.equal(verify(papers({ signed, at: "2026-03-01T05:59:59.999Z" })).signatures.length, 2);
  const after = papers({ signed, at: "2026-03-01T06:00:00.000Z" });
  assert.equal(refusalOf(after), "charter/withdrawn");
});

test("a key that ended after it signed leaves what it signed as it was", () => {
  const signers = SIGNERS.map((one) => ({ ...one, validUntil: "2026-02-02T00:00:00.000Z" }));
  assert.equal(verify(papers({ signers })).signatures.length, 2);
});

// --- how each forgery is made -------------------------------------------------------------------

const withEnvelope = (change: Partial<Envelope>, of: SignedCharter = dsse): SignedCharter => ({
  ...of,
  envelope: { ...of.envelope, ...change },
});
const withSignatures = (
  change: (all: ReadonlyArray<EnvelopeSignature>) => ReadonlyArray<EnvelopeSignature>,
  of: SignedCharter = dsse,
) => withEnvelope({ signatures: change(of.envelope.signatures) }, of);
const text = bytesToUtf8(bytesOfStatement(charter));
const withPayload = (bytes: Uint8Array) => withEnvelope({ payload: bytesToBase64(bytes) });

/** Bytes signed anew by both heads, as if they had been tricked into it. */
function signBytesByBoth(bytes: Uint8Array, payloadType: string = PAYLOAD_TYPES.charter): Envelope {
  return Object.values(HEADS).reduce<Envelope>(
    (envelope, person) => signEnvelope(envelope, keyOf(person).secret),
    { payloadType, payload: bytesToBase64(bytes), signatures: [] },
  );
}

function flipBit(bytes: Uint8Array, random: Random): Uint8Array {
  const copy = bytes.slice();
  const at = integerBetween(random, 0, copy.length);
  copy[at] = (copy[at] ?? 0) ^ (1 << integerBetween(random, 0, 8));
  return copy;
}

function bytesOf(base64: string): Uint8Array {
  const bytes = base64ToBytes(base64);
  assert(bytes);
  return bytes;
}

const mapSig = (sig: string, change: (bytes: Uint8Array) => Uint8Array): string =>
  bytesToBase64(change(bytesOf(sig)));

function pick<T>(random: Random, from: ReadonlyArray<T>): T {
  const at = integerBetween(random, 0, from.length);
  assert(at < from.length);
  return from[at] as T;
}

/** The order of the curve's base point; adding it to S gives another text of the same signature. */
const ORDER = 2n ** 252n + 27742317777372353535851937790883648493n;

function addOrder(signature: Uint8Array): Uint8Array {
  let s = signature.slice(32).reduceRight((n, byte) => n * 256n + BigInt(byte), 0n) + ORDER;
  return signature.map((byte, at) => {
    if (at < 32) return byte;
    const low = Number(s % 256n);
    s /= 256n;
    return low;
  });
}

const [byLogistics, byMarketing] = dsse.envelope.signatures;
assert(byLogistics && byMarketing);

/** Other spellings of the very same document. */
const RESPELLINGS: ReadonlyArray<readonly [what: string, bytes: Uint8Array]> = [
  ["indented", utf8ToBytes(JSON.stringify(JSON.parse(text), null, 2))],
  ["a space", utf8ToBytes(text.replace(":", ": "))],
  ["a line end", utf8ToBytes(`${text}\n`)],
  ["a byte order mark", Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8ToBytes(text))],
  [
    "keys as written",
    utf8ToBytes(JSON.stringify(Object.fromEntries(Object.entries(charter).toReversed()))),
  ],
  ["an escape", utf8ToBytes(text.replace('"loop"', '"l\\u006fop"'))],
  ["a number as 1e0", utf8ToBytes(text.replace('"version":1', '"version":1e0'))],
  ["a number as 1.0", utf8ToBytes(text.replace('"version":1', '"version":1.0'))],
  ["a key twice", utf8ToBytes(text.replace('"version":1', '"version":9,"version":1'))],
  ["bytes that are no UTF-8", Uint8Array.of(...utf8ToBytes(text.slice(0, -1)), 0xff, 0x7d)],
];
for (const [what, bytes] of RESPELLINGS) {
  assert.notDeepEqual(bytes, utf8ToBytes(text), `${what} is another spelling`);
}

const second: Charter = { ...charter, version: 2, title: "Said better" };
const secondSigned = signCharterAs(BY_BOTH, second);
const byOtherKey = signEnvelope(
  openEnvelope("charter", charter),
  keyOf(HEADS.logistics, OTHER_KEY).secret,
).signatures;
const byDeputy = signEnvelope(openEnvelope("charter", charter), keyOf(DEPUTY).secret).signatures;
const canonicalBytes = bytesOfStatement(charter);
const signedElsewhere = {
  asOther: (["withdrawal", "vote", "promotion"] as const).map((kind) => ({
    kind,
    envelope: signBytesByBoth(canonicalBytes, PAYLOAD_TYPES[kind]),
  })),
  /** Signatures over the bare bytes, without the type. */
  bare: Object.values(HEADS).map((person) => ({
    keyid: keyIdFor(person),
    sig: bytesToBase64(signBytes(canonicalBytes, keyOf(person).secret)),
  })),
  respelt: RESPELLINGS.map(([, bytes]) => signBytesByBoth(bytes)),
  ssh: ["git", "file", "interlock-vote@v1"].map((namespace) =>
    signAsSsh("charter", canonicalBytes, keyOf(HEADS.marketing).secret, namespace),
  ),
  sshOfSecond: signAsSsh("charter", bytesOfStatement(second), keyOf(HEADS.marketing).secret),
};
const withdrawn = {
  charter: charterHash(charter),
  loop: charter.loop,
  party: "marketing",
  person: HEADS.marketing,
  reason: "we want to look at it again",
  at: NOW,
};

type Forgery = {
  readonly what: string;
  readonly codes: ReadonlyArray<ErrorCode>;
  /** How often of 10,000; what needs no arithmetic on the curve is cheap. */
  readonly share: number;
  readonly make: (random: Random) => Partial<Papers>;
};

const FORGERIES: ReadonlyArray<Forgery> = [
  {
    what: "a signature is dropped",
    codes: ["charter/unsigned"],
    share: 400,
    make: (random) => {
      const kept = pick(random, [[], [byLogistics], [byMarketing]]);
      return { signed: withSignatures(() => kept) };
    },
  },
  {
    what: "the signature of ssh-keygen is dropped",
    codes: ["charter/unsigned"],
    share: 50,
    make: () => ({ signed: { ...mixed, sshSignatures: [] } }),
  },
  {
    what: "the signatures change places",
    codes: ["sign/bad-signature"],
    share: 100,
    make: () => ({
      signed: withSignatures(() => [
        { keyid: byLogistics.keyid, sig: byMarketing.sig },
        { keyid: byMarketing.keyid, sig: byLogistics.sig },
      ]),
    }),
  },
  {
    what: "a bit of a signature is another",
    codes: ["sign/bad-signature"],
    share: 300,
    make: (random) => {
      const which = integerBetween(random, 0, 2);
      return {
        signed: withSignatures((all) =>
          all.map((one, at) =>
            at === which
              ? { ...one, sig: mapSig(one.sig, (bytes) => flipBit(bytes, random)) }
              : one,
          ),
        ),
      };
    },
  },
  {
    what: "a signature is written as its malleable twin, cut, stretched or emptied",
    codes: ["sign/bad-signature"],
    share: 100,
    make: (random) => {
      const change = pick(random, [
        addOrder,
        (bytes: Uint8Array) => bytes.slice(0, 63),
        (bytes: Uint8Array) => Uint8Array.of(...bytes, 0),
        () => new Uint8Array(0),
        () => new Uint8Array(64),
        // R is a point of small order: the sum holds for any message under a small-order key.
        () => Uint8Array.of(1, ...new Uint8Array(63)),
      ]);
      const sig = mapSig(byLogistics.sig, change);
      return { signed: withSignatures(() => [{ ...byLogistics, sig }, byMarketing]) };
    },
  },
  {
    what: "a bit of the signed bytes is another",
    codes: [
      "sign/not-canonical",
      "sign/bad-signature",
      "document/invalid-shape",
      "charter/not-owner",
    ],
    share: 1_500,
    make: (random) => ({ signed: withPayload(flipBit(canonicalBytes, random)) }),
  },
  {
    what: "a byte is taken out of the signed bytes, or put in",
    codes: [
      "sign/not-canonical",
      "sign/bad-signature",
      "document/invalid-shape",
      "charter/not-owner",
    ],
    share: 800,
    make: (random) => {
      const at = integerBetween(random, 0, canonicalBytes.length);
      const put = random.next() < 0.5 ? [] : [integerBetween(random, 32, 127)];
      const rest = canonicalBytes.slice(put.length === 0 ? at + 1 : at);
      return {
        signed: withPayload(Uint8Array.of(...canonicalBytes.slice(0, at), ...put, ...rest)),
      };
    },
  },
  {
    what: "a bit of the envelope as it is written is another",
    codes: [
      "sign/malformed",
      "sign/wrong-type",
      "sign/not-canonical",
      "sign/bad-signature",
      "sign/unknown-key",
      "document/invalid-shape",
      "charter/not-owner",
    ],
    share: 1_800,
    make: (random) => ({ signed: changeText(dsse, random) }),
  },
  {
    what: "the same document is spelt otherwise under the old signatures",
    codes: ["sign/not-canonical"],
    share: 800,
    make: (random) => ({ signed: withPayload(pick(random, RESPELLINGS)[1]) }),
  },
  {
    what: "both heads signed another spelling",
    codes: ["sign/not-canonical"],
    share: 600,
    make: (random) => ({ signed: { ...dsse, envelope: pick(random, signedElsewhere.respelt) } }),
  },
  {
    what: "the base64 is of another kind",
    codes: ["sign/malformed"],
    share: 500,
    make: (random) => {
      const { payload } = dsse.envelope;
      return {
        signed: withEnvelope({
          payload: pick(random, [
            `${payload}\n`,
            ` ${payload}`,
            payload.slice(0, -1),
            `${payload}=`,
            `${payload.slice(0, 100)}\n${payload.slice(100)}`,
            `${payload.slice(0, 8)}-${payload.slice(9)}`,
            `${payload.slice(0, 8)}_${payload.slice(9)}`,
          ]),
        }),
      };
    },
  },
  {
    what: "the envelope calls itself something else",
    codes: ["sign/wrong-type"],
    share: 600,
    make: (random) => {
      const payloadType = pick(random, [
        PAYLOAD_TYPES.withdrawal,
        PAYLOAD_TYPES.vote,
        PAYLOAD_TYPES.promotion,
        PAYLOAD_TYPES.charter.replace("v=1", "v=2"),
        PAYLOAD_TYPES.charter.toUpperCase(),
        ` ${PAYLOAD_TYPES.charter}`,
        "application/json",
        "",
      ]);
      return { signed: withEnvelope({ payloadType }) };
    },
  },
  {
    what: "both heads signed the same bytes as another kind of statement",
    codes: ["sign/wrong-type", "sign/bad-signature"],
    share: 200,
    make: (random) => {
      const { envelope } = pick(random, signedElsewhere.asOther);
      const isRelabelled = random.next() < 0.5;
      const { payloadType } = isRelabelled ? dsse.envelope : envelope;
      return { signed: { ...dsse, envelope: { ...envelope, payloadType } } };
    },
  },
  {
    what: "both heads signed the bytes without their type",
    codes: ["sign/bad-signature"],
    share: 50,
    make: () => ({ signed: withSignatures(() => signedElsewhere.bare) }),
  },
  {
    what: "one signature is there twice",
    codes: ["charter/same-signer"],
    share: 400,
    make: (random) => {
      const one = pick(random, dsse.envelope.signatures);
      const others = random.next() < 0.5 ? [] : dsse.envelope.signatures;
      return {
        signed: withSignatures(() => [...others, one, ...(others.length > 0 ? [] : [one])]),
      };
    },
  },
  {
    what: "one person signed with two keys",
    codes: ["charter/same-signer"],
    share: 100,
    make: (random) => ({
      signers: [...SIGNERS, signerOf(HEADS.logistics, {}, OTHER_KEY)],
      signed: withSignatures(([first, other]) =>
        [first, ...byOtherKey, ...(random.next() < 0.5 && other ? [other] : [])].flatMap((one) =>
          one === undefined ? [] : [one],
        ),
      ),
    }),
  },
  {
    what: "somebody signed who owns no party",
    codes: ["charter/not-owner"],
    share: 100,
    make: () => ({
      signers: [...SIGNERS, signerOf(DEPUTY)],
      signed: withSignatures(() => [byLogistics, ...byDeputy]),
    }),
  },
  {
    what: "a key signed that nobody registered",
    codes: ["sign/unknown-key"],
    share: 100,
    make: () => ({ signed: withSignatures(() => [byLogistics, ...byOtherKey]) }),
  },
  {
    what: "a signature claims the key of another",
    codes: ["sign/bad-signature", "charter/same-signer"],
    share: 150,
    make: (random) => {
      const claimed = pick(random, [byLogistics.keyid, byMarketing.keyid]);
      const { sig } = pick(random, [...byOtherKey, ...byDeputy]);
      const kept = random.next() < 0.5 ? byLogistics : byMarketing;
      return { signed: withSignatures(() => [kept, { keyid: claimed, sig }]) };
    },
  },
  {
    what: "a signature is under another version",
    codes: ["sign/bad-signature"],
    share: 300,
    make: (random) =>
      random.next() < 0.5
        ? { signed: withSignatures(() => secondSigned.envelope.signatures) }
        : { signed: withSignatures(() => dsse.envelope.signatures, secondSigned) },
  },
  {
    what: "a key was revoked before its signature was received",
    codes: ["sign/key-revoked"],
    share: 200,
    make: (random) => {
      const which = integerBetween(random, 0, 2);
      const validUntil = pick(random, [SIGNED_AT, "2026-01-31T00:00:00.000Z", KEYS_FROM]);
      return {
        signers: SIGNERS.map((one, at) => (at === which ? { ...one, validUntil } : one)),
      };
    },
  },
  {
    what: "a key was not valid yet when its signature was received",
    codes: ["sign/key-not-valid"],
    share: 200,
    make: (random) => {
      const which = integerBetween(random, 0, 2);
      const validFrom = pick(random, ["2026-02-01T06:00:00.001Z", NOW]);
      return { signers: SIGNERS.map((one, at) => (at === which ? { ...one, validFrom } : one)) };
    },
  },
  {
    what: "a key is only for votes",
    codes: ["sign/wrong-type"],
    share: 50,
    make: () => ({
      signers: SIGNERS.map((one) => ({ ...one, namespaces: ["interlock-vote@v1", "git"] })),
    }),
  },
  {
    what: "the papers say a time of receipt that cannot be",
    codes: ["sign/malformed", "charter/unsigned", "sign/key-not-valid"],
    share: 200,
    make: (random) => {
      const said: unknown = pick(random, [
        "2026-03-02T06:00:00.001Z",
        "2025-12-31T23:59:59.999Z",
        "yesterday",
        "",
        "2026-02-30T00:00:00.000Z",
        0,
        null,
        {},
      ]);
      const keyId = keyIdFor(pick(random, Object.values(HEADS)));
      const receivedAt = { ...dsse.receivedAt, [keyId]: said } as SignedCharter["receivedAt"];
      return { signed: { ...dsse, receivedAt } };
    },
  },
  {
    what: "a bit of the signature of ssh-keygen is another",
    codes: ["sign/malformed", "sign/wrong-type", "sign/bad-signature"],
    share: 300,
    make: (random) => ({ signed: changeSsh((blob) => flipBit(blob, random)) }),
  },
  {
    what: "the signature of ssh-keygen is cut, or something follows it",
    codes: ["sign/malformed"],
    share: 150,
    make: (random) => {
      const cut = integerBetween(random, 1, 100);
      const change = pick(random, [
        (blob: Uint8Array) => blob.slice(0, -cut),
        (blob: Uint8Array) => Uint8Array.of(...blob, 0),
      ]);
      return { signed: changeSsh(change) };
    },
  },
  {
    what: "the signature of ssh-keygen is for another purpose, or another version",
    codes: ["sign/wrong-type", "sign/bad-signature"],
    share: 100,
    make: (random) => {
      const one = pick(random, [...signedElsewhere.ssh, signedElsewhere.sshOfSecond]);
      return { signed: { ...mixed, sshSignatures: [one] } };
    },
  },
  {
    what: "the papers are not of their form",
    codes: ["sign/malformed"],
    share: 500,
    make: (random) => ({ signed: pick(random, MISSHAPEN) as SignedCharter }),
  },
  {
    what: "the charter is over, or has not begun",
    codes: ["charter/expired", "charter/not-yet"],
    share: 50,
    make: (random) => {
      // In force in India's days: 2022-01-01 up to 2028-01-01.
      const isOver = random.next() < 0.5;
      const at = isOver ? "2027-12-31T18:30:00.000Z" : "2021-12-31T18:29:59.999Z";
      const { envelope, sshSignatures } = dsse;
      return {
        at,
        signed: isOver ? dsse : { envelope, sshSignatures, receivedAt: {} },
        signers: SIGNERS.map(({ person, key }) => ({ person, key })),
      };
    },
  },
  {
    what: "a party withdrew, or somebody says so who may not",
    codes: [
      "charter/withdrawn",
      "charter/not-owner",
      "charter/not-found",
      "sign/other-person",
      "sign/malformed",
      "sign/wrong-type",
      "sign/unknown-key",
      "sign/bad-signature",
    ],
    share: 150,
    make: (random) => ({
      signed: { ...dsse, withdrawal: pick(random, WITHDRAWALS) } as SignedCharter,
      // A key that ended since does not take back what it said.
      signers: [
        ...SIGNERS.map((one) => ({ ...one, validUntil: pick(random, ENDS_LATER) })),
        signerOf(DEPUTY),
      ],
    }),
  },
];

function changeSsh(change: (blob: Uint8Array) => Uint8Array): SignedCharter {
  const name = "SSH SIGNATURE";
  const sshSignatures = mixed.sshSignatures.map((one) =>
    writeArmour(bytesToBase64(change(bytesOf(readArmour(one, name) ?? ""))), name),
  );
  return { ...mixed, sshSignatures };
}

/** The envelope as it is written, with another bit, where that can still be read. */
function changeText(signed: SignedCharter, random: Random): SignedCharter {
  const bytes = utf8ToBytes(JSON.stringify(signed.envelope));
  for (;;) {
    try {
      const envelope = JSON.parse(Buffer.from(flipBit(bytes, random)).toString()) as Envelope;
      return { ...signed, envelope };
    } catch {
      // What is no JSON comes to nobody's hands as an envelope.
    }
  }
}

const MISSHAPEN: ReadonlyArray<unknown> = [
  null,
  undefined,
  7,
  "signed",
  [],
  {},
  dsse.envelope,
  { ...dsse, envelope: null },
  { ...dsse, envelope: { ...dsse.envelope, payload: 1 } },
  { ...dsse, envelope: { ...dsse.envelope, payloadType: undefined } },
  { ...dsse, envelope: { ...dsse.envelope, signatures: "both" } },
  { ...dsse, envelope: { ...dsse.envelope, signatures: [null, byMarketing] } },
  { ...dsse, envelope: { ...dsse.envelope, signatures: [{ sig: byLogistics.sig }] } },
  { ...dsse, envelope: { ...dsse.envelope, signatures: [{ keyid: byLogistics.keyid }] } },
  { ...dsse, envelope: { ...dsse.envelope, signatures: Array(21).fill(byLogistics) } },
  { ...dsse, sshSignatures: undefined },
  { ...dsse, sshSignatures: "none" },
  { ...dsse, sshSignatures: [1] },
  { ...dsse, sshSignatures: Array(21).fill("") },
  { ...mixed, sshSignatures: ["-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----"] },
  { ...dsse, receivedAt: undefined },
  { ...dsse, receivedAt: "2026" },
];

const ENDS_LATER = ["2026-03-01T12:00:00.000Z", "2027-01-01T00:00:00.000Z"];
const WITHDRAWN_AT = "2026-03-01T06:00:00.000Z";
const WITHDRAWALS: ReadonlyArray<unknown> = [
  ...[
    signWithdrawal(withdrawn, HEADS.marketing),
    signWithdrawal({ ...withdrawn, party: "logistics", person: HEADS.logistics }, HEADS.logistics),
    signWithdrawal({ ...withdrawn, person: HEADS.logistics }, HEADS.logistics),
    signWithdrawal(withdrawn, HEADS.logistics),
    signWithdrawal({ ...withdrawn, person: DEPUTY }, DEPUTY),
    signWithdrawal({ ...withdrawn, person: 7 }, HEADS.marketing),
    signWithdrawal({ ...withdrawn, person: "x@example.com" }, "x@example.com"),
    signWithdrawal([], HEADS.marketing),
    { ...signWithdrawal(withdrawn, HEADS.marketing), payloadType: PAYLOAD_TYPES.charter },
    { ...signWithdrawal(withdrawn, HEADS.marketing), signatures: [] },
    { ...openEnvelope("withdrawal", withdrawn), signatures: [byMarketing] },
    signWithdrawal({ ...withdrawn, charter: charterHash(second) }, HEADS.marketing),
    signWithdrawal({ ...withdrawn, loop: "another" }, HEADS.marketing),
    dsse.envelope,
    null,
    "withdrawn",
  ].map((envelope) => ({ envelope, receivedAt: WITHDRAWN_AT })),
  signWithdrawal(withdrawn, HEADS.marketing),
  { envelope: signWithdrawal(withdrawn, HEADS.marketing), receivedAt: "some day" },
  null,
  7,
];

test("10,000 forgeries by chance are refused, each for a reason that fits", (t) => {
  const runs = 10_000;
  const whole = FORGERIES.reduce((sum, { share }) => sum + share, 0);
  const original = JSON.stringify(dsse);
  const counts = new Map<ErrorCode, number>();
  let run = 0;
  const started = process.cpuUsage();
  for (const { what, codes, share, make } of FORGERIES) {
    const until = run + Math.ceil((share / whole) * runs);
    const seen = new Set<ErrorCode>();
    for (; run < until; run += 1) {
      const forged = papers(make(randomFrom("forgery", run)));
      const isAsItWas = forged.signers === SIGNERS && forged.at === NOW;
      assert(!isAsItWas || JSON.stringify(forged.signed) !== original, what);
      let code: ErrorCode;
      try {
        code = refusalOf(forged);
      } catch (thrown) {
        throw new Error(`forgery ${run}: ${what}: ${String(thrown)}`, { cause: thrown });
      }
      assert(codes.includes(code), `forgery ${run}: ${what}: ${code}`);
      seen.add(code);
      counts.set(code, (counts.get(code) ?? 0) + 1);
    }
    assert.deepEqual([...seen].sort(), codes.toSorted(), `${what}: every reason was met`);
  }
  assert(run >= runs, `${run} forgeries`);
  const { user, system } = process.cpuUsage(started);
  const codes = [...counts].map(([code, count]) => `${code} ${count}`).join(", ");
  t.diagnostic(`${run} forgeries, ${Math.round((user + system) / 1_000)} ms: ${codes}`);
});
