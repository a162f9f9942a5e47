/** Who is away and who is asked instead; for an admin, who may sign in, and what each may do where. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type JSX, useState } from "react";
import { type Role, type RoleGrant, ROLES } from "../../../src/core/people/role.ts";
import type { PersonSummary } from "../../../src/store/table/person.ts";
import { act, useCall } from "../call.ts";
import { isAdmin, useViewer } from "../credential.ts";
import { AwayPanel } from "../part/away.tsx";
import { Badge, Panel } from "../part/panel.tsx";
import { Loaded, Problem } from "../part/state.tsx";
import { instantToText } from "../words.ts";

const ROLE_WORDS: Record<Role, string> = {
  viewer: "looks at everything of their department",
  operator: "runs loops: agents, drills, data",
  approver: "votes, undoes, presses stop",
  owner: "all of these, and signs charters",
  auditor: "looks at everything of every department",
  admin: "lets people in and hands out roles; has no vote by it",
};

export function PeoplePage(): JSX.Element {
  const viewer = useViewer();
  return (
    <>
      <h1>People</h1>
      <AwayPanel />
      {isAdmin(viewer) && <Everybody />}
      <Roles />
    </>
  );
}

function Everybody(): JSX.Element {
  const people = useCall("personList", {});
  const loops = useCall("loopList", {});
  const departments = [...new Set((loops.data ?? []).flatMap((loop) => loop.departments))];
  return (
    <>
      <Invite departments={departments} />
      <Panel title="Everybody">
        <Loaded of={people}>
          {(rows) => (
            <ul className="rows">
              {rows.map((person) => (
                <PersonRow key={person.email} person={person} departments={departments} />
              ))}
            </ul>
          )}
        </Loaded>
      </Panel>
    </>
  );
}

function Roles(): JSX.Element {
  return (
    <Panel title="What a role opens">
      <dl className="roles">
        {ROLES.map((role) => (
          <div key={role}>
            <dt>{role}</dt>
            <dd>{ROLE_WORDS[role]}</dd>
          </div>
        ))}
      </dl>
      <p className="quiet">
        A role opens the door. Whether a vote then counts is the charter&rsquo;s to say: it takes a
        seat in the department that is asked.
      </p>
    </Panel>
  );
}

function Invite({ departments }: { readonly departments: ReadonlyArray<string> }): JSX.Element {
  const client = useQueryClient();
  const [email, setEmail] = useState("");
  const [name, setName] = useState("");
  const [grant, setGrant] = useState<RoleGrant>({ role: "viewer", department: "" });
  const invite = useMutation({
    mutationFn: () => act("personInvite", { email, name, ...grant }),
    onSuccess: () => client.invalidateQueries(),
  });
  return (
    <Panel title="Invite">
      <form
        className="row"
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate();
        }}
      >
        <label>
          E-mail
          <input
            type="email"
            required
            value={email}
            onChange={(event) => setEmail(event.target.value)}
          />
        </label>
        <label>
          Name
          <input required value={name} onChange={(event) => setName(event.target.value)} />
        </label>
        <GrantFields grant={grant} departments={departments} onChange={setGrant} />
        <button type="submit" className="main" disabled={invite.isPending}>
          Make a link
        </button>
      </form>
      <div role="status">
        {invite.data !== undefined && (
          <>
            <p>
              Send this to {invite.data.email}. It opens once, until{" "}
              {instantToText(invite.data.expiresAt)}, and is shown only now.
            </p>
            <p>
              <code className="secret">{invite.data.link}</code>
            </p>
          </>
        )}
      </div>
      {invite.error !== null && <Problem error={invite.error} />}
    </Panel>
  );
}

function GrantFields({
  grant,
  departments,
  onChange,
}: {
  readonly grant: RoleGrant;
  readonly departments: ReadonlyArray<string>;
  onChange(grant: RoleGrant): void;
}): JSX.Element {
  return (
    <>
      <label>
        Role
        <select
          value={grant.role}
          onChange={(event) => onChange({ ...grant, role: event.target.value as Role })}
        >
          {ROLES.map((role) => (
            <option key={role}>{role}</option>
          ))}
        </select>
      </label>
      <label>
        Department
        <select
          value={grant.department}
          onChange={(event) => onChange({ ...grant, department: event.target.value })}
        >
          <option value="">every department</option>
          {departments.map((department) => (
            <option key={department}>{department}</option>
          ))}
        </select>
      </label>
    </>
  );
}

function PersonRow({
  person: { email, name, roles, passkeys, signed_in_at, disabled_at },
  departments,
}: {
  readonly person: PersonSummary;
  readonly departments: ReadonlyArray<string>;
}): JSX.Element {
  const client = useQueryClient();
  const [grant, setGrant] = useState<RoleGrant>({ role: "viewer", department: "" });
  const onSuccess = () => client.invalidateQueries();
  const give = useMutation({ mutationFn: () => act("roleGrant", { email, ...grant }), onSuccess });
  const take = useMutation({
    mutationFn: (one: RoleGrant) => act("roleRevoke", { email, ...one }),
    onSuccess,
  });
  const close = useMutation({
    mutationFn: () => act(disabled_at === null ? "personDisable" : "personEnable", { email }),
    onSuccess,
  });
  const error = give.error ?? take.error ?? close.error;
  const came =
    signed_in_at === null
      ? passkeys > 0
        ? "has not signed in again"
        : "has not joined yet"
      : `signed in ${instantToText(signed_in_at)}`;
  return (
    <li>
      <div>
        <strong>{name}</strong> <span className="quiet">{email}</span>{" "}
        {disabled_at !== null && <Badge tone="bad">not let in</Badge>}
        <p className="row">
          {roles.map((one) => {
            const where = one.department === "" ? "everywhere" : `in ${one.department}`;
            return (
              <button
                key={`${one.role} ${one.department}`}
                type="button"
                className="chip"
                aria-label={`Take ${one.role} ${where} from ${name}`}
                onClick={() => take.mutate(one)}
              >
                {one.role} {where} <span aria-hidden="true">&times;</span>
              </button>
            );
          })}
          {roles.length === 0 && <span className="quiet">no role: sees nothing</span>}
        </p>
        <details>
          <summary>Change</summary>
          <form
            className="row"
            onSubmit={(event) => {
              event.preventDefault();
              give.mutate();
            }}
          >
            <GrantFields grant={grant} departments={departments} onChange={setGrant} />
            <button type="submit">Give this role</button>
            <button type="button" onClick={() => close.mutate()}>
              {disabled_at === null ? "Let them in no more" : "Let them in again"}
            </button>
          </form>
        </details>
        {error !== null && <Problem error={error} />}
      </div>
      <div className="right">
        <span className="quiet">{came}</span>
      </div>
    </li>
  );
}
