/**
 * The server's line of ledger entries: whatever is written there makes the pages ask again.
 *
 * Read with `fetch`, because a browser's EventSource sends no header. A line that broke is opened again
 * with the last id that was seen, so nothing is missed while a laptop sleeps.
 */
import { credentialHeaders, dropCredential } from "./credential.ts";

export type LiveState = "connecting" | "live" | "broken";

const COME_BACK_MS = 2_000;
/** Entries come in bursts; pages ask once for a burst. */
const GATHER_MS = 250;

export function watchLedger(
  onEntries: () => void,
  onState: (state: LiveState) => void,
): () => void {
  const gone = new AbortController();
  let last: string | undefined;
  let gathering: ReturnType<typeof setTimeout> | undefined;

  const take = (text: string): void => {
    for (const [, id] of text.matchAll(/^id: (\d+)$/gm)) {
      last = id;
      gathering ??= setTimeout(() => {
        gathering = undefined;
        onEntries();
      }, GATHER_MS);
    }
  };

  const follow = async (): Promise<void> => {
    while (!gone.signal.aborted) {
      try {
        const headers = {
          ...credentialHeaders(),
          ...(last === undefined ? {} : { "last-event-id": last }),
        };
        const response = await fetch("v1/events", { headers, signal: gone.signal });
        if (response.status === 401) return dropCredential();
        if (!response.ok || response.body === null) throw new Error(`${response.status}`);
        onState("live");
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
        let rest = "";
        for (;;) {
          const { done, value } = await reader.read();
          if (done) break;
          const text = rest + value;
          const end = text.lastIndexOf("\n\n") + 2;
          take(text.slice(0, end));
          rest = text.slice(end);
        }
      } catch {
        // Opened again below.
      }
      if (gone.signal.aborted) return;
      onState("broken");
      await new Promise((resolve) => setTimeout(resolve, COME_BACK_MS));
    }
  };

  void follow();
  return () => {
    gone.abort();
    clearTimeout(gathering);
  };
}
