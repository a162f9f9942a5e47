/**
 * A notice as Block Kit has it. Everything is plain text: nothing in a signal can become a link, a mention
 * or a button.
 *
 * A question shows the whole sheet. What does not fit is never voted on unseen: then the buttons that answer
 * are left out, and the page is the way.
 */
import type { KnownBlock } from "@slack/web-api";
import type { Notice, VoteNotice } from "../../core/port/types.ts";

const HEADER_CHARS = 150;
const SECTION_CHARS = 3_000;
/** With a header, a picture and buttons, what one message holds. */
const SECTIONS_MAX = 40;
const ALT_CHARS = 2_000;

const AGREE_ACTION = "vote.agree";
const REJECT_ACTION = "vote.reject";
const LOOK_ACTION = "vote.look";

export function toBlocks({ subject, text, vote }: Notice): ReadonlyArray<KnownBlock> {
  const header: KnownBlock = { type: "header", text: plain(subject.slice(0, HEADER_CHARS)) };
  if (vote === undefined) return [header, ...split(text).slice(0, SECTIONS_MAX).map(section)];
  const parts = sheetParts(vote).flatMap(split);
  return [
    header,
    ...parts.slice(0, SECTIONS_MAX).map(section),
    ...pictureBlocks(vote),
    buttons(vote, parts.length <= SECTIONS_MAX),
  ];
}

/** The sheet, a paragraph to a section. */
function sheetParts({ sheet, picture }: VoteNotice): ReadonlyArray<string> {
  const changes = sheet.changes.map(({ place, before, after }) => `${place}: ${before} → ${after}`);
  return [
    [sheet.seen, ...sheet.facts.map(({ name, value }) => `${name}: ${value}`)].join("\n"),
    [
      "What exactly would change",
      sheet.target,
      ...(changes.length === 0 ? ["nothing would differ"] : changes),
    ].join("\n"),
    ["On what evidence", ...sheet.evidence].join("\n"),
    ...(picture === undefined ? [] : [`${picture.words}\n${picture.line}`]),
    ["Why", ...sheet.why].join("\n"),
    [`Why it needs your vote: ${sheet.rule}`, ...sheet.ruleReasons].join("\n"),
    `${sheet.deadline} ${sheet.silence}`,
  ];
}

/** Slack fetches pictures from where everybody can; without such a place the row of characters stands. */
function pictureBlocks({ picture }: VoteNotice): ReadonlyArray<KnownBlock> {
  if (picture?.url === undefined) return [];
  const alt_text = picture.words.slice(0, ALT_CHARS);
  return [{ type: "image", image_url: picture.url, alt_text }];
}

function buttons({ token, link }: VoteNotice, isWhole: boolean): KnownBlock {
  return {
    type: "actions",
    elements: [
      ...(isWhole
        ? [
            {
              type: "button" as const,
              action_id: AGREE_ACTION,
              style: "primary" as const,
              text: plain("Agree"),
              value: token,
              confirm: {
                title: plain("Agree to exactly this?"),
                text: plain("It counts once, and both departments are told."),
                confirm: plain("Agree"),
                deny: plain("Not yet"),
              },
            },
            {
              type: "button" as const,
              action_id: REJECT_ACTION,
              style: "danger" as const,
              text: plain("Reject ..."),
              value: token,
            },
          ]
        : []),
      ...(link === undefined
        ? []
        : [
            {
              type: "button" as const,
              action_id: LOOK_ACTION,
              text: plain(isWhole ? "Look at it" : "Too long for Slack: look, and answer"),
              url: link,
            },
          ]),
    ],
  };
}

function plain(words: string) {
  return { type: "plain_text" as const, text: words, emoji: false };
}

function section(part: string): KnownBlock {
  return { type: "section", text: plain(part) };
}

function split(text: string): ReadonlyArray<string> {
  const parts: string[] = [];
  for (let at = 0; at < text.length; at += SECTION_CHARS) {
    parts.push(text.slice(at, at + SECTION_CHARS));
  }
  return parts;
}
