import type { Contract, ContractOption } from "./types.ts";

export function findOption(contract: Contract, name: string): ContractOption | undefined {
  return contract.options.find((option) => option.name === name);
}
