/**
 * The page behind the link of a letter that asks for a vote: what exactly would change, why, under which
 * rule, until when, and a form. Plain HTML, no script; it is read on a telephone.
 */
import { createHash } from "node:crypto";
import { renderSheetHtml, type ShownPicture } from "../../core/case/sheet-html.ts";
import { REJECT_REASONS, type RejectReason } from "../../core/case/types.ts";
import { escapeHtml } from "../../core/html.ts";
import type { Asked } from "../../engine/votes.ts";

const REASON_WORDS: Record<RejectReason, string> = {
  "evidence-wrong": "the evidence is wrong",
  "target-wrong": "it is the wrong place or the wrong answer",
  "too-costly": "it costs too much",
  "bad-moment": "not now",
  "handled-otherwise": "we deal with it in another way",
  other: "another reason",
};

const STYLE = `
:root { color-scheme: light dark; --line: #8884; --accent: #0a6b4f; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 44rem; padding: 1rem; }
h1 { font-size: 1.3rem; line-height: 1.25; }
h2 { font-size: 1rem; margin: 1.5rem 0 .25rem; }
img { max-width: 100%; height: auto; background: #fff; border-radius: .4rem; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; }
td, th { border-bottom: 1px solid var(--line); padding: .3rem .5rem .3rem 0; }
td, th { text-align: left; vertical-align: top; overflow-wrap: anywhere; }
ul { margin: .25rem 0; padding-left: 1.2rem; }
fieldset { border: 1px solid var(--line); border-radius: .5rem; margin: 1.5rem 0; padding: 1rem; }
label { display: block; margin: .4rem 0; }
textarea, select { width: 100%; box-sizing: border-box; font: inherit; padding: .4rem; }
button { font: inherit; font-weight: 600; padding: .6rem 1.2rem; border: 0; border-radius: .4rem; }
button { background: var(--accent); color: #fff; }
small { opacity: .7; }
.note { border-left: .25rem solid var(--accent); padding: .3rem .8rem; }
`;

/** No script, no picture but the one in the page itself, nothing from elsewhere, in no frame. */
export const PAGE_HEADERS = {
  "content-security-policy":
    `default-src 'none'; style-src 'sha256-${createHash("sha256").update(STYLE).digest("base64")}'; ` +
    "img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
  "referrer-policy": "no-referrer",
};

/** `note` says why an agreement would not count, or what was wrong with the vote just given. */
export function renderAsked(
  { of, sheet, link, note }: Asked,
  picture: ShownPicture | undefined,
): string {
  return page(`Your vote: ${sheet.title}`, [
    note === undefined ? "" : `<p class="note" role="status">${escapeHtml(note)}.</p>`,
    renderSheetHtml(sheet, picture, [
      { name: "You vote as", value: `${link.person}, for ${link.party}` },
    ]),
    form(),
    `<small>Case ${escapeHtml(of.id)}. Looking at this page decides nothing.</small>`,
  ]);
}

export function renderDone(words: string): string {
  return page("Your vote", [`<h1>${escapeHtml(words)}</h1>`]);
}

export function renderRefused(message: string, help = ""): string {
  return page("Your vote", [
    "<h1>It did not count</h1>",
    `<p class="note" role="alert">${escapeHtml(message)}.</p>`,
    help === "" ? "" : `<p>${escapeHtml(help)}.</p>`,
  ]);
}

function form(): string {
  const reasons = REJECT_REASONS.map(
    (reason) => `<option value="${reason}">${escapeHtml(REASON_WORDS[reason])}</option>`,
  );
  return [
    '<form method="post"><fieldset>',
    '<label><input type="radio" name="choice" value="agree" required> Agree to exactly this</label>',
    '<label><input type="radio" name="choice" value="reject"> Reject it</label>',
    `<label>If you reject it, because <select name="because">${reasons.join("")}</select></label>`,
    '<label>In your words <textarea name="reason" rows="3" maxlength="2000"></textarea></label>',
    '<button type="submit">Vote</button>',
    "</fieldset></form>",
  ].join("\n");
}

function page(title: string, body: ReadonlyArray<string>): string {
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta name="robots" content="noindex">',
    `<title>${escapeHtml(title)}</title><style>${STYLE}</style></head>`,
    `<body>${body.join("\n")}</body></html>`,
  ].join("\n");
}
