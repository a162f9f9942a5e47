/**
 * The autonomy ladder at run time. A step up is proposed by the engine on evidence and taken once every
 * owner signed exactly that evidence; a step down is taken in the transaction of what causes it.
 */
import type { Case } from "../core/case/types.ts";
import { normaliseEmail } from "../core/charter/seat.ts";
import type { AutonomyLevel, Charter } from "../core/charter/types.ts";
import { type AutonomyEvidence, readAutonomy, stepFrom } from "../core/loop/autonomy.ts";
import type { Gate } from "../core/loop/gate.ts";
import { readEnvelope } from "../core/sign/envelope.ts";
import { checkStatementSigner, checkTexts } from "../core/sign/statement.ts";
import { assert } from "../std/assert.ts";
import { InterlockError } from "../std/errors.ts";
import { type Hash, hashJson } from "../std/hash.ts";
import { addMs, DAY_MS } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import {
  type AutonomyStepRow,
  countAutonomyEvidence,
  dropOpenStep,
  findOpenStep,
  insertAutonomySignature,
  insertAutonomyStep,
  listStepSigners,
  takeStep,
} from "../store/table/autonomy.ts";
import { insertCaseEvents } from "../store/table/case-event.ts";
import { listGates } from "../store/table/gate.ts";
import { appendLedger } from "../store/table/ledger.ts";
import { lockLoop, type LoopRow, updateLoopAutonomy } from "../store/table/loop.ts";
import { listUndecidedCases } from "../store/table/signal-case.ts";
import { writeLoopNews } from "./loop-news.ts";
import { loopEntry } from "./loops.ts";
import { listSigners } from "./signers.ts";
import { getTerms } from "./terms.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

/** Gates that say whether the agents still know what they claim to know. */
const CALIBRATION_GATES = ["sender-calibrated", "receiver-trusted"];

/** What an owner signs: this step, on this evidence, under this charter. */
export type PromotionStatement = {
  readonly loop: string;
  readonly charter: Hash;
  readonly from: AutonomyLevel;
  readonly to: AutonomyLevel;
  readonly evidence: Hash;
  readonly party: string;
  readonly person: string;
};

const TEXTS = ["loop", "charter", "from", "to", "evidence", "party", "person"];

export type AutonomyView = {
  readonly level: AutonomyLevel;
  readonly since: string;
  readonly evidence: AutonomyEvidence;
  /** What the next step up lacks; empty where there is none, or where it is proposed. */
  readonly missing: ReadonlyArray<string>;
  readonly proposed: AutonomyStepRow | null;
  readonly signedBy: ReadonlyArray<string>;
};

async function readEvidence(
  tx: Tx,
  context: EngineContext,
  loop: LoopRow,
  charter: Charter,
): Promise<AutonomyEvidence> {
  const lately = addMs(context.clock.now(), -charter.autonomy.demote.withinDays * DAY_MS);
  const counts = await countAutonomyEvidence(tx, loop.name, loop.autonomy_since, lately);
  const gates = await listGates(tx, loop.name);
  const isCalibrated = gates.every(({ name, holds }) => holds || !CALIBRATION_GATES.includes(name));
  return { ...counts, isCalibrated };
}

export async function viewAutonomy(
  tx: Tx,
  context: EngineContext,
  loop: LoopRow,
): Promise<AutonomyView> {
  const { charter } = await getTerms(tx, loop.contract_hash, loop.charter_hash);
  const evidence = await readEvidence(tx, context, loop, charter);
  const reading = readAutonomy(charter.autonomy, loop.autonomy, evidence);
  const proposed = (await findOpenStep(tx, loop.name)) ?? null;
  const signers = proposed === null ? [] : await listStepSigners(tx, proposed.id);
  return {
    level: loop.autonomy,
    since: loop.autonomy_since,
    evidence,
    missing: reading.kind === "stay" ? reading.missing : [],
    proposed,
    signedBy: signers.map(({ party }) => party),
  };
}

/** Proposes a step up once the evidence is there; asked at every heartbeat of a live loop. */
export async function reviewAutonomy(context: EngineContext, wiring: LoopWiring): Promise<void> {
  const { driver, clock } = context;
  const now = clock.now();
  await driver.transaction(async (tx) => {
    const loop = await lockLoop(tx, wiring.name);
    if (loop === undefined || loop.state !== "live") return;
    const { charter, charterHash } = await getTerms(tx, loop.contract_hash, loop.charter_hash);
    const evidence = await readEvidence(tx, context, loop, charter);
    const reading = readAutonomy(charter.autonomy, loop.autonomy, evidence);
    if (reading.kind !== "promote" || (await findOpenStep(tx, loop.name)) !== undefined) return;
    const said = { words: reading.words, ...evidence };
    const step = await insertAutonomyStep(tx, {
      loop: loop.name,
      charter_hash: charterHash,
      kind: "promotion",
      from_level: loop.autonomy,
      to_level: reading.to,
      evidence: said,
      evidence_hash: hashJson(said),
      made_at: now,
      taken_at: null,
    });
    assert(step, "no other step is open");
    const { to, words } = reading;
    await appendLedger(tx, [
      loopEntry(context, loop.name, "autonomy.proposed", {
        from: loop.autonomy,
        to,
        evidence: step.evidence_hash,
      }),
    ]);
    await writeLoopNews(tx, context, wiring, `step-${step.id}`, {
      topic: "promotion-proposed",
      from: loop.autonomy,
      to,
      words,
    });
  });
}

