/**
 * What a server must be before anything is acknowledged on its word: recent enough, the primary, and one
 * that has written to its disk what it says is committed. Looked at when it is opened, and refused in words.
 */
import { InterlockError } from "../../std/errors.ts";
import type { Tx } from "./driver.ts";

const VERSION_MIN = 14;
const VERSION_UNIT = 10_000;

type ServerSettings = {
  readonly version: number;
  readonly standby: boolean;
  readonly fsync: string;
  readonly full_page_writes: string;
  readonly synchronous_commit: string;
};

/** Settings without which a committed row may be gone after a crash. */
const DURABLE = ["fsync", "full_page_writes", "synchronous_commit"] as const;

export async function checkServer(tx: Tx): Promise<void> {
  const [server] = await tx.query<ServerSettings>(
    `select current_setting('server_version_num')::int as version, pg_is_in_recovery() as standby,
            ${DURABLE.map((name) => `current_setting('${name}') as ${name}`).join(", ")}`,
  );
  if (server === undefined) return;
  if (server.version < VERSION_MIN * VERSION_UNIT) {
    const found = Math.floor(server.version / VERSION_UNIT);
    throw new InterlockError("store/unavailable", `the server is PostgreSQL ${found}`, {
      help: `use PostgreSQL ${VERSION_MIN} or later`,
    });
  }
  if (server.standby) {
    throw new InterlockError("store/unavailable", "the server is a standby, and takes no writes", {
      retry: "later",
      help: "name the primary in DATABASE_URL; nothing is decided on what a standby says",
    });
  }
  const off = DURABLE.find((name) => server[name] === "off");
  if (off === undefined) return;
  throw new InterlockError("store/not-durable", `the server runs with \`${off} = off\``, {
    help: `set \`${off} = on\`: what is acknowledged must survive a crash of the server`,
  });
}
