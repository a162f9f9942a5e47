/**
 * Charters at run time: proposed, signed by every owner, in force, replaced, withdrawn.
 *
 *   proposed --(every owner signed)--> in force --(a later one)--> replaced
 *                                         \--(one party's signed act)--> withdrawn
 *
 * What is in force stays in force until every owner has signed the next version, in one transaction with
 * what becomes of the open cases. Nothing goes back: a revert is a later version with the words of an
 * earlier one, and an envelope of an earlier one never counts again.
 */
import { charterHash } from "../core/charter/parse.ts";
import {
  checkCharterSignature,
  checkDistinct,
  type GivenSignature,
} from "../core/charter/signing.ts";
import { checkWithdraws, readWithdrawal } from "../core/charter/withdrawal.ts";
import { AUTONOMY_LEVELS, type AutonomyLevel, type Charter } from "../core/charter/types.ts";
import { assert } from "../std/assert.ts";
import { InterlockError } from "../std/errors.ts";
import type { Hash } from "../std/hash.ts";
import type { Tx } from "../store/driver/driver.ts";
import { insertCaseEvents } from "../store/table/case-event.ts";
import {
  type CharterRow,
  findCharter,
  findCharterState,
  insertCharter,
  insertSignature,
  insertWithdrawal,
  listCharters,
  listSignatures,
  updateCharterState,
} from "../store/table/charter.ts";
import { appendLedger } from "../store/table/ledger.ts";
import {
  lockLoop,
  type LoopRow,
  updateLoopAutonomy,
  updateLoopPapers,
} from "../store/table/loop.ts";
import { listUndecidedCases } from "../store/table/signal-case.ts";
import { writeLoopNews } from "./loop-news.ts";
import { type CharterStanding, readStanding } from "./standing.ts";
import { loopEntry, requestLoop } from "./loops.ts";
import { listSigners } from "./signers.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

/** Registers a later version beside the one in force; both heads are told, and what to do. */
export async function proposeCharter(
  context: EngineContext,
  wiring: LoopWiring,
  charter: Charter,
  person: string,
): Promise<CharterRow> {
  const now = context.clock.now();
  const hash = charterHash(charter);
  await context.driver.transaction(async (tx) => {
    const loop = await lockLoop(tx, wiring.name);
    assert(loop, "a wired loop is registered");
    await checkFollows(tx, loop, charter, hash);
    const isNew = (await findCharterState(tx, hash)) === undefined;
    await insertCharter(tx, hash, charter, now, person);
    if (!isNew) return;
    const { version } = charter;
    await appendLedger(tx, [
      loopEntry(context, wiring.name, "charter.proposed", { charter_hash: hash }, person),
    ]);
    await writeLoopNews(tx, context, wiring, hash, { topic: "charter-proposed", version, person });
  });
  return getCharterRow(context.driver, wiring.name, hash);
}

async function getCharterRow(tx: Tx, loop: string, hash: Hash): Promise<CharterRow> {
  const row = (await listCharters(tx, loop)).find((one) => one.hash === hash);
  assert(row, "the charter was just registered");
  return row;
}

/** Refuses a version that could not come after the one in force, and says what would. */
async function checkFollows(tx: Tx, loop: LoopRow, charter: Charter, hash: Hash): Promise<void> {
  const refuse = (why: string, help: string): never => {
    throw new InterlockError("charter/not-newer", why, { help });
  };
  if (charter.loop !== loop.name) {
    throw new InterlockError(
      "charter/not-found",
      `the charter is for the loop \`${charter.loop}\``,
      {
        help: `write \`loop: ${loop.name}\``,
      },
    );
  }
  const state = await findCharterState(tx, hash);
  if (state === "withdrawn" || state === "replaced") {
    refuse(`version ${charter.version} was ${state} and does not come back`, "raise `version`");
  }
  if (hash === loop.charter_hash) return;
  const present = await findCharter(tx, loop.charter_hash);
  assert(present, "a loop's charter is registered; a foreign key holds it");
  const isGoverned = (await findCharterState(tx, loop.charter_hash)) !== "proposed";
  if (isGoverned && charter.version <= present.version) {
    refuse(
      `version ${charter.version} does not follow version ${present.version}`,
      `write \`version: ${present.version + 1}\`; a revert is a later version too`,
    );
  }
  if (charter.replaces !== undefined && charter.replaces !== loop.charter_hash) {
    refuse(
      "it replaces another version than the one that stands",
      `write \`replaces: ${loop.charter_hash}\``,
    );
  }
}

/**
 * Takes one owner's signature under a version of the loop's charter; the last one brings it into force.
 * Throws the code of whatever is wrong with it. The same signature again changes nothing.
 */
