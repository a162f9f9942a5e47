import { partiesOf } from "../engine/registry.ts";
import type { Hash } from "../std/hash.ts";
import type { Instant } from "../std/time.ts";
import { compareVersions } from "../core/contract/compare/version.ts";
import type { Tx } from "../store/driver/driver.ts";
import { type Acceptance, listAcceptances } from "../store/table/contract-acceptance.ts";
import { type ContractRow, type ContractState, listContracts } from "../store/table/contract.ts";
import { listLoops } from "../store/table/loop.ts";
import { countOpenCasesByContract } from "../store/table/signal-case.ts";
import { inputSchema, nameField, type Operation } from "./operation.ts";

export const CONTRACT_FIELD = nameField("the contract's name, such as logistics.geo-risk");
export const VERSION_FIELD = nameField("its version, such as 1.0.0");
export const PARTY_FIELDS = {
  department: nameField("the party for which this is done"),
  person: nameField("e-mail address of the person who does it"),
};

export type ContractEntry = {
  readonly name: string;
  readonly version: string;
  readonly hash: Hash;
  readonly state: ContractState;
  readonly sender: string;
  readonly receiver: string;
  readonly proposedBy: string;
  readonly registeredAt: Instant;
  readonly changedAt: Instant;
  readonly acceptances: ReadonlyArray<Omit<Acceptance, "contract_hash">>;
  /** Parties that have not accepted it yet. */
  readonly missing: ReadonlyArray<string>;
  readonly openCases: number;
  /** Loops that speak this very version. */
  readonly loops: ReadonlyArray<string>;
};

export const contractList: Operation<{ readonly name?: string }, ReadonlyArray<ContractEntry>> = {
  name: "contract.list",
  summary: "Every version of every contract: where it stands, who accepted it, what still uses it.",
  access: "viewer",
  errors: [],
  input: inputSchema({ name: nameField("only versions of this contract") }, ["name"]),
  handler: ({ engine }, { name }) => listEntries(engine.context.driver, name ?? null),
};

/** By name, oldest version first. */
export async function listEntries(
  tx: Tx,
  name: string | null,
): Promise<ReadonlyArray<ContractEntry>> {
  const rows = await listContracts(tx, name);
  const acceptances = await listAcceptances(
    tx,
    rows.map(({ hash }) => hash),
  );
  const open = await countOpenCasesByContract(tx);
  const loops = await listLoops(tx);
  return rows
    .map((row) =>
      toEntry(row, {
        acceptances: acceptances.filter(({ contract_hash }) => contract_hash === row.hash),
        openCases: open.get(row.hash) ?? 0,
        loops: loops.filter((loop) => loop.contract_hash === row.hash).map((loop) => loop.name),
      }),
    )
    .sort((a, b) =>
      a.name === b.name ? compareVersions(a.version, b.version) : a.name < b.name ? -1 : 1,
    );
}

function toEntry(
  { contract, ...row }: ContractRow,
  use: {
    readonly acceptances: ReadonlyArray<Acceptance>;
    readonly openCases: number;
    readonly loops: ReadonlyArray<string>;
  },
): ContractEntry {
  const accepted = use.acceptances.map(({ contract_hash: _, ...acceptance }) => acceptance);
  return {
    name: row.name,
    version: row.version,
    hash: row.hash,
    state: row.state,
    sender: contract.sender.department,
    receiver: contract.receiver.department,
    proposedBy: row.proposed_by,
    registeredAt: row.registered_at,
    changedAt: row.changed_at,
    acceptances: accepted,
    missing: partiesOf(contract).filter(
      (party) => !accepted.some(({ department }) => department === party),
    ),
    openCases: use.openCases,
    loops: use.loops,
  };
}
