/**
 * The tampering matrix: everything that somebody could change between a charter's signing and an action,
 * and the code by which each is refused. Forgeries of the papers by chance are in `signing.test.ts`.
 */
import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { simulatedSecretOf } from "../../src/app/simulated-owners.ts";
import { charterHash } from "../../src/core/charter/parse.ts";
import { packCharter, type SignedCharter, verifyCharter } from "../../src/core/charter/signing.ts";
import type { Charter } from "../../src/core/charter/types.ts";
import { openEnvelope, type Envelope, signEnvelope } from "../../src/core/sign/envelope.ts";
import type { Signer } from "../../src/core/sign/signers.ts";
import { publicKeyOf } from "../../src/std/ed25519.ts";
import { InterlockError } from "../../src/std/errors.ts";
import { type Driver, openDriver } from "../../src/store/driver/driver.ts";
import { migrate } from "../../src/store/migrate.ts";
import { operations } from "../../src/operation/index.ts";
import { signAsOwner, signVote } from "../../src/app/simulated-owners.ts";
import {
  BY_VERDICT,
  type EngineWorld,
  HEAD_OF,
  HERE,
  LOOP,
  NOW,
  openWorld,
} from "../kit/engine-world.ts";
import { referenceCharter } from "../kit/reference-loop.ts";

const LOGISTICS = HEAD_OF.logistics;
const MARKETING = HEAD_OF.marketing;
const charter = referenceCharter();
const SIGNED_AT = "2026-03-01T06:00:00.000Z";

function signerOf(person: string, change: Partial<Signer> = {}): Signer {
  const bytes = publicKeyOf(simulatedSecretOf(person));
  return { person, key: { type: "ssh-ed25519", bytes }, ...change };
}
const SIGNERS = [signerOf(LOGISTICS), signerOf(MARKETING)];

function signBy(of: Charter, ...people: string[]): SignedCharter {
  const empty = openEnvelope("charter", of);
  const envelope = people.reduce(
    (one, person) => signEnvelope(one, simulatedSecretOf(person)),
    empty,
  );
  const receivedAt = Object.fromEntries(
    envelope.signatures.map(({ keyid }) => [keyid, SIGNED_AT] as const),
  );
  return { ...packCharter(of, []), envelope, receivedAt };
}

const good = signBy(charter, LOGISTICS, MARKETING);

function withPayload(signed: SignedCharter, change: (text: string) => string): SignedCharter {
  const text = Buffer.from(signed.envelope.payload, "base64").toString("utf8");
  const payload = Buffer.from(change(text), "utf8").toString("base64");
  return { ...signed, envelope: { ...signed.envelope, payload } };
}

function withdrawn(reason: string): Envelope {
  const hash = charterHash(charter);
  const said = {
    charter: hash,
    loop: LOOP,
    party: "marketing",
    person: MARKETING,
    reason,
    at: NOW,
  };
  return signEnvelope(openEnvelope("withdrawal", said), simulatedSecretOf(MARKETING));
}

type PaperRow = {
  readonly what: string;
  readonly code: string;
  readonly signed?: SignedCharter;
  readonly signers?: ReadonlyArray<Signer>;
  readonly at?: string;
};

