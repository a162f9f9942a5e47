import type { WitnessState } from "../engine/heads.ts";
import { inputSchema, nameField, type Operation } from "./operation.ts";

export const ledgerPublish: Operation<
  { readonly [key: string]: never },
  { readonly witnesses: ReadonlyArray<WitnessState> }
> = {
  name: "ledger.publish",
  summary: "Signs the head now, shows it to every witness and says what each holds against it.",
  access: "operator",
  errors: ["ledger/no-key", "ledger/other-key", "ledger/broken"],
  input: inputSchema({}),
  async handler({ engine }) {
    return { witnesses: await engine.heads.ask() };
  },
};

export const ledgerRotate: Operation<
  { readonly successor: string },
  { readonly size: number; readonly successor: string }
> = {
  name: "ledger.rotate",
  summary:
    "Hands the signing of heads over to another key: the last head that this one signs says so.",
  access: "admin",
  errors: ["ledger/no-key", "ledger/other-key", "ledger/broken", "sign/malformed"],
  input: inputSchema({ successor: nameField("the next key: ssh-ed25519 AAAA...") }),
  async handler({ engine }, { successor }) {
    const row = await engine.heads.rotate(successor);
    return { size: row?.size ?? 0, successor };
  },
};
