--! breaking
-- The ledger becomes a tree: one root stands for all of it, and writers no longer wait for one another.

create table ledger_draft (
  id bigint generated always as identity primary key,
  text text not null,
  of_case text
);

alter table ledger
  add column node text,
  add column of_case text;
alter table ledger_head
  add column peaks text[] not null default '{}';

-- What is there is checked as the chain that it was, and becomes the first leaves.
do $$
declare
  entry record;
  previous text := repeat('0', 64);
  peaks text[] := '{}';
  leaf text;
  top text;
  rest bigint;
begin
  alter table ledger disable trigger ledger_is_append_only;
  for entry in select * from ledger order by n loop
    if entry.hash <> encode(sha256(convert_to(entry.text, 'UTF8')), 'hex')
      or entry.text::jsonb ->> 'previous' <> previous
      or (entry.text::jsonb ->> 'n')::bigint <> entry.n
      or entry.n <> coalesce((select max(n) from ledger where n < entry.n), 0) + 1
    then
      raise exception 'entry % of the ledger does not hold: restore it before it is carried over', entry.n;
    end if;
    previous := entry.hash;
    leaf := encode(sha256('\x00'::bytea || convert_to(entry.text, 'UTF8')), 'hex');
    top := leaf;
    rest := entry.n;
    while rest % 2 = 0 loop
      top := encode(
        sha256('\x01'::bytea || decode(peaks[array_upper(peaks, 1)], 'hex') || decode(top, 'hex')),
        'hex'
      );
      peaks := trim_array(peaks, 1);
      rest := rest / 2;
    end loop;
    peaks := peaks || top;
    update ledger
    set hash = leaf,
        node = case when entry.n % 2 = 0 then top end,
        of_case = entry.text::jsonb ->> 'case'
    where n = entry.n;
  end loop;
  if exists (select from ledger_head where hash <> previous) then
    raise exception 'entries at the end of the ledger are missing: restore it before it is carried over';
  end if;
  update ledger_head set peaks = carried.peaks from (select peaks) as carried;
  alter table ledger enable trigger ledger_is_append_only;
end
$$;

alter table ledger_head drop column hash;

create index entry_by_case on ledger (of_case, n) where of_case is not null;
