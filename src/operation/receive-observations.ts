import type { ObservationBatch } from "../core/port/types.ts";
import type { JsonSchema } from "../core/contract/types.ts";
import type { BatchReceipt } from "../store/table/observation.ts";
import { DAY_FIELD, inputSchema, nameField, type Operation } from "./operation.ts";

/** What the store can count with. */
const COUNT: JsonSchema = { type: "integer", minimum: 0, maximum: 2 ** 31 - 1 };
const NAME_OR_NONE: JsonSchema = { type: "string", maxLength: 2_000 };

export const BATCH_FIELDS = {
  source: nameField("whose data it is"),
  id: nameField("names this delivery; the same again counts once"),
  metric: nameField("what is counted"),
  completeDays: {
    type: "array",
    items: DAY_FIELD,
    description: "days of which this is the last word for now",
  },
  subjects: {
    type: "array",
    items: inputSchema({
      id: nameField("the place"),
      kind: nameField("what it is"),
      level: { enum: ["pincode", "district", "state", "nation"] },
      name: NAME_OR_NONE,
      parent: { anyOf: [nameField("the coarser place that it lies in"), { type: "null" }] },
    }),
  },
  observations: {
    type: "array",
    items: inputSchema(
      {
        metric: nameField("what is counted"),
        subject: nameField("the place"),
        day: DAY_FIELD,
        stratum: NAME_OR_NONE,
        n: { ...COUNT, description: "trials" },
        k: { ...COUNT, description: "events among them" },
        reasons: { type: "object", additionalProperties: COUNT },
      },
      ["reasons"],
    ),
  },
} as const satisfies { readonly [field: string]: JsonSchema };

const BATCH: JsonSchema = {
  ...inputSchema(BATCH_FIELDS),
  description: "one delivery of a source: places, and what was counted there by day",
};

export const observationReceive: Operation<
  { readonly batch: ObservationBatch },
  { readonly receipt: BatchReceipt }
> = {
  name: "observation.receive",
  summary: "Takes a delivery of data; the same batch twice counts once.",
  access: "operator",
  errors: ["data/invalid-batch"],
  input: inputSchema({ batch: BATCH }),
  handler: async ({ engine }, { batch }) => ({ receipt: await engine.receive(batch) }),
};
