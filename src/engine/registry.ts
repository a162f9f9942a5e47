/**
 * The registry of contracts: which versions there are, who accepted them, and which may be spoken.
 *
 *   draft ──(both parties accept)──> in force ──(a newer one comes)──> deprecated ──> retired
 *
 * Like a treaty, a version is proposed by one side and binds nobody until both have accepted it; nobody
 * publishes one alone. When both have, it is judged against the one in force, which it then follows. The
 * old one is deprecated, not dead: its signals are accepted beside the new ones until it is retired, and
 * that waits for its last open case. Every step is in the ledger.
 *
 * Left out: which version a loop speaks. That is the loop's wiring; here it only stands in the way of
 * retiring a version that a loop still speaks.
 */
import { compareVersions } from "../core/contract/compare/version.ts";
import { lintContract } from "../core/contract/lint.ts";
import { contractHash } from "../core/contract/parse.ts";
import { judgeRelease } from "../core/contract/release.ts";
import type { Contract } from "../core/contract/types.ts";
import { listWords } from "../core/problem.ts";
import { assert } from "../std/assert.ts";
import type { Json } from "../std/canonical-json.ts";
import { InterlockError } from "../std/errors.ts";
import type { Hash } from "../std/hash.ts";
import type { Tx } from "../store/driver/driver.ts";
import { findCharter } from "../store/table/charter.ts";
import { insertAcceptance, listAcceptances } from "../store/table/contract-acceptance.ts";
import {
  type ContractRow,
  type ContractState,
  findContractRow,
  insertContract,
  listContracts,
  lockContractVersions,
  updateContractState,
} from "../store/table/contract.ts";
import { appendLedger } from "../store/table/ledger.ts";
import { listLoops } from "../store/table/loop.ts";
import { countOpenCasesByContract } from "../store/table/signal-case.ts";
import type { EngineContext } from "./wiring.ts";

/** Who asks, and for which side. */
export type Party = { readonly department: string; readonly person: string };

export type VersionName = { readonly name: string; readonly version: string };

/** Registers a draft. Proposing the same document again changes nothing. */
export async function proposeContract(
  context: EngineContext,
  contract: Contract,
  by: Party,
): Promise<{ readonly hash: Hash; readonly isNew: boolean }> {
  const [error] = lintContract(contract).filter(({ severity }) => severity === "error");
  if (error !== undefined) {
    throw new InterlockError("contract/release-refused", error.message, {
      path: error.path,
      help: "`contract lint` lists every error with its place",
    });
  }
  const hash = contractHash(contract);
  const now = context.clock.now();
  return context.driver.transaction(async (tx) => {
    await refuseStranger(tx, contract, by);
    // Before the release is judged: a version taken by other content is the plainer mistake.
    const isNew = await insertContract(tx, hash, contract, now, by.person);
    if (!isNew) return { hash, isNew };
    refuseBadRelease(findPredecessor(await listContracts(tx, contract.name)), contract);
    await record(tx, context, "contract.proposed", { hash, contract }, by.person, {
      department: by.department,
    });
    return { hash, isNew };
  });
}

/**
 * Accepts a version for one party. With the last acceptance it comes into force, and the version that
 * was so until now is deprecated. Accepting again changes nothing.
 */
export async function acceptContract(
  context: EngineContext,
  which: VersionName,
  by: Party,
): Promise<{ readonly state: ContractState; readonly missing: ReadonlyArray<string> }> {
  const now = context.clock.now();
  return context.driver.transaction(async (tx) => {
    const versions = await lockContractVersions(tx, which.name);
    const row = getVersion(versions, which);
    await refuseStranger(tx, row.contract, by);
    if (row.state === "retired") throw wrongState(row, "accepted");
    const predecessor = findPredecessor(versions);
    if (row.state === "draft") refuseBadRelease(predecessor, row.contract);
    const isNew = await insertAcceptance(tx, {
      contract_hash: row.hash,
      department: by.department,
      person: by.person,
      accepted_at: now,
    });
    if (isNew) {
      await record(tx, context, "contract.accepted", row, by.person, { department: by.department });
    }
    const missing = await listMissing(tx, row);
    if (row.state !== "draft" || missing.length > 0) return { state: row.state, missing };
    if (predecessor?.state === "in-force") {
      const why = `version ${row.version} came into force`;
      await move(tx, context, predecessor, "deprecated", by.person, why);
    }
    await move(tx, context, row, "in-force", by.person, "both parties accepted it");
    return { state: "in-force", missing };
  });
}

