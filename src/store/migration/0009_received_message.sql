-- What came in by a door that others knock at: taken once, however often it is sent.

create table received_message (
  -- `slack`, or whatever else sends: ids are the sender's own.
  door text not null,
  id text not null,
  -- Of the bytes: the same id with other content is another message under a stolen name.
  content_hash text not null,
  received_at timestamptz not null,

  constraint message_is_taken_once primary key (door, id)
);
