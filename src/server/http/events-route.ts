import { RefusedRequest } from "./errors.ts";
import type { Route } from "./route.ts";
import { text } from "./schemas.ts";

/** Watchers at one time; each is an open connection. */
const WATCHERS_MAX = 2_500;
/** Where a watcher begins that names no entry: with what happens from now on. */
const FROM_NOW = -1;
const ENTRIES_MAX = Number.MAX_SAFE_INTEGER;

export const eventsRoute: Route = {
  method: "GET",
  path: "/v1/events",
  name: "events.watch",
  summary: "Every entry of the ledger as it is written, as server-sent events.",
  description:
    "Each event has the entry's number as its id, its kind as its name, and as data what happened to which " +
    "case of which loop; what it says in full is asked for with `case.show`. After a broken line, send " +
    "the last id that you saw as `Last-Event-ID`: nothing is missed and nothing comes twice. A comment comes " +
    "every 15 seconds when nothing else does.",
  access: "operator-or-person",
  query: {
    after: {
      description: "begin after this entry; 0 is all of them, -1 what happens from now on",
      minimum: FROM_NOW,
      maximum: ENTRIES_MAX,
      default: FROM_NOW,
    },
  },
  headers: { "last-event-id": text("the last id that you saw; it goes before `after`", 16) },
  answers: {
    200: {
      description: "the line, which stays open",
      type: "text/event-stream",
      schema: { type: "string" },
    },
  },
  async handle({ server: { feed }, query, headers, gone }) {
    if (feed.watchers >= WATCHERS_MAX) {
      throw new RefusedRequest("server/too-many-requests", `${WATCHERS_MAX} watch already`, {
        retry: "later",
        help: "wait, and ask again",
      });
    }
    const head = await feed.head();
    const asked = readLastSeen(headers.get("last-event-id")) ?? query["after"] ?? FROM_NOW;
    if (asked > head) {
      throw new RefusedRequest("server/invalid-request", `the ledger has ${head} entries`, {
        path: "/headers/last-event-id",
        help: "leave it out to begin with what happens from now on",
      });
    }
    return {
      status: 200,
      headers: { "content-type": "text/event-stream" },
      body: feed.stream(asked === FROM_NOW ? head : asked, gone),
    };
  },
};

function readLastSeen(sent: string | null): number | undefined {
  if (sent === null) return undefined;
  if (/^\d{1,15}$/.test(sent)) return Number(sent);
  throw new RefusedRequest("server/invalid-request", "the last event's id is no entry's number", {
    path: "/headers/last-event-id",
    help: "send the `id` of the last event that you saw, as it came",
  });
}