const PAPERS: ReadonlyArray<PaperRow> = [
  {
    what: "a figure changed after signing",
    code: "sign/bad-signature",
    signed: withPayload(good, (text) => text.replace("INR 75000", "INR 95000")),
  },
  {
    what: "a space put in after signing",
    code: "sign/not-canonical",
    signed: withPayload(good, (text) => text.replace(":", ": ")),
  },
  {
    what: "another kind of statement under its signatures",
    code: "sign/wrong-type",
    signed: { ...good, envelope: { ...good.envelope, payloadType: "text/plain" } },
  },
  { what: "one signature of two", code: "charter/unsigned", signed: signBy(charter, LOGISTICS) },
  {
    what: "one key's signature twice",
    code: "charter/same-signer",
    signed: signBy(charter, LOGISTICS, LOGISTICS),
  },
  {
    what: "both signatures by one person with two keys",
    code: "charter/same-signer",
    signed: signBy(charter, LOGISTICS, "second-key@logistics.example.com"),
    signers: [
      signerOf(LOGISTICS),
      signerOf("second-key@logistics.example.com", { person: LOGISTICS }),
    ],
  },
  {
    what: "a deputy's signature instead of the owner's",
    code: "charter/not-owner",
    signed: signBy(charter, LOGISTICS, "deputy@marketing.example.com"),
    signers: [signerOf(LOGISTICS), signerOf("deputy@marketing.example.com")],
  },
  { what: "a key that nobody knows", code: "sign/unknown-key", signers: [signerOf(LOGISTICS)] },
  {
    what: "a key revoked before the signing",
    code: "sign/key-revoked",
    signers: [signerOf(LOGISTICS), signerOf(MARKETING, { validUntil: SIGNED_AT })],
  },
  {
    what: "a key not valid until after the signing",
    code: "sign/key-not-valid",
    signers: [signerOf(LOGISTICS), signerOf(MARKETING, { validFrom: NOW })],
  },
  { what: "a charter that ended", code: "charter/expired", at: "2028-01-01T00:00:00.000Z" },
  { what: "a charter that has not begun", code: "charter/not-yet", at: "2021-06-01T00:00:00.000Z" },
  {
    what: "a charter that one side withdrew",
    code: "charter/withdrawn",
    signed: {
      ...good,
      withdrawal: { envelope: withdrawn("we look again"), receivedAt: SIGNED_AT },
    },
  },
];

describe("a signed charter, offline", () => {
  test("as it was signed, it binds; and a key revoked afterwards changes nothing of that", () => {
    const verified = verifyCharter(good, SIGNERS, NOW);
    assert.deepEqual(
      verified.signatures.map(({ party }) => party),
      ["logistics", "marketing"],
    );
    const later = [signerOf(LOGISTICS), signerOf(MARKETING, { validUntil: NOW })];
    assert.equal(verifyCharter(good, later, NOW).hash, charterHash(charter));
  });

  for (const { what, code, signed, signers, at } of PAPERS) {
    test(`${what} is refused as ${code}`, () => {
      assert.throws(
        () => verifyCharter(signed ?? good, signers ?? SIGNERS, at ?? NOW),
        (thrown: unknown) => thrown instanceof InterlockError && thrown.code === code,
      );
    });
  }
});

let driver: Driver;
before(async () => {
  driver = await openDriver({});
  await migrate(driver);
});
after(() => driver.close());

describe("papers at the door", () => {
  const withdraw = (world: EngineWorld, envelope: Envelope) =>
    operations.charterWithdraw.handler(world, { loop: LOOP, envelope });
  const propose = (world: EngineWorld, next: Charter) =>
    operations.charterPropose.handler(world, {
      loop: LOOP,
      document: JSON.stringify(next),
      person: LOGISTICS,
    });
  const sign = async (world: EngineWorld, of: Charter) => {
    for (const party of ["logistics", "marketing"]) {
      await signAsOwner(world.engine, LOOP, of, charterHash(of), party);
    }
  };

  const DOOR: ReadonlyArray<{
    readonly what: string;
    readonly code: string;
    readonly knock: (world: EngineWorld) => Promise<unknown>;
  }> = [
    {
      what: "a withdrawn version signed again by both",
      code: "charter/not-newer",
      knock: async (world) => {
        await withdraw(world, withdrawn("we look again"));
        await sign(world, world.wiring.charter);
      },
    },
    {
      what: "a withdrawn version proposed again",
      code: "charter/not-newer",
      knock: async (world) => {
        await withdraw(world, withdrawn("we look again"));
        await propose(world, world.wiring.charter);
      },
    },
    {
      what: "a replaced version with the signatures that it had",
      code: "charter/not-newer",
      knock: async (world) => {
        const later: Charter = { ...world.wiring.charter, version: 2 };
        await propose(world, later);
        await sign(world, later);
        await sign(world, world.wiring.charter);
      },
    },
    ...[null, [], 7, "gone", { person: MARKETING }].map((said) => ({
      what: `a signed withdrawal that says ${JSON.stringify(said)}`,
      code: "sign/malformed",
      knock: (world: EngineWorld) =>
        withdraw(
          world,
          signEnvelope(openEnvelope("withdrawal", said), simulatedSecretOf(MARKETING)),
        ),
    })),
  ];

  for (const { what, code, knock } of DOOR) {
    test(`${what} is refused as ${code}`, async () => {
      const world = await openWorld(driver, {});
      await assert.rejects(
        knock(world),
        (thrown: unknown) => thrown instanceof InterlockError && thrown.code === code,
      );
    });
  }
});

