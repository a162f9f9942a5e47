--! breaking
-- Months of the ledger can go into an archive, which the tree still covers.

create table archived_month (
  month text not null,
  until_n bigint not null,
  root text not null,
  statement text not null,
  entries bigint not null,
  cases bigint not null,
  observations bigint not null,
  archived_at timestamptz not null,
  constraint month_is_archived_once primary key (month),
  constraint month_is_a_month check (month ~ '^\d{4}-(0[1-9]|1[0-2])$'),
  constraint statement_is_sha256 check (statement ~ '^[0-9a-f]{64}$')
);

-- Of archived months: entries that are still leaned on, and the hashes that proofs of them need.
create table ledger_kept (
  n bigint primary key,
  text text,
  hash text not null,
  node text,
  of_case text
);
create index kept_by_case on ledger_kept (of_case, n) where of_case is not null;

-- An id means one content for ever, whatever became of the rest.
create table archived_case (
  id text primary key,
  month text not null references archived_month (month),
  source text not null,
  signal text not null,
  content_hash text not null,
  problems json not null,
  constraint archived_signal_id_was_used_once unique (source, signal)
);

-- Whatever can be read of the ledger here.
create view ledger_at_hand as
  select n, text, hash, node, of_case from ledger_kept where text is not null
  union all
  select n, text, hash, node, of_case from ledger;

-- The root over the first `size` entries, as RFC 9162 has it, of what stands here.
create function ledger_root(size bigint) returns text language plpgsql stable as $$
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
$$;

-- A month is put on record only with the root that the ledger itself has there, in order, and once the
-- ledger says that it was written.
create function check_archived_month() returns trigger language plpgsql as $$
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
$$;
create trigger archive_is_of_this_ledger
  before insert on archived_month
  for each row execute function check_archived_month();
create trigger archived_stays_archived
  before update or delete on archived_month
  for each statement execute function refuse_change();

-- The one way in which entries leave: those of months that are on record as archived.
create function drop_archived_entries() returns bigint language plpgsql
  set interlock.drops = 'archived'
as $$
declare
  dropped bigint;
begin
  delete from ledger where n <= (select max(until_n) from archived_month);
  get diagnostics dropped = row_count;
  return dropped;
end
$$;

create or replace function refuse_change() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and tg_table_name = 'ledger'
    and current_setting('interlock.drops', true) = 'archived'
  then
    return null;
  end if;
  raise exception 'the ledger is append-only' using errcode = 'restrict_violation';
end
$$;
