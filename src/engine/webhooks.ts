/**
 * Webhooks: whoever outside wants to know is told of each entry of the ledger that concerns them.
 *
 * Picture a reader with a finger on the line that they have come to. The finger moves when an entry was
 * taken, and only then; there is no second list of what is to be sent. Sending again is putting the finger
 * back.
 *
 *   in order     the next entry waits for the one before; what nobody takes is tried again, ever more rarely
 *   at least once    a process that dies between the answer and its note sends that entry again, under the
 *                same id: whoever receives compares ids
 *   not for ever     after three days nothing is sent until somebody lets it go on, and the ledger says so
 *
 * An entry tells what happened to which case; what was said is asked for with one's own rights.
 */
import { randomBytes } from "node:crypto";
import { quote } from "../core/problem.ts";
import type { LedgerDraft } from "../core/ledger/entry.ts";
import { errorToText, InterlockError } from "../std/errors.ts";
import { addMs, type Instant, HOUR_MS, MINUTE_MS, SECOND_MS } from "../std/time.ts";
import { appendLedger, getLedgerHead, listLedger } from "../store/table/ledger.ts";
import {
  claimWebhooks,
  countWebhooks,
  deleteWebhook,
  insertWebhook,
  listWebhooks,
  lockWebhook,
  updateWebhook,
  type WebhookProgress,
  type WebhookRow,
} from "../store/table/webhook.ts";
import type { Tx } from "../store/driver/driver.ts";
import type { EngineContext } from "./wiring.ts";

const ID_BYTES = 6;
const SECRET_BYTES = 32;
const WEBHOOKS_MAX = 50;
const KINDS_MAX = 50;
const KIND = /^[a-z][a-z-]*(\.[a-z][a-z-]*)?$/;
/** Entries that one is sent before another gets its turn. */
const AT_ONCE = 100;
const ANSWER_MS = 15 * SECOND_MS;
/** In one turn nothing is begun after this long. */
const BEGIN_MS = 15 * SECOND_MS;
/** How long one holds its turn, the last answer included; after a worker's death another waits as long. */
const TURN_MS = BEGIN_MS + 2 * ANSWER_MS;
/** Between tries of one entry, as Standard Webhooks has them; after the last it is paused. */
const WAITS: ReadonlyArray<number> = [
  5 * SECOND_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  5 * HOUR_MS,
  10 * HOUR_MS,
  14 * HOUR_MS,
  20 * HOUR_MS,
  24 * HOUR_MS,
];
const GONE = 410;

/** One message on its way out. */
export type WebhookMessage = {
  readonly url: string;
  readonly secret: string;
  /** The same whenever the same entry is sent. */
  readonly id: string;
  readonly body: string;
};

/** Sends one, signed as Standard Webhooks says; resolves with the status that came back. */
export type WebhookPost = (message: WebhookMessage, deadline: AbortSignal) => Promise<number>;

export type WebhookView = Omit<WebhookRow, "secret"> & {
  /** Entries of the ledger that it has not come to yet, whether they concern it or not. */
  readonly behind: number;
};

export class Webhooks {
  readonly #context: EngineContext;

  constructor(context: EngineContext) {
    this.#context = context;
  }

  /** From now on. `secret` is shown this once; it is kept, because it signs. */
  async add(
    asked: {
      readonly url: string;
      readonly loop: string | null;
      readonly kinds: ReadonlyArray<string>;
    },
    by: string,
  ): Promise<{ readonly id: string; readonly secret: string }> {
    const { driver, clock } = this.#context;
    const url = readUrl(asked.url);
    const kinds = readKinds(asked.kinds);
    const id = `wh-${randomBytes(ID_BYTES).toString("hex")}`;
    const secret = `whsec_${randomBytes(SECRET_BYTES).toString("base64")}`;
    const now = clock.now();
    await driver.transaction(async (tx) => {
      if ((await countWebhooks(tx)) >= WEBHOOKS_MAX) {
        throw new InterlockError("webhook/too-many", `there are ${WEBHOOKS_MAX} webhooks already`, {
          help: "remove one that nobody needs: `webhook list`",
        });
      }
      // Its own beginning is the first that it hears of.
      const { n: seen } = await getLedgerHead(tx);
      await insertWebhook(tx, {
        ...{ id, url, loop: asked.loop, kinds, secret, seen },
        created_at: now,
        created_by: by,
      });
      await this.#record(tx, "webhook.added", by, { webhook: id, host: new URL(url).host, kinds });
    });
    return { id, secret };
  }

  async list(): Promise<ReadonlyArray<WebhookView>> {
    const { driver } = this.#context;
    const { n } = await getLedgerHead(driver);
    const rows = await listWebhooks(driver);
    return rows.map(({ secret: _kept, ...row }) => ({ ...row, behind: n - row.seen }));
  }

