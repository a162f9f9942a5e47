import { parseContract } from "../core/contract/parse.ts";
import { proposeContract } from "../engine/registry.ts";
import { PARTY_FIELDS } from "./list-contracts.ts";
import { inputSchema, type Operation } from "./operation.ts";
import { type ContractView, contractShow } from "./show-contract.ts";

export const contractPropose: Operation<
  {
    /** The contract as plain data, still unchecked. */
    readonly document: unknown;
    readonly department: string;
    readonly person: string;
  },
  ContractView
> = {
  name: "contract.propose",
  summary: "Registers a version as a draft, if it may follow the one in force; binds nobody yet.",
  access: "approver",
  errors: [
    "document/invalid-shape",
    "contract/not-entitled",
    "contract/release-refused",
    "contract/version-taken",
  ],
  input: inputSchema({
    document: { type: "object", description: "the contract, as `contract lint` wants it" },
    ...PARTY_FIELDS,
  }),
  async handler(context, { document, department, person }) {
    const contract = parseContract(document);
    await proposeContract(context.engine.context, contract, { department, person });
    return contractShow.handler(context, { name: contract.name, version: contract.version });
  },
};
