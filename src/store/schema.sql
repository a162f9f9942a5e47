-- The schema after every migration, as the database itself tells it. Written by `npm run schema`.
-- For reading only: what runs is in migration/.

create table absence (
  loop text not null,
  department text not null,
  person text not null,
  stand_in text not null,
  until_at timestamp with time zone not null,
  declared_at timestamp with time zone not null,
  constraint absence_pkey PRIMARY KEY (loop, department, person),
  constraint absence_loop_fkey FOREIGN KEY (loop) REFERENCES loop(name),
  constraint absence_ends CHECK (until_at > declared_at),
  constraint nobody_stands_in_for_themselves CHECK (person <> stand_in)
);

create table act_usage (
  loop text not null,
  quarter_at timestamp with time zone not null,
  is_given_back boolean not null,
  actions bigint not null,
  subjects bigint not null,
  value_minor bigint not null,
  constraint act_usage_loop_fkey FOREIGN KEY (loop) REFERENCES loop(name)
);
CREATE UNIQUE INDEX a_quarter_is_counted_once ON public.act_usage USING btree (loop, quarter_at) WHERE (NOT is_given_back);
CREATE INDEX usage_by_loop ON public.act_usage USING btree (loop, quarter_at);

create table agent (
  loop text not null,
  side text not null,
  department text not null,
  name text not null,
  version text not null,
  route text not null,
  url text,
  heartbeat_seconds integer,
  registered_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  data_complete_to timestamp with time zone,
  calibration jsonb,
  constraint one_agent_a_side_of_a_loop PRIMARY KEY (loop, side),
  constraint agent_loop_fkey FOREIGN KEY (loop) REFERENCES loop(name),
  constraint heartbeat_exactly_when_remote CHECK ((route = 'in-process'::text) = (heartbeat_seconds IS NULL)),
  constraint route_is_known CHECK (route = ANY (ARRAY['in-process'::text, 'url'::text, 'poll'::text])),
  constraint side_is_known CHECK (side = ANY (ARRAY['sender'::text, 'receiver'::text])),
  constraint url_exactly_when_called_by_url CHECK ((route = 'url'::text) = (url IS NOT NULL))
);

create table agent_state (
  loop text not null,
  agent text not null,
  version text not null,
  as_of_day date not null,
  days_folded integer not null,
  state bytea not null,
  constraint agent_state_pkey PRIMARY KEY (loop),
  constraint agent_state_loop_fkey FOREIGN KEY (loop) REFERENCES loop(name)
);

create table archived_case (
  id text not null,
  month text not null,
  source text not null,
  signal text not null,
  content_hash text not null,
  problems json not null,
  constraint archived_case_pkey PRIMARY KEY (id),
  constraint archived_signal_id_was_used_once UNIQUE (source, signal),
  constraint archived_case_month_fkey FOREIGN KEY (month) REFERENCES archived_month(month)
);

create table archived_month (
  month text not null,
  until_n bigint not null,
  root text not null,
  statement text not null,
  entries bigint not null,
  cases bigint not null,
  observations bigint not null,
  archived_at timestamp with time zone not null,
  constraint month_is_archived_once PRIMARY KEY (month),
  constraint month_is_a_month CHECK (month ~ '^\d{4}-(0[1-9]|1[0-2])$'::text),
  constraint statement_is_sha256 CHECK (statement ~ '^[0-9a-f]{64}$'::text)
);
CREATE TRIGGER archive_is_of_this_ledger BEFORE INSERT ON archived_month FOR EACH ROW EXECUTE FUNCTION check_archived_month();
CREATE TRIGGER archived_stays_archived BEFORE DELETE OR UPDATE ON archived_month FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

create table autonomy_signature (
  step_id bigint not null,
  party text not null,
  person text not null,
  key_id text not null,
  envelope jsonb not null,
  signed_at timestamp with time zone not null,
  constraint party_signs_a_step_once PRIMARY KEY (step_id, party),
  constraint person_signs_a_step_once UNIQUE (step_id, person),
  constraint autonomy_signature_key_id_fkey FOREIGN KEY (key_id) REFERENCES signing_key(id),
  constraint autonomy_signature_step_id_fkey FOREIGN KEY (step_id) REFERENCES autonomy_step(id)
);

