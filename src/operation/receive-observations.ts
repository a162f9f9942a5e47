import type { ObservationBatch } from "../core/port/types.ts";
import type { BatchReceipt } from "../store/table/observation.ts";
import { inputSchema, type Operation } from "./operation.ts";

export const observationReceive: Operation<
  { readonly batch: ObservationBatch },
  { readonly receipt: BatchReceipt }
> = {
  name: "observation.receive",
  summary: "Takes a delivery of data; the same batch twice counts once.",
  access: "operator",
  errors: [],
  input: inputSchema({
    batch: { type: "object", description: "source, id, metric, complete days, subjects, counts" },
  }),
  handler: async ({ engine }, { batch }) => ({ receipt: await engine.receive(batch) }),
};
