/** Effects that were set aside: looked at, tried again, given up. */
import { discardSetAside, type EffectName, getEffect, retrySetAside } from "../engine/set-aside.ts";
import { type EffectRecord, listSetAside, type SetAsideLine } from "../store/table/set-aside.ts";
import {
  CASE_FIELD,
  getWiring,
  inputSchema,
  LOOP_FIELD,
  nameField,
  type Operation,
  sentenceField,
} from "./operation.ts";

const LIST_MAX = 500;
const STEP_MAX = 1_000_000;
const NAME_FIELDS = {
  case: CASE_FIELD,
  step: { type: "integer", minimum: 1, maximum: STEP_MAX, description: "the effect's number" },
};

export const effectList: Operation<
  { readonly loop?: string },
  { readonly effects: ReadonlyArray<SetAsideLine> }
> = {
  name: "effect.list",
  summary: "What was set aside, the newest first: nobody tries it until a person says so.",
  access: "viewer",
  errors: ["loop/not-found"],
  input: inputSchema({ loop: LOOP_FIELD }, ["loop"]),
  async handler(context, { loop }) {
    if (loop !== undefined) getWiring(context, loop);
    const { driver } = context.engine.context;
    return { effects: await listSetAside(driver, loop ?? null, LIST_MAX) };
  },
};

export const effectShow: Operation<EffectName, EffectRecord> = {
  name: "effect.show",
  summary: "One effect whole: what was ordered, what was about to be sent, tries, the last error.",
  access: "viewer",
  errors: ["effect/not-found"],
  input: inputSchema(NAME_FIELDS),
  handler: ({ engine }, name) => getEffect(engine.context.driver, name),
};

export const effectRetry: Operation<
  EffectName & { readonly person: string; readonly isUndone?: boolean },
  EffectName
> = {
  name: "effect.retry",
  summary: "Tries once more what was set aside; an action's authority is looked at anew.",
  access: "approver",
  errors: [
    "effect/not-found",
    "effect/not-set-aside",
    "effect/not-entitled",
    "effect/not-retryable",
  ],
  input: inputSchema(
    {
      ...NAME_FIELDS,
      person: nameField("the email of who asks for it"),
      isUndone: {
        type: "boolean",
        description:
          "this person looked, and the outside does not show it: what was sent is forgotten",
      },
    },
    ["isUndone"],
  ),
  async handler({ engine }, { person, isUndone = false, ...name }) {
    await retrySetAside(engine.context, name, { person, isUndone });
    return name;
  },
};

export const effectDiscard: Operation<
  EffectName & { readonly person: string; readonly reason: string },
  EffectName
> = {
  name: "effect.discard",
  summary: "Gives up what was set aside, with a reason that both departments are told.",
  access: "approver",
  errors: ["effect/not-found", "effect/not-set-aside", "effect/not-entitled"],
  input: inputSchema({
    ...NAME_FIELDS,
    person: nameField("the email of who gives it up"),
    reason: sentenceField("why, for both departments"),
  }),
  async handler({ engine }, { person, reason, ...name }) {
    await discardSetAside(engine.context, name, { person, reason });
    return name;
  },
};