export async function signCharter(
  context: EngineContext,
  wiring: LoopWiring,
  said: { readonly charter: Hash; readonly party: string; readonly given: GivenSignature },
): Promise<CharterStanding> {
  const now = context.clock.now();
  return context.driver.transaction(async (tx) => {
    const loop = await lockLoop(tx, wiring.name);
    assert(loop, "a wired loop is registered");
    const charter = await findCharter(tx, said.charter);
    if (charter === undefined || charter.loop !== wiring.name) {
      throw new InterlockError(
        "charter/not-found",
        `no charter of \`${wiring.name}\` has that hash`,
      );
    }
    await checkFollows(tx, loop, charter, said.charter);
    const signers = await listSigners(tx);
    const signature = checkCharterSignature(charter, said.party, said.given, signers, now);
    checkDistinct([
      ...(await listSignatures(tx, said.charter)).filter(({ party }) => party !== said.party),
      signature,
    ]);
    if (await insertSignature(tx, said.charter, signature)) {
      const { party, person, keyId } = signature;
      await appendLedger(tx, [
        loopEntry(
          context,
          wiring.name,
          "charter.signed",
          { party, charter_hash: said.charter, key: keyId },
          person,
        ),
      ]);
    }
    const standing = await readStanding(tx, charter, said.charter);
    const isWaiting = (await findCharterState(tx, said.charter)) === "proposed";
    if (standing.isSigned && isWaiting) {
      await bringIntoForce(tx, context, wiring, loop, charter, said.charter);
    }
    return standing;
  });
}

async function bringIntoForce(
  tx: Tx,
  context: EngineContext,
  wiring: LoopWiring,
  loop: LoopRow,
  charter: Charter,
  hash: Hash,
): Promise<void> {
  const now = context.clock.now();
  const isFirst = loop.charter_hash === hash;
  if (!isFirst && (await findCharterState(tx, loop.charter_hash)) === "in-force") {
    await updateCharterState(tx, loop.charter_hash, "replaced", now);
  }
  await updateCharterState(tx, hash, "in-force", now);
  const { contract_hash } = loop;
  await updateLoopPapers(tx, loop.name, { contract_hash, charter_hash: hash, changed_at: now });
  // A new page never raises what the old one's evidence had not reached.
  const autonomy = isFirst ? charter.autonomy.start : lower(loop.autonomy, charter.autonomy.start);
  if (autonomy !== loop.autonomy) await updateLoopAutonomy(tx, loop.name, autonomy, now);
  if (!isFirst && charter.openCases === "regovern") {
    const open = await listUndecidedCases(tx, loop.name);
    await insertCaseEvents(
      tx,
      open.map((caseId) => ({
        caseId,
        event: { kind: "charter.replaced", at: now, charterHash: hash } as const,
      })),
    );
  }
  await appendLedger(tx, [
    loopEntry(context, loop.name, "charter.in-force", {
      charter_hash: hash,
      ...(isFirst ? {} : { replaces: loop.charter_hash, open_cases: charter.openCases }),
    }),
  ]);
  if (isFirst) return;
  const { version, openCases } = charter;
  await writeLoopNews(tx, context, wiring, hash, { topic: "charter-in-force", version, openCases });
}

function lower(a: AutonomyLevel, b: AutonomyLevel): AutonomyLevel {
  return AUTONOMY_LEVELS.indexOf(a) < AUTONOMY_LEVELS.indexOf(b) ? a : b;
}

/** One party's signed act: the charter ends, and with it every action that is not yet under way. */
export async function withdrawCharter(
  context: EngineContext,
  wiring: LoopWiring,
  envelope: unknown,
): Promise<CharterStanding> {
  const { driver, clock } = context;
  const now = clock.now();
  const standing = await driver.transaction(async (tx) => {
    const loop = await lockLoop(tx, wiring.name);
    assert(loop, "a wired loop is registered");
    const said = readWithdrawal(envelope, await listSigners(tx), now);
    const charter = await findCharter(tx, loop.charter_hash);
    assert(charter, "a loop's charter is registered; a foreign key holds it");
    checkWithdraws(said, charter, loop.charter_hash);
    const { person, reason } = said;
    const row = {
      party: said.party,
      person,
      reason,
      envelope: envelope as never,
      withdrawn_at: now,
    };
    if (await insertWithdrawal(tx, loop.charter_hash, row)) {
      await updateCharterState(tx, loop.charter_hash, "withdrawn", now);
      const body = { party: said.party, charter_hash: loop.charter_hash, reason };
      await appendLedger(tx, [loopEntry(context, loop.name, "charter.withdrawn", body, person)]);
      await writeLoopNews(tx, context, wiring, loop.charter_hash, {
        topic: "charter-withdrawn",
        party: said.party,
        person,
        reason,
      });
    }
    return readStanding(tx, charter, loop.charter_hash);
  });
  await requestLoop(context, wiring, "review");
  return standing;
}
