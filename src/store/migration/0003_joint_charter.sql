--! breaking
-- Charters in their final form: signed by keys, withdrawn, replaced; stops, glass, claims, autonomy.

-- A charter of the earlier form cannot be read as one of this form, nor can its signers be asked anew
-- by a migration. Nothing of that form was ever published.
do $$
begin
  if exists (select 1 from charter) then
    raise exception 'this database holds charters of an unpublished form; start a new one';
  end if;
end
$$;

-- Charters: proposed, in force once every owner signed, replaced by a later one, or withdrawn ---------

alter table charter
  add column loop text not null,
  add column state text not null default 'proposed',
  add column proposed_by text not null default 'engine',
  add column changed_at timestamptz not null,
  add constraint charter_state_is_known
    check (state in ('proposed', 'in-force', 'replaced', 'withdrawn'));

create unique index one_charter_in_force_for_a_loop on charter (loop) where state = 'in-force';

-- The public half of a person's key. Revoking a key ends it: what was signed before stays signed.
create table signing_key (
  id text primary key,
  person text not null,
  public_key text not null,
  valid_from timestamptz not null,
  valid_until timestamptz,
  registered_at timestamptz not null,
  registered_by text not null,

  constraint key_is_valid_for_a_while check (valid_until is null or valid_until >= valid_from)
);

create index signing_key_by_person on signing_key (person);

drop table charter_signature;

create table charter_signature (
  charter_hash text not null references charter (hash),
  party text not null,
  person text not null,
  key_id text not null references signing_key (id),
  -- `dsse`: over the envelope's bytes; `sshsig`: made by ssh-keygen over the same canonical bytes.
  form text not null,
  signature text not null,
  signed_at timestamptz not null,

  constraint party_signs_a_charter_once primary key (charter_hash, party),
  constraint person_signs_for_one_party unique (charter_hash, person),
  constraint key_signs_for_one_party unique (charter_hash, key_id),
  constraint form_is_known check (form in ('dsse', 'sshsig'))
);

-- One side's signed act ends a charter for ever.
create table charter_withdrawal (
  charter_hash text primary key references charter (hash),
  party text not null,
  person text not null,
  reason text not null,
  envelope jsonb not null,
  withdrawn_at timestamptz not null
);

-- What the engine keeps to itself, such as the key of the links it sends to mailboxes.
create table secret (
  name text primary key,
  value text not null,
  made_at timestamptz not null
);

-- Stops and broken glass ------------------------------------------------------------------------------

alter table loop drop column stopped;

create table stop (
  id bigint generated always as identity primary key,
  scope text not null,
  -- Of the loop, department or connector; empty for everything.
  name text not null,
  person text not null,
  reason text not null,
  pressed_at timestamptz not null,
  released_by text,
  released_at timestamptz,

  constraint scope_is_known check (scope in ('loop', 'department', 'connector', 'everything')),
  constraint everything_has_no_name check ((scope = 'everything') = (name = '')),
  constraint released_by_somebody check ((released_by is null) = (released_at is null))
);

create unique index stop_is_pressed_once on stop (scope, name) where released_at is null;

create table broken_glass (
  id bigint generated always as identity primary key,
  loop text not null references loop (name),
  party text not null,
  person text not null,
  reason text not null,
  broken_at timestamptz not null,
  until timestamptz not null,
  closed_by text,
  closed_at timestamptz,

  constraint glass_is_broken_for_a_while check (until > broken_at),
  constraint closed_by_somebody check ((closed_by is null) = (closed_at is null))
);

create index glass_by_loop on broken_glass (loop, until);

-- Autonomy: steps of the ladder, proposed and taken ---------------------------------------------------

alter table loop add column autonomy_since timestamptz not null default now();

create table autonomy_step (
  id bigint generated always as identity primary key,
  loop text not null references loop (name),
  charter_hash text not null references charter (hash),
  kind text not null,
  from_level text not null,
  to_level text not null,
  -- What it rests on, as it was read; signatures bind to its hash.
  evidence jsonb not null,
  evidence_hash text not null,
  made_at timestamptz not null,
  taken_at timestamptz,
  dropped_at timestamptz,

  constraint kind_is_known check (kind in ('promotion', 'demotion')),
  constraint levels_are_known check (
    from_level in ('shadow', 'advise', 'act') and to_level in ('shadow', 'advise', 'act')
  ),
  constraint taken_or_dropped check (taken_at is null or dropped_at is null)
);

create unique index one_open_step_a_loop on autonomy_step (loop)
  where taken_at is null and dropped_at is null;

create table autonomy_signature (
  step_id bigint not null references autonomy_step (id),
  party text not null,
  person text not null,
  key_id text not null references signing_key (id),
  envelope jsonb not null,
  signed_at timestamptz not null,

  constraint party_signs_a_step_once primary key (step_id, party),
  constraint person_signs_a_step_once unique (step_id, person)
);

-- Claims: a case holds a resource until a stated instant; what it acted on is found by the same name ----

alter table signal_case
  -- The latest instant at which the case lets go by itself.
  add column lease_until timestamptz,
  add column resource text,
  add column acted_at timestamptz,
  -- Cases of loops that yield; this one's turn comes when they have let go.
  add column waits_for text[],
  add constraint held_for_a_while check ((holds is null) = (lease_until is null));

create index case_by_held_resource on signal_case (holds text_pattern_ops) where holds is not null;
create index case_by_acted_resource on signal_case (resource text_pattern_ops)
  where acted_at is not null;
create index case_waiting on signal_case using gin (waits_for) where waits_for is not null;

-- What both owners are told about a loop -------------------------------------------------------------------

alter table loop_notice
  drop constraint loop_notice_topic_is_known,
  add constraint loop_notice_topic_is_known check (topic in (
    'void', 'suspended', 'resumed', 'charter-proposed', 'charter-in-force', 'charter-withdrawn',
    'charter-review', 'stopped', 'released', 'glass-broken', 'glass-closed', 'promotion-proposed',
    'promoted', 'demoted', 'conflict', 'cycle', 'key-changed'
  ));