create table autonomy_step (
  id bigint not null generated always as identity,
  loop text not null,
  charter_hash text not null,
  kind text not null,
  from_level text not null,
  to_level text not null,
  evidence jsonb not null,
  evidence_hash text not null,
  made_at timestamp with time zone not null,
  taken_at timestamp with time zone,
  dropped_at timestamp with time zone,
  constraint autonomy_step_pkey PRIMARY KEY (id),
  constraint autonomy_step_charter_hash_fkey FOREIGN KEY (charter_hash) REFERENCES charter(hash),
  constraint autonomy_step_loop_fkey FOREIGN KEY (loop) REFERENCES loop(name),
  constraint kind_is_known CHECK (kind = ANY (ARRAY['promotion'::text, 'demotion'::text])),
  constraint levels_are_known CHECK ((from_level = ANY (ARRAY['shadow'::text, 'advise'::text, 'act'::text])) AND (to_level = ANY (ARRAY['shadow'::text, 'advise'::text, 'act'::text]))),
  constraint taken_or_dropped CHECK (taken_at IS NULL OR dropped_at IS NULL)
);
CREATE UNIQUE INDEX one_open_step_a_loop ON public.autonomy_step USING btree (loop) WHERE ((taken_at IS NULL) AND (dropped_at IS NULL));

create table broken_glass (
  id bigint not null generated always as identity,
  loop text not null,
  party text not null,
  person text not null,
  reason text not null,
  broken_at timestamp with time zone not null,
  until timestamp with time zone not null,
  closed_by text,
  closed_at timestamp with time zone,
  constraint broken_glass_pkey PRIMARY KEY (id),
  constraint broken_glass_loop_fkey FOREIGN KEY (loop) REFERENCES loop(name),
  constraint closed_by_somebody CHECK ((closed_by IS NULL) = (closed_at IS NULL)),
  constraint glass_is_broken_for_a_while CHECK (until > broken_at)
);
CREATE INDEX glass_by_loop ON public.broken_glass USING btree (loop, until);

create table case_event (
  id bigint not null generated always as identity,
  case_id text not null,
  kind text not null,
  due_at timestamp with time zone not null,
  body json not null,
  constraint case_event_pkey PRIMARY KEY (id),
  constraint case_event_case_id_fkey FOREIGN KEY (case_id) REFERENCES signal_case(id)
);
CREATE INDEX case_event_by_case ON public.case_event USING btree (case_id, due_at, id);
CREATE INDEX case_event_due ON public.case_event USING btree (due_at, id);

create table charter (
  hash text not null,
  name text not null,
  version integer not null,
  document text not null,
  registered_at timestamp with time zone not null,
  loop text not null,
  state text not null default 'proposed'::text,
  proposed_by text not null default 'engine'::text,
  changed_at timestamp with time zone not null,
  constraint charter_pkey PRIMARY KEY (hash),
  constraint charter_version_is_registered_once UNIQUE (name, version),
  constraint charter_hash_is_sha256 CHECK (hash ~ '^[0-9a-f]{64}$'::text),
  constraint charter_state_is_known CHECK (state = ANY (ARRAY['proposed'::text, 'in-force'::text, 'replaced'::text, 'withdrawn'::text]))
);
CREATE UNIQUE INDEX one_charter_in_force_for_a_loop ON public.charter USING btree (loop) WHERE (state = 'in-force'::text);

create table charter_signature (
  charter_hash text not null,
  party text not null,
  person text not null,
  key_id text not null,
  form text not null,
  signature text not null,
  signed_at timestamp with time zone not null,
  constraint party_signs_a_charter_once PRIMARY KEY (charter_hash, party),
  constraint key_signs_for_one_party UNIQUE (charter_hash, key_id),
  constraint person_signs_for_one_party UNIQUE (charter_hash, person),
  constraint charter_signature_charter_hash_fkey FOREIGN KEY (charter_hash) REFERENCES charter(hash),
  constraint charter_signature_key_id_fkey FOREIGN KEY (key_id) REFERENCES signing_key(id),
  constraint form_is_known CHECK (form = ANY (ARRAY['dsse'::text, 'sshsig'::text]))
);

