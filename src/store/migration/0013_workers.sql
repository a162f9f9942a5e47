-- Many workers on one database.

-- What one of them at a time does for all: who has it, and when it is free again, by the database's clock.

create table duty (
  name text primary key,
  holder text not null,
  free_at timestamptz not null
);

-- Claimed in equal shares of each loop, the oldest first.
drop index effect_ready;
create index effect_ready on effect (loop, due_at, arrival) where state in ('ready', 'leased');
