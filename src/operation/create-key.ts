import { createDepartmentKey } from "../engine/department-keys.ts";
import { inputSchema, nameField, type Operation } from "./operation.ts";

export type KeyCreated = {
  readonly id: string;
  /** Shown this once; only its hash is kept. */
  readonly key: string;
  readonly department: string;
  readonly label: string;
};

export const keyCreate: Operation<
  { readonly department: string; readonly label: string; readonly person: string },
  KeyCreated
> = {
  name: "key.create",
  summary: "Makes a key with which a department's agents speak for it; it is shown this once.",
  access: "owner",
  errors: ["agent/unknown-department"],
  input: inputSchema({
    department: nameField("the department that the key speaks for"),
    label: nameField("what the key is for, such as the name of the agent that will hold it"),
    person: nameField("the email of who makes it"),
  }),
  async handler({ engine }, { department, label, person }) {
    const made = await createDepartmentKey(engine.context, { department, label, person });
    return { ...made, department, label };
  },
};
