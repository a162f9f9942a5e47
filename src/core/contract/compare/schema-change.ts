/**
 * The changes of one schema, a payload's or an option's parameters: each alone in its place, all
 * together, and the units.
 */
import { canonicalJson } from "../../../std/canonical-json.ts";
import { quote } from "../../problem.ts";
import { BOTH_HELD, exampleOf, heldOf, NONE_HELD, sayDirections, toChange } from "./change.ts";
import type { Inclusion } from "./include.ts";
import { type Directions, judgeThing, type Thing } from "./judge.ts";
import { listMeaningChanges } from "./meaning.ts";
import type { Change } from "./types.ts";

/** Where the schema stands in the contract, what its values are called, and who says them. */
type Spoken = { readonly at: string; readonly of: string; readonly channel: "signal" | "reply" };

/** Every change of one schema, with what it does, and units. */
export function listSchemaChanges(before: Thing, after: Thing, spoken: Spoken): Change[] {
  if (canonicalJson(before.schema) === canonicalJson(after.schema)) {
    if (canonicalJson(before.also) === canonicalJson(after.also)) return [];
  }
  const { whole, edits, demands } = judgeThing(before, after);
  const changes: Change[] = [];
  /** All together decides: what one change takes away, another may give back. */
  const settle = ({ oldInNew, newInOld }: Directions): Directions => ({
    oldInNew: whole.oldInNew.kind === "yes" ? whole.oldInNew : oldInNew,
    newInOld: whole.newInOld.kind === "yes" ? whole.newInOld : newInOld,
  });
  for (const { edit, directions } of edits) {
    const settled = settle(directions);
    const isNote = edit.kind === "note";
    const draft = {
      path: `${spoken.at}${edit.path}`,
      kind: edit.kind,
      channel: isNote ? "words" : spoken.channel,
      before: edit.before,
      after: edit.after,
      words: isNote ? edit.words : `${edit.words}; ${sayDirections(settled)}`,
      ...exampleOf(spoken.of, checked(settled, before, after), edit.place),
    } as const;
    changes.push(toChange(draft, heldOf(settled)));
  }
  for (const { demand, isNew, directions } of demands) {
    const settled = settle(directions);
    const draft = {
      path: "/evidence/required",
      kind: isNew ? "evidence-added" : "evidence-removed",
      channel: spoken.channel,
      before: isNew ? null : demand.path,
      after: isNew ? demand.path : null,
      words:
        `the evidence ${quote(demand.name)} (${demand.path}) is ` +
        `${isNew ? "now" : "no longer"} required; ${sayDirections(settled)}`,
      ...exampleOf(spoken.of, checked(settled, before, after), demand.path.split("/").slice(1)),
    } as const;
    changes.push(toChange(draft, heldOf(settled)));
  }
  changes.push(...listInterplay(whole, changes, before, after, spoken));
  for (const change of listMeaningChanges(before.schema, after.schema)) {
    const draft = {
      path: `${spoken.at}${change.path}`,
      kind: change.kind,
      channel: "meaning",
      before: change.before === "" ? null : change.before,
      after: change.after === "" ? null : change.after,
      words: change.words,
    } as const;
    changes.push(toChange(draft, change.breaks ? NONE_HELD : BOTH_HELD));
  }
  return changes;
}

/** An example of one change alone is shown only if the versions as they stand part on it too. */
function checked({ oldInNew, newInOld }: Directions, before: Thing, after: Thing): Directions {
  const keep = (inclusion: Inclusion, first: Thing, second: Thing): Inclusion =>
    inclusion.kind === "no" &&
    !(first.accepts(inclusion.counterExample) && !second.accepts(inclusion.counterExample))
      ? { kind: "unknown", why: "" }
      : inclusion;
  return { oldInNew: keep(oldInNew, before, after), newInOld: keep(newInOld, after, before) };
}

/** Where no change alone accounts for a difference, or for its example, the whole does. */
function listInterplay(
  whole: Directions,
  changes: ReadonlyArray<Change>,
  before: Thing,
  after: Thing,
  { at, of, channel }: Spoken,
): Change[] {
  const sideOf =
    channel === "reply"
      ? ({ old: "forward", now: "backward" } as const)
      : ({ old: "backward", now: "forward" } as const);
  const isOpen = (inclusion: Inclusion, side: "backward" | "forward", shown: boolean): boolean =>
    inclusion.kind !== "yes" &&
    !shown &&
    (inclusion.kind === "no" || changes.every(({ effect }) => effect[side] === "yes"));
  const shows = (side: "oldRefusedByNew" | "newRefusedByOld"): boolean =>
    changes.some(({ counterExample }) => counterExample?.[side] !== undefined);
  const openOld = isOpen(whole.oldInNew, sideOf.old, shows("oldRefusedByNew"));
  const openNew = isOpen(whole.newInOld, sideOf.now, shows("newRefusedByOld"));
  if (!openOld && !openNew) return [];
  const directions: Directions = {
    oldInNew: openOld ? whole.oldInNew : { kind: "yes" },
    newInOld: openNew ? whole.newInOld : { kind: "yes" },
  };
  const draft = {
    path: at,
    kind: "together",
    channel,
    before: before.schema,
    after: after.schema,
    words: `the ${of}, all changes together; ${sayDirections(directions)}`,
    ...exampleOf(of, directions),
  } as const;
  return [toChange(draft, heldOf(directions))];
}