create table charter_withdrawal (
  charter_hash text not null,
  party text not null,
  person text not null,
  reason text not null,
  envelope jsonb not null,
  withdrawn_at timestamp with time zone not null,
  constraint charter_withdrawal_pkey PRIMARY KEY (charter_hash),
  constraint charter_withdrawal_charter_hash_fkey FOREIGN KEY (charter_hash) REFERENCES charter(hash)
);

create table complete_day (
  metric text not null,
  day date not null,
  completed_at timestamp with time zone not null,
  constraint day_is_completed_once PRIMARY KEY (metric, day)
);

create table contract (
  hash text not null,
  name text not null,
  version text not null,
  document text not null,
  registered_at timestamp with time zone not null,
  state text not null default 'draft'::text,
  proposed_by text not null default 'engine'::text,
  changed_at timestamp with time zone not null,
  constraint contract_pkey PRIMARY KEY (hash),
  constraint contract_version_is_registered_once UNIQUE (name, version),
  constraint contract_hash_is_sha256 CHECK (hash ~ '^[0-9a-f]{64}$'::text),
  constraint contract_state_is_known CHECK (state = ANY (ARRAY['draft'::text, 'in-force'::text, 'deprecated'::text, 'retired'::text]))
);

create table contract_acceptance (
  contract_hash text not null,
  department text not null,
  person text not null,
  accepted_at timestamp with time zone not null,
  constraint department_accepts_a_contract_once PRIMARY KEY (contract_hash, department),
  constraint contract_acceptance_contract_hash_fkey FOREIGN KEY (contract_hash) REFERENCES contract(hash)
);

create table day_reading (
  loop text not null,
  day date not null,
  evaluated integer not null,
  not_evaluated jsonb not null,
  near_misses jsonb not null,
  signals integer not null,
  read_at timestamp with time zone not null,
  constraint day_is_read_once PRIMARY KEY (loop, day),
  constraint day_reading_loop_fkey FOREIGN KEY (loop) REFERENCES loop(name)
);

create table department_key (
  id text not null,
  department text not null,
  label text not null,
  secret_hash text not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  used_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint department_key_pkey PRIMARY KEY (id),
  constraint key_secret_hash_is_sha256 CHECK (secret_hash ~ '^[0-9a-f]{64}$'::text)
);

create table duty (
  name text not null,
  holder text not null,
  free_at timestamp with time zone not null,
  constraint duty_pkey PRIMARY KEY (name)
);

create table effect (
  case_id text not null,
  step integer not null,
  loop text not null,
  kind text not null,
  state text not null default 'ready'::text,
  body json not null,
  due_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  fence integer not null default 0,
  claims integer not null default 0,
  failures integer not null default 0,
  lease_until timestamp with time zone,
  intent json,
  call_over_at timestamp with time zone,
  finished_at timestamp with time zone,
  result json,
  last_error text,
  arrival bigint not null generated always as identity,
  subjects bigint,
  value_minor bigint,
  constraint effect_is_named_by_case_and_step PRIMARY KEY (case_id, step),
  constraint effect_case_id_fkey FOREIGN KEY (case_id) REFERENCES signal_case(id),
  constraint effect_kind_is_known CHECK (kind = ANY (ARRAY['ask'::text, 'act'::text, 'undo'::text, 'notify'::text])),
  constraint effect_state_is_known CHECK (state = ANY (ARRAY['ready'::text, 'leased'::text, 'done'::text, 'failed'::text, 'needs-person'::text, 'discarded'::text])),
  constraint lease_only_while_leased CHECK ((state = 'leased'::text) = (lease_until IS NOT NULL)),
  constraint only_changes_have_an_intent CHECK (intent IS NULL OR (kind = ANY (ARRAY['act'::text, 'undo'::text])))
);
CREATE INDEX act_by_loop ON public.effect USING btree (loop, created_at) WHERE (kind = 'act'::text);
CREATE INDEX effect_by_state ON public.effect USING btree (state, kind);
CREATE INDEX effect_ready ON public.effect USING btree (loop, due_at, arrival) WHERE (state = ANY (ARRAY['ready'::text, 'leased'::text]));
CREATE TRIGGER acts_are_counted AFTER INSERT ON effect REFERENCING NEW TABLE AS ordered FOR EACH STATEMENT EXECUTE FUNCTION count_ordered_acts();
CREATE TRIGGER failed_acts_are_given_back AFTER UPDATE OF state ON effect FOR EACH ROW WHEN (new.kind = 'act'::text AND (old.state = 'failed'::text) <> (new.state = 'failed'::text)) EXECUTE FUNCTION give_back_act();

