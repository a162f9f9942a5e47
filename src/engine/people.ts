/**
 * People who sign in: invited by name, known by what they hold, gone the moment they are disabled.
 *
 *   invited ──one-time link──> joined (a passkey, or the company's provider) ──> sessions
 *
 * Every invitation, joining, sign-in, change of a role and end is an entry in the ledger. Secrets are 256
 * random bits, shown once and kept as hashes. Sessions and links run on the wall's clock, whatever
 * clock the engine follows: a simulated day must not keep a session alive.
 */
import { randomBytes } from "node:crypto";
import { normaliseEmail } from "../core/charter/seat.ts";
import type { RoleGrant } from "../core/people/role.ts";
import type { Clock } from "../core/port/types.ts";
import { quote } from "../core/problem.ts";
import type { Json } from "../std/canonical-json.ts";
import { InterlockError } from "../std/errors.ts";
import { hashText } from "../std/hash.ts";
import { addMs, DAY_MS, HOUR_MS, type Instant, MINUTE_MS } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { appendLedger } from "../store/table/ledger.ts";
import {
  deleteOpenInvitations,
  deleteRole,
  findPasskey,
  findPerson,
  insertInvitation,
  insertPasskey,
  insertPerson,
  insertRole,
  listRoles,
  lockHolders,
  lockInvitation,
  type PasskeyRow,
  type PersonRow,
  updateDisabled,
  updateInvitationUsed,
  updatePasskeyUsed,
} from "../store/table/person.ts";
import {
  endSession,
  endSessionsOf,
  findSession,
  insertHandshake,
  insertSession,
  type SignInMethod,
  takeHandshake,
  updateSessionSeen,
} from "../store/table/web-session.ts";
import type { EngineContext } from "./wiring.ts";

const TOKEN_BYTES = 32;
const INVITATION_MS = 3 * DAY_MS;
const FIRST_ADMIN_MS = DAY_MS;
const HANDSHAKE_MS = 5 * MINUTE_MS;
const SESSION_MS = DAY_MS;
/** A session that nobody used for so long ends by itself. */
const SESSION_IDLE_MS = 8 * HOUR_MS;
/** How exactly a session's last use is known. */
const SEEN_EVERY_MS = 5 * MINUTE_MS;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,180}$/;
const ENGINE = "engine";
const WALL: Clock = { now: () => new Date().toISOString() };

export type SignedIn = {
  readonly email: string;
  readonly name: string;
  readonly method: SignInMethod;
  readonly expiresAt: Instant;
  readonly roles: ReadonlyArray<RoleGrant>;
};

/** A session just made: its secret goes into the cookie and nowhere else. */
export type NewSession = {
  readonly email: string;
  readonly token: string;
  readonly maxAgeMs: number;
};

/** What a new passkey is, as its authenticator said and the library checked. */
export type GivenPasskey = Omit<PasskeyRow, "email">;

type Said = { readonly [key: string]: Json };

export class People {
  readonly #context: EngineContext;
  readonly #wall: Clock;

  constructor(context: EngineContext, wall: Clock = WALL) {
    this.#context = context;
    this.#wall = wall;
  }

  // Invitations -----------------------------------------------------------------------------------------

