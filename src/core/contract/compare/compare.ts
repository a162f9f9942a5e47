/**
 * Two versions of a contract: what changed, whom it concerns, and in which order the two departments
 * can move without a signal or an answer being refused on the way.
 *
 * A contract is heard in two directions. Signals go from sender to receiver; replies, with the chosen
 * option and its parameters, go back to the sender's side, the charter and the connectors. Moving the
 * receiver first is safe (**backward**) when the new receiver takes every old signal and the old sender's
 * side takes every new reply. Moving the sender first is safe (**forward**) when the old receiver takes
 * every new signal and the new sender's side takes every old reply. Both: **full**. Neither: **breaking**.
 *
 * SOUNDNESS: "compatible" is only said where it is proved (see `solve.ts`). What cannot be shown counts
 * as incompatible and says so.
 */
import { canonicalJson, type Json } from "../../../std/canonical-json.ts";
import { quote } from "../../problem.ts";
import { contractHash } from "../parse.ts";
import { ID_LENGTH_MAX } from "../signal.ts";
import type { Contract, ContractOption } from "../types.ts";
import type { Inclusion } from "./include.ts";
import { type Directions, judgeThing, payloadThing, schemaThing, type Thing } from "./judge.ts";
import { listMeaningChanges } from "./meaning.ts";
import { computeOrder, needOf, verdictOf } from "./order.ts";
import type { Change, Channel, Comparison, CounterExample, Held, Party } from "./types.ts";
import { bumpBetween, isEnough } from "./version.ts";

export function compareContracts(before: Contract, after: Contract): Comparison {
  const changes = [
    ...listPartyChanges(before, after),
    ...listSubjectChanges(before, after),
    ...listPayloadChanges(before, after),
    ...listOptionChanges(before, after),
    ...listConfidenceChanges(before, after),
    ...listExpiryChanges(before, after),
    ...listWordChanges(before, after),
  ];
  const verdict = verdictOf(changes);
  const isSame = contractHash(before) === contractHash(after);
  const bump = isSame ? "none" : needOf(verdict, changes);
  const declared = bumpBetween(before.version, after.version);
  const { parties, words } = computeOrder(verdict, changes);
  return {
    contract: after.name,
    from: before.version,
    to: after.version,
    verdict,
    bump,
    declared: { bump: declared, enough: isEnough(declared, bump) },
    words,
    changes,
    parties,
  };
}

type Draft = {
  readonly path: string;
  readonly kind: string;
  readonly channel: Channel;
  readonly before: Json;
  readonly after: Json;
  readonly words: string;
  readonly counterExample?: CounterExample;
};

const BOTH_HELD = { oldInNew: "yes", newInOld: "yes" } as const;
const NONE_HELD = { oldInNew: "no", newInOld: "no" } as const;

type HeldDirections = { readonly oldInNew: Held; readonly newInOld: Held };

/** Replies are read by the other party, so for them the two directions change places. */
function toChange(draft: Draft, { oldInNew, newInOld }: HeldDirections): Change {
  const effect =
    draft.channel === "reply"
      ? { backward: newInOld, forward: oldInNew }
      : { backward: oldInNew, forward: newInOld };
  return {
    path: draft.path,
    kind: draft.kind,
    channel: draft.channel,
    before: draft.before,
    after: draft.after,
    effect,
    party: partyOf(effect),
    words: draft.words,
    ...(draft.counterExample === undefined ? {} : { counterExample: draft.counterExample }),
  };
}

function partyOf({ backward, forward }: Change["effect"]): Party | null {
  if (backward === "yes") return forward === "yes" ? null : "receiver";
  return forward === "yes" ? "sender" : "both";
}

function reworded(path: string, what: string, before: string, after: string): Change[] {
  if (before === after) return [];
  const words = `${what} reworded`;
  return [toChange({ path, kind: "note", channel: "words", before, after, words }, BOTH_HELD)];
}

function meant(path: string, kind: string, before: Json, after: Json, words: string): Change {
  return toChange({ path, kind, channel: "meaning", before, after, words }, NONE_HELD);
}

function listPartyChanges(before: Contract, after: Contract): Change[] {
  const changes: Change[] = [];
  if (before.name !== after.name) {
    const words = `${quote(before.name)} and ${quote(after.name)} are two contracts, not two versions`;
    changes.push(meant("/name", "name", before.name, after.name, words));
  }
  for (const party of ["sender", "receiver"] as const) {
    const [was, is] = [before[party].department, after[party].department];
    if (was === is) continue;
    const words = `the ${party} was ${quote(was)} and is ${quote(is)}: another department`;
    changes.push(meant(`/${party}/department`, "party", was, is, words));
  }
  return changes;
}

function listSubjectChanges({ subject: before }: Contract, { subject: after }: Contract): Change[] {
  const changes: Change[] = [];
  if (before.kind !== after.kind) {
    const words = `signals were about a ${quote(before.kind)} and are about a ${quote(after.kind)}`;
    changes.push(meant("/subject/kind", "subject", before.kind, after.kind, words));
  }
  if (before.pattern !== after.pattern) {
    const [was, is] = [before.pattern, after.pattern].map((pattern) =>
      schemaThing({ type: "string", minLength: 1, maxLength: ID_LENGTH_MAX, pattern }),
    ) as [Thing, Thing];
    const { whole } = judgeThing(was, is);
    const draft = {
      path: "/subject/pattern",
      kind: "pattern",
      channel: "signal",
      before: before.pattern,
      after: after.pattern,
      words: `subject: pattern changed; ${sayDirections(whole)}`,
      ...exampleOf("subject", whole),
    } as const;
    changes.push(toChange(draft, heldOf(whole)));
  }
  return [
    ...changes,
    ...reworded(
      "/subject/description",
      "the subject's description",
      before.description,
      after.description,
    ),
  ];
}

