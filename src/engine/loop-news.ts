/** Tells both owners of a loop what became of it: written down with the event, sent afterwards. */
import { type LoopLetter, type LoopNews, renderLoopNews } from "../core/loop/notice.ts";
import { errorToText } from "../std/errors.ts";
import { addMs } from "../std/time.ts";
import type { Tx } from "../store/driver/driver.ts";
import { appendLedger } from "../store/table/ledger.ts";
import {
  endLoopNotice,
  insertLoopNotices,
  listDueLoopNotices,
  type LoopNoticeEnd,
  type LoopNoticeRow,
} from "../store/table/loop-notice.ts";
import { withDeadline } from "./deadline.ts";
import { silent } from "./gates.ts";
import { getLoopTerms } from "./terms.ts";
import type { EngineContext, LoopWiring } from "./wiring.ts";

/** Notices tried in one go. */
const NOTICES_MAX = 50;

/** Written in the transaction of the event. `spell` names the event: the same one is told once. */
export async function writeLoopNews(
  tx: Tx,
  context: EngineContext,
  wiring: LoopWiring,
  spell: string,
  news: LoopNews,
): Promise<void> {
  const now = context.clock.now();
  const { charter } = await getLoopTerms(tx, wiring.name);
  await insertLoopNotices(
    tx,
    renderLoopNews(charter, news).map((letter, index, all) => ({
      id: `${wiring.name}/${news.topic}/${spell}/${letter.department}${furtherOf(index, all)}`,
      loop: wiring.name,
      topic: news.topic,
      department: letter.department,
      address: letter.address,
      subject: letter.subject,
      body: letter.text,
      due_at: addMs(now, context.pace.notifyMs),
      created_at: now,
    })),
  );
}

/** The first letter to a department has its name alone; others are told apart by who gets them. */
function furtherOf(index: number, letters: ReadonlyArray<LoopLetter>): string {
  const letter = letters[index];
  const first = letters.findIndex(({ department }) => department === letter?.department);
  return first === index ? "" : `/${letter?.address ?? ""}`;
}

/** Sends what is due. Returns how many were tried. */
export async function sendLoopNews(context: EngineContext): Promise<number> {
  const { driver, clock } = context;
  const due = await listDueLoopNotices(driver, clock.now(), NOTICES_MAX);
  const ours = due.filter(({ loop }) => context.loops.has(loop));
  if (ours.length > 0) await context.reached?.("news/before-send");
  const ends = await Promise.all(ours.map((notice) => trySending(context, notice)));
  if (ours.length > 0) await context.reached?.("news/after-send");
  await driver.transaction(async (tx) => {
    for (const [index, end] of ends.entries()) {
      const notice = ours[index];
      if (notice === undefined || !(await endLoopNotice(tx, end)) || end.state === "ready")
        continue;
      await appendLedger(tx, [
        {
          at: clock.now(),
          kind: end.state === "done" ? "notice.delivered" : "notice.failed",
          loop: notice.loop,
          case: null,
          actor: "engine",
          body: {
            topic: notice.topic,
            department: notice.department,
            to: notice.address,
            ...(end.state === "done" ? {} : { why: end.error }),
          },
        },
      ]);
    }
    if (ours.length > 0) await context.reached?.("news/written");
  });
  return ours.length;
}

async function trySending(context: EngineContext, notice: LoopNoticeRow): Promise<LoopNoticeEnd> {
  const wiring = context.loops.get(notice.loop);
  const { limits, clock } = context;
  try {
    await withDeadline(
      limits.callMs,
      () => silent(wiring?.notifier.channel ?? "notifier"),
      async (signal) =>
        wiring?.notifier.send(
          {
            id: notice.id,
            department: notice.department,
            address: notice.address,
            subject: notice.subject,
            text: notice.body,
            thread: `${notice.loop}/news`,
          },
          { idempotencyKey: notice.id, fence: 0, signal },
        ),
      context.timer,
    );
    return { id: notice.id, state: "done", at: clock.now() };
  } catch (error) {
    const why = errorToText(error);
    if (notice.failures + 1 >= limits.failuresMax) {
      return { id: notice.id, state: "failed", at: clock.now(), error: why };
    }
    const waitMs = Math.min(limits.backoffMs * 2 ** notice.failures, limits.backoffMaxMs);
    return { id: notice.id, state: "ready", at: addMs(clock.now(), waitMs), error: why };
  }
}
