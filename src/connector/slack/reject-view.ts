/** The form in which a rejection gives its reason, as a modal of Slack. */
import type { ModalView } from "@slack/web-api";
import { REJECT_REASONS } from "../../core/case/types.ts";

/** What the server reads out of a form that comes back. */
export const REJECT_FORM = "vote.reject";
const SUBJECT_CHARS = 3_000;
const REASON_CHARS_MAX = 2_000;

/** `keep` comes back with the form: what is voted on, and in which message it was asked. */
export function toRejectView(subject: string, keep: string): ModalView {
  return {
    type: "modal",
    callback_id: REJECT_FORM,
    private_metadata: keep,
    title: plain("Reject"),
    submit: plain("Reject it"),
    close: plain("Back"),
    blocks: [
      { type: "section", text: plain(subject.slice(0, SUBJECT_CHARS)) },
      {
        type: "input",
        block_id: "because",
        label: plain("Kind of reason"),
        element: {
          type: "static_select",
          action_id: "because",
          options: REJECT_REASONS.map((reason) => ({
            text: plain(reason.replaceAll("-", " ")),
            value: reason,
          })),
        },
      },
      {
        type: "input",
        block_id: "reason",
        label: plain("In words, for both departments"),
        element: {
          type: "plain_text_input",
          action_id: "reason",
          multiline: true,
          min_length: 1,
          max_length: REASON_CHARS_MAX,
        },
      },
    ],
  };
}

function plain(words: string) {
  return { type: "plain_text" as const, text: words, emoji: false };
}