create table evidence (
  loop text not null,
  kind text not null,
  about text not null,
  body jsonb not null,
  made_at timestamp with time zone not null,
  constraint newest_evidence_of_a_kind PRIMARY KEY (loop, kind),
  constraint evidence_loop_fkey FOREIGN KEY (loop) REFERENCES loop(name),
  constraint evidence_kind_is_known CHECK (kind = ANY (ARRAY['sender-conformance'::text, 'receiver-conformance'::text, 'receiver-calibration'::text, 'receiver-trust'::text, 'connectors'::text, 'measurement'::text, 'drill'::text]))
);

create table gate (
  loop text not null,
  name text not null,
  holds boolean not null,
  since timestamp with time zone not null,
  constraint one_row_a_gate PRIMARY KEY (loop, name),
  constraint gate_loop_fkey FOREIGN KEY (loop) REFERENCES loop(name)
);

create table handshake (
  token_hash text not null,
  kind text not null,
  body jsonb not null,
  expires_at timestamp with time zone not null,
  constraint handshake_pkey PRIMARY KEY (token_hash)
);

create table invitation (
  token_hash text not null,
  email text,
  created_at timestamp with time zone not null,
  created_by text not null,
  expires_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint invitation_pkey PRIMARY KEY (token_hash),
  constraint invitation_email_fkey FOREIGN KEY (email) REFERENCES person(email)
);

create table ledger (
  n bigint not null,
  text text not null,
  hash text not null,
  node text,
  of_case text,
  constraint ledger_pkey PRIMARY KEY (n)
);
CREATE INDEX entry_by_case ON public.ledger USING btree (of_case, n) WHERE (of_case IS NOT NULL);
CREATE TRIGGER ledger_is_append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

create table ledger_draft (
  id bigint not null generated always as identity,
  text text not null,
  of_case text,
  constraint ledger_draft_pkey PRIMARY KEY (id)
);

create table ledger_head (
  one boolean not null default true,
  n bigint not null,
  peaks text[] not null default '{}'::text[],
  constraint ledger_head_pkey PRIMARY KEY (one),
  constraint there_is_one_head CHECK (one)
);

create table ledger_kept (
  n bigint not null,
  text text,
  hash text not null,
  node text,
  of_case text,
  constraint ledger_kept_pkey PRIMARY KEY (n)
);
CREATE INDEX kept_by_case ON public.ledger_kept USING btree (of_case, n) WHERE (of_case IS NOT NULL);

create table loop (
  name text not null,
  state text not null,
  autonomy text not null,
  contract_hash text not null,
  charter_hash text not null,
  why text not null,
  changed_at timestamp with time zone not null,
  autonomy_since timestamp with time zone not null default now(),
  constraint loop_pkey PRIMARY KEY (name),
  constraint loop_charter_hash_fkey FOREIGN KEY (charter_hash) REFERENCES charter(hash),
  constraint loop_contract_hash_fkey FOREIGN KEY (contract_hash) REFERENCES contract(hash),
  constraint autonomy_is_known CHECK (autonomy = ANY (ARRAY['shadow'::text, 'advise'::text, 'act'::text])),
  constraint loop_name_is_short CHECK (length(name) >= 1 AND length(name) <= 100),
  constraint loop_state_is_known CHECK (state = ANY (ARRAY['draft'::text, 'connected'::text, 'calibrating'::text, 'ready'::text, 'live'::text, 'suspended'::text, 'paused'::text, 'retired'::text]))
);