  async remove(id: string, by: string): Promise<void> {
    await this.#context.driver.transaction(async (tx) => {
      const row = await getWebhook(tx, id);
      await deleteWebhook(tx, id);
      await this.#record(tx, "webhook.removed", by, { webhook: id, host: new URL(row.url).host });
    });
  }

  /** Goes on at once: with the entry that it stopped at, or with `from`, sent again. */
  async resume(
    id: string,
    from: number | undefined,
    by: string,
  ): Promise<{ readonly from: number }> {
    const now = this.#context.clock.now();
    return this.#context.driver.transaction(async (tx) => {
      const row = await getWebhook(tx, id);
      const { n: head } = await getLedgerHead(tx);
      const start = from ?? row.seen + 1;
      if (start > head + 1) {
        throw new InterlockError("webhook/no-such-entry", `the ledger has ${head} entries`, {
          help: "begin with one of them, or leave `from` out to go on where it stopped",
        });
      }
      await updateWebhook(tx, row.seen, {
        ...row,
        seen: start - 1,
        failures: 0,
        next_at: now,
        last_error: null,
        paused_at: null,
      });
      await this.#record(tx, "webhook.resumed", by, { webhook: id, from: start });
      return { from: start };
    });
  }

  /** One round: each that is due and behind is sent what concerns it. Returns how many entries were passed. */
  async deliver(post: WebhookPost): Promise<number> {
    const { driver, clock } = this.#context;
    const now = clock.now();
    const due = await driver.transaction((tx) => claimWebhooks(tx, now, addMs(now, TURN_MS)));
    const passed = await Promise.all(due.map((row) => this.#deliverTo(row, post)));
    return passed.reduce((sum, count) => sum + count, 0);
  }

  async #deliverTo(row: WebhookRow, post: WebhookPost): Promise<number> {
    const { driver, clock } = this.#context;
    const entries = await listLedger(driver, row.seen, AT_ONCE);
    const beginsUntil = addMs(clock.now(), BEGIN_MS);
    let progress: WebhookProgress = row;
    for (const { n, text, hash } of entries) {
      if (clock.now() > beginsUntil) break;
      const draft = JSON.parse(text) as LedgerDraft;
      if (concerns(row, draft)) {
        const failure = await this.#send(row, { n, hash, draft }, post);
        if (failure !== undefined) {
          progress = postpone(progress, failure, clock.now());
          break;
        }
        progress = { ...progress, taken_at: clock.now(), failures: 0, last_error: null };
      }
      progress = { ...progress, seen: n };
    }
    if (progress.failures === 0) progress = { ...progress, next_at: clock.now() };
    await driver.transaction(async (tx) => {
      const isOurs = await updateWebhook(tx, row.seen, progress);
      if (!isOurs || progress.paused_at === null) return;
      const why = progress.last_error ?? "";
      await this.#record(tx, "webhook.paused", "interlock", { webhook: row.id, why });
    });
    return progress.seen - row.seen;
  }

  /** Why it was not taken; undefined when it was. */
  async #send(
    { url, secret }: WebhookRow,
    { n, hash, draft }: { readonly n: number; readonly hash: string; readonly draft: LedgerDraft },
    post: WebhookPost,
  ): Promise<Failure | undefined> {
    const { at, kind, loop, case: of } = draft;
    const { publicUrl } = this.#context;
    const link = of === null || publicUrl === undefined ? null : `${publicUrl}/#/case/${of}`;
    const body = JSON.stringify({
      type: kind,
      timestamp: at,
      data: { entry: n, loop, case: of, link },
    });
    try {
      const id = `entry-${n}-${hash.slice(0, 12)}`;
      const status = await post({ url, secret, id, body }, AbortSignal.timeout(ANSWER_MS));
      if (status >= 200 && status < 300) return undefined;
      return { why: `entry ${n}: it answered ${status}`, isFinal: status === GONE };
    } catch (error) {
      return { why: `entry ${n}: ${errorToText(error)}`, isFinal: false };
    }
  }

  async #record(tx: Tx, kind: string, actor: string, body: LedgerDraft["body"]): Promise<void> {
    const at = this.#context.clock.now();
    await appendLedger(tx, [{ at, kind, loop: null, case: null, actor, body }]);
  }
}

type Failure = { readonly why: string; readonly isFinal: boolean };

function postpone(of: WebhookProgress, { why, isFinal }: Failure, now: Instant): WebhookProgress {
  const wait = isFinal ? undefined : WAITS[of.failures];
  return {
    ...of,
    failures: of.failures + 1,
    last_error: why,
    next_at: wait === undefined ? now : addMs(now, wait),
    paused_at: wait === undefined ? now : null,
  };
}

/** `action` stands for every `action.` there is. */
function concerns({ loop, kinds }: WebhookRow, draft: LedgerDraft): boolean {
  if (loop !== null && draft.loop !== loop) return false;
  return (
    kinds.length === 0 ||
    kinds.some((kind) => draft.kind === kind || draft.kind.startsWith(`${kind}.`))
  );
}

async function getWebhook(tx: Tx, id: string): Promise<WebhookRow> {
  const row = await lockWebhook(tx, id);
  if (row !== undefined) return row;
  throw new InterlockError("webhook/not-found", `no webhook has the id ${quote(id)}`, {
    help: "`webhook list` shows the ids",
  });
}

function readUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && ["http:", "https:"].includes(url.protocol) && url.username === "") {
    return url.href;
  }
  throw new InterlockError("webhook/invalid", `${quote(text)} is no address to send to`, {
    path: "/url",
    help: "write it as https://hooks.example.com/interlock, without a user in it",
  });
}

function readKinds(kinds: ReadonlyArray<string>): ReadonlyArray<string> {
  const wrong = kinds.length > KINDS_MAX ? "so many" : kinds.find((kind) => !KIND.test(kind));
  if (wrong === undefined) return [...new Set(kinds)];
  throw new InterlockError("webhook/invalid", `${quote(wrong)} is no kind of entry`, {
    path: "/kinds",
    help: "kinds are as in the ledger, `action.done`; a noun alone, `action`, stands for all of its kinds",
  });
}
