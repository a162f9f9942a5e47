-- Documents that are written often and read whole are kept as the text they were sent as. Taking one apart
-- into jsonb, pressing it small and putting it together again was most of what a case cost the database.

alter table signal_case alter column body type json using body::json;
alter table effect
  alter column body type json using body::json,
  alter column intent type json using intent::json,
  alter column result type json using result::json;
alter table case_event alter column body type json using body::json;

-- A case fits a page as it is; longer ones are still pressed and put aside.
alter table signal_case set (toast_tuple_target = 8160);
alter table effect set (toast_tuple_target = 8160);
