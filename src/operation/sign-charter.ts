import { signCharter } from "../engine/loops.ts";
import { listSignatures, type Signature } from "../store/table/charter.ts";
import { charterHash } from "../core/charter/parse.ts";
import { getWiring, inputSchema, LOOP_FIELD, nameField, type Operation } from "./operation.ts";

export type CharterSigned = {
  readonly charter: string;
  readonly signatures: ReadonlyArray<Signature>;
};

export const charterSign: Operation<
  { readonly loop: string; readonly party: string; readonly person: string },
  CharterSigned
> = {
  name: "charter.sign",
  summary: "Records one owner's signature under the loop's present charter.",
  access: "owner",
  errors: ["loop/not-found", "charter/not-in-force"],
  input: inputSchema({
    loop: LOOP_FIELD,
    party: nameField("the department that signs"),
    person: nameField("the email of its owner"),
  }),
  async handler(context, { loop, party, person }) {
    const wiring = getWiring(context, loop);
    await signCharter(context.engine.context, wiring, party, person);
    const charter = charterHash(wiring.charter);
    return {
      charter,
      signatures: await listSignatures(context.engine.context.driver, charter),
    };
  },
};
