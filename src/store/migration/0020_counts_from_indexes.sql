-- What pages count of all cases is counted from indexes: a case's body is thousands of bytes beside them.

drop index case_by_loop;
create index case_by_loop on signal_case (loop, state, close_reason);

drop index case_by_action;
create index case_by_action on signal_case (acted_at) include (loop, sent_at)
  where acted_at is not null;

drop index case_by_closing;
create index case_by_closing on signal_case (closed_at) include (loop, decided_by)
  where closed_at is not null;

create index case_by_measuring on signal_case (measured_at) include (loop, outcome)
  where measured_at is not null;
