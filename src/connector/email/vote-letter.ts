/** A question in HTML, as mail programs show it: the sheet, the picture in the letter, and a way to answer. */
import { renderSheetHtml } from "../../core/case/sheet-html.ts";
import { REPLY_WORDS } from "../../core/case/vote-request.ts";
import { escapeHtml } from "../../core/html.ts";
import type { VoteNotice } from "../../core/port/types.ts";

/** Names the picture within its letter, and in it alone. */
const PICTURE_ID = "evidence@interlock";

const STYLE = `
body { font: 16px/1.5 sans-serif; max-width: 44rem; }
h1 { font-size: 1.3rem; } h2 { font-size: 1rem; margin-bottom: .25rem; }
table { border-collapse: collapse; }
td, th { border-bottom: 1px solid #ccc; padding: .3rem .8rem .3rem 0; }
td, th { text-align: left; vertical-align: top; }
img { max-width: 100%; height: auto; }
a.answer { display: inline-block; padding: .6rem 1.2rem; border-radius: .4rem; }
a.answer { background: #0a6b4f; color: #fff; font-weight: bold; text-decoration: none; }
`;

export type VoteLetter = {
  readonly html: string;
  readonly attachments: Array<{
    readonly filename: string;
    readonly content: Buffer;
    readonly contentType: string;
    readonly contentDisposition: "inline";
    readonly cid: string;
  }>;
};

export function renderVoteLetter({ sheet, picture, link, replyTo }: VoteNotice): VoteLetter {
  const shown = picture && { src: `cid:${PICTURE_ID}`, words: picture.words };
  const html = [
    "<!doctype html>",
    `<html lang="en"><head><meta charset="utf-8"><style>${STYLE}</style></head><body>`,
    renderSheetHtml(sheet, shown),
    ...(link === undefined
      ? []
      : [`<p><a class="answer" href="${escapeHtml(link)}">Look again, and vote</a></p>`]),
    ...(replyTo === undefined ? [] : [`<p>${escapeHtml(REPLY_WORDS)}</p>`]),
    "<p><small>Opening the page decides nothing. This letter is for you alone: whoever has it votes as ",
    `you, once, on exactly this change. Case ${escapeHtml(sheet.case)}.</small></p>`,
    "</body></html>",
  ].join("\n");
  return {
    html,
    attachments:
      picture === undefined
        ? []
        : [
            {
              filename: "evidence.png",
              content: Buffer.from(picture.png),
              contentType: "image/png",
              contentDisposition: "inline",
              cid: PICTURE_ID,
            },
          ],
  };
}
