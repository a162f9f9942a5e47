/**
 * A doorbell for the whole house: whoever lets work in rings it, and every process on the same database
 * hears it, so that nobody has to look at the door every few milliseconds.
 *
 * A ring says only "look now". It carries nothing, rings close together are one, and one may get lost with
 * its line; whoever listens looks by himself now and then, which is what is to be relied on.
 *
 * On a server the line is one connection of its own (LISTEN), opened with the first listener. A line that
 * breaks is laid anew after a wait with chance in it, so that a database that comes back is not met by
 * everybody at once.
 */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { SECOND_MS } from "../../std/time.ts";

const CHANNEL = "interlock_doorbell";
/** Rings within so long are one. */
const TOGETHER_MS = 10;
const RECONNECT_MS = SECOND_MS;
const RECONNECT_MAX_MS = 15 * SECOND_MS;
const ID_BYTES = 6;

/** Within one process; all that the embedded store needs. */
export class Doorbell {
  readonly #ears = new Set<() => void>();

  ring(): void {
    for (const hear of this.#ears) hear();
  }

  /** Returns how to stop listening. */
  listen(hear: () => void): () => void {
    this.#ears.add(hear);
    return () => this.#ears.delete(hear);
  }

  close(): Promise<void> {
    this.#ears.clear();
    return Promise.resolve();
  }
}

export type DoorbellLine = {
  readonly config: pg.ClientConfig;
  /** Runs one statement on any connection; a failure is a lost ring. */
  say(sql: string, params: ReadonlyArray<unknown>): Promise<unknown>;
};

export class ServerDoorbell extends Doorbell {
  readonly #line: DoorbellLine;
  /** One's own rings come back over the line, and were heard already. */
  readonly #self = randomBytes(ID_BYTES).toString("hex");
  #client: pg.Client | undefined;
  #isLaid = false;
  #isClosed = false;
  #breaks = 0;
  #retry: NodeJS.Timeout | undefined;
  #together: NodeJS.Timeout | undefined;
  #rangAgain = false;

  constructor(line: DoorbellLine) {
    super();
    this.#line = line;
  }

  override ring(): void {
    super.ring();
    if (this.#isClosed) return;
    if (this.#together !== undefined) {
      this.#rangAgain = true;
      return;
    }
    this.#tellOthers();
  }

  override listen(hear: () => void): () => void {
    if (!this.#isLaid) {
      this.#isLaid = true;
      void this.#lay();
    }
    return super.listen(hear);
  }

  override async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    clearTimeout(this.#together);
    await super.close();
    await this.#client?.end().catch(() => undefined);
  }

  #tellOthers(): void {
    this.#rangAgain = false;
    this.#together = setTimeout(() => {
      this.#together = undefined;
      if (this.#rangAgain) this.#tellOthers();
    }, TOGETHER_MS).unref();
    this.#line.say("select pg_notify($1, $2)", [CHANNEL, this.#self]).catch(() => undefined);
  }

  async #lay(): Promise<void> {
    const client = new pg.Client(this.#line.config);
    this.#client = client;
    client.on("notification", ({ payload }) => {
      if (payload !== this.#self) super.ring();
    });
    let isGone = false;
    const isLost = () => {
      if (isGone) return;
      isGone = true;
      client.end().catch(() => undefined);
      this.#layLater();
    };
    client.on("error", isLost);
    client.on("end", isLost);
    try {
      await client.connect();
      await client.query(`listen ${CHANNEL}`);
      this.#breaks = 0;
      // What was rung while the line was down.
      super.ring();
    } catch {
      isLost();
    }
  }

  #layLater(): void {
    if (this.#isClosed) return;
    const longest = Math.min(RECONNECT_MS * 2 ** this.#breaks, RECONNECT_MAX_MS);
    this.#breaks += 1;
    this.#retry = setTimeout(() => void this.#lay(), longest * (0.5 + Math.random() / 2)).unref();
  }
}