create table loop_notice (
  id text not null,
  loop text not null,
  topic text not null,
  department text not null,
  address text not null,
  subject text not null,
  body text not null,
  state text not null default 'ready'::text,
  failures integer not null default 0,
  due_at timestamp with time zone not null,
  created_at timestamp with time zone not null,
  finished_at timestamp with time zone,
  last_error text,
  constraint loop_notice_pkey PRIMARY KEY (id),
  constraint loop_notice_loop_fkey FOREIGN KEY (loop) REFERENCES loop(name),
  constraint loop_notice_state_is_known CHECK (state = ANY (ARRAY['ready'::text, 'done'::text, 'failed'::text])),
  constraint loop_notice_topic_is_known CHECK (topic = ANY (ARRAY['void'::text, 'suspended'::text, 'resumed'::text, 'charter-proposed'::text, 'charter-in-force'::text, 'charter-withdrawn'::text, 'charter-review'::text, 'stopped'::text, 'released'::text, 'glass-broken'::text, 'glass-closed'::text, 'promotion-proposed'::text, 'promoted'::text, 'demoted'::text, 'conflict'::text, 'cycle'::text, 'key-changed'::text, 'person-away'::text, 'person-back'::text, 'vote-delegated'::text, 'reply-refused'::text]))
);
CREATE INDEX loop_notice_ready ON public.loop_notice USING btree (due_at, id) WHERE (state = 'ready'::text);

create table observation (
  metric text not null,
  subject text not null,
  day date not null,
  stratum text not null,
  n integer not null,
  k integer not null,
  reasons json,
  constraint one_count_per_stratum_and_day PRIMARY KEY (metric, day, subject, stratum),
  constraint events_are_among_trials CHECK (k >= 0 AND k <= n)
);
CREATE INDEX observation_by_subject ON public.observation USING btree (metric, subject, day);
CREATE TRIGGER observed_subjects_are_known AFTER INSERT ON observation REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION check_observed_subjects();

create table observation_batch (
  source text not null,
  id text not null,
  content_hash text not null,
  metric text not null,
  rows integer not null,
  received_at timestamp with time zone not null,
  constraint batch_counts_once PRIMARY KEY (source, id)
);

create table passkey (
  id text not null,
  email text not null,
  public_key text not null,
  counter bigint not null,
  transports jsonb not null,
  created_at timestamp with time zone not null,
  used_at timestamp with time zone,
  constraint passkey_pkey PRIMARY KEY (id),
  constraint passkey_email_fkey FOREIGN KEY (email) REFERENCES person(email)
);
CREATE INDEX passkey_of_person ON public.passkey USING btree (email);

create table person (
  email text not null,
  name text not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  disabled_at timestamp with time zone,
  constraint person_pkey PRIMARY KEY (email),
  constraint email_is_normalised CHECK (email = lower(btrim(email)))
);

create table person_role (
  email text not null,
  department text not null,
  role text not null,
  granted_at timestamp with time zone not null,
  granted_by text not null,
  constraint role_is_granted_once PRIMARY KEY (email, department, role),
  constraint person_role_email_fkey FOREIGN KEY (email) REFERENCES person(email),
  constraint role_is_known CHECK (role = ANY (ARRAY['viewer'::text, 'operator'::text, 'approver'::text, 'owner'::text, 'auditor'::text, 'admin'::text]))
);

create table question (
  id text not null,
  loop text not null,
  body jsonb not null,
  asked_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  taken_until timestamp with time zone,
  answered_at timestamp with time zone,
  answer jsonb,
  used_at timestamp with time zone,
  constraint question_pkey PRIMARY KEY (id),
  constraint question_loop_fkey FOREIGN KEY (loop) REFERENCES loop(name),
  constraint answered_exactly_when_it_has_an_answer CHECK ((answered_at IS NULL) = (answer IS NULL)),
  constraint only_an_answer_is_used CHECK (used_at IS NULL OR answered_at IS NOT NULL)
);
CREATE INDEX question_waiting ON public.question USING btree (loop, asked_at, id) WHERE (answered_at IS NULL);

