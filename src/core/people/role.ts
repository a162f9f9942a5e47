/**
 * What people may ask for: roles, each in a department or in all of them.
 *
 * A role opens the door of an operation; whether what is asked then counts is the charter's to say. An
 * approver may send a vote, and the vote counts only with a seat in the party that is asked. Nobody may
 * do everything: who hands out roles has no vote by them.
 */

/** What a caller needs to be for an operation. */
export type OperationAccess = "viewer" | "operator" | "approver" | "owner" | "admin";

export const ROLES = ["viewer", "operator", "approver", "owner", "auditor", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** `department` empty: in every department. */
export type RoleGrant = { readonly role: Role; readonly department: string };

/** The access table. An auditor reads all that there is, of every department. */
export const ROLE_OPENS: { readonly [role in Role]: ReadonlyArray<OperationAccess> } = {
  viewer: ["viewer"],
  operator: ["viewer", "operator"],
  approver: ["viewer", "approver"],
  owner: ["viewer", "operator", "approver", "owner"],
  auditor: ["viewer"],
  admin: ["viewer", "admin"],
};

/**
 * Whether one of the grants opens what is asked. `departments` are those that it concerns; where that
 * cannot be told, reading takes any grant, and everything else one for all departments.
 */
export function isOpenTo(
  grants: ReadonlyArray<RoleGrant>,
  access: OperationAccess,
  departments: ReadonlyArray<string> | undefined,
): boolean {
  return grants.some(({ role, department }) => {
    if (!ROLE_OPENS[role].includes(access)) return false;
    if (department === "" || role === "auditor") return true;
    return departments === undefined ? access === "viewer" : departments.includes(department);
  });
}
