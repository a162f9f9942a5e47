/**
 * What every run of a peer stands on: one PostgreSQL, one ads platform, a directory; and how a peer is put on
 * it, with an empty database and an empty directory of its own, which are gone when it leaves.
 */
import { mkdirSync, rmSync } from "node:fs";
import path from "node:path";
import pg from "pg";
import { startPostgres } from "../../test/kit/postgres.ts";
import { readCpu, readMachineCpu } from "../process.ts";
import { type PeerAds, startPeerAds } from "./ads.ts";
import { Host } from "./host.ts";
import type { PeerSetting } from "./peer.ts";

export type Stage = {
  readonly ads: PeerAds;
  readonly postgres: PostgresFacts;
  /** Puts a peer on, and takes it off when `work` ends, however it ends. */
  perform<T>(module: string, work: (act: Act) => Promise<T>): Promise<T>;
  /** What everybody has used so far; the difference of two is what happened between. */
  readCpu(host: Host): Cpu;
  /** Calls that flushed the log of PostgreSQL to disk so far. */
  countFlushes(): Promise<number>;
  close(): Promise<void>;
};

export type Act = {
  readonly setting: PeerSetting;
  start(): Promise<Host>;
};

export type PostgresFacts = {
  readonly version: string;
  readonly settings: { readonly [name: string]: string };
};

export type Cpu = {
  readonly engine: number;
  readonly postgres: number;
  readonly ads: number;
  /** The bench itself, which sends over HTTP. */
  readonly sender: number;
  /** Everybody else on the machine. */
  readonly foreign: number;
  readonly atMs: number;
};

const DURABILITY = ["fsync", "synchronous_commit", "full_page_writes", "wal_sync_method"];

export async function openStage(directory: string): Promise<Stage> {
  const server = await startPostgres();
  const admin = new pg.Client({ connectionString: server.url });
  await admin.connect();
  const ads = await startPeerAds();
  const postmaster = await findPostmaster(admin);
  let runs = 0;
  return {
    ads,
    postgres: await readFacts(admin),
    async perform(module, work) {
      const name = `peer_${++runs}`;
      const own = path.join(directory, name);
      mkdirSync(own);
      const setting = {
        databaseUrl: await server.createDatabase(name),
        directory: own,
        adsUrl: ads.url,
      };
      await ads.forget();
      await admin.query("checkpoint");
      let host: Host | undefined;
      try {
        return await work({
          setting,
          start: async () => (host = await Host.start(module, setting)),
        });
      } finally {
        await host?.close();
        await admin.query(`drop database ${name} with (force)`);
        rmSync(own, { recursive: true, force: true });
      }
    },
    readCpu(host) {
      const [engine, postgres] = [readCpu(host.pid), readCpu(postmaster)];
      const [mine, all] = [readCpu(process.pid, postmaster), readMachineCpu()];
      const platform = readCpu(ads.pid);
      return {
        ...{ engine, postgres, ads: platform },
        sender: mine - engine - postgres - platform,
        foreign: all - mine,
        atMs: performance.now(),
      };
    },
    async countFlushes() {
      const { rows } = await admin.query<{ count: number }>(
        "select coalesce(sum(fsyncs), 0)::int as count from pg_stat_io where object = 'wal'",
      );
      return rows[0]?.count ?? 0;
    },
    async close() {
      await admin.end();
      await ads.stop();
      await server.stop();
    },
  };
}

async function readFacts(admin: pg.Client): Promise<PostgresFacts> {
  const settings: Record<string, string> = {};
  for (const name of ["server_version", ...DURABILITY]) {
    const { rows } = await admin.query<Record<string, string>>(`show ${name}`);
    settings[name] = Object.values(rows[0] ?? {})[0] ?? "unknown";
  }
  const { server_version: version = "unknown", ...rest } = settings;
  return { version, settings: rest };
}

async function findPostmaster(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query<{ pid: number }>(
    `select split_part(pg_read_file('postmaster.pid'), e'\\n', 1)::int as pid`,
  );
  return rows[0]?.pid ?? 0;
}
