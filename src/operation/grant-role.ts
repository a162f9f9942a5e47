/** What people may do where. */
import type { RoleGrant } from "../core/people/role.ts";
import { BY_FIELD, EMAIL_FIELD, GRANT_FIELDS } from "./invite-person.ts";
import { inputSchema, type Operation } from "./operation.ts";

type Asked = RoleGrant & { readonly email: string; readonly by: string };

const INPUT = inputSchema({ email: EMAIL_FIELD, by: BY_FIELD, ...GRANT_FIELDS });

export const roleGrant: Operation<Asked, { readonly email: string }> = {
  name: "role.grant",
  summary: "Gives a person a role, in one department or in all.",
  access: "admin",
  errors: ["person/not-found", "person/invalid-email"],
  input: INPUT,
  async handler({ engine }, { email, role, department, by }) {
    await engine.people.grantRole(email, { role, department }, by);
    return { email };
  },
};

export const roleRevoke: Operation<Asked, { readonly email: string }> = {
  name: "role.revoke",
  summary: "Takes a role from a person; it counts from their next request on.",
  access: "admin",
  errors: ["person/not-found", "person/invalid-email", "person/last-admin"],
  input: INPUT,
  async handler({ engine }, { email, role, department, by }) {
    await engine.people.revokeRole(email, { role, department }, by);
    return { email };
  },
};
