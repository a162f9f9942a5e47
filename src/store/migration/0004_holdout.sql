--! breaking
-- Cases that might act and by lot wait, so that what acting did can be told.

alter table signal_case
  drop constraint case_state_is_known,
  add constraint case_state_is_known check (
    state in (
      'received', 'quarantined', 'parked', 'evaluating', 'governed', 'held', 'executing',
      'withheld', 'watching', 'closed'
    )
  ),
  drop constraint close_reason_is_known,
  add constraint close_reason_is_known check (
    close_reason in (
      'quarantined', 'duplicate', 'declined', 'bounced', 'forbidden', 'rejected', 'expired',
      'failed', 'superseded', 'withdrawn', 'withheld', 'helped', 'no-effect', 'harmed-undone',
      'undetermined', 'undone', 'taken-over'
    )
  );
