import { type DepartmentKey, revokeKey } from "../engine/department-keys.ts";
import { inputSchema, nameField, type Operation } from "./operation.ts";

export const keyRevoke: Operation<{ readonly id: string; readonly person: string }, DepartmentKey> =
  {
    name: "key.revoke",
    summary: "Ends a department key at once; whoever holds it is refused from then on.",
    access: "owner",
    errors: ["agent/key-not-found"],
    input: inputSchema({
      id: nameField("the key's id, the middle part of the key"),
      person: nameField("the email of who revokes it"),
    }),
    handler: ({ engine }, asked) => revokeKey(engine.context, asked),
  };
