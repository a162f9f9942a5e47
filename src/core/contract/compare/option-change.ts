/**
 * Options that come, go, or become something else.
 *
 * A signal names the options that the sender can live with, so an added or a removed option is a
 * change of signals. What the receiver may say of an option, its parameters, is a change of replies.
 */
import { canonicalJson } from "../../../std/canonical-json.ts";
import { quote } from "../../problem.ts";
import type { Contract, ContractOption } from "../types.ts";
import { meant, reworded, toChange } from "./change.ts";
import { schemaThing } from "./judge.ts";
import { listSchemaChanges } from "./schema-change.ts";
import type { Change } from "./types.ts";

export function listOptionChanges(before: Contract, after: Contract): Change[] {
  const changes: Change[] = [];
  const optionOf = ({ options }: Contract, name: string): [number, ContractOption | undefined] => {
    const index = options.findIndex((option) => option.name === name);
    return [index, options[index]];
  };
  const names = new Set([...before.options, ...after.options].map(({ name }) => name));
  for (const name of names) {
    const [oldIndex, was] = optionOf(before, name);
    const [index, is] = optionOf(after, name);
    if (was !== undefined && is !== undefined) {
      changes.push(...listOneOptionsChanges(was, is, `/options/${index}`));
    } else if (is !== undefined) {
      const draft = {
        path: `/options/${index}`,
        kind: "option-added",
        channel: "signal",
        before: null,
        after: name,
        words:
          `option ${quote(name)} added; a new sender may offer it, and an old receiver ` +
          `refuses a signal that does${renamedFrom(is, before, after)}`,
        counterExample: { of: "offered options", place: [], newRefusedByOld: [name] },
      } as const;
      changes.push(toChange(draft, { oldInNew: "yes", newInOld: "no" }));
    } else {
      const draft = {
        path: `/options/${oldIndex}`,
        kind: "option-removed",
        channel: "signal",
        before: name,
        after: null,
        words:
          `option ${quote(name)} removed; an old sender may still offer it, and a new receiver ` +
          "refuses a signal that does",
        counterExample: { of: "offered options", place: [], oldRefusedByNew: [name] },
      } as const;
      changes.push(toChange(draft, { oldInNew: "no", newInOld: "yes" }));
    }
  }
  return changes;
}

/** A removed option with the same parameters, which the new one may be under another name. */
function renamedFrom(option: ContractOption, before: Contract, after: Contract): string {
  const twin = before.options.find(
    (other) =>
      after.options.every(({ name }) => name !== other.name) &&
      other.kind === option.kind &&
      canonicalJson(other.parameters) === canonicalJson(option.parameters),
  );
  return twin === undefined ? "" : `; is it ${quote(twin.name)} renamed?`;
}

function listOneOptionsChanges(was: ContractOption, is: ContractOption, at: string): Change[] {
  const changes: Change[] = [];
  const name = quote(was.name);
  if (was.kind !== is.kind) {
    const words = `option ${name}: kind ${was.kind} -> ${is.kind}; the same answer now does something else`;
    changes.push(meant(`${at}/kind`, "option-kind", was.kind, is.kind, words));
  }
  if (was.reversible !== is.reversible) {
    const words = `option ${name} ${is.reversible ? "can now" : "can no longer"} be undone; charters rest on that`;
    changes.push(meant(`${at}/reversible`, "reversible", was.reversible, is.reversible, words));
  }
  const spoken = {
    at: `${at}/parameters`,
    of: `parameters of ${was.name}`,
    channel: "reply",
  } as const;
  changes.push(
    ...listSchemaChanges(schemaThing(was.parameters), schemaThing(is.parameters), spoken),
    ...reworded(
      `${at}/description`,
      `option ${name}: description`,
      was.description,
      is.description,
    ),
  );
  return changes;
}
