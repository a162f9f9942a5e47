import type { StopFact } from "../core/charter/types.ts";
import { liftStop, pressStop, type Pressed, type StopScope } from "../engine/stops.ts";
import { listStops, type StopRow } from "../store/table/stop.ts";
import { inputSchema, nameField, type Operation, sentenceField } from "./operation.ts";

const SCOPE_FIELDS = {
  scope: {
    enum: ["loop", "department", "connector", "everything"],
    description: "what is stopped",
  },
  name: { type: "string", maxLength: 200, description: "its name; empty for everything" },
};

export const stopPress: Operation<StopFact & { readonly undo?: boolean }, Pressed> = {
  name: "stop.press",
  summary:
    "Stops a loop, a department, a connector or everything: no new action leaves the building.",
  access: "approver",
  errors: ["stop/unknown-scope", "stop/not-entitled"],
  input: inputSchema(
    {
      ...SCOPE_FIELDS,
      person: nameField("the email of who presses it"),
      reason: sentenceField("why, for both departments"),
      undo: { type: "boolean", description: "also undo what stands" },
    },
    ["undo"],
  ),
  handler: ({ engine }, said) => pressStop(engine.context, { ...said, undo: said.undo === true }),
};

export const stopRelease: Operation<StopScope & { readonly person: string }, StopRow> = {
  name: "stop.release",
  summary: "Releases a stop; an owner of a party concerned does.",
  access: "owner",
  errors: ["stop/unknown-scope", "stop/not-entitled", "stop/not-pressed"],
  input: inputSchema({ ...SCOPE_FIELDS, person: nameField("the email of the owner who does") }),
  handler: ({ engine }, said) => liftStop(engine.context, said),
};

export const stopList: Operation<{ readonly all?: boolean }, ReadonlyArray<StopRow>> = {
  name: "stop.list",
  summary: "The stops that are pressed, by whom and why; released ones too, if asked for.",
  access: "viewer",
  errors: [],
  input: inputSchema({ all: { type: "boolean", description: "released ones too" } }, ["all"]),
  handler: ({ engine }, { all }) =>
    listStops(engine.context.driver, all === true ? "all" : "pressed"),
};
