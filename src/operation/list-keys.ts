import { type DepartmentKey, listKeys } from "../engine/department-keys.ts";
import { inputSchema, type Operation } from "./operation.ts";

export const keyList: Operation<Record<string, never>, ReadonlyArray<DepartmentKey>> = {
  name: "key.list",
  summary: "Every department key, by its id, with when it was last used; never a secret.",
  access: "operator",
  errors: [],
  input: inputSchema({}),
  handler: ({ engine }) => listKeys(engine.context),
};
