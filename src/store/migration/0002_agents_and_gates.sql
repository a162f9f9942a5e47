--! breaking
-- Agents of any language, contracts that both sides accept, and gates that rest on evidence.

-- Contracts: a version is proposed, accepted by both parties, superseded, and at last laid to rest ------

alter table contract
  add column state text not null default 'draft',
  add column proposed_by text not null default 'engine',
  add column changed_at timestamptz;

update contract set changed_at = registered_at;

alter table contract
  alter column changed_at set not null,
  add constraint contract_state_is_known
    check (state in ('draft', 'in-force', 'deprecated', 'retired'));

create table contract_acceptance (
  contract_hash text not null references contract (hash),
  department text not null,
  person text not null,
  accepted_at timestamptz not null,

  constraint department_accepts_a_contract_once primary key (contract_hash, department)
);

-- Agents: one a side of a loop, in this process or anywhere -------------------------------------------

create table agent (
  loop text not null references loop (name),
  side text not null,
  department text not null,
  name text not null,
  version text not null,
  route text not null,
  url text,
  -- Null for one in this process, which lives and dies with the engine.
  heartbeat_seconds int,
  registered_at timestamptz not null,
  seen_at timestamptz not null,
  -- What the agent says: its data is complete up to here, and how well it predicts its own domain.
  data_complete_to timestamptz,
  calibration jsonb,

  constraint one_agent_a_side_of_a_loop primary key (loop, side),
  constraint side_is_known check (side in ('sender', 'receiver')),
  constraint route_is_known check (route in ('in-process', 'url', 'poll')),
  constraint url_exactly_when_called_by_url check ((route = 'url') = (url is not null)),
  constraint heartbeat_exactly_when_remote
    check ((route = 'in-process') = (heartbeat_seconds is null))
);

-- The secret is shown once and kept as a hash.
create table department_key (
  id text primary key,
  department text not null,
  label text not null,
  secret_hash text not null,
  created_at timestamptz not null,
  created_by text not null,
  used_at timestamptz,
  revoked_at timestamptz,

  constraint key_secret_hash_is_sha256 check (secret_hash ~ '^[0-9a-f]{64}$')
);

-- Questions to an agent that fetches them. Asking changes nothing, so a question may be handed out again.
create table question (
  id text primary key,
  loop text not null references loop (name),
  body jsonb not null,
  asked_at timestamptz not null,
  due_at timestamptz not null,
  taken_until timestamptz,
  answered_at timestamptz,
  answer jsonb,
  -- An answer is used once; the same question put after that is a new one.
  used_at timestamptz,

  constraint answered_exactly_when_it_has_an_answer
    check ((answered_at is null) = (answer is null)),
  constraint only_an_answer_is_used check (used_at is null or answered_at is not null)
);

create index question_waiting on question (loop, asked_at, id) where answered_at is null;

-- Gates -------------------------------------------------------------------------------------------------

-- The newest result of each kind of test; `about` hashes what it holds for, so that a change ends it.
create table evidence (
  loop text not null references loop (name),
  kind text not null,
  about text not null,
  body jsonb not null,
  made_at timestamptz not null,

  constraint newest_evidence_of_a_kind primary key (loop, kind),
  constraint evidence_kind_is_known check (
    kind in (
      'sender-conformance', 'receiver-conformance', 'receiver-calibration', 'receiver-trust',
      'connectors', 'measurement', 'drill'
    )
  )
);

-- How each gate stood when it was last looked at, and since when.
create table gate (
  loop text not null references loop (name),
  name text not null,
  holds boolean not null,
  since timestamptz not null,

  constraint one_row_a_gate primary key (loop, name)
);

alter table loop
  drop column conformance,
  drop constraint loop_state_is_known,
  add constraint loop_state_is_known check (
    state in (
      'draft', 'connected', 'calibrating', 'ready', 'live', 'suspended', 'paused', 'retired'
    )
  );

-- Cases and effects of one instant keep the order in which they came -------------------------------------

alter table signal_case
  add column arrival bigint generated always as identity;

alter table effect
  add column arrival bigint generated always as identity;

drop index effect_ready;
create index effect_ready on effect (due_at, arrival) where state in ('ready', 'leased');

-- Notices about a loop rather than a case: sent once, however many signals wait behind them.
create table loop_notice (
  id text primary key,
  loop text not null references loop (name),
  topic text not null,
  department text not null,
  address text not null,
  subject text not null,
  body text not null,
  state text not null default 'ready',
  failures int not null default 0,
  due_at timestamptz not null,
  created_at timestamptz not null,
  finished_at timestamptz,
  last_error text,

  constraint loop_notice_state_is_known check (state in ('ready', 'done', 'failed')),
  constraint loop_notice_topic_is_known check (topic in ('void', 'suspended', 'resumed'))
);

create index loop_notice_ready on loop_notice (due_at, id) where state = 'ready';
