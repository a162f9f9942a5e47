import { parseCharter } from "../core/charter/parse.ts";
import { parseDocument } from "../core/document.ts";
import { proposeCharter } from "../engine/charters.ts";
import type { CharterRow } from "../store/table/charter.ts";
import { getWiring, inputSchema, LOOP_FIELD, nameField, type Operation } from "./operation.ts";

export const charterPropose: Operation<
  { readonly loop: string; readonly document: string; readonly person: string },
  CharterRow
> = {
  name: "charter.propose",
  summary:
    "Registers a later version beside the one in force; it takes over once every owner signed.",
  access: "owner",
  errors: [
    "loop/not-found",
    "document/invalid-shape",
    "charter/not-newer",
    "charter/version-taken",
  ],
  input: inputSchema({
    loop: LOOP_FIELD,
    document: { type: "string", minLength: 1, maxLength: 1_000_000, description: "YAML or JSON" },
    person: nameField("the email of who proposes it"),
  }),
  handler(context, { loop, document, person }) {
    const charter = parseCharter(parseDocument(document, "the charter").value);
    return proposeCharter(context.engine.context, getWiring(context, loop), charter, person);
  },
};
