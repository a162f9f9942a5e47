/**
 * A notice as an Adaptive Card, in the version that Teams takes from a webhook today.
 *
 * Teams reads a little Markdown in every text, so what comes from outside is written with its signs taken
 * out of force: nothing in a signal can become a link. What does not fit into a message is left to the page,
 * and the card says so.
 */
import type { Notice, VoteNotice } from "../../core/port/types.ts";

export const CARD_VERSION = "1.5";
/** Of a message with everything around it; Teams takes 28 KB. */
export const MESSAGE_BYTES_MAX = 28 * 1024;
/** For what is written around the parts that may be cut. */
const TEXT_BYTES_MAX = 20 * 1024;

export type CardElement = { readonly type: string; readonly [field: string]: unknown };

/** Whether everybody in the place that it is sent to reads it, or one person alone. */
export type Readers = "one" | "many";

export function toMessage(notice: Notice, readers: Readers): object {
  const { subject, text, vote, id, thread } = notice;
  const budget = new Budget(TEXT_BYTES_MAX);
  const body: CardElement[] = [
    { type: "TextBlock", text: escape(subject), wrap: true, size: "Large", weight: "Bolder" },
    ...(vote === undefined
      ? text.split(/\n{2,}/).flatMap((part) => budget.take([block(part)], part))
      : sheetElements(vote, budget)),
    ...(budget.isOver ? [block("Not everything fits here: the page shows the whole.")] : []),
    // Teams has no threads for webhooks: a notice says which one it belongs to.
    ...(id === thread ? [] : [{ ...block(`Belongs to ${thread}`), isSubtle: true, size: "Small" }]),
    { ...block(`Notice ${id}`), isSubtle: true, size: "Small" },
  ];
  const url = vote && (readers === "one" ? vote.link : vote.casePage);
  const title = readers === "one" ? "Look, and vote" : "Sign in, look, and vote";
  return {
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: CARD_VERSION,
          fallbackText: escape(subject),
          msteams: { width: "Full" },
          body,
          ...(url === undefined ? {} : { actions: [{ type: "Action.OpenUrl", title, url }] }),
        },
      },
    ],
  };
}

function sheetElements({ sheet, picture }: VoteNotice, budget: Budget): ReadonlyArray<CardElement> {
  const changes = sheet.changes.map(({ place, before, after }) => `${place}: ${before} → ${after}`);
  return [
    block(sheet.seen),
    {
      type: "FactSet",
      facts: [...sheet.facts, { name: "Rule", value: sheet.rule }].map(({ name, value }) => ({
        title: name,
        value: escape(value),
      })),
    },
    { ...block(`${sheet.deadline} ${sheet.silence}`), weight: "Bolder" },
    heading("What exactly would change"),
    block(sheet.target),
    ...changes.flatMap((line) => budget.take([{ ...block(line), fontType: "Monospace" }], line)),
    heading("On what evidence"),
    ...pictureElements(picture),
    ...lines(sheet.evidence, budget),
    heading("Why"),
    ...lines(sheet.why, budget),
    heading("Why it needs your vote"),
    ...lines(sheet.ruleReasons, budget),
  ];
}

/** Teams fetches pictures from where everybody can; without such a place a row of characters stands. */
function pictureElements(picture: VoteNotice["picture"]): ReadonlyArray<CardElement> {
  if (picture === undefined) return [];
  const { url, words, line } = picture;
  return url === undefined
    ? [block(words), { ...block(line), fontType: "Monospace" }]
    : [
        { type: "Image", url, altText: words, size: "Stretch" },
        { ...block(words), isSubtle: true },
      ];
}

function lines(said: ReadonlyArray<string>, budget: Budget): ReadonlyArray<CardElement> {
  return said.flatMap((line) => budget.take([block(line)], line));
}

function heading(text: string): CardElement {
  return { ...block(text), weight: "Bolder", separator: true };
}

function block(text: string): CardElement {
  return { type: "TextBlock", text: escape(text), wrap: true };
}

/** Signs that Markdown would read; a line's first ones too. */
function escape(text: string): string {
  return text
    .replaceAll(/[\\`*_{}[\]()#!|>~]/g, (sign) => `\\${sign}`)
    .replaceAll(/^([-+]|\d+\.)/gm, (sign) => `\\${sign}`);
}

/** Elements are taken while their text fits; after the first that does not, none is. */
class Budget {
  isOver = false;
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(elements: ReadonlyArray<CardElement>, text: string): ReadonlyArray<CardElement> {
    // Escaped, and with the element around it.
    this.#left -= new TextEncoder().encode(escape(text)).length + 60;
    this.isOver ||= this.#left < 0;
    return this.isOver ? [] : elements;
  }
}
