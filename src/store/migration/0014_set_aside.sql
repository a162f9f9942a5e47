-- An effect that was set aside can be given up by a person, for good.

alter table effect drop constraint effect_state_is_known;
alter table effect add constraint effect_state_is_known
  check (state in ('ready', 'leased', 'done', 'failed', 'needs-person', 'discarded'));
