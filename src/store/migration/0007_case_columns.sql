-- What lists, counts and clocks ask of every case, beside the document, which is read one case at a time.

alter table signal_case
  add column subject_name text,
  add column option text,
  add column verdict text,
  add column decided_by text,
  add column sent_at timestamptz,
  add column outcome text,
  add column measured_at timestamptz;

update signal_case set
  subject_name = body ->> 'subjectName',
  option = body #>> '{proposal,option}',
  verdict = body #>> '{verdict,kind}',
  decided_by = body #>> '{verdict,decidedBy}',
  sent_at = (body #>> '{signal,sentAt}')::timestamptz,
  outcome = body #>> '{outcome,verdict}',
  measured_at = (body #>> '{outcome,measuredAt}')::timestamptz;

alter table signal_case
  alter column subject_name set not null,
  alter column sent_at set not null;

-- A page shows the newest first.
create index case_by_opening on signal_case (loop, opened_at desc, arrival desc);
create index case_by_action on signal_case (acted_at) where acted_at is not null;
create index case_by_closing on signal_case (closed_at) where closed_at is not null;