create table received_message (
  door text not null,
  id text not null,
  content_hash text not null,
  received_at timestamp with time zone not null,
  constraint message_is_taken_once PRIMARY KEY (door, id)
);

create table schema_migration (
  n integer not null,
  name text not null,
  is_breaking boolean not null,
  applied_at timestamp with time zone not null default now(),
  constraint schema_migration_pkey PRIMARY KEY (n)
);

create table secret (
  name text not null,
  value text not null,
  made_at timestamp with time zone not null,
  constraint secret_pkey PRIMARY KEY (name)
);

create table signal (
  source text not null,
  id text not null,
  loop text not null,
  content_hash text not null,
  body text not null,
  case_id text not null,
  accepted_at timestamp with time zone not null,
  constraint signal_id_is_used_once PRIMARY KEY (source, id),
  constraint signal_case_id_fkey FOREIGN KEY (case_id) REFERENCES signal_case(id),
  constraint signal_loop_fkey FOREIGN KEY (loop) REFERENCES loop(name)
);

create table signal_case (
  id text not null,
  loop text not null,
  subject text not null,
  state text not null,
  close_reason text,
  contract_hash text not null,
  charter_hash text not null,
  holds text,
  body json not null,
  opened_at timestamp with time zone not null,
  changed_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  arrival bigint not null generated always as identity,
  lease_until timestamp with time zone,
  resource text,
  acted_at timestamp with time zone,
  waits_for text[],
  subject_name text not null,
  option text,
  verdict text,
  decided_by text,
  sent_at timestamp with time zone not null,
  outcome text,
  measured_at timestamp with time zone,
  constraint signal_case_pkey PRIMARY KEY (id),
  constraint signal_case_charter_hash_fkey FOREIGN KEY (charter_hash) REFERENCES charter(hash),
  constraint signal_case_contract_hash_fkey FOREIGN KEY (contract_hash) REFERENCES contract(hash),
  constraint signal_case_loop_fkey FOREIGN KEY (loop) REFERENCES loop(name),
  constraint case_state_is_known CHECK (state = ANY (ARRAY['received'::text, 'quarantined'::text, 'parked'::text, 'evaluating'::text, 'governed'::text, 'held'::text, 'executing'::text, 'withheld'::text, 'watching'::text, 'closed'::text])),
  constraint close_reason_is_known CHECK (close_reason = ANY (ARRAY['quarantined'::text, 'duplicate'::text, 'declined'::text, 'bounced'::text, 'forbidden'::text, 'rejected'::text, 'expired'::text, 'failed'::text, 'superseded'::text, 'withdrawn'::text, 'withheld'::text, 'helped'::text, 'no-effect'::text, 'harmed-undone'::text, 'undetermined'::text, 'undone'::text, 'taken-over'::text])),
  constraint closed_exactly_when_it_has_a_reason CHECK ((state = 'closed'::text) = (close_reason IS NOT NULL) AND (state = 'closed'::text) = (closed_at IS NOT NULL)),
  constraint held_for_a_while CHECK ((holds IS NULL) = (lease_until IS NULL)),
  constraint nothing_is_held_when_closed CHECK (state <> 'closed'::text OR holds IS NULL)
);
CREATE INDEX case_by_acted_resource ON public.signal_case USING btree (resource text_pattern_ops) WHERE (acted_at IS NOT NULL);
CREATE INDEX case_by_action ON public.signal_case USING btree (acted_at) INCLUDE (loop, sent_at) WHERE (acted_at IS NOT NULL);
CREATE INDEX case_by_closing ON public.signal_case USING btree (closed_at) INCLUDE (loop, decided_by) WHERE (closed_at IS NOT NULL);
CREATE INDEX case_by_held_resource ON public.signal_case USING btree (holds text_pattern_ops) WHERE (holds IS NOT NULL);
CREATE INDEX case_by_loop ON public.signal_case USING btree (loop, state, close_reason);
CREATE INDEX case_by_measuring ON public.signal_case USING btree (measured_at) INCLUDE (loop, outcome) WHERE (measured_at IS NOT NULL);
CREATE INDEX case_by_opening ON public.signal_case USING btree (loop, opened_at DESC, arrival DESC);
CREATE INDEX case_by_subject ON public.signal_case USING btree (loop, subject);
CREATE INDEX case_waiting ON public.signal_case USING gin (waits_for) WHERE (waits_for IS NOT NULL);
CREATE UNIQUE INDEX resource_is_held_once ON public.signal_case USING btree (holds) WHERE (holds IS NOT NULL);

