-- Heads of the ledger under its key. What convicts is kept elsewhere, by witnesses; these are for proofs.

create table signed_head (
  id bigint generated always as identity primary key,
  size bigint not null,
  root text not null,
  envelope jsonb not null,
  -- The public half of the key that signed it.
  key text not null,
  -- It hands over to another key.
  names_successor boolean not null,
  signed_at timestamptz not null
);
create index signed_head_by_size on signed_head (size, id);
