-- Who is away from a loop, until when, and who is asked instead. A row ends by itself; coming back early
-- removes it, and the ledger has both.

create table absence (
  loop text not null references loop (name),
  department text not null,
  person text not null,
  stand_in text not null,
  until_at timestamptz not null,
  declared_at timestamptz not null,

  primary key (loop, department, person),
  constraint nobody_stands_in_for_themselves check (person <> stand_in),
  constraint absence_ends check (until_at > declared_at)
);

alter table loop_notice drop constraint loop_notice_topic_is_known;
alter table loop_notice add constraint loop_notice_topic_is_known check (
  topic in (
    'void', 'suspended', 'resumed', 'charter-proposed', 'charter-in-force', 'charter-withdrawn', 'charter-review',
    'stopped', 'released', 'glass-broken', 'glass-closed', 'promotion-proposed', 'promoted', 'demoted', 'conflict',
    'cycle', 'key-changed', 'person-away', 'person-back', 'vote-delegated'
  )
);