  /** A link for whoever starts the first server: undefined once there is an admin. */
  async inviteFirstAdmin(): Promise<string | undefined> {
    const token = newToken();
    const now = this.#wall.now();
    return this.#context.driver.transaction(async (tx) => {
      if ((await lockHolders(tx, "admin")).length > 0) return undefined;
      await deleteOpenInvitations(tx, null);
      await insertInvitation(tx, {
        tokenHash: hashText(token),
        email: null,
        createdAt: now,
        createdBy: ENGINE,
        expiresAt: addMs(now, FIRST_ADMIN_MS),
      });
      return token;
    });
  }

  /** A new person, or a new link for one who lost theirs; an older link opens nothing any more. */
  async invite(
    asked: { readonly email: string; readonly name: string },
    by: string,
  ): Promise<{ readonly email: string; readonly token: string; readonly expiresAt: Instant }> {
    const email = readEmail(asked.email);
    const token = newToken();
    const now = this.#wall.now();
    const expiresAt = addMs(now, INVITATION_MS);
    await this.#context.driver.transaction(async (tx) => {
      await insertPerson(tx, { email, name: asked.name, created_at: now, created_by: by });
      const person = await getPerson(tx, email);
      refuseDisabled(person);
      await deleteOpenInvitations(tx, email);
      const row = { tokenHash: hashText(token), email, createdAt: now, createdBy: by, expiresAt };
      await insertInvitation(tx, row);
      await this.#record(tx, "person.invited", by, { person: email });
    });
    return { email, token, expiresAt };
  }

  /** Whom a link is for; null for the first admin, who says so. Looking at it uses nothing up. */
  async readInvitation(
    token: string,
  ): Promise<{ readonly email: string | null; readonly name: string }> {
    return this.#context.driver.transaction(async (tx) => {
      const { email } = await this.#lockOpen(tx, token);
      const name = email === null ? "" : (await getPerson(tx, email)).name;
      return { email, name };
    });
  }

  /** The link is used up, the passkey is theirs, and they are signed in: all of it or nothing. */
  async join(
    token: string,
    who: { readonly email: string; readonly name: string },
    passkey: GivenPasskey,
  ): Promise<NewSession> {
    const now = this.#wall.now();
    return this.#context.driver.transaction(async (tx) => {
      const invitation = await this.#lockOpen(tx, token);
      const email = readEmail(invitation.email ?? who.email);
      if (invitation.email === null) {
        const row = { email, name: who.name, created_at: now, created_by: ENGINE };
        await insertPerson(tx, row);
        await this.#grant(tx, email, { role: "admin", department: "" }, ENGINE);
      }
      refuseDisabled(await getPerson(tx, email));
      if ((await findPasskey(tx, passkey.id)) !== undefined) throw refuseSignIn();
      await updateInvitationUsed(tx, hashText(token), now);
      await insertPasskey(tx, { ...passkey, email }, now);
      await this.#record(tx, "person.joined", email, { person: email });
      return this.#openSession(tx, email, "passkey");
    });
  }

  async #lockOpen(tx: Tx, token: string) {
    const open = await lockInvitation(tx, hashText(token), this.#wall.now());
    if (open !== undefined) return open;
    throw new InterlockError("person/invitation-over", "this invitation was used, or is over", {
      help: "ask an admin for a new one; without any admin, the next start of the server prints one",
    });
  }

  // Sign-in ---------------------------------------------------------------------------------------------

  /** Something that must come back once, within minutes. Returns the secret that names it. */
  async beginHandshake(kind: string, body: Json): Promise<string> {
    const token = newToken();
    const now = this.#wall.now();
    const over = addMs(now, HANDSHAKE_MS);
    await insertHandshake(this.#context.driver, hashText(token), kind, body, now, over);
    return token;
  }

  async endHandshake(kind: string, token: string): Promise<Json> {
    const { driver } = this.#context;
    const body = await takeHandshake(driver, hashText(token), kind, this.#wall.now());
    if (body !== undefined) return body;
    throw new InterlockError("person/sign-in-refused", "this sign-in took too long, or was used", {
      help: "begin again",
    });
  }

  async findPasskey(id: string): Promise<PasskeyRow | undefined> {
    return findPasskey(this.#context.driver, id);
  }

  /** The passkey's answer was checked against the stored key. */
  async signInByPasskey(id: string, counter: number): Promise<NewSession> {
    return this.#context.driver.transaction(async (tx) => {
      const row = await findPasskey(tx, id);
      if (row === undefined) throw refuseSignIn();
      await updatePasskeyUsed(tx, id, counter, this.#wall.now());
      return this.#signIn(tx, row.email, "passkey");
    });
  }

  /** The company's provider says that this mailbox is theirs. Only who was invited gets in. */
  async signInByProvider(email: string): Promise<NewSession> {
    return this.#context.driver.transaction((tx) =>
      this.#signIn(tx, normaliseEmail(email), "provider"),
    );
  }

  async #signIn(tx: Tx, email: string, method: SignInMethod): Promise<NewSession> {
    const person = await findPerson(tx, email);
    if (person === undefined) throw refuseSignIn();
    refuseDisabled(person);
    await this.#record(tx, "person.signed-in", email, { person: email, method });
    return this.#openSession(tx, email, method);
  }

  async #openSession(tx: Tx, email: string, method: SignInMethod): Promise<NewSession> {
    const token = newToken();
    const now = this.#wall.now();
    const expires = addMs(now, SESSION_MS);
    await insertSession(tx, hashText(token), {
      email,
      method,
      created_at: now,
      expires_at: expires,
    });
    return { email, token, maxAgeMs: SESSION_MS };
  }

  /** Whose session that is, if it stands. */
  async findSignedIn(token: string): Promise<SignedIn | undefined> {
    const { driver } = this.#context;
    const now = this.#wall.now();
    const session = await findSession(driver, hashText(token), now, addMs(now, -SESSION_IDLE_MS));
    if (session === undefined) return undefined;
    if (session.seen_at < addMs(now, -SEEN_EVERY_MS)) {
      await updateSessionSeen(driver, hashText(token), now);
    }
    const { email, name, method, expires_at: expiresAt } = session;
    return { email, name, method, expiresAt, roles: await listRoles(driver, email) };
  }

  async signOut(token: string): Promise<void> {
    await this.#context.driver.transaction(async (tx) => {
      const email = await endSession(tx, hashText(token), this.#wall.now());
      if (email !== undefined)
        await this.#record(tx, "person.signed-out", email, { person: email });
    });
  }

  // Roles -----------------------------------------------------------------------------------------------

  async grantRole(email: string, grant: RoleGrant, by: string): Promise<void> {
    await this.#context.driver.transaction(async (tx) => {
      const person = await getPerson(tx, readEmail(email));
      await this.#grant(tx, person.email, grant, by);
    });
  }

  async revokeRole(email: string, grant: RoleGrant, by: string): Promise<void> {
    await this.#context.driver.transaction(async (tx) => {
      const person = await getPerson(tx, readEmail(email));
      const isAdmin = grant.role === "admin" && grant.department === "";
      if (isAdmin) await refuseLastAdmin(tx, person.email);
      if (!(await deleteRole(tx, person.email, grant))) return;
      await this.#record(tx, "role.revoked", by, { person: person.email, ...grant });
    });
  }

  /** Their sessions end now, and nothing lets them in until they are enabled again. */
  async disable(email: string, by: string): Promise<void> {
    await this.#context.driver.transaction(async (tx) => {
      const person = await getPerson(tx, readEmail(email));
      await refuseLastAdmin(tx, person.email);
      const now = this.#wall.now();
      if (!(await updateDisabled(tx, person.email, now))) return;
      await endSessionsOf(tx, person.email, now);
      await deleteOpenInvitations(tx, person.email);
      await this.#record(tx, "person.disabled", by, { person: person.email });
    });
  }

  async enable(email: string, by: string): Promise<void> {
    await this.#context.driver.transaction(async (tx) => {
      const person = await getPerson(tx, readEmail(email));
      if (!(await updateDisabled(tx, person.email, null))) return;
      await this.#record(tx, "person.enabled", by, { person: person.email });
    });
  }

  async #grant(tx: Tx, email: string, grant: RoleGrant, by: string): Promise<void> {
    if (!(await insertRole(tx, email, grant, this.#wall.now(), by))) return;
    await this.#record(tx, "role.granted", by, { person: email, ...grant });
  }

  async #record(tx: Tx, kind: string, actor: string, body: Said): Promise<void> {
    const at = this.#context.clock.now();
    await appendLedger(tx, [{ at, kind, loop: null, case: null, actor, body }]);
  }
}

