/**
 * Counts that come in by webhook: a courier, a shop or a warehouse sends a delivery of data as Standard
 * Webhooks has it, signed with the secret that the operator named for that source.
 *
 * The message's id is the batch's id: the same again counts once, for ever, and other content under an id that
 * was used is refused. A source speaks for itself alone. Signals have a door of their own.
 */
import type { ObservationBatch } from "../../core/port/types.ts";
import { BATCH_FIELDS } from "../../operation/receive-observations.ts";
import { KB } from "./body.ts";
import { RefusedRequest } from "./errors.ts";
import { createBodyInput } from "./input.ts";
import type { Route } from "./route.ts";
import { object, text } from "./schemas.ts";
import { checkWebhook } from "./webhook-signature.ts";

const BODY_BYTES = 4 * 1024 * KB;

const { source: _ofAddress, id: _ofHead, ...fields } = BATCH_FIELDS;
const BODY_SCHEMA = object(fields);
const read = createBodyInput({
  kind: "json",
  schema: BODY_SCHEMA,
  bytesMax: BODY_BYTES,
  limits: {
    depthMax: 8,
    textMax: 2 * KB,
    itemsMax: 20_000,
    valuesMax: 400_000,
    bytesMax: BODY_BYTES,
  },
});

export const observationRoute: Route = {
  method: "POST",
  path: "/v1/sources/{source}/observations",
  name: "observation.send",
  summary:
    "Takes a delivery of data from outside, signed as Standard Webhooks says; each id counts once.",
  access: "open",
  countedAs: "open",
  params: { source: text("whose data it is, as the operator named it") },
  headers: {
    "webhook-id": text("names this delivery; the same again counts once"),
    "webhook-timestamp": text("seconds since 1970, within five minutes"),
    "webhook-signature": text("v1, over id, timestamp and body", 2_000),
  },
  body: {
    kind: "bytes",
    bytesMax: BODY_BYTES,
    types: { "application/json": BODY_SCHEMA },
  },
  answers: {
    200: {
      description: "it counts, or it counted before",
      schema: object({ receipt: { enum: ["new", "repeated"], description: "which of the two" } }),
    },
  },
  refusals: [400, 401, 409, 413, 415, 422],
  async handle({ server, params, headers, body }) {
    const source = params["source"] ?? "";
    const secret = server.sources.get(source);
    // A source that nobody named and one that signs wrongly look alike from outside.
    const id = checkWebhook(secret ?? NOBODY, headers, body as Uint8Array, Date.now());
    const request = new Request("http://localhost", { method: "POST", headers });
    const delivery = read(request, body as Uint8Array) as Omit<ObservationBatch, "source" | "id">;
    const receipt = await server.engine.receive({ ...delivery, source, id });
    if (receipt !== "conflicting") return { status: 200, body: { receipt } };
    throw new RefusedRequest(
      "data/batch-conflict",
      `the id \`${id}\` was used with other content`,
      {
        path: "/headers/webhook-id",
        help: "send corrected counts under an id of their own; they restate their days",
      },
    );
  },
};

/** No message bears its signature: it is drawn anew by each process. */
const NOBODY = `whsec_${Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString("base64")}`;
