import { judgeRelease } from "../core/contract/release.ts";
import type { ContractDiff } from "./diff-contract.ts";
import { CONTRACT_FIELD } from "./list-contracts.ts";
import { inputSchema, nameField, type Operation } from "./operation.ts";
import { contractShow } from "./show-contract.ts";

export const contractCompare: Operation<
  { readonly name: string; readonly before: string; readonly after: string },
  ContractDiff
> = {
  name: "contract.compare",
  summary: "What changed between two versions of a contract, and who must change first.",
  access: "viewer",
  errors: ["contract/not-found"],
  input: inputSchema({
    name: CONTRACT_FIELD,
    before: nameField("the older version, such as 1.0.0"),
    after: nameField("the newer version"),
  }),
  async handler(context, { name, before, after }) {
    const [older, newer] = [
      await contractShow.handler(context, { name, version: before }),
      await contractShow.handler(context, { name, version: after }),
    ];
    const { comparison, ...release } = judgeRelease(older.contract, newer.contract);
    return { ...comparison, release };
  },
};
