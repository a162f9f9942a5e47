/** Freezes that leave no day on which anything may be done. */
import type { Charter } from "../types.ts";
import type { GapFinding } from "./finding.ts";

export function findFreezeOfAll({
  guardrails,
  effective,
  rules,
}: Charter): ReadonlyArray<GapFinding> {
  let day = effective.from;
  for (const freeze of [...guardrails.freezes].sort((a, b) => (a.from < b.from ? -1 : 1))) {
    if (freeze.from <= day && freeze.until > day) day = freeze.until;
  }
  if (day < effective.until) return [];
  return [
    {
      kind: "limit",
      severity: "warning",
      path: "/guardrails/freezes",
      message: "the freezes leave no day on which anything may be done, so no rule ever decides",
      help: "end a freeze sooner, or pause the loop instead",
      rules: rules.map(({ name }) => name),
    },
  ];
}
