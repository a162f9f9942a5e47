-- One person is told that a reply of theirs changed nothing.

alter table loop_notice drop constraint loop_notice_topic_is_known;
alter table loop_notice add constraint loop_notice_topic_is_known check (
  topic in (
    'void', 'suspended', 'resumed', 'charter-proposed', 'charter-in-force', 'charter-withdrawn', 'charter-review',
    'stopped', 'released', 'glass-broken', 'glass-closed', 'promotion-proposed', 'promoted', 'demoted', 'conflict',
    'cycle', 'key-changed', 'person-away', 'person-back', 'vote-delegated', 'reply-refused'
  )
);
