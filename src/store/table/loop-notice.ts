/** Notices about a loop: one row a department and event, however many signals wait behind it. */
import type { Instant } from "../../std/time.ts";
import type { LoopNews } from "../../core/loop/notice.ts";
import type { Tx } from "../driver/driver.ts";

/** Besides what both owners are told: one person, of a reply of theirs that changed nothing. */
export type LoopNoticeTopic = LoopNews["topic"] | "reply-refused";

export type LoopNotice = {
  /** The event and the department it is told to; the same event is told once. */
  readonly id: string;
  readonly loop: string;
  readonly topic: LoopNoticeTopic;
  readonly department: string;
  readonly address: string;
  readonly subject: string;
  readonly body: string;
  readonly due_at: Instant;
  readonly created_at: Instant;
};

export type LoopNoticeRow = LoopNotice & {
  readonly state: "ready" | "done" | "failed";
  readonly failures: number;
  readonly last_error: string | null;
};

const COLUMNS =
  "id, loop, topic, department, address, subject, body, state, failures, due_at, created_at, last_error";

/** Notices that were written before are left as they are. Returns the ids of the new ones. */
export async function insertLoopNotices(
  tx: Tx,
  notices: ReadonlyArray<LoopNotice>,
): Promise<ReadonlySet<string>> {
  if (notices.length === 0) return new Set();
  const rows = await tx.query<{ id: string }>(
    `insert into loop_notice (id, loop, topic, department, address, subject, body, due_at, created_at)
     select id, loop, topic, department, address, subject, body, due_at, created_at
     from jsonb_to_recordset($1::jsonb) as t(
       id text, loop text, topic text, department text, address text, subject text, body text,
       due_at timestamptz, created_at timestamptz)
     on conflict (id) do nothing
     returning id`,
    [JSON.stringify(notices)],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Notices that are due. Sending one twice is harmless: it keeps its Message-ID. */
export async function listDueLoopNotices(
  tx: Tx,
  now: Instant,
  limit: number,
): Promise<ReadonlyArray<LoopNoticeRow>> {
  return tx.query<LoopNoticeRow>(
    `select ${COLUMNS} from loop_notice
     where state = 'ready' and due_at <= $1
     order by due_at, id
     limit $2`,
    [now, limit],
  );
}

export async function listLoopNotices(tx: Tx, loop: string): Promise<ReadonlyArray<LoopNoticeRow>> {
  return tx.query<LoopNoticeRow>(
    `select ${COLUMNS} from loop_notice where loop = $1 order by created_at, id`,
    [loop],
  );
}

export async function findNextLoopNoticeDue(tx: Tx): Promise<Instant | undefined> {
  const rows = await tx.query<{ due_at: Instant | null }>(
    "select min(due_at) as due_at from loop_notice where state = 'ready'",
  );
  return rows[0]?.due_at ?? undefined;
}

export type LoopNoticeEnd =
  | { readonly id: string; readonly state: "done"; readonly at: Instant }
  | { readonly id: string; readonly state: "failed"; readonly at: Instant; readonly error: string }
  | { readonly id: string; readonly state: "ready"; readonly at: Instant; readonly error: string };

/** Records what became of one try. Returns false when another worker recorded an end before. */
export async function endLoopNotice(tx: Tx, end: LoopNoticeEnd): Promise<boolean> {
  const rows = await tx.query(
    `update loop_notice
     set state = $2,
         failures = failures + case when $2 = 'done' then 0 else 1 end,
         due_at = case when $2 = 'ready' then $3 else due_at end,
         finished_at = case when $2 = 'ready' then null else $3::timestamptz end,
         last_error = $4
     where id = $1 and state = 'ready'
     returning id`,
    [end.id, end.state, end.at, end.state === "done" ? null : end.error],
  );
  return rows.length === 1;
}
