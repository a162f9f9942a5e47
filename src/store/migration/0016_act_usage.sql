-- What of a loop's caps is used, counted as actions are ordered: reading it costs the same after a
-- million actions as after ten. A quarter of an hour is the finest step of any clock of a business.

alter table effect
  add column subjects bigint,
  add column value_minor bigint;

update effect e
set subjects = (c.body #>> '{proposal,blastRadius,subjects}')::bigint,
    value_minor = (c.body #>> '{proposal,valueAtStake,amountMinor}')::bigint
from signal_case c
where c.id = e.case_id and e.kind = 'act';

create table act_usage (
  loop text not null references loop (name),
  quarter_at timestamptz not null,
  -- What a failed action gave back is a row of its own, so that giving back waits for nobody.
  is_given_back boolean not null,
  actions bigint not null,
  subjects bigint not null,
  value_minor bigint not null
);
create index usage_by_loop on act_usage (loop, quarter_at);
create unique index a_quarter_is_counted_once on act_usage (loop, quarter_at)
  where not is_given_back;

insert into act_usage
select loop, date_bin('15 minutes', created_at, '2000-01-01Z'), false,
       count(*), coalesce(sum(subjects), 0), coalesce(sum(value_minor), 0)
from effect
where kind = 'act' and state <> 'failed'
group by 1, 2;

create function count_ordered_acts() returns trigger language plpgsql as $$
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
end $$;

create trigger acts_are_counted after insert on effect
  referencing new table as ordered
  for each statement execute function count_ordered_acts();

create function give_back_act() returns trigger language plpgsql as $$
declare -- `loop` is a word of this language, so the column is quoted
  sign int := case when new.state = 'failed' then -1 else 1 end;
begin
  insert into act_usage
  values (new."loop", date_bin('15 minutes', new.created_at, '2000-01-01Z'), true,
          sign, sign * coalesce(new.subjects, 0), sign * coalesce(new.value_minor, 0));
  return null;
end $$;

create trigger failed_acts_are_given_back after update of state on effect
  for each row
  when (new.kind = 'act' and (old.state = 'failed') <> (new.state = 'failed'))
  execute function give_back_act();