/** One owner's signature under the proposed step; the last one takes it. */
export async function signPromotion(
  context: EngineContext,
  wiring: LoopWiring,
  given: unknown,
): Promise<AutonomyView> {
  const { driver, clock } = context;
  const now = clock.now();
  return driver.transaction(async (tx) => {
    const loop = await lockLoop(tx, wiring.name);
    assert(loop, "a wired loop is registered");
    const step = await findOpenStep(tx, loop.name);
    if (step === undefined) {
      throw new InterlockError("autonomy/nothing-proposed", `no step of ${loop.name} is proposed`, {
        help: "`loop show` says what the next step lacks; the engine proposes it by itself",
      });
    }
    const { envelope, statement } = readEnvelope("promotion", given);
    const said = checkTexts("promotion", statement, TEXTS) as unknown as PromotionStatement;
    const { charter } = await getTerms(tx, loop.contract_hash, loop.charter_hash);
    const isThis =
      said.loop === loop.name &&
      said.charter === step.charter_hash &&
      said.from === step.from_level &&
      said.to === step.to_level &&
      said.evidence === step.evidence_hash;
    if (!isThis || step.charter_hash !== loop.charter_hash) {
      throw new InterlockError(
        "autonomy/other-step",
        "the signature is for another step or evidence",
      );
    }
    const owner = charter.parties.find(({ department }) => department === said.party)?.owner;
    if (owner === undefined || normaliseEmail(owner.email) !== normaliseEmail(said.person)) {
      throw new InterlockError("charter/not-owner", `${said.person} does not own ${said.party}`);
    }
    const signers = await listSigners(tx);
    const keyId = checkStatementSigner(envelope, "promotion", said.person, signers, now);
    const { party, person } = said;
    await insertAutonomySignature(tx, step.id, { party, person, keyId, envelope }, now);
    await appendLedger(tx, [
      loopEntry(context, loop.name, "autonomy.signed", { party, to: said.to, key: keyId }, person),
    ]);
    const signedBy = (await listStepSigners(tx, step.id)).map((one) => one.party);
    if (charter.parties.every(({ department }) => signedBy.includes(department))) {
      await takeStep(tx, step.id, now);
      await updateLoopAutonomy(tx, loop.name, step.to_level, now);
      const { from_level: from, to_level: to } = step;
      await appendLedger(tx, [loopEntry(context, loop.name, "autonomy.raised", { from, to })]);
      const news = { topic: "promoted", from, to } as const;
      await writeLoopNews(tx, context, wiring, `step-${step.id}`, news);
    }
    const after = await lockLoop(tx, wiring.name);
    assert(after, "a wired loop is registered");
    return viewAutonomy(tx, context, after);
  });
}

/** Down one step, at once: what was decided under the higher level and not yet done is decided anew. */
export async function demote(
  tx: Tx,
  context: EngineContext,
  wiring: LoopWiring,
  why: string,
): Promise<void> {
  const now = context.clock.now();
  const loop = await lockLoop(tx, wiring.name);
  const to = loop && stepFrom(loop.autonomy, -1);
  if (loop === undefined || to === undefined) return;
  const from = loop.autonomy;
  await dropOpenStep(tx, loop.name, now);
  const evidence = { words: [why] };
  const step = await insertAutonomyStep(tx, {
    loop: loop.name,
    charter_hash: loop.charter_hash,
    kind: "demotion",
    from_level: from,
    to_level: to,
    evidence,
    evidence_hash: hashJson(evidence),
    made_at: now,
    taken_at: now,
  });
  await updateLoopAutonomy(tx, loop.name, to, now);
  const cases = await listUndecidedCases(tx, loop.name);
  await insertCaseEvents(
    tx,
    cases.map((caseId) => ({ caseId, event: { kind: "autonomy.lowered", at: now } as const })),
  );
  await appendLedger(tx, [loopEntry(context, loop.name, "autonomy.lowered", { from, to, why })]);
  const news = { topic: "demoted", from, to, why } as const;
  await writeLoopNews(tx, context, wiring, `step-${step?.id ?? now}`, news);
}

/** Harm that was just measured: counted, and the loop taken down when it is too much. */
export async function demoteOnHarm(
  tx: Tx,
  context: EngineContext,
  moves: ReadonlyArray<{ readonly before: Case; readonly after: Case }>,
): Promise<void> {
  const harmed = moves
    .filter(({ before, after }) => before.outcome === undefined && isHarm(after))
    .map(({ after }) => after.loop);
  for (const name of [...new Set(harmed)].sort()) {
    const wiring = context.loops.get(name);
    const loop = await lockLoop(tx, name);
    if (wiring === undefined || loop === undefined) continue;
    const { charter } = await getTerms(tx, loop.contract_hash, loop.charter_hash);
    const evidence = await readEvidence(tx, context, loop, charter);
    // Harm counts once: what took the loop down before does not take it down again.
    const sinceStep = {
      ...evidence,
      harmedLately: Math.min(evidence.harmedLately, evidence.harmed),
    };
    const reading = readAutonomy(charter.autonomy, loop.autonomy, sinceStep);
    if (reading.kind === "demote") await demote(tx, context, wiring, reading.why);
  }
}

function isHarm({ outcome }: Case): boolean {
  return outcome?.verdict === "harmed";
}

/** A live loop whose agents no longer know what they claim is taken down as it is suspended. */
export async function demoteOnLapse(
  tx: Tx,
  context: EngineContext,
  wiring: LoopWiring,
  unmet: ReadonlyArray<Gate>,
): Promise<void> {
  const lapsed = unmet.filter(({ name }) => CALIBRATION_GATES.includes(name));
  if (lapsed.length === 0) return;
  await demote(tx, context, wiring, lapsed.map(({ evidence }) => evidence).join("; "));
}
