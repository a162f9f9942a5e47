/**
 * A bad network between the workers and PostgreSQL: one TCP proxy, well-behaved until it is told otherwise.
 *
 * | what it is told      | what becomes of the connections                                            |
 * |----------------------|----------------------------------------------------------------------------|
 * | cut                  | all break at once                                                          |
 * | cutCommits(n, after) | the next `n` that send COMMIT break: once it was passed on and the database |
 * |                      | answered, the answer lost; or before it is passed on                       |
 * | delay(ms)            | every packet takes so much longer                                          |
 * | drop()               | nothing passes, nothing breaks: what is sent is lost; until `mend`         |
 *
 * A COMMIT is the only statement of a session that is sent as the simple query `commit`; it is known by its
 * bytes. The one place where a lost answer leaves two possible pasts is exactly there.
 */
import { once } from "node:events";
import net from "node:net";

/** The whole message, kind and length included: other statements may end in the same word. */
const COMMIT = Buffer.from("Q\0\0\0\x0bcommit\0");

export type Proxy = {
  readonly port: number;
  readonly connections: number;
  cut(): void;
  cutCommits(times: number, when: "before" | "after"): void;
  /** Of those ordered, how many were met so far. */
  readonly commitsCut: number;
  delay(ms: number): void;
  drop(): void;
  mend(): void;
  stop(): Promise<void>;
};

export async function startProxy(targetPort: number): Promise<Proxy> {
  const lines = new Set<() => void>();
  let [delayMs, isDropping, commitsCut] = [0, false, 0];
  let armed: { times: number; readonly when: "before" | "after" } = { times: 0, when: "after" };

  const server = net.createServer((near) => {
    const far = net.connect(targetPort, "127.0.0.1");
    let isAnswerLost = false;
    const cut = (): void => {
      lines.delete(cut);
      near.resetAndDestroy();
      far.resetAndDestroy();
    };
    lines.add(cut);
    const pass = (to: net.Socket, chunk: Buffer): void => {
      if (isDropping) return;
      if (delayMs === 0) to.write(chunk);
      else setTimeout(() => to.destroyed || to.write(chunk), delayMs);
    };
    near.on("data", (chunk) => {
      if (armed.times > 0 && chunk.includes(COMMIT)) {
        armed.times -= 1;
        commitsCut += 1;
        if (armed.when === "before") return cut();
        isAnswerLost = true;
      }
      pass(far, chunk);
    });
    far.on("data", (chunk) => {
      // The database did commit: that it says so is what gets lost.
      if (isAnswerLost) return cut();
      pass(near, chunk);
    });
    for (const side of [near, far]) {
      side.setNoDelay();
      side.on("error", cut);
      side.on("close", () => setTimeout(cut, delayMs));
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as net.AddressInfo;

  const cutAll = () => [...lines].forEach((cut) => cut());
  return {
    port,
    get connections() {
      return lines.size;
    },
    cut: cutAll,
    cutCommits: (times, when) => void (armed = { times, when }),
    get commitsCut() {
      return commitsCut;
    },
    delay: (ms) => void (delayMs = ms),
    drop: () => void (isDropping = true),
    mend() {
      // What was lost stays lost: a line that dropped something can only be taken anew.
      if (isDropping) cutAll();
      [isDropping, delayMs] = [false, 0];
      armed = { times: 0, when: "after" };
    },
    async stop() {
      const closed = once(server, "close");
      server.close();
      cutAll();
      await closed;
    },
  };
}