function newToken(): string {
  return randomBytes(TOKEN_BYTES).toString("base64url");
}

function readEmail(given: string): string {
  const email = normaliseEmail(given);
  if (EMAIL.test(email)) return email;
  throw new InterlockError("person/invalid-email", `${quote(given)} is no e-mail address`);
}

async function getPerson(tx: Tx, email: string): Promise<PersonRow> {
  const person = await findPerson(tx, email);
  if (person !== undefined) return person;
  throw new InterlockError("person/not-found", `nobody here has the address ${quote(email)}`, {
    help: "`person list` shows everybody; `person invite` lets somebody in",
  });
}

/** One sentence for everybody who is not let in, so that nobody learns who is known here. */
export function refuseSignIn(cause?: unknown): InterlockError {
  return new InterlockError("person/sign-in-refused", "this does not let anybody in here", {
    help: "use what you joined with, or ask an admin for a new invitation",
    ...(cause === undefined ? {} : { cause }),
  });
}

function refuseDisabled(person: PersonRow): void {
  if (person.disabled_at !== null) throw refuseSignIn();
}

async function refuseLastAdmin(tx: Tx, email: string): Promise<void> {
  const admins = await lockHolders(tx, "admin");
  if (admins.length > 1 || admins[0] !== email) return;
  throw new InterlockError("person/last-admin", `${email} is the only admin`, {
    help: "make somebody else an admin first",
  });
}
