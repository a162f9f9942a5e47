/** What makes the real Slack refuse a modal: its own fields, their lengths, and the blocks within. */
import { type Block, findBlockFault, findStray, findTextFault } from "./block-check.ts";

const BLOCKS_MAX = 100;
const TITLE_MAX = 24;
const METADATA_MAX = 3_000;
const ID_MAX = 255;
const FIELDS = [
  ...["type", "title", "blocks", "submit", "close", "private_metadata", "callback_id"],
  ...["clear_on_close", "notify_on_close", "external_id", "submit_disabled"],
];

/** What is wrong, or undefined. */
export function findViewFault(view: Block): string | undefined {
  const { type, blocks, submit, close, private_metadata: kept = "", callback_id: id = "" } = view;
  if (type !== "modal") return `unknown view ${String(type)}`;
  if (!Array.isArray(blocks) || blocks.length === 0) return "blocks are needed";
  if (typeof kept !== "string" || kept.length > METADATA_MAX) return "private_metadata is too long";
  if (typeof id !== "string" || id.length > ID_MAX) return "callback_id is too long";
  const inputs = (blocks as Block[]).filter((block) => block["type"] === "input");
  if (inputs.length > 0 && submit === undefined) return "a view with input blocks has a submit";
  const ids = (blocks as Block[]).flatMap(({ block_id: one }) => (one === undefined ? [] : [one]));
  if (new Set(ids).size !== ids.length) return "block_id stands twice";
  return (
    findStray(view, FIELDS) ??
    findTextFault(view["title"], TITLE_MAX, ["plain_text"]) ??
    (submit === undefined ? undefined : findTextFault(submit, TITLE_MAX, ["plain_text"])) ??
    (close === undefined ? undefined : findTextFault(close, TITLE_MAX, ["plain_text"])) ??
    findBlockFault(blocks as Block[], BLOCKS_MAX)
  );
}

/** Of what was filled in: why Slack would not send the form, or undefined. */
export function findEntryFault(
  view: Block,
  entries: { readonly [blockId: string]: string },
): string | undefined {
  for (const block of view["blocks"] as Block[]) {
    if (block["type"] !== "input") continue;
    const element = block["element"] as Block;
    const entry = entries[String(block["block_id"])];
    if (entry === undefined || entry === "") {
      if (block["optional"] === true) continue;
      return `${String(block["block_id"])} is empty`;
    }
    const { type, min_length: least = 0, max_length: most = METADATA_MAX } = element;
    if (type === "static_select") {
      const options = element["options"] as Block[];
      if (!options.some(({ value }) => value === entry)) return `${entry} is no option`;
    } else if (entry.length < Number(least) || entry.length > Number(most)) {
      return `${String(block["block_id"])} has a length that it does not take`;
    }
  }
  return undefined;
}

/** As Slack sends what was filled in. */
export function toState(view: Block, entries: { readonly [blockId: string]: string }): Block {
  const values: Record<string, object> = {};
  for (const block of view["blocks"] as Block[]) {
    if (block["type"] !== "input") continue;
    const { type, action_id: actionId } = block["element"] as Block;
    const entry = entries[String(block["block_id"])];
    const said =
      type === "static_select"
        ? { type, selected_option: entry === undefined ? null : { value: entry } }
        : { type, value: entry ?? null };
    values[String(block["block_id"])] = { [String(actionId)]: said };
  }
  return { values };
}
