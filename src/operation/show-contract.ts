import type { Contract } from "../core/contract/types.ts";
import { InterlockError } from "../std/errors.ts";
import { findContract } from "../store/table/contract.ts";
import {
  CONTRACT_FIELD,
  type ContractEntry,
  listEntries,
  VERSION_FIELD,
} from "./list-contracts.ts";
import { inputSchema, type Operation } from "./operation.ts";

export type ContractView = ContractEntry & { readonly contract: Contract };

export const contractShow: Operation<
  {
    readonly name: string;
    /** The one in force if left out; the newest if none is. */
    readonly version?: string;
  },
  ContractView
> = {
  name: "contract.show",
  summary: "One version of a contract: where it stands, who accepted it when, and its document.",
  access: "viewer",
  errors: ["contract/not-found"],
  input: inputSchema({ name: CONTRACT_FIELD, version: VERSION_FIELD }, ["version"]),
  async handler({ engine }, { name, version }) {
    const { driver } = engine.context;
    const entries = await listEntries(driver, name);
    const entry =
      version === undefined
        ? (entries.find(({ state }) => state === "in-force") ?? entries.at(-1))
        : entries.find((candidate) => candidate.version === version);
    const contract = entry && (await findContract(driver, entry.hash));
    if (entry !== undefined && contract !== undefined) return { ...entry, contract };
    const known = entries.map((candidate) => candidate.version).join(", ");
    throw new InterlockError(
      "contract/not-found",
      version === undefined
        ? `no contract is named \`${name}\``
        : `contract \`${name}\` has no version \`${version}\``,
      known === "" ? {} : { help: `its versions are ${known}` },
    );
  },
};
