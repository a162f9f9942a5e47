/** What every connector checks of an intervention before it goes near a socket. */
import { InterlockError } from "../../std/errors.ts";
import type { Call, Intervention } from "../../core/port/types.ts";

/** An intervention must be for this connector: its option, and the very resource it would touch. */
export function checkIntervention(
  connector: { readonly name: string; readonly options: ReadonlyArray<string> },
  intervention: Intervention,
  resource: string,
): void {
  if (!connector.options.includes(intervention.option)) {
    throw new InterlockError(
      "connector/rejected",
      `${connector.name} cannot carry out option \`${intervention.option}\``,
      { help: `it carries out ${connector.options.join(", ")}` },
    );
  }
  if (intervention.resource !== resource) {
    throw new InterlockError(
      "connector/rejected",
      `resource \`${intervention.resource}\` is not where ${connector.name} acts for ` +
        `\`${intervention.subject}\``,
      { help: `propose it for \`${resource}\`` },
    );
  }
}

/** A numeric parameter in a closed range. */
export function numberParameter(
  intervention: Intervention,
  name: string,
  low: number,
  high: number,
): number {
  const value = intervention.parameters[name];
  if (typeof value !== "number" || !(value >= low && value <= high)) {
    throw new InterlockError(
      "connector/rejected",
      `${intervention.option}: parameter \`${name}\` must be a number from ${low} to ${high}`,
    );
  }
  return value;
}

/** Headers by which the other side's logs can be joined to the ledger. */
export function callHeaders(call: Call): Record<string, string> {
  return {
    "x-interlock-key": call.idempotencyKey,
    "x-interlock-fence": String(call.fence),
  };
}