/** Says that a version in force has no future, before a newer one takes its place. */
export async function deprecateContract(
  context: EngineContext,
  which: VersionName,
  by: Party,
): Promise<void> {
  await changeVersion(context, which, by, async (tx, row) => {
    if (row.state === "deprecated") return;
    if (row.state !== "in-force") throw wrongState(row, "deprecated");
    await move(tx, context, row, "deprecated", by.person, `${by.department} deprecated it`);
  });
}

/** Ends a deprecated version, or withdraws a draft, once nothing uses it any more. */
export async function retireContract(
  context: EngineContext,
  which: VersionName,
  by: Party,
): Promise<void> {
  await changeVersion(context, which, by, async (tx, row) => {
    if (row.state === "retired") return;
    if (row.state === "in-force") throw wrongState(row, "retired", "deprecate it first");
    const open = (await countOpenCasesByContract(tx)).get(row.hash) ?? 0;
    const loops = (await listLoops(tx)).filter((loop) => loop.contract_hash === row.hash);
    if (open > 0 || loops.length > 0) throw inUse(row, open, loops);
    const what = row.state === "draft" ? "withdrew the draft" : "retired it";
    await move(tx, context, row, "retired", by.person, `${by.department} ${what}`);
  });
}

/** Holds the version against every other change of it, for one of its two parties. */
async function changeVersion(
  context: EngineContext,
  which: VersionName,
  by: Party,
  change: (tx: Tx, row: ContractRow) => Promise<void>,
): Promise<void> {
  await context.driver.transaction(async (tx) => {
    const row = getVersion(await lockContractVersions(tx, which.name), which);
    await refuseStranger(tx, row.contract, by);
    await change(tx, row);
  });
}

/**
 * May be spoken: both parties accepted it, and it is not retired. True of a deprecated version too, or
 * every loop would stop on the day on which a newer one is accepted.
 */
export async function isContractInForce(tx: Tx, hash: Hash): Promise<boolean> {
  const state = (await findContractRow(tx, hash))?.state;
  return state === "in-force" || state === "deprecated";
}

/** Departments that have not accepted the version yet; none for a version that is not registered. */
export async function listMissingAcceptances(tx: Tx, hash: Hash): Promise<ReadonlyArray<string>> {
  const row = await findContractRow(tx, hash);
  return row === undefined ? [] : listMissing(tx, row);
}

export function partiesOf({ sender, receiver }: Contract): ReadonlyArray<string> {
  return [...new Set([sender.department, receiver.department])];
}

async function listMissing(tx: Tx, row: ContractRow): Promise<ReadonlyArray<string>> {
  const accepted = (await listAcceptances(tx, [row.hash])).map(({ department }) => department);
  return partiesOf(row.contract).filter((department) => !accepted.includes(department));
}

/** The version that a new one follows: the one in force, or else the newest still spoken. */
function findPredecessor(versions: ReadonlyArray<ContractRow>): ContractRow | undefined {
  return (
    versions.find(({ state }) => state === "in-force") ??
    versions
      .filter(({ state }) => state === "deprecated")
      .toSorted((a, b) => compareVersions(b.version, a.version))[0]
  );
}

function getVersion(versions: ReadonlyArray<ContractRow>, which: VersionName): ContractRow {
  const row = versions.find(({ version }) => version === which.version);
  if (row !== undefined) return row;
  const known = versions.map(({ version }) => version).sort(compareVersions);
  throw new InterlockError(
    "contract/not-found",
    `contract \`${which.name}\` has no version \`${which.version}\``,
    {
      help:
        known.length === 0
          ? "no contract of this name is registered; `contract list` shows those that are"
          : `its versions are ${listWords(known, "and")}`,
    },
  );
}