describe("votes and actions", () => {
  async function heldCase(): Promise<{ world: EngineWorld; id: string }> {
    const world = await openWorld(driver, {});
    world.receiver.propose(() => BY_VERDICT.both);
    const id = await world.signalOn(HERE);
    await world.settle();
    return { world, id };
  }

  const VOTES: ReadonlyArray<{
    readonly what: string;
    readonly code: string;
    readonly cast: (world: EngineWorld, id: string) => Promise<unknown>;
  }> = [
    {
      what: "a vote for another digest",
      code: "vote/other-action",
      cast: (world, id) =>
        world.voteAs({ case: id, party: "marketing", person: MARKETING, digest: "f".repeat(64) }),
    },
    {
      what: "a replayed vote",
      code: "vote/already-cast",
      cast: async (world, id) => {
        const paper = await world.paper({ case: id, party: "marketing", person: MARKETING });
        const envelope = signVote(paper);
        await operations.caseVote.handler(world, { id, envelope });
        await world.settle();
        await operations.caseVote.handler(world, { id, envelope });
      },
    },
    {
      what: "a vote by a person without the role",
      code: "vote/not-entitled",
      cast: (world, id) => world.voteAs({ case: id, party: "marketing", person: LOGISTICS }),
    },
    {
      what: "a second vote of one party by another of its people",
      code: "vote/party-answered",
      cast: async (world, id) => {
        await world.vote(id, "logistics");
        const person = "lead-ndr@logistics.example.com";
        await world.voteAs({ case: id, party: "logistics", person });
      },
    },
    {
      what: "a vote on what the voter had a hand in",
      code: "vote/self-approval",
      cast: async (world, id) => {
        await driver.query(
          `update signal_case set body = jsonb_set(body::jsonb, '{authors}', $2::jsonb) where id = $1`,
          [id, JSON.stringify([MARKETING])],
        );
        await world.vote(id, "marketing");
      },
    },
    {
      what: "a vote changed after it was signed",
      code: "sign/bad-signature",
      cast: async (world, id) => {
        const paper = await world.paper({ case: id, party: "marketing", person: MARKETING });
        const { signatures } = signVote(paper);
        const other = openEnvelope("vote", { ...paper, reason: "another" });
        await operations.caseVote.handler(world, { id, envelope: { ...other, signatures } });
      },
    },
    {
      what: "a vote in another's name",
      code: "sign/other-person",
      cast: async (world, id) => {
        const paper = await world.paper({ case: id, party: "marketing", person: MARKETING });
        const secret = simulatedSecretOf(LOGISTICS);
        const envelope = signEnvelope(openEnvelope("vote", paper), secret);
        await operations.caseVote.handler(world, { id, envelope });
      },
    },
    {
      what: "a vote that has expired",
      code: "vote/expired",
      cast: (world, id) =>
        world.voteAs({ case: id, party: "marketing", person: MARKETING, expires: NOW }),
    },
    {
      what: "a vote without any proof",
      code: "vote/unproved",
      cast: (world, id) =>
        operations.caseVote.handler(world, { id, choice: "agree", reason: "trust me" }),
    },
    {
      what: "a rejection without its kind of reason",
      code: "vote/reason-missing",
      cast: async (world, id) => {
        const said = { case: id, party: "marketing", person: MARKETING, choice: "reject" } as const;
        const { because: _, ...paper } = await world.paper(said);
        const secret = simulatedSecretOf(MARKETING);
        const envelope = signEnvelope(openEnvelope("vote", paper), secret);
        await operations.caseVote.handler(world, { id, envelope });
      },
    },
    {
      what: "a vote by a revoked key",
      code: "sign/key-revoked",
      cast: async (world, id) => {
        const keys = await operations.signerList.handler(world, {});
        const key = keys.find(({ person }) => person === MARKETING);
        const said = { id: key?.id ?? "", by: MARKETING, reason: "lost" };
        await operations.signerRevoke.handler(world, said);
        await world.vote(id, "marketing");
      },
    },
  ];

  for (const { what, code, cast } of VOTES) {
    test(`${what} is refused as ${code}, and nothing is changed outside`, async () => {
      const { world, id } = await heldCase();
      await assert.rejects(
        cast(world, id),
        (error: unknown) => error instanceof InterlockError && error.code === code,
      );
      await world.settle();
      assert.equal((await world.case(id)).state, "held");
      assert.equal(world.outside.countCalls("apply"), 0);
    });
  }

  const ACTIONS: ReadonlyArray<{
    readonly what: string;
    readonly code: string;
    readonly tamper: (world: EngineWorld, id: string) => Promise<unknown>;
  }> = [
    {
      what: "the proposal changed after the votes",
      code: "action/proposal-changed",
      tamper: (_, id) =>
        driver.query(
          `update signal_case set body = jsonb_set(body::jsonb, '{proposal,standingDays}', '28')
           where id = $1`,
          [id],
        ),
    },
    {
      what: "the parameters changed between vote and execution",
      code: "action/order-changed",
      tamper: (_, id) =>
        driver.query(
          `update effect set body = jsonb_set(body::jsonb, '{intervention,parameters,probeShare}', '0')
           where case_id = $1 and kind = 'act'`,
          [id],
        ),
    },
    {
      what: "the charter replaced between vote and execution",
      code: "action/charter-replaced",
      tamper: async (world) => {
        const later: Charter = { ...world.wiring.charter, version: 2 };
        await operations.charterPropose.handler(world, {
          loop: LOOP,
          document: JSON.stringify(later),
          person: LOGISTICS,
        });
        for (const party of ["logistics", "marketing"]) {
          await signAsOwner(world.engine, LOOP, later, charterHash(later), party);
        }
      },
    },
    {
      what: "the target changed between vote and execution",
      code: "action/target-changed",
      tamper: async (world, id) => {
        const { proposal } = await world.case(id);
        world.outside.editByHand(proposal?.resource ?? "", "bid 0.9 by Asha");
      },
    },
    {
      what: "the votes taken away",
      code: "action/unvoted",
      tamper: (_, id) =>
        driver.query(
          "update signal_case set body = jsonb_set(body::jsonb, '{votes}', '[]') where id = $1",
          [id],
        ),
    },
  ];

  for (const { what, code, tamper } of ACTIONS) {
    test(`${what}: refused as ${code}, on record, and nobody's vote counts for the next round`, async () => {
      const { world, id } = await heldCase();
      await world.vote(id, "logistics");
      await world.vote(id, "marketing");
      await world.stepTo(id, "executing");
      await tamper(world, id);
      await world.settle();
      assert.equal(world.outside.countCalls("apply"), 0);
      const [row] = await driver.query<{ codes: string }>(
        `select string_agg(text::jsonb #>> '{body,event,code}', ',') as codes
         from ledger where text::jsonb ->> 'kind' = 'action.refused'`,
      );
      assert.equal(row?.codes, code);
      const after = await world.case(id);
      assert.ok(after.state === "closed" || after.votes.length === 0, after.state);
    });
  }
});
