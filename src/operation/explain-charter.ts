import { charterHash, parseCharter } from "../core/charter/parse.ts";
import { MONEY_PATTERN } from "../core/charter/money-text.ts";
import type { Verdict } from "../core/charter/types.ts";
import { explainWhatIf, type WhatIf } from "../core/charter/what-if.ts";
import { parseDocument } from "../core/document.ts";
import { readFactsAtRest } from "../engine/facts-at-rest.ts";
import { getLoopTerms } from "../engine/terms.ts";
import {
  getWiring,
  inputSchema,
  instantField,
  LOOP_FIELD,
  nameField,
  type Operation,
} from "./operation.ts";

const SHARE = { type: "number", minimum: 0, maximum: 1 } as const;

export const charterExplain: Operation<{ readonly loop: string } & WhatIf, Verdict> = {
  name: "charter.explain",
  summary: "The verdict on a what-if under a loop's charter and its facts of this moment.",
  access: "viewer",
  errors: ["loop/not-found"],
  input: inputSchema(
    {
      loop: LOOP_FIELD,
      option: nameField("the option, such as exclude_geo"),
      value: { type: "string", pattern: MONEY_PATTERN, description: "value at stake: INR 40000" },
      confidence: { ...SHARE, description: "of the signal" },
      subjects: { type: "integer", minimum: 1, description: "subjects touched" },
      shareOfOrders: { ...SHARE, description: "of all orders" },
      shareOfSpend: { ...SHARE, description: "of all ad spend" },
      standingDays: { type: "integer", minimum: 1, maximum: 366, description: "days it stands" },
      irreversible: { type: "boolean", description: "it cannot be undone" },
      at: instantField("the instant of the verdict"),
    },
    ["confidence", "subjects", "shareOfOrders", "shareOfSpend", "standingDays", "irreversible"],
  ),
  async handler(context, { loop, ...said }) {
    getWiring(context, loop);
    const { driver } = context.engine.context;
    const terms = await getLoopTerms(driver, loop);
    const facts = await readFactsAtRest(driver, terms, said.at);
    return explainWhatIf(terms.charter, terms.charterHash, said, facts);
  },
};

/** Needs no store and no engine: a charter from a file, with its caps untouched. */
export function explainCharterText(text: string, name: string, said: WhatIf): Verdict {
  const charter = parseCharter(parseDocument(text, name).value);
  return explainWhatIf(charter, charterHash(charter), said);
}
