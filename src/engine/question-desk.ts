/**
 * The desk where questions lie for agents that fetch them.
 *
 * Picture a post office: whoever asks leaves a question and waits at the counter for a while; the agent
 * comes by, takes what is waiting, and brings answers. Both sides may come to different counters of the
 * same office: what lies on the desk is in the database. Within one process a bell saves the wait; a
 * slow poll covers everybody else.
 *
 * Left out: who may come to the counter (the server's business) and what an answer is worth (`ask.ts`).
 */
import type { Json } from "../std/canonical-json.ts";
import { canonicalJson } from "../std/canonical-json.ts";
import type { Clock } from "../core/port/types.ts";
import { addMs, DAY_MS, HOUR_MS, type Instant, SECOND_MS } from "../std/time.ts";
import type { Driver } from "../store/driver/driver.ts";
import { wakeQuestion } from "../store/table/effect.ts";
import {
  answerQuestion,
  deleteOldQuestions,
  findQuestion,
  listAnswers,
  type QuestionRow,
  takeQuestions,
  updateQuestionUsed,
  upsertQuestion,
} from "../store/table/question.ts";
import { isObject } from "../core/contract/payload.ts";
import { Bell } from "./bell.ts";

/** How often the database is looked at for what another process brought. */
const POLL_MS = 500;
/** Handed out and not answered for so long, a question is handed out again. */
export const TAKEN_MS = 15 * SECOND_MS;
/** Questions and their answers are kept this long after their time, for agents that ask again. */
const KEPT_MS = DAY_MS;
const PURGE_EVERY_MS = HOUR_MS;

export type Question = Omit<QuestionRow, "asked_at">;

export type AnswerTaken =
  | { readonly kind: "recorded" | "repeated"; readonly question: Question }
  | { readonly kind: "unknown" }
  | { readonly kind: "conflict" }
  | { readonly kind: "late"; readonly dueAt: Instant };

export class QuestionDesk {
  readonly #driver: Driver;
  readonly #clock: Clock;
  /** Rung under `?loop` when a question is put, under `!id` when its answer comes. */
  readonly #bell = new Bell();
  /** Ids whose answers somebody here waits for; one look at the database serves all. */
  readonly #awaited = new Map<string, number>();
  #poll: NodeJS.Timeout | undefined;
  #purgedAt: Instant | undefined;

  constructor(driver: Driver, clock: Clock) {
    this.#driver = driver;
    this.#clock = clock;
  }

  /** Puts a question and waits for its answer; undefined when none came in `waitMs` of real time. */
  async ask(question: Question, waitMs: number): Promise<{ readonly answer: Json } | undefined> {
    const now = this.#clock.now();
    await this.#purge(now);
    const known = await upsertQuestion(this.#driver, { ...question, asked_at: now });
    this.#bell.ring(`?${question.loop}`);
    const answered = known ?? (await this.#awaitAnswer(question.id, waitMs));
    if (answered !== undefined) {
      await updateQuestionUsed(this.#driver, question.id, this.#clock.now());
    }
    return answered;
  }

  async #awaitAnswer(id: string, waitMs: number): Promise<{ readonly answer: Json } | undefined> {
    this.#awaited.set(id, (this.#awaited.get(id) ?? 0) + 1);
    this.#poll ??= setInterval(() => void this.#look(), POLL_MS);
    try {
      if (!(await this.#bell.wait(`!${id}`, waitMs))) return undefined;
      const [found] = await listAnswers(this.#driver, [id]);
      return found === undefined ? undefined : { answer: found.answer };
    } finally {
      const left = (this.#awaited.get(id) ?? 1) - 1;
      if (left > 0) this.#awaited.set(id, left);
      else this.#awaited.delete(id);
      if (this.#awaited.size === 0) {
        clearInterval(this.#poll);
        this.#poll = undefined;
      }
    }
  }

  /** What other processes brought. A failure shows where somebody is told: at the next question. */
  async #look(): Promise<void> {
    try {
      const found = await listAnswers(this.#driver, [...this.#awaited.keys()]);
      for (const { id } of found) this.#bell.ring(`!${id}`);
    } catch {
      // The wait ends by its own deadline.
    }
  }

  /** Up to `limit` waiting questions, oldest first; waits for the first one if there is none. */
  async take(
    loop: string,
    { limit, waitMs, gone }: { limit: number; waitMs: number; gone: AbortSignal },
  ): Promise<ReadonlyArray<QuestionRow>> {
    const until = performance.now() + waitMs;
    for (;;) {
      // Before looking, so that what is put between the look and the wait is heard.
      const left = until - performance.now();
      const rung = this.#bell.wait(`?${loop}`, Math.max(0, Math.min(left, POLL_MS)), gone);
      const now = this.#clock.now();
      const taken = await takeQuestions(this.#driver, {
        loop,
        now,
        takenUntil: addMs(now, TAKEN_MS),
        limit,
      });
      if (taken.length > 0 || left <= 0 || gone.aborted) return taken;
      await rung;
    }
  }

  async find(loop: string, id: string): Promise<Question | undefined> {
    return findQuestion(this.#driver, loop, id);
  }

  /** The first answer in time stands; the same again is answered alike. */
  async answer(loop: string, id: string, answer: Json): Promise<AnswerTaken> {
    const now = this.#clock.now();
    const taken = await this.#driver.transaction(async (tx): Promise<AnswerTaken> => {
      const isFirst = await answerQuestion(tx, { loop, id, answer, now });
      const row = await findQuestion(tx, loop, id);
      if (row === undefined) return { kind: "unknown" };
      if (isFirst) {
        const caseId = caseOf(row);
        if (caseId !== undefined) await wakeQuestion(tx, caseId, now);
        return { kind: "recorded", question: row };
      }
      if (row.answered_at === null) return { kind: "late", dueAt: row.due_at };
      const isSame = canonicalJson(row.answer) === canonicalJson(answer);
      return isSame ? { kind: "repeated", question: row } : { kind: "conflict" };
    });
    if (taken.kind === "recorded") this.#bell.ring(`!${id}`);
    return taken;
  }

  async #purge(now: Instant): Promise<void> {
    if (this.#purgedAt !== undefined && now < addMs(this.#purgedAt, PURGE_EVERY_MS)) return;
    this.#purgedAt = now;
    await deleteOldQuestions(this.#driver, addMs(now, -KEPT_MS));
  }
}

/** The case that a question is about; a test of the agent is about none. */
function caseOf({ body }: Question): string | undefined {
  const { request } = body;
  const caseId = isObject(request) ? request["caseId"] : undefined;
  return typeof caseId === "string" ? caseId : undefined;
}
