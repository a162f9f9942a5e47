-- Whoever outside is told what happens: each a position in the ledger, which moves as they take it.

create table webhook (
  id text primary key,
  url text not null,
  -- Null: of every loop.
  loop text,
  -- Kinds of entries, `action.done`, or a noun alone, `action`; empty: all.
  kinds text[] not null,
  -- It signs, so it is kept as it is.
  secret text not null,
  created_at timestamptz not null,
  created_by text not null,
  -- Everything up to this entry was taken, or did not concern them.
  seen bigint not null,
  -- Tries of the entry after it that failed, when it is tried again, and why it failed.
  failures integer not null default 0,
  next_at timestamptz not null,
  last_error text,
  taken_at timestamptz,
  -- Nothing is sent until somebody lets it go on.
  paused_at timestamptz,

  constraint position_is_in_the_ledger check (seen >= 0),
  constraint failures_are_counted check (failures >= 0)
);
