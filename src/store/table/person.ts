/** People, what they may do, their passkeys, and the invitations that are open. */
import type { Role, RoleGrant } from "../../core/people/role.ts";
import type { Hash } from "../../std/hash.ts";
import type { Instant } from "../../std/time.ts";
import { toJson, type Tx } from "../driver/driver.ts";

export type PersonRow = {
  readonly email: string;
  readonly name: string;
  readonly created_at: Instant;
  readonly created_by: string;
  readonly disabled_at: Instant | null;
};

export type PasskeyRow = {
  readonly id: string;
  readonly email: string;
  readonly public_key: string;
  readonly counter: number;
  readonly transports: ReadonlyArray<string>;
};

const PERSON = "email, name, created_at, created_by, disabled_at";

/** Returns false where somebody has that address already. */
export async function insertPerson(tx: Tx, row: Omit<PersonRow, "disabled_at">): Promise<boolean> {
  const rows = await tx.query(
    `insert into person (email, name, created_at, created_by) values ($1, $2, $3, $4)
     on conflict (email) do nothing returning email`,
    [row.email, row.name, row.created_at, row.created_by],
  );
  return rows.length === 1;
}

export async function findPerson(tx: Tx, email: string): Promise<PersonRow | undefined> {
  const rows = await tx.query<PersonRow>(`select ${PERSON} from person where email = $1`, [email]);
  return rows[0];
}

export type PersonSummary = PersonRow & {
  readonly roles: ReadonlyArray<RoleGrant>;
  readonly passkeys: number;
  readonly signed_in_at: Instant | null;
};

export async function listPersons(tx: Tx): Promise<ReadonlyArray<PersonSummary>> {
  return tx.query<PersonSummary>(
    `select ${PERSON},
       coalesce((select jsonb_agg(jsonb_build_object('role', role, 'department', department)
          order by department, role) from person_role r where r.email = p.email), '[]') as roles,
       (select count(*)::int from passkey k where k.email = p.email) as passkeys,
       (select max(created_at) from web_session s where s.email = p.email) as signed_in_at
     from person p order by email`,
  );
}

/** Returns false when they were disabled, or enabled, already. */
export async function updateDisabled(
  tx: Tx,
  email: string,
  disabledAt: Instant | null,
): Promise<boolean> {
  const rows = await tx.query(
    `update person set disabled_at = $2
     where email = $1 and (disabled_at is null) <> ($2::timestamptz is null) returning email`,
    [email, disabledAt],
  );
  return rows.length === 1;
}

export async function listRoles(tx: Tx, email: string): Promise<ReadonlyArray<RoleGrant>> {
  return tx.query<RoleGrant>(
    "select role, department from person_role where email = $1 order by department, role",
    [email],
  );
}

/** Returns false when it was granted already. */
export async function insertRole(
  tx: Tx,
  email: string,
  { role, department }: RoleGrant,
  at: Instant,
  by: string,
): Promise<boolean> {
  const rows = await tx.query(
    `insert into person_role (email, department, role, granted_at, granted_by)
     values ($1, $2, $3, $4, $5) on conflict do nothing returning email`,
    [email, department, role, at, by],
  );
  return rows.length === 1;
}

/** Returns false when there was none. */
export async function deleteRole(
  tx: Tx,
  email: string,
  { role, department }: RoleGrant,
): Promise<boolean> {
  const rows = await tx.query(
    "delete from person_role where email = $1 and department = $2 and role = $3 returning email",
    [email, department, role],
  );
  return rows.length === 1;
}

/** People who are not disabled and have the role in every department. Locked until the commit. */
export async function lockHolders(tx: Tx, role: Role): Promise<ReadonlyArray<string>> {
  const rows = await tx.query<{ email: string }>(
    `select p.email from person p join person_role r using (email)
     where r.role = $1 and r.department = '' and p.disabled_at is null order by p.email
     for update of p`,
    [role],
  );
  return rows.map(({ email }) => email);
}

export async function insertPasskey(tx: Tx, row: PasskeyRow, at: Instant): Promise<void> {
  await tx.query(
    `insert into passkey (id, email, public_key, counter, transports, created_at)
     values ($1, $2, $3, $4, $5, $6)`,
    [row.id, row.email, row.public_key, row.counter, toJson(row.transports), at],
  );
}

const PASSKEY = "id, email, public_key, counter::float8 as counter, transports";

export async function findPasskey(tx: Tx, id: string): Promise<PasskeyRow | undefined> {
  const rows = await tx.query<PasskeyRow>(`select ${PASSKEY} from passkey where id = $1`, [id]);
  return rows[0];
}

export async function listPasskeys(tx: Tx, email: string): Promise<ReadonlyArray<PasskeyRow>> {
  return tx.query<PasskeyRow>(`select ${PASSKEY} from passkey where email = $1`, [email]);
}

export async function updatePasskeyUsed(
  tx: Tx,
  id: string,
  counter: number,
  at: Instant,
): Promise<void> {
  await tx.query("update passkey set counter = $2, used_at = $3 where id = $1", [id, counter, at]);
}

export async function insertInvitation(
  tx: Tx,
  row: {
    readonly tokenHash: Hash;
    readonly email: string | null;
    readonly createdAt: Instant;
    readonly createdBy: string;
    readonly expiresAt: Instant;
  },
): Promise<void> {
  await tx.query(
    `insert into invitation (token_hash, email, created_at, created_by, expires_at)
     values ($1, $2, $3, $4, $5)`,
    [row.tokenHash, row.email, row.createdAt, row.createdBy, row.expiresAt],
  );
}

export type InvitationRow = { readonly email: string | null; readonly created_by: string };

/** An invitation that is open at `at`; locked until the commit. */
export async function lockInvitation(
  tx: Tx,
  tokenHash: Hash,
  at: Instant,
): Promise<InvitationRow | undefined> {
  const rows = await tx.query<InvitationRow>(
    `select email, created_by from invitation
     where token_hash = $1 and used_at is null and expires_at > $2 for update`,
    [tokenHash, at],
  );
  return rows[0];
}

export async function updateInvitationUsed(tx: Tx, tokenHash: Hash, at: Instant): Promise<void> {
  await tx.query("update invitation set used_at = $2 where token_hash = $1", [tokenHash, at]);
}

/** Ends those that nobody took: of one person, or with null those for the first admin. */
export async function deleteOpenInvitations(tx: Tx, email: string | null): Promise<void> {
  await tx.query(
    "delete from invitation where used_at is null and email is not distinct from $1::text",
    [email],
  );
}
