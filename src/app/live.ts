/**
 * A real directory: the system's clock, and agents here or elsewhere.
 *
 * A practice directory (`init --sample`) is the same with a simulated company for its data and the
 * sandbox for its outside: a loop can be taken live on it, command by command, without risk. Connectors to
 * real accounts are wired in code (`openInterlock`); without them the gates say what is missing.
 */
import {
  LOOP_NAME,
  loadPapers,
  type Papers,
  wireLogisticsMarketing,
} from "../../loops/logistics-marketing/loop.ts";
import { type Company, createCompany } from "../../twin/company/company.ts";
import { createGuardedFetch } from "../connector/outgoing/guarded-fetch.ts";
import type { Clock, Notifier } from "../core/port/types.ts";
import { InterlockError } from "../std/errors.ts";
import { type LiveNote, type SampleNote, storeOptions } from "./data-directory.ts";
import { type Channels, openChannels } from "./channels.ts";
import { type Interlock, openInterlock } from "./interlock.ts";
import { readNetworks } from "./networks.ts";
import type { Outside } from "./outside.ts";
import { createRemoteEnd } from "./remote-agents.ts";
import { figuresOf, shareSandboxOutside } from "./sandbox-outside.ts";
import { openWitnesses, readLedgerSecret } from "./witnesses.ts";

const LIVE_CLOCK: Clock = { now: () => new Date().toISOString() };
/** Orders a day for each pincode of a practice company. */
const SAMPLE_ORDERS_PER_GEOGRAPHY = 25 / 3;
/** Days that a practice company lives, from its first. */
const SAMPLE_DAYS = 730;
const CALIBRATION_DAYS = 45;
const DATA_MAX_AGE_HOURS = 48;

export type Live = {
  readonly interlock: Interlock;
  readonly channels: Channels;
  close(): Promise<void>;
};

export async function openLive(
  directory: string,
  note: LiveNote,
  databaseUrl: string | undefined,
  env: NodeJS.ProcessEnv,
  papers: Papers = loadPapers(),
): Promise<Live> {
  const outside = await openOutside(directory, note, papers);
  const channels = openChannels(
    env,
    note.sample === null ? undefined : outside.notifier,
    LIVE_CLOCK.now,
  );
  const remote = createRemoteEnd(
    LOOP_NAME,
    papers.contract.receiver.department,
    (option, subject) => outside.resourceOf(option, subject),
    readNetworks(env),
  );
  const outgoing = createGuardedFetch(readNetworks(env));
  const witnesses = openWitnesses(directory, outgoing);
  const closeOutside = async () => {
    await remote.close();
    await channels.close();
    await outside.close();
    await witnesses.close();
    await outgoing.close();
  };
  try {
    const interlock = await openInterlock({
      store: storeOptions(directory, databaseUrl),
      clock: LIVE_CLOCK,
      ledgerSecret: () => readLedgerSecret(directory),
      witnesses: () => witnesses.list(),
      loops: [
        wireLogisticsMarketing(papers, {
          ...outside,
          notifier: channels.notifier ?? outside.notifier,
          calibrationDays: CALIBRATION_DAYS,
          dataMaxAgeHours: DATA_MAX_AGE_HOURS,
          remote: {
            ...(note.sender === "remote" ? { sender: null } : {}),
            ...(note.receiver === "remote" ? { receiver: remote.receiver } : {}),
          },
        }),
      ],
    });
    remote.attach(interlock.engine);
    return {
      interlock,
      channels,
      async close() {
        await interlock.close();
        await closeOutside();
      },
    };
  } catch (error) {
    await closeOutside();
    throw error;
  }
}

export function sampleCompanyOf(sample: SampleNote): Company {
  return createCompany({
    ...sample,
    days: SAMPLE_DAYS,
    historyDays: CALIBRATION_DAYS,
    ordersPerDay: Math.round(sample.geographies * SAMPLE_ORDERS_PER_GEOGRAPHY),
  });
}

async function openOutside(
  directory: string,
  { sample }: LiveNote,
  { charter }: Papers,
): Promise<Outside> {
  if (sample === null) return NO_OUTSIDE;
  const company = sampleCompanyOf(sample);
  return shareSandboxOutside({
    directory,
    subjects: company.subjects,
    currency: charter.currency,
    now: () => LIVE_CLOCK.now(),
    figures: (sandbox) => figuresOf(company, sandbox),
  });
}

const NO_NOTIFIER: Notifier = {
  channel: "none",
  send: () =>
    Promise.reject(
      new InterlockError("connector/rejected", "no channel for notices is set up", {
        help: "name a mail server or Slack in the environment of `serve`: docs/guides/channels.md",
      }),
    ),
};

const NO_OUTSIDE: Outside = {
  connectors: [],
  notifier: NO_NOTIFIER,
  facts: { readFacts: () => Promise.resolve(undefined) },
  resourceOf: (option, subject) => `unset:${option}/${subject}`,
  close: () => Promise.resolve(),
};
