/**
 * The server that has a data directory open, and the way to ask it.
 *
 * The server leaves a note of its address and of a token that opens every operation, readable by its
 * owner alone. A note of a process that is gone is no note.
 */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ObservationBatch } from "../core/port/types.ts";
import type { CallOperation } from "../operation/operation.ts";
import { observationReceive } from "../operation/receive-observations.ts";
import { ERROR_CODES, type ErrorCode, InterlockError } from "../std/errors.ts";
import type { BatchReceipt } from "../store/table/observation.ts";
import type { Note } from "./data-directory.ts";
import type { Workspace } from "./workspace.ts";

export type ServerNote = { readonly url: string; readonly token: string; readonly pid: number };

const SERVER_FILE = "server.json";
const OWNER_ONLY = 0o600;

export function writeServer(directory: string, note: ServerNote): void {
  writeFileSync(join(directory, SERVER_FILE), `${JSON.stringify(note)}\n`, { mode: OWNER_ONLY });
}

export function removeServer(directory: string): void {
  rmSync(join(directory, SERVER_FILE), { force: true });
}

export function findServer(directory: string): ServerNote | undefined {
  try {
    const note = JSON.parse(readFileSync(join(directory, SERVER_FILE), "utf8")) as ServerNote;
    // Signal 0 asks whether the process is there and does nothing to it.
    process.kill(note.pid, 0);
    return note;
  } catch {
    return undefined;
  }
}

export function openServerWorkspace(kind: Note["kind"], server: ServerNote): Workspace {
  const call: CallOperation = async (operation, input) => {
    const response = await ask(server, operation.name, input);
    return response as Awaited<ReturnType<typeof operation.handler>>;
  };
  return {
    kind,
    call,
    receive: (batch) =>
      deliver(batch, async (part) => {
        const { receipt } = await call(observationReceive, { batch: part });
        return receipt;
      }),
    // The server does so by itself.
    tend: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}

/** Rows in one request: well within what the server takes in one list. */
const PART_ROWS = 400;

/**
 * A large batch goes in parts, in order; its days are complete only with the last of them. Parts have ids
 * of their own, so one that was cut off is delivered again without counting anything twice.
 */
async function deliver(
  batch: ObservationBatch,
  send: (part: ObservationBatch) => Promise<BatchReceipt>,
): Promise<BatchReceipt> {
  const { subjects, observations } = batch;
  if (Math.max(subjects.length, observations.length) <= PART_ROWS) return send(batch);
  // Places before what was seen there.
  const parts = [
    ...slices(subjects).map((some) => ({ subjects: some, observations: [] })),
    ...slices(observations).map((some) => ({ subjects: [], observations: some })),
  ];
  let receipt: BatchReceipt = "repeated";
  for (const [index, part] of parts.entries()) {
    const isLast = index === parts.length - 1;
    const answered = await send({
      ...batch,
      ...part,
      id: `${batch.id}#${index + 1}/${parts.length}`,
      completeDays: isLast ? batch.completeDays : [],
    });
    if (answered === "conflicting") return answered;
    if (answered === "new") receipt = answered;
  }
  return receipt;
}

function slices<T>(rows: ReadonlyArray<T>): ReadonlyArray<ReadonlyArray<T>> {
  return Array.from({ length: Math.ceil(rows.length / PART_ROWS) }, (_, index) =>
    rows.slice(index * PART_ROWS, (index + 1) * PART_ROWS),
  );
}

async function ask(server: ServerNote, operation: string, input: unknown): Promise<unknown> {
  const response = await fetch(`${server.url}/v1/operations/${operation}`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${server.token}` },
    body: JSON.stringify(input),
  }).catch((cause: unknown) => {
    throw new InterlockError("cli/usage", `the server at ${server.url} does not answer`, {
      help: `it has the data directory open (process ${server.pid}); stop it, or wait`,
      cause,
    });
  });
  const body: unknown = await response.json();
  if (response.ok) return body;
  throw toError(body);
}

type Told = {
  readonly error?: {
    readonly code?: string;
    readonly message?: string;
    readonly help?: string;
    readonly path?: string;
  };
};

function toError(body: unknown): InterlockError {
  const {
    code = "",
    message = "the server gave no reason",
    help,
    path,
  } = (body as Told).error ?? {};
  const known = code in ERROR_CODES ? (code as ErrorCode) : "cli/usage";
  return new InterlockError(known, message, {
    ...(help === undefined ? {} : { help }),
    ...(path === undefined ? {} : { path }),
  });
}
