/** A witness that runs by itself, for another ledger, on a machine of somebody else. */
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createFileMemory } from "../connector/witness/file-memory.ts";
import { createWitnessServer } from "../connector/witness/http-witness.ts";

export type RunningWitness = { readonly url: string; close(): Promise<void> };

export async function runWitness(
  options: { readonly keep: string; readonly key: string; readonly port: number },
  onRefusal: (why: string) => void,
): Promise<RunningWitness> {
  const server = createWitnessServer(createFileMemory(options.keep), options.key, onRefusal);
  server.listen(options.port, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, "close").catch(() => undefined);
    },
  };
}
