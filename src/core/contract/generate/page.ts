/**
 * The contract's documentation, once: what is said, in which order, in which tables. `markdown.ts` and
 * `html.ts` only write it down.
 *
 * It answers the questions of someone of the other department, in the order in which they ask: what is
 * this, what does it say, in what units, what can I answer, how sure is it, what is it based on, how
 * long is it true, and what does one look like.
 */
import type { Json } from "../../../std/canonical-json.ts";
import { contractHash } from "../parse.ts";
import type { Contract, ContractOption } from "../types.ts";
import { exampleSignals } from "./examples.ts";
import { type FieldGroup, type FieldRow, listFieldGroups } from "./fields.ts";
import { oneLine } from "./names.ts";

/** Prose, or something to be set as code. */
export type Span = string | { readonly code: string };
export type Inline = ReadonlyArray<Span>;

export type Block =
  | { readonly kind: "paragraph"; readonly text: Inline }
  | {
      readonly kind: "table";
      readonly caption: string;
      readonly head: ReadonlyArray<string>;
      readonly rows: ReadonlyArray<ReadonlyArray<Inline>>;
    }
  /** Neighbouring stretches of 0..1, each with its meaning. */
  | {
      readonly kind: "scale";
      readonly label: string;
      readonly parts: ReadonlyArray<{ readonly to: number; readonly means: string }>;
    }
  | { readonly kind: "code"; readonly label: string; readonly text: string };

export type Section = {
  readonly id: string;
  readonly title: Inline;
  readonly blocks: ReadonlyArray<Block>;
  readonly parts: ReadonlyArray<Section>;
};

export type Page = {
  readonly title: string;
  readonly name: string;
  readonly version: string;
  readonly lead: string;
  readonly hash: string;
  readonly facts: ReadonlyArray<readonly [string, Inline]>;
  readonly sections: ReadonlyArray<Section>;
};

const code = (text: string): Span => ({ code: text });
const say = (...spans: ReadonlyArray<Span>): Block => ({ kind: "paragraph", text: spans });

export function contractToPage(contract: Contract): Page {
  const { sender, receiver, expiry } = contract;
  return {
    title: oneLine(contract.title),
    name: contract.name,
    version: contract.version,
    lead: oneLine(contract.description),
    hash: contractHash(contract),
    facts: [
      ["From", [sender.department]],
      ["To", [receiver.department]],
      ["About", [`one ${contract.subject.kind}`]],
      ["Open for at most", [hoursToText(expiry.afterHours)]],
      ["Hash", [code(contractHash(contract))]],
    ],
    sections: [
      subjectSection(contract),
      payloadSection(contract),
      optionsSection(contract),
      confidenceSection(contract),
      evidenceSection(contract),
      expirySection(contract),
      exampleSection(contract),
    ],
  };
}

function section(
  id: string,
  title: string | Inline,
  blocks: ReadonlyArray<Block>,
  parts: ReadonlyArray<Section> = [],
): Section {
  return { id, title: typeof title === "string" ? [title] : title, blocks, parts };
}

function subjectSection({ subject }: Contract): Section {
  return section("subject", "What it is about", [
    say(`One signal is about one ${oneLine(subject.kind)}. ${sentence(subject.description)}`),
    say("Every id matches ", code(subject.pattern), "."),
  ]);
}

function payloadSection({ payload }: Contract): Section {
  const [whole, ...parts] = listFieldGroups(payload);
  const lead = say(
    "What a signal carries. Fields marked ",
    code("*"),
    " are required. A unit of ",
    code("1"),
    " is a plain ratio: 0.03 is three in a hundred.",
  );
  const blocks = whole === undefined ? [] : groupBlocks(whole, "Fields of the payload");
  return section(
    "payload",
    "What it says",
    [lead, ...blocks],
    parts.map((group, i) =>
      section(
        `payload-${i + 1}`,
        [code(group.path)],
        [
          ...(group.description === "" ? [] : [say(sentence(group.description))]),
          ...groupBlocks(group, `Fields of ${group.path}`),
        ],
      ),
    ),
  );
}

function groupBlocks(group: FieldGroup, caption: string): ReadonlyArray<Block> {
  const blocks: Block[] = [];
  if (group.rows.length > 0) {
    blocks.push({
      kind: "table",
      caption,
      head: ["Field", "What it is", "Type", "Unit", "Allowed"],
      rows: group.rows.map(rowCells),
    });
  }
  if (group.notes.length > 0) blocks.push(say(group.notes.join(" ")));
  for (const { about, rule } of group.rules) {
    blocks.push(say("For ", code(about), " this rule of JSON Schema holds as well:"));
    blocks.push({ kind: "code", label: `Rule for ${about}`, text: JSON.stringify(rule, null, 2) });
  }
  return blocks;
}

