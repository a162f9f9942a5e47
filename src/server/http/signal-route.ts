/**
 * Signals come in, one at a time or up to a thousand, and each gets its own answer.
 *
 *   accepted   it has a case now          repeated   it had one already, with the same content
 *   conflict   its id was used before with other content
 *   refused    it could not even be kept: no id, not plain, not of this department
 *
 * A signal that breaks its contract is accepted into quarantine, with its reasons: its id is used, its
 * sender is told here and by notice. For one signal the status says what became of it; for a batch 207
 * says that not all is well. One bad signal never loses the others.
 */
import {
  EVENT_ATTRIBUTES,
  type EventReading,
  toEventProblem,
} from "../../core/contract/cloud-event.ts";
import {
  BATCH_EVENTS_MAX,
  BATCHED_TYPE,
  BINARY_TYPE,
  findMode,
  readHttpSignal,
  STRUCTURED_TYPE,
} from "../../core/contract/cloud-event-http.ts";
import { SIGNAL_LIMITS } from "../../core/contract/signal.ts";
import type { JsonSchema, Problem } from "../../core/contract/types.ts";
import { toPlainJson } from "../../core/plain.ts";
import { problem, quote } from "../../core/problem.ts";
import { type Admission, admitSignals } from "../../engine/door.ts";
import type { IntakeAnswer } from "../../engine/intake.ts";
import { refuseOtherDepartment } from "../../engine/remote-ends.ts";
import type { LoopWiring } from "../../engine/wiring.ts";
import { getWiring } from "../../operation/operation.ts";
import { assert } from "../../std/assert.ts";
import { departmentOf } from "./agent-routes.ts";
import { KB } from "./body.ts";
import { refuseInput, RefusedRequest } from "./errors.ts";
import { readJson } from "./json.ts";
import type { HttpAnswer, HttpCall, Route } from "./route.ts";
import { listOf, LOOP_PARAM, object, PROBLEM_SCHEMA, text } from "./schemas.ts";

const SIGNAL_BYTES = 512 * KB;
const BATCH_BYTES = 4 * 1024 * KB;

const DATA_SCHEMA = object({
  confidence: { type: "number", minimum: 0, maximum: 1, description: "as the contract means it" },
  options: listOf(text("an option's name"), "the answers that the sender can live with"),
  payload: { type: "object", description: "what the contract's payload schema describes" },
});

const ATTRIBUTE_SCHEMAS: { readonly [name: string]: JsonSchema } = {
  specversion: { const: "1.0" },
  ...Object.fromEntries(
    Object.entries(EVENT_ATTRIBUTES).map(([name, { about }]) => [name, text(about)]),
  ),
};

const EVENT_SCHEMA: JsonSchema = {
  type: "object",
  description: "a CloudEvent 1.0 that carries one signal",
  required: [...Object.keys(ATTRIBUTE_SCHEMAS), "data"],
  properties: { ...ATTRIBUTE_SCHEMAS, data: DATA_SCHEMA },
};

const RESULT_SCHEMA = object(
  {
    id: { type: "string", description: "the signal's id, as far as it could be read" },
    kind: {
      enum: ["accepted", "repeated", "conflict", "refused"],
      description: "what became of it",
    },
    case: text("the case that follows from it; `case show` tells its story"),
    state: text("where the case stands: evaluating, parked, quarantined, ..."),
    problems: listOf(PROBLEM_SCHEMA, "what is wrong with it; empty where nothing is"),
  },
  ["case", "state"],
);

const ANSWER_SCHEMA = object({
  signals: listOf(RESULT_SCHEMA, "one for each signal, in the order in which they were sent"),
});

const REJECTED_SCHEMA = object({
  error: { ...PROBLEM_SCHEMA, description: "the first of its problems" },
  signals: listOf(RESULT_SCHEMA, "the one signal"),
});

export const signalsRoute: Route = {
  method: "POST",
  path: "/v1/loops/{loop}/signals",
  name: "signal.send",
  summary: "Sends signals as CloudEvents 1.0: structured, batch or binary.",
  description:
    "202 says that the signal has a case. 422 says that it breaks its contract, with every reason; it is " +
    "kept in quarantine under its id where it has one. 409 says that its id was used before with other " +
    `content. A batch holds up to ${BATCH_EVENTS_MAX} signals and is answered 207 where not all of them are ` +
    "well. Sending the same again is always safe.",
  access: "department",
  params: { loop: LOOP_PARAM },
  headers: Object.fromEntries(
    Object.entries(ATTRIBUTE_SCHEMAS).map(([name, schema]) => [
      `ce-${name}`,
      { description: "binary mode: an attribute of the event", ...schema },
    ]),
  ),
  body: {
    kind: "bytes",
    bytesMax: BATCH_BYTES,
    types: {
      [STRUCTURED_TYPE]: EVENT_SCHEMA,
      [BATCHED_TYPE]: {
        type: "array",
        maxItems: BATCH_EVENTS_MAX,
        items: EVENT_SCHEMA,
      },
      [BINARY_TYPE]: DATA_SCHEMA,
    },
  },
  answers: {
    202: { description: "every signal has a case", schema: ANSWER_SCHEMA },
    207: { description: "a batch in which not all is well", schema: ANSWER_SCHEMA },
    409: { description: "the id was used before with other content", schema: REJECTED_SCHEMA },
    422: { description: "the signal breaks its contract", schema: REJECTED_SCHEMA },
  },
  refusals: [404],
  async handle(call) {
    const wiring = getWiring(call.server, call.params["loop"] ?? "");
    const department = departmentOf(call.caller);
    refuseOtherDepartment(wiring, "sender", department);
    await call.server.engine.backlog.refuseIfFull();
    const { readings, isBatch } = readSignals(call.headers, call.body as Uint8Array);
    const results = await takeIn(call, wiring, department, readings);
    return isBatch ? answerBatch(results) : answerOne(results);
  },
};

