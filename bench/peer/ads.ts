/** The ads platform from the bench's side: started, its book read, and stopped. */
import { fork } from "node:child_process";
import { once } from "node:events";
import type { AdsAsk, AdsBook, AdsTold } from "./ads-server.ts";

export type PeerAds = {
  readonly url: string;
  readBook(): Promise<AdsBook>;
  /** When each place was first changed, on the machine's monotonic clock. */
  readTimes(): Promise<ReadonlyMap<string, number>>;
  forget(): Promise<void>;
  readonly pid: number;
  stop(): Promise<void>;
};

export async function startPeerAds(): Promise<PeerAds> {
  const child = fork(new URL("./ads-server.ts", import.meta.url), { stdio: "inherit" });
  const [{ port }] = (await once(child, "message")) as [{ port: number }];
  const ask = async (order: AdsAsk): Promise<AdsTold> => {
    const told = once(child, "message");
    child.send(order);
    return (await told)[0] as AdsTold;
  };
  return {
    url: `http://127.0.0.1:${port}`,
    pid: child.pid ?? 0,
    readBook: async () => (await ask({ ask: "book" })) as AdsBook,
    readTimes: async () =>
      new Map(((await ask({ ask: "times" })) as { times: [string, number][] }).times),
    forget: async () => void (await ask({ ask: "forget" })),
    async stop() {
      const gone = once(child, "exit");
      child.disconnect();
      await gone;
    },
  };
}
