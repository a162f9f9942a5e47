-- Daily counts come by the ten thousand. Each row was checked alone against its subject, which also wrote a
-- lock into the subject.

-- The same truth, asked once a statement; and a subject that was counted stays, whatever else goes.
alter table observation drop constraint observation_subject_fkey;

create function check_observed_subjects() returns trigger language plpgsql as $$
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
$$;
create trigger observed_subjects_are_known
  after insert on observation referencing new table as fresh
  for each statement execute function check_observed_subjects();

create function refuse_losing_subjects() returns trigger language plpgsql as $$
begin
  raise foreign_key_violation using
    message = 'subjects are kept: observations may be of them',
    constraint = 'subjects_are_kept', table = 'subject';
end
$$;
create trigger subjects_are_kept
  before delete or update of id on subject
  for each statement execute function refuse_losing_subjects();

-- Written once, read whole.
alter table observation alter column reasons type json using reasons::json;

-- A saved state is packed numbers and is replaced every day: pressing it small costs more than it saves.
alter table agent_state alter column state set storage external;