type Result = {
  readonly id: string;
  readonly kind: IntakeAnswer["kind"];
  readonly case?: string;
  readonly state?: string;
  readonly problems: ReadonlyArray<Problem>;
};

function readSignals(
  headers: Headers,
  bytes: Uint8Array,
): { readonly readings: ReadonlyArray<EventReading & Named>; readonly isBatch: boolean } {
  const contentType = headers.get("content-type") ?? undefined;
  const mode = findMode(contentType);
  if (mode === undefined) {
    const said = contentType === undefined ? "none" : quote(contentType);
    throw new RefusedRequest(
      "server/unsupported-media-type",
      `the content type, ${said}, carries no signal`,
      {
        path: "/headers/content-type",
        help: `send ${STRUCTURED_TYPE}, ${BATCHED_TYPE}, or JSON with ce- headers, in UTF-8`,
      },
    );
  }
  const isBatch = mode === "batched";
  if (!isBatch && bytes.byteLength > SIGNAL_BYTES) {
    const message = `the signal has more than ${SIGNAL_BYTES / KB} KB`;
    throw new RefusedRequest("server/too-large", message);
  }
  const body = readJson(bytes);
  if (body.kind === "refused") throw refuseInput(body.problems);
  const read = readHttpSignal({
    contentType,
    headers: Object.fromEntries(headers),
    body: body.value,
  });
  if (!read.ok) throw refuseInput(read.problems);
  if (read.readings.length === 0) {
    throw refuseInput([problem("request", "missing-field", "", "the batch is empty")]);
  }
  const events = isBatch ? (body.value as ReadonlyArray<unknown>) : [body.value];
  const readings = read.readings.map((reading, index) => ({
    ...reading,
    said: idOf(mode === "binary" ? { id: headers.get("ce-id") } : events[index]),
  }));
  return { readings, isBatch };
}

/** What a signal calls itself, as far as it can be said back. */
type Named = { readonly said: string };

const SAID_CHARS_MAX = 200;

function idOf(event: unknown): string {
  const id: unknown =
    typeof event === "object" && event !== null && "id" in event ? event.id : undefined;
  return typeof id === "string" ? id.slice(0, SAID_CHARS_MAX).toWellFormed() : "";
}

/** What can be kept goes through the engine's door; the rest is refused here. */
async function takeIn(
  { server }: HttpCall,
  wiring: LoopWiring,
  department: string,
  readings: ReadonlyArray<EventReading & Named>,
): Promise<ReadonlyArray<Result>> {
  const checked = readings.map((reading) => checkKept(reading, department));
  const kept = checked.flatMap((one) => ("signal" in one ? [one.signal] : []));
  const admitted =
    kept.length === 0 ? [] : [...(await admitSignals(server.engine.context, wiring, kept))];
  return checked.map((one) => {
    if (!("signal" in one)) return one;
    const admission = admitted.shift();
    assert(admission, "intake answers every signal, in order");
    return toResult(admission);
  });
}

type Kept = { readonly signal: { readonly [field: string]: unknown } };

/** What is no signal, could not be stored, or speaks for another department, is refused here. */
function checkKept(reading: EventReading & Named, department: string): Kept | Result {
  const { said } = reading;
  if (!reading.ok) return { id: said, kind: "refused", problems: reading.problems };
  const plain = toPlainJson(reading.signal, SIGNAL_LIMITS, "contract");
  if (plain.kind === "refused") {
    return { id: said, kind: "refused", problems: plain.problems.map(toEventProblem) };
  }
  const { source } = reading.signal;
  if (typeof source === "string" && !source.startsWith(`${department}/`)) {
    const message = `${quote(source)} is not a source of ${department}, whose key was sent`;
    const help = `a source of ${department} begins with ${department}/`;
    return {
      id: said,
      kind: "refused",
      problems: [problem("contract", "wrong-value", "/source", message, help)],
    };
  }
  return { signal: plain.value as Kept["signal"] };
}

function toResult({ answer, case: of }: Admission): Result {
  const { signal: id, kind } = answer;
  if (answer.kind === "refused") {
    return { id, kind, problems: [toEventProblem(answer.problem)] };
  }
  assert(of, "intake names a case that is there");
  const conflict: Problem = {
    path: "/id",
    code: "case/signal-conflict",
    message: `the id ${quote(id)} was used before with other content`,
    help: "a correction is a new signal, with an id of its own",
  };
  return {
    id,
    kind,
    case: of.id,
    state: of.state,
    problems: kind === "conflict" ? [conflict] : of.problems.map(toEventProblem),
  };
}

function answerBatch(signals: ReadonlyArray<Result>): HttpAnswer {
  return { status: signals.every(isWell) ? 202 : 207, body: { signals } };
}

/** The first problem is said as every refusal says it, beside what became of the signal. */
function answerOne(signals: ReadonlyArray<Result>): HttpAnswer {
  const [one] = signals;
  assert(one, "one signal has one answer");
  if (isWell(one)) return { status: 202, body: { signals } };
  const [error] = one.problems;
  return { status: one.kind === "conflict" ? 409 : 422, body: { error, signals } };
}

function isWell({ kind, problems }: Result): boolean {
  return (kind === "accepted" || kind === "repeated") && problems.length === 0;
}
