-- People who sign in: how each is known, what each may do where, and the sessions that stand.

create table person (
  email text primary key,
  name text not null,
  created_at timestamptz not null,
  created_by text not null,
  -- Opens nothing from then on; what they voted and signed stays theirs.
  disabled_at timestamptz,

  constraint email_is_normalised check (email = lower(btrim(email)))
);

create table person_role (
  email text not null references person (email),
  -- Empty: in every department.
  department text not null,
  role text not null,
  granted_at timestamptz not null,
  granted_by text not null,

  constraint role_is_granted_once primary key (email, department, role),
  constraint role_is_known
    check (role in ('viewer', 'operator', 'approver', 'owner', 'auditor', 'admin'))
);

create table passkey (
  id text primary key,
  email text not null references person (email),
  -- As the authenticator gave it: COSE, base64url.
  public_key text not null,
  -- Grows with use where the authenticator counts; one that goes back was copied.
  counter bigint not null,
  transports jsonb not null,
  created_at timestamptz not null,
  used_at timestamptz
);

create index passkey_of_person on passkey (email);

-- Secrets of this file are shown once and kept as hashes.
create table invitation (
  token_hash text primary key,
  -- Null: the first admin, who says who they are.
  email text references person (email),
  created_at timestamptz not null,
  created_by text not null,
  expires_at timestamptz not null,
  used_at timestamptz
);

-- One sign-in that is under way, and what it has to be answered with. Taken once.
create table handshake (
  token_hash text primary key,
  kind text not null,
  body jsonb not null,
  expires_at timestamptz not null
);

create table web_session (
  token_hash text primary key,
  email text not null references person (email),
  method text not null,
  created_at timestamptz not null,
  seen_at timestamptz not null,
  expires_at timestamptz not null,
  ended_at timestamptz,

  constraint method_is_known check (method in ('passkey', 'provider'))
);

create index session_of_person on web_session (email) where ended_at is null;