create table signed_head (
  id bigint not null generated always as identity,
  size bigint not null,
  root text not null,
  envelope jsonb not null,
  key text not null,
  names_successor boolean not null,
  signed_at timestamp with time zone not null,
  constraint signed_head_pkey PRIMARY KEY (id)
);
CREATE INDEX signed_head_by_size ON public.signed_head USING btree (size, id);

create table signing_key (
  id text not null,
  person text not null,
  public_key text not null,
  valid_from timestamp with time zone not null,
  valid_until timestamp with time zone,
  registered_at timestamp with time zone not null,
  registered_by text not null,
  constraint signing_key_pkey PRIMARY KEY (id),
  constraint key_is_valid_for_a_while CHECK (valid_until IS NULL OR valid_until >= valid_from)
);
CREATE INDEX signing_key_by_person ON public.signing_key USING btree (person);

create table stop (
  id bigint not null generated always as identity,
  scope text not null,
  name text not null,
  person text not null,
  reason text not null,
  pressed_at timestamp with time zone not null,
  released_by text,
  released_at timestamp with time zone,
  constraint stop_pkey PRIMARY KEY (id),
  constraint everything_has_no_name CHECK ((scope = 'everything'::text) = (name = ''::text)),
  constraint released_by_somebody CHECK ((released_by IS NULL) = (released_at IS NULL)),
  constraint scope_is_known CHECK (scope = ANY (ARRAY['loop'::text, 'department'::text, 'connector'::text, 'everything'::text]))
);
CREATE UNIQUE INDEX stop_is_pressed_once ON public.stop USING btree (scope, name) WHERE (released_at IS NULL);

create table subject (
  id text not null,
  kind text not null,
  level text not null,
  name text not null,
  parent text,
  constraint subject_pkey PRIMARY KEY (id),
  constraint subject_is_not_its_own_parent CHECK (parent IS DISTINCT FROM id)
);
CREATE INDEX subject_by_parent ON public.subject USING btree (parent);
CREATE TRIGGER subjects_are_kept BEFORE DELETE OR UPDATE OF id ON subject FOR EACH STATEMENT EXECUTE FUNCTION refuse_losing_subjects();

create table web_session (
  token_hash text not null,
  email text not null,
  method text not null,
  created_at timestamp with time zone not null,
  seen_at timestamp with time zone not null,
  expires_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint web_session_pkey PRIMARY KEY (token_hash),
  constraint web_session_email_fkey FOREIGN KEY (email) REFERENCES person(email),
  constraint method_is_known CHECK (method = ANY (ARRAY['passkey'::text, 'provider'::text]))
);
CREATE INDEX session_of_person ON public.web_session USING btree (email) WHERE (ended_at IS NULL);

create table webhook (
  id text not null,
  url text not null,
  loop text,
  kinds text[] not null,
  secret text not null,
  created_at timestamp with time zone not null,
  created_by text not null,
  seen bigint not null,
  failures integer not null default 0,
  next_at timestamp with time zone not null,
  last_error text,
  taken_at timestamp with time zone,
  paused_at timestamp with time zone,
  constraint webhook_pkey PRIMARY KEY (id),
  constraint failures_are_counted CHECK (failures >= 0),
  constraint position_is_in_the_ledger CHECK (seen >= 0)
);

create table within_day (
  metric text not null,
  place text not null,
  day date not null,
  n bigint not null,
  k bigint not null,
  constraint one_sum_per_place_and_day PRIMARY KEY (metric, place, day)
);

create view ledger_at_hand as
 SELECT ledger_kept.n,
    ledger_kept.text,
    ledger_kept.hash,
    ledger_kept.node,
    ledger_kept.of_case
   FROM ledger_kept
  WHERE ledger_kept.text IS NOT NULL