function rowCells(row: FieldRow): ReadonlyArray<Inline> {
  const about = [sentence(row.description)];
  if (row.denominator !== "") about.push(`Out of ${sentence(row.denominator, true)}`);
  if (row.isDeprecated) about.push("Deprecated.");
  return [
    row.isRequired ? [code(row.name), " *"] : [code(row.name)],
    [about.filter((words) => words !== "").join(" ")],
    [row.type],
    row.unit === "" || row.unit === "none" ? ["–"] : [row.unit],
    allowedOf(row),
  ];
}

function allowedOf(row: FieldRow): Inline {
  const spans: Span[] = [];
  const next = (...more: ReadonlyArray<Span>): void => {
    if (spans.length > 0) spans.push(", ");
    spans.push(...more);
  };
  for (const value of row.values ?? []) next(code(valueToText(value)));
  for (const words of row.limits) next(words);
  if (row.pattern !== "") next("matches ", code(row.pattern));
  return spans.length === 0 ? ["–"] : spans;
}

function valueToText(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

const KINDS: Record<ContractOption["kind"], string> = {
  act: "acts outside",
  none: "changes nothing",
  "hand-back": "returns the case",
};

function optionsSection({ options, receiver }: Contract): Section {
  const overview: Block = {
    kind: "table",
    caption: "The options",
    head: ["Option", "What happens", "Kind", "Can be undone"],
    rows: options.map((option) => [
      [code(option.name)],
      [sentence(option.description)],
      [KINDS[option.kind]],
      [option.kind === "act" ? (option.reversible ? "yes" : "no") : "–"],
    ]),
  };
  const lead = `What ${receiver.department} may answer. Nothing else can be proposed.`;
  const parts = options.flatMap((option, i) => {
    const groups = listFieldGroups(option.parameters);
    if (groups.every(({ rows, rules }) => rows.length === 0 && rules.length === 0)) return [];
    const blocks = groups.flatMap((group) =>
      groupBlocks(group, `Parameters of ${[option.name, group.path].filter(Boolean).join(" ")}`),
    );
    return [section(`option-${i + 1}`, [code(option.name)], blocks)];
  });
  return section("options", "What may be answered", [say(lead), overview], parts);
}

function confidenceSection({ confidence, sender, receiver }: Contract): Section {
  const { signal, act } = confidence.thresholds;
  const parts = [
    { to: signal, means: `${sender.department} stays silent` },
    { to: act, means: `${receiver.department} may only hand back or do nothing` },
    { to: 1, means: `${receiver.department} may act` },
  ];
  return section("confidence", "How sure it is", [
    say(sentence(confidence.meaning)),
    {
      kind: "scale",
      label: "What each confidence allows",
      parts: parts.filter(({ to }, i) => to > (parts[i - 1]?.to ?? 0)),
    },
    say(`How it is kept honest: ${sentence(confidence.calibration)}`),
  ]);
}

function evidenceSection({ evidence }: Contract): Section {
  if (evidence.required.length === 0) {
    return section("evidence", "What it is based on", [say("No evidence is required.")]);
  }
  return section("evidence", "What it is based on", [
    say("A signal without one of these is refused."),
    {
      kind: "table",
      caption: "Required evidence",
      head: ["Evidence", "Where", "What for"],
      rows: evidence.required.map(({ name, path, why }) => [
        [oneLine(name)],
        [code(path)],
        [sentence(why)],
      ]),
    },
  ]);
}

function expirySection({ expiry }: Contract): Section {
  const text =
    `A signal is open for at most ${hoursToText(expiry.afterHours)} after it was sent, or until its own ` +
    "expiresAt if that is sooner. After that nobody acts on it, and its case closes as expired.";
  return section("expiry", "How long it is true", [say(text)]);
}

function exampleSection(contract: Contract): Section {
  const [first] = exampleSignals(contract);
  if (first === undefined) {
    return section("example", "What one looks like", [
      say("No example could be made from the schema alone."),
    ]);
  }
  return section("example", "What one looks like", [
    say("Made from the schema: valid, not real."),
    { kind: "code", label: "An example signal", text: JSON.stringify(first, null, 2) },
  ]);
}

function hoursToText(hours: number): string {
  const days = hours / 24;
  return Number.isInteger(days) && days > 1 ? `${days} days (${hours} hours)` : `${hours} hours`;
}

/** With a capital (unless it starts with a name such as `ndr_rate`) and a full stop. */
function sentence(words: string, isInside = false): string {
  const text = oneLine(words);
  if (text === "") return "";
  const isWord = !isInside && /^[a-z]+(?:\s|$|[,;])/.test(text);
  const head = isWord ? text.charAt(0).toUpperCase() + text.slice(1) : text;
  return /[.!?:]$/.test(head) ? head : `${head}.`;
}
