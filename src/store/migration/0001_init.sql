-- Interlock's first schema. Forward only; every constraint is named as the fact it states.

-- Documents: contracts and charters by their canonical hash -----------------------------------------

create table contract (
  hash text primary key,
  name text not null,
  version text not null,
  document text not null,
  registered_at timestamptz not null,

  constraint contract_hash_is_sha256 check (hash ~ '^[0-9a-f]{64}$'),
  constraint contract_version_is_registered_once unique (name, version)
);

create table charter (
  hash text primary key,
  name text not null,
  version int not null,
  document text not null,
  registered_at timestamptz not null,

  constraint charter_hash_is_sha256 check (hash ~ '^[0-9a-f]{64}$'),
  constraint charter_version_is_registered_once unique (name, version)
);

create table charter_signature (
  charter_hash text not null references charter (hash),
  party text not null,
  person text not null,
  signed_at timestamptz not null,

  constraint party_signs_a_charter_once primary key (charter_hash, party),
  constraint person_signs_for_one_party unique (charter_hash, person)
);

-- Loops ---------------------------------------------------------------------------------------------

create table loop (
  name text primary key,
  state text not null,
  autonomy text not null,
  contract_hash text not null references contract (hash),
  charter_hash text not null references charter (hash),
  stopped boolean not null default false,
  conformance jsonb,
  why text not null,
  changed_at timestamptz not null,

  constraint loop_name_is_short check (length(name) between 1 and 100),
  constraint loop_state_is_known check (
    state in ('draft', 'connected', 'calibrating', 'ready', 'live', 'paused', 'retired')
  ),
  constraint autonomy_is_known check (autonomy in ('shadow', 'advise', 'act'))
);

-- Observations --------------------------------------------------------------------------------------

create table subject (
  id text primary key,
  kind text not null,
  level text not null,
  name text not null,
  parent text,

  constraint subject_is_not_its_own_parent check (parent is distinct from id)
);

create index subject_by_parent on subject (parent);

create table observation_batch (
  source text not null,
  id text not null,
  content_hash text not null,
  metric text not null,
  rows int not null,
  received_at timestamptz not null,

  constraint batch_counts_once primary key (source, id)
);

create table observation (
  metric text not null,
  subject text not null references subject (id),
  day date not null,
  stratum text not null,
  n int not null,
  k int not null,
  reasons jsonb,

  constraint one_count_per_stratum_and_day primary key (metric, day, subject, stratum),
  constraint events_are_among_trials check (k between 0 and n)
);

create index observation_by_subject on observation (metric, subject, day);

-- A day is read only once a source has said that it is complete and mature.
create table complete_day (
  metric text not null,
  day date not null,
  completed_at timestamptz not null,

  constraint day_is_completed_once primary key (metric, day)
);

-- Sending agents: the state they fold, and what each day said -----------------------------------------

create table agent_state (
  loop text primary key references loop (name),
  agent text not null,
  version text not null,
  as_of_day date not null,
  days_folded int not null,
  state bytea not null
);

create table day_reading (
  loop text not null references loop (name),
  day date not null,
  evaluated int not null,
  not_evaluated jsonb not null,
  near_misses jsonb not null,
  signals int not null,
  read_at timestamptz not null,

  constraint day_is_read_once primary key (loop, day)
);

-- Signals and cases ---------------------------------------------------------------------------------

create table signal_case (
  id text primary key,
  loop text not null references loop (name),
  subject text not null,
  state text not null,
  close_reason text,
  contract_hash text not null references contract (hash),
  charter_hash text not null references charter (hash),
  -- The resource held by an action that waits for votes, runs or stands; null when none is.
  holds text,
  body jsonb not null,
  opened_at timestamptz not null,
  changed_at timestamptz not null,
  closed_at timestamptz,

  constraint case_state_is_known check (
    state in (
      'received', 'quarantined', 'parked', 'evaluating', 'governed', 'held', 'executing',
      'watching', 'closed'
    )
  ),
  constraint close_reason_is_known check (
    close_reason in (
      'quarantined', 'duplicate', 'declined', 'bounced', 'forbidden', 'rejected', 'expired',
      'failed', 'superseded', 'withdrawn', 'helped', 'no-effect', 'harmed-undone', 'undetermined',
      'undone', 'taken-over'
    )
  ),
  constraint closed_exactly_when_it_has_a_reason check (
    (state = 'closed') = (close_reason is not null) and (state = 'closed') = (closed_at is not null)
  ),
  constraint nothing_is_held_when_closed check (state <> 'closed' or holds is null)
);

-- INVARIANT (arbitration): two open cases never hold one resource.
create unique index resource_is_held_once on signal_case (holds) where holds is not null;
create index case_by_subject on signal_case (loop, subject);
create index case_by_loop on signal_case (loop, state);

create table signal (
  source text not null,
  id text not null,
  loop text not null references loop (name),
  content_hash text not null,
  body text not null,
  case_id text not null references signal_case (id),
  accepted_at timestamptz not null,

  -- INVARIANT (ack-is-durable): an id means one content for ever.
  constraint signal_id_is_used_once primary key (source, id)
);

-- Letters to a case. A timer is a letter that is not due yet.
create table case_event (
  id bigint primary key generated always as identity,
  case_id text not null references signal_case (id),
  kind text not null,
  due_at timestamptz not null,
  body jsonb not null
);

create index case_event_due on case_event (due_at, id);
create index case_event_by_case on case_event (case_id, due_at, id);

-- Effects: what is to be done outside, written before it is done -----------------------------------------

create table effect (
  case_id text not null references signal_case (id),
  step int not null,
  loop text not null,
  kind text not null,
  state text not null default 'ready',
  body jsonb not null,
  due_at timestamptz not null,
  created_at timestamptz not null,
  -- Rises with every claim; an answer counts only under the newest fence.
  fence int not null default 0,
  -- Claims since the last recorded answer, counted when claimed: how often a worker vanished with it.
  claims int not null default 0,
  failures int not null default 0,
  lease_until timestamptz,
  -- What will be sent, committed before it is sent; and when that call can no longer be under way.
  intent jsonb,
  call_over_at timestamptz,
  finished_at timestamptz,
  result jsonb,
  last_error text,

  constraint effect_is_named_by_case_and_step primary key (case_id, step),
  constraint effect_kind_is_known check (kind in ('ask', 'act', 'undo', 'notify')),
  constraint effect_state_is_known check (
    state in ('ready', 'leased', 'done', 'failed', 'needs-person')
  ),
  constraint lease_only_while_leased check ((state = 'leased') = (lease_until is not null)),
  constraint only_changes_have_an_intent check (intent is null or kind in ('act', 'undo'))
);

create index effect_ready on effect (due_at, case_id, step) where state in ('ready', 'leased');
create index effect_by_state on effect (state, kind);
create index act_by_loop on effect (loop, created_at) where kind = 'act';

-- Ledger ----------------------------------------------------------------------------------------------

create table ledger (
  n bigint primary key,
  text text not null,
  hash text not null
);

create table ledger_head (
  one boolean primary key default true,
  n bigint not null,
  hash text not null,

  constraint there_is_one_head check (one)
);

insert into ledger_head (n, hash)
values (0, repeat('0', 64));

-- History is added to, never changed. This stops accidents, not the database's owner.
create function refuse_change() returns trigger
language plpgsql as $$
begin
  raise exception 'the ledger is append-only' using errcode = 'restrict_violation';
end
$$;

create trigger ledger_is_append_only
before update or delete or truncate on ledger
for each statement execute function refuse_change();
