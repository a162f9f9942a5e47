/** Who may sign in: invited, disabled, enabled again. */
import { type Role, type RoleGrant, ROLES } from "../core/people/role.ts";
import type { Instant } from "../std/time.ts";
import { inputSchema, nameField, type Operation } from "./operation.ts";

export const EMAIL_FIELD = nameField("the person's e-mail address");
export const BY_FIELD = nameField("the email of who does it");
export const GRANT_FIELDS = {
  role: { enum: ROLES, description: "what they may do" },
  department: {
    type: "string",
    maxLength: 200,
    description: "where they may; empty for every department",
  },
} as const;

export type Invited = {
  readonly email: string;
  /** Opens once, shown this once: the page to send them. */
  readonly link: string;
  readonly expiresAt: Instant;
};

export const personInvite: Operation<
  {
    readonly email: string;
    readonly name: string;
    readonly by: string;
    readonly role?: Role;
    readonly department?: string;
  },
  Invited
> = {
  name: "person.invite",
  summary: "Lets somebody in by a link that opens once; again for somebody who lost their passkey.",
  access: "admin",
  errors: ["person/invalid-email", "person/sign-in-refused"],
  input: inputSchema(
    { email: EMAIL_FIELD, name: nameField("how they are called"), by: BY_FIELD, ...GRANT_FIELDS },
    ["role", "department"],
  ),
  async handler({ engine }, { email, name, by, role, department = "" }) {
    const invited = await engine.people.invite({ email, name }, by);
    if (role !== undefined) {
      const grant: RoleGrant = { role, department };
      await engine.people.grantRole(invited.email, grant, by);
    }
    const link = `${engine.context.publicUrl ?? ""}/#/join/${invited.token}`;
    return { email: invited.email, link, expiresAt: invited.expiresAt };
  },
};

type Person = { readonly email: string; readonly by: string };

export const personDisable: Operation<Person, { readonly email: string }> = {
  name: "person.disable",
  summary: "Ends a person's sessions now and lets them in no more; what they did stays theirs.",
  access: "admin",
  errors: ["person/not-found", "person/invalid-email", "person/last-admin"],
  input: inputSchema({ email: EMAIL_FIELD, by: BY_FIELD }),
  async handler({ engine }, { email, by }) {
    await engine.people.disable(email, by);
    return { email };
  },
};

export const personEnable: Operation<Person, { readonly email: string }> = {
  name: "person.enable",
  summary: "Lets a person in again.",
  access: "admin",
  errors: ["person/not-found", "person/invalid-email"],
  input: inputSchema({ email: EMAIL_FIELD, by: BY_FIELD }),
  async handler({ engine }, { email, by }) {
    await engine.people.enable(email, by);
    return { email };
  },
};