UNION ALL
 SELECT ledger.n,
    ledger.text,
    ledger.hash,
    ledger.node,
    ledger.of_case
   FROM ledger;

CREATE OR REPLACE FUNCTION public.check_archived_month()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if exists (select from archived_month where month >= new.month or until_n > new.until_n) then
    raise exception 'months are archived in their order' using errcode = 'restrict_violation';
  end if;
  if new.until_n > 0 and new.root is distinct from ledger_root(new.until_n) then
    raise exception 'the archive ends with another root than the ledger has there'
      using errcode = 'restrict_violation';
  end if;
  if not exists (
    select from ledger
    where n > new.until_n
      and text like '%"kind":"archive.sealed"%'
      and text::jsonb #>> '{body,statement}' = new.statement
  ) then
    raise exception 'the ledger does not say that this archive was written'
      using errcode = 'restrict_violation';
  end if;
  return new;
end
$function$;

CREATE OR REPLACE FUNCTION public.check_observed_subjects()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  stranger text;
begin
  select f.subject into stranger
  from (select distinct subject from fresh) as f
  where not exists (select from subject s where s.id = f.subject)
  limit 1;
  if found then
    raise foreign_key_violation using
      message = format('the subject %L was counted and is not known', stranger),
      constraint = 'observed_subjects_are_known', table = 'observation';
  end if;
  return null;
end
$function$;

CREATE OR REPLACE FUNCTION public.count_ordered_acts()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  insert into act_usage
  select loop, date_bin('15 minutes', created_at, '2000-01-01Z'), false,
         count(*), coalesce(sum(subjects), 0), coalesce(sum(value_minor), 0)
  from ordered
  where kind = 'act' and state <> 'failed'
  group by 1, 2
  on conflict (loop, quarter_at) where not is_given_back do update
  set actions = act_usage.actions + excluded.actions,
      subjects = act_usage.subjects + excluded.subjects,
      value_minor = act_usage.value_minor + excluded.value_minor;
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.drop_archived_entries()
 RETURNS bigint
 LANGUAGE plpgsql
 SET "interlock.drops" TO 'archived'
AS $function$
declare
  dropped bigint;
begin
  delete from ledger where n <= (select max(until_n) from archived_month);
  get diagnostics dropped = row_count;
  return dropped;
end
$function$;

CREATE OR REPLACE FUNCTION public.give_back_act()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare -- `loop` is a word of this language, so the column is quoted
  sign int := case when new.state = 'failed' then -1 else 1 end;
begin
  insert into act_usage
  values (new."loop", date_bin('15 minutes', new.created_at, '2000-01-01Z'), true,
          sign, sign * coalesce(new.subjects, 0), sign * coalesce(new.value_minor, 0));
  return null;
end $function$;

CREATE OR REPLACE FUNCTION public.ledger_root(size bigint)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
declare
  peaks text[] := '{}';
  at bigint := 0;
  width bigint := 1;
  top text;
begin
  while width * 2 <= size loop
    width := width * 2;
  end loop;
  while at < size loop
    if at + width <= size then
      at := at + width;
      select coalesce(node, hash) into top
      from (select n, hash, node from ledger union all select n, hash, node from ledger_kept) as stored
      where n = at
      limit 1;
      peaks := peaks || top;
    end if;
    width := width / 2;
  end loop;
  top := peaks[array_upper(peaks, 1)];
  for i in reverse coalesce(array_upper(peaks, 1), 0) - 1 .. 1 loop
    top := encode(sha256('\x01'::bytea || decode(peaks[i], 'hex') || decode(top, 'hex')), 'hex');
  end loop;
  return top;
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'DELETE' and tg_table_name = 'ledger'
    and current_setting('interlock.drops', true) = 'archived'
  then
    return null;
  end if;
  raise exception 'the ledger is append-only' using errcode = 'restrict_violation';
end
$function$;

CREATE OR REPLACE FUNCTION public.refuse_losing_subjects()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise foreign_key_violation using
    message = 'subjects are kept: observations may be of them',
    constraint = 'subjects_are_kept', table = 'subject';
end
$function$;
