import { breakGlass, mendGlass } from "../engine/glass.ts";
import { type GlassRow, listGlass } from "../store/table/broken-glass.ts";
import {
  getWiring,
  inputSchema,
  LOOP_FIELD,
  nameField,
  type Operation,
  sentenceField,
} from "./operation.ts";

type Owner = { readonly loop: string; readonly party: string; readonly person: string };

const OWNER_FIELDS = {
  loop: LOOP_FIELD,
  party: nameField("the department that the person heads"),
  person: nameField("the email of its owner"),
};

export const glassBreak: Operation<
  Owner & { readonly reason: string; readonly hours: number },
  GlassRow
> = {
  name: "glass.break",
  summary: "An owner lifts guardrails for a stated time; everything then needs every party's vote.",
  access: "owner",
  errors: [
    "loop/not-found",
    "glass/not-entitled",
    "glass/not-agreed",
    "glass/too-long",
    "glass/already-broken",
  ],
  input: inputSchema({
    ...OWNER_FIELDS,
    reason: sentenceField("why, for both departments"),
    hours: { type: "number", exclusiveMinimum: 0, maximum: 720, description: "for how long" },
  }),
  handler: (context, { loop, ...said }) =>
    breakGlass(context.engine.context, getWiring(context, loop), said),
};

export const glassClose: Operation<Owner, GlassRow> = {
  name: "glass.close",
  summary: "An owner ends broken glass before its time.",
  access: "owner",
  errors: ["loop/not-found", "glass/not-entitled", "glass/not-broken"],
  input: inputSchema(OWNER_FIELDS),
  handler: (context, { loop, ...said }) =>
    mendGlass(context.engine.context, getWiring(context, loop), said),
};

export const glassList: Operation<Record<string, never>, ReadonlyArray<GlassRow>> = {
  name: "glass.list",
  summary: "Every glass that was ever broken: by whom, why, until when.",
  access: "viewer",
  errors: [],
  input: inputSchema({}),
  handler: ({ engine }) => listGlass(engine.context.driver),
};