/** Only the two parties, and of a department whose people a charter names, only its heads. */
async function refuseStranger(tx: Tx, contract: Contract, by: Party): Promise<void> {
  const parties = partiesOf(contract);
  if (!parties.includes(by.department)) {
    throw new InterlockError(
      "contract/not-entitled",
      `\`${by.department}\` is no party of contract \`${contract.name}\``,
      { help: `its parties are ${listWords(parties, "and")}` },
    );
  }
  const heads = await listHeads(tx, by.department);
  if (heads.length === 0 || heads.includes(by.person)) return;
  throw new InterlockError(
    "contract/not-entitled",
    `\`${by.person}\` is neither owner nor deputy of \`${by.department}\` in any charter`,
    { help: `they are ${listWords(heads, "and")}` },
  );
}

/** Owner and deputies of the department in the charters of every loop; none when no charter names it. */
async function listHeads(tx: Tx, department: string): Promise<ReadonlyArray<string>> {
  const heads = new Set<string>();
  for (const { charter_hash } of await listLoops(tx)) {
    const charter = await findCharter(tx, charter_hash);
    assert(charter, "a loop's charter is registered; a foreign key holds it");
    for (const party of charter.parties) {
      if (party.department !== department) continue;
      for (const { email } of [party.owner, ...party.deputies]) heads.add(email);
    }
  }
  return [...heads];
}

function refuseBadRelease(previous: ContractRow | undefined, next: Contract): void {
  if (previous === undefined) return;
  const { allowed, why, problems } = judgeRelease(previous.contract, next);
  if (allowed) return;
  const [first] = problems;
  throw new InterlockError(
    "contract/release-refused",
    `version ${next.version} may not follow ${previous.version} of contract \`${next.name}\`: ${why}`,
    {
      ...(first === undefined ? {} : { path: first.path }),
      help: problems.map(({ path, message }) => `${path}: ${message}`).join("\n") || DIFF_HELP,
    },
  );
}

const DIFF_HELP = "`contract diff` shows what changed, and who must change first and why";

function wrongState(row: ContractRow, done: string, help?: string): InterlockError {
  return new InterlockError(
    "contract/wrong-state",
    `version ${row.version} of contract \`${row.name}\` is ${row.state} and cannot be ${done}`,
    help === undefined ? {} : { help },
  );
}

function inUse(
  row: ContractRow,
  open: number,
  loops: ReadonlyArray<{ readonly name: string }>,
): InterlockError {
  const users = [
    ...(open === 0 ? [] : [open === 1 ? "1 open case" : `${open} open cases`]),
    ...loops.map(({ name }) => `the loop \`${name}\``),
  ];
  const isPlural = users.length > 1 || open > 1;
  return new InterlockError(
    "contract/in-use",
    `version ${row.version} of contract \`${row.name}\` cannot be retired: ` +
      `${listWords(users, "and")} still ${isPlural ? "use" : "uses"} it`,
    {
      help:
        loops.length > 0
          ? "point the loop at a newer version first"
          : "wait until its last case is closed; `case list` shows the open ones",
    },
  );
}

async function move(
  tx: Tx,
  context: EngineContext,
  row: ContractRow,
  to: ContractState,
  actor: string,
  why: string,
): Promise<void> {
  await updateContractState(tx, row.hash, to, context.clock.now());
  await record(tx, context, "contract.moved", row, actor, { from: row.state, to, why });
}

async function record(
  tx: Tx,
  context: EngineContext,
  kind: string,
  { hash, contract }: Pick<ContractRow, "hash" | "contract">,
  actor: string,
  body: { readonly [key: string]: Json },
): Promise<void> {
  const { name, version } = contract;
  await appendLedger(tx, [
    {
      at: context.clock.now(),
      kind,
      loop: null,
      case: null,
      actor,
      contract: hash,
      body: { name, version, ...body },
    },
  ]);
}
