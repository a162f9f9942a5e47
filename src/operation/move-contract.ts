import { acceptContract, deprecateContract, retireContract } from "../engine/registry.ts";
import { CONTRACT_FIELD, PARTY_FIELDS, VERSION_FIELD } from "./list-contracts.ts";
import { inputSchema, type Operation } from "./operation.ts";
import { type ContractView, contractShow } from "./show-contract.ts";

export type ContractMove = {
  readonly name: string;
  readonly version: string;
  /** The party for whom this is done, and who does it. */
  readonly department: string;
  readonly person: string;
};

const MOVE_INPUT = inputSchema({ name: CONTRACT_FIELD, version: VERSION_FIELD, ...PARTY_FIELDS });

export const contractAccept: Operation<ContractMove, ContractView> = {
  name: "contract.accept",
  summary: "Accepts a version for one party; with the last acceptance it comes into force.",
  access: "owner",
  errors: [
    "contract/not-found",
    "contract/not-entitled",
    "contract/release-refused",
    "contract/wrong-state",
  ],
  input: MOVE_INPUT,
  async handler(context, { name, version, department, person }) {
    await acceptContract(context.engine.context, { name, version }, { department, person });
    return contractShow.handler(context, { name, version });
  },
};

export const contractDeprecate: Operation<ContractMove, ContractView> = {
  name: "contract.deprecate",
  summary: "Says that a version has no future; its signals are still accepted until it is retired.",
  access: "owner",
  errors: ["contract/not-found", "contract/not-entitled", "contract/wrong-state"],
  input: MOVE_INPUT,
  async handler(context, { name, version, department, person }) {
    await deprecateContract(context.engine.context, { name, version }, { department, person });
    return contractShow.handler(context, { name, version });
  },
};

export const contractRetire: Operation<ContractMove, ContractView> = {
  name: "contract.retire",
  summary: "Ends a deprecated version, or a draft, once no open case and no loop uses it.",
  access: "owner",
  errors: [
    "contract/not-found",
    "contract/not-entitled",
    "contract/wrong-state",
    "contract/in-use",
  ],
  input: MOVE_INPUT,
  async handler(context, { name, version, department, person }) {
    await retireContract(context.engine.context, { name, version }, { department, person });
    return contractShow.handler(context, { name, version });
  },
};