function heldOf({ oldInNew, newInOld }: Directions): HeldDirections {
  return { oldInNew: oldInNew.kind, newInOld: newInOld.kind };
}

function exampleOf(
  of: string,
  directions: Directions,
  place: ReadonlyArray<string> = [],
): { counterExample?: CounterExample } {
  const value = (inclusion: Inclusion): Json | undefined =>
    inclusion.kind === "no" ? inclusion.counterExample : undefined;
  const [old, now] = [value(directions.oldInNew), value(directions.newInOld)];
  if (old === undefined && now === undefined) return {};
  return {
    counterExample: {
      of,
      place,
      ...(old === undefined ? {} : { oldRefusedByNew: old }),
      ...(now === undefined ? {} : { newRefusedByOld: now }),
    },
  };
}

/** Wider, narrower, other; and why not, where it cannot be shown. */
function sayDirections({ oldInNew, newInOld }: Directions): string {
  const doubt = [oldInNew, newInOld].find((inclusion) => inclusion.kind === "unknown");
  if (doubt?.kind === "unknown") return `cannot be shown compatible: ${doubt.why}`;
  if (oldInNew.kind === "yes") {
    return newInOld.kind === "yes" ? "the same values as before" : "allows more than before";
  }
  return newInOld.kind === "yes" ? "allows less than before" : "allows other values than before";
}

type Spoken = { readonly at: string; readonly of: string; readonly channel: "signal" | "reply" };

/** Every change of one schema, with what it does, and units. */
function listSchemaChanges(before: Thing, after: Thing, spoken: Spoken): Change[] {
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

function listPayloadChanges(before: Contract, after: Contract): Change[] {
  return listSchemaChanges(payloadThing(before), payloadThing(after), {
    at: "/payload",
    of: "payload",
    channel: "signal",
  });
}

function listOptionChanges(before: Contract, after: Contract): Change[] {
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

function listConfidenceChanges(before: Contract, after: Contract): Change[] {
  const [was, is] = [before.confidence, after.confidence];
  const changes: Change[] = [];
  if (plainWords(was.meaning) !== plainWords(is.meaning)) {
    const words =
      "confidence is said to mean something else; if only the wording changed, keep the old wording";
    changes.push(meant("/confidence/meaning", "confidence", was.meaning, is.meaning, words));
  } else {
    changes.push(...reworded("/confidence/meaning", "confidence", was.meaning, is.meaning));
  }
  changes.push(
    ...reworded("/confidence/calibration", "calibration", was.calibration, is.calibration),
    ...limitChange(was.thresholds.signal, is.thresholds.signal, {
      path: "/confidence/thresholds/signal",
      channel: "signal",
      what: "the least confidence of a signal",
      of: "confidence",
      widens: "down",
    }),
    ...limitChange(was.thresholds.act, is.thresholds.act, {
      path: "/confidence/thresholds/act",
      channel: "reply",
      what: "the least confidence to act on",
      of: "confidence of a signal that is acted on",
      widens: "down",
    }),
  );
  return changes;
}

/** The same sentence, apart from case, spaces and punctuation. */
function plainWords(text: string): string {
  return text
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}<>=%.+-]+/gu, " ")
    .replaceAll(/\.(?=\s|$)/g, "")
    .trim();
}

function listExpiryChanges({ expiry: was }: Contract, { expiry: is }: Contract): Change[] {
  return limitChange(was.afterHours, is.afterHours, {
    path: "/expiry/afterHours",
    channel: "signal",
    what: "the longest that a signal stays open, in hours",
    of: "hours from sentAt to expiresAt",
    widens: "up",
  });
}

type Limit = {
  readonly path: string;
  readonly channel: "signal" | "reply";
  readonly what: string;
  readonly of: string;
  /** In which direction the limit lets more through. */
  readonly widens: "up" | "down";
};

function limitChange(
  was: number,
  is: number,
  { path, channel, what, of, widens }: Limit,
): Change[] {
  if (was === is) return [];
  const isWider = is > was === (widens === "up");
  // The limit itself is allowed by the version that sets it, and by the wider one only.
  const counterExample = isWider
    ? { of, place: [], newRefusedByOld: is }
    : { of, place: [], oldRefusedByNew: was };
  const more = isWider ? "allows more than before" : "allows less than before";
  const words = `${what}: ${was} -> ${is}; ${more}`;
  const draft = { path, kind: "limit", channel, before: was, after: is, words, counterExample };
  return [toChange(draft, { oldInNew: isWider ? "yes" : "no", newInOld: isWider ? "no" : "yes" })];
}

function listWordChanges(before: Contract, after: Contract): Change[] {
  const evidence = after.evidence.required.flatMap((item, i) => {
    const old = before.evidence.required.find(({ path }) => path === item.path);
    const at = `/evidence/required/${i}`;
    return old === undefined
      ? []
      : [
          ...reworded(`${at}/name`, `evidence ${item.path}: name`, old.name, item.name),
          ...reworded(`${at}/why`, `evidence ${item.path}: reason`, old.why, item.why),
        ];
  });
  return [
    ...reworded("/title", "the title", before.title, after.title),
    ...reworded("/description", "the description", before.description, after.description),
    ...evidence,
  ];
}
