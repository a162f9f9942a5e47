/**
 * Questions to agents that fetch them.
 *
 *   put -> waiting -> taken (for a while) -> answered -> used
 *             ^-----------'                      a used one that is put again waits anew
 *
 * Asking changes nothing, so a question may be handed out twice; the first answer stands. An answer
 * that came while nobody was waiting is kept for whoever asks the same again.
 */
import type { Json } from "../../std/canonical-json.ts";
import type { Instant } from "../../std/time.ts";
import type { Tx } from "../driver/driver.ts";

export type QuestionRow = {
  readonly id: string;
  readonly loop: string;
  readonly body: { readonly [key: string]: Json };
  readonly asked_at: Instant;
  readonly due_at: Instant;
};

export type AnsweredRow = QuestionRow & {
  readonly answered_at: Instant | null;
  readonly answer: Json;
};

/** Puts the question, anew where its last answer was used up. Returns an answer nobody used yet. */
export async function upsertQuestion(
  tx: Tx,
  row: QuestionRow,
): Promise<{ readonly answer: Json } | undefined> {
  const rows = await tx.query<{ answered_at: Instant | null; answer: Json }>(
    `insert into question (id, loop, body, asked_at, due_at)
     values ($1, $2, $3::jsonb, $4, $5)
     on conflict (id) do update
     set body = excluded.body,
         due_at = excluded.due_at,
         asked_at = case when question.used_at is null
           then question.asked_at else excluded.asked_at end,
         taken_until = case when question.used_at is null then question.taken_until end,
         answered_at = case when question.used_at is null then question.answered_at end,
         answer = case when question.used_at is null then question.answer end,
         used_at = null
     returning answered_at, answer`,
    [row.id, row.loop, JSON.stringify(row.body), row.asked_at, row.due_at],
  );
  const [put] = rows;
  return put === undefined || put.answered_at === null ? undefined : { answer: put.answer };
}

/** Hands out the oldest waiting questions, and keeps them from being handed out again for a while. */
export async function takeQuestions(
  tx: Tx,
  take: {
    readonly loop: string;
    readonly now: Instant;
    readonly takenUntil: Instant;
    readonly limit: number;
  },
): Promise<ReadonlyArray<QuestionRow>> {
  return tx.query<QuestionRow>(
    `with waiting as (
       select id from question
       where loop = $1 and answered_at is null and due_at > $2
         and (taken_until is null or taken_until <= $2)
       order by asked_at, id
       limit $4
       for update skip locked
     ), taken as (
       update question set taken_until = $3
       from waiting where question.id = waiting.id
       returning question.id, loop, body, asked_at, due_at
     )
     select id, loop, body, asked_at, due_at from taken order by asked_at, id`,
    [take.loop, take.now, take.takenUntil, take.limit],
  );
}

export async function findQuestion(
  tx: Tx,
  loop: string,
  id: string,
): Promise<AnsweredRow | undefined> {
  const rows = await tx.query<AnsweredRow>(
    `select id, loop, body, asked_at, due_at, answered_at, answer from question
     where id = $1 and loop = $2`,
    [id, loop],
  );
  return rows[0];
}

/** Records the first answer in time. Returns false where there is one already, or it came late. */
export async function answerQuestion(
  tx: Tx,
  said: {
    readonly loop: string;
    readonly id: string;
    readonly answer: Json;
    readonly now: Instant;
  },
): Promise<boolean> {
  const rows = await tx.query(
    `update question set answered_at = $3, answer = $4::jsonb
     where id = $1 and loop = $2 and answered_at is null and due_at > $3
     returning id`,
    [said.id, said.loop, said.now, JSON.stringify(said.answer)],
  );
  return rows.length === 1;
}

/** The answers that have come to any of these questions. */
export async function listAnswers(
  tx: Tx,
  ids: ReadonlyArray<string>,
): Promise<ReadonlyArray<{ readonly id: string; readonly answer: Json }>> {
  return tx.query<{ id: string; answer: Json }>(
    "select id, answer from question where id = any($1::text[]) and answered_at is not null",
    [ids],
  );
}

export async function updateQuestionUsed(tx: Tx, id: string, now: Instant): Promise<void> {
  await tx.query("update question set used_at = $2 where id = $1 and answered_at is not null", [
    id,
    now,
  ]);
}

/** Removes questions whose time has been over since `before`; returns how many. */
export async function deleteOldQuestions(tx: Tx, before: Instant): Promise<number> {
  const rows = await tx.query("delete from question where due_at < $1 returning id", [before]);
  return rows.length;
}
