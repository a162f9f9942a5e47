/**
 * What makes the real Slack answer `invalid_blocks`, for the blocks that Interlock sends: required fields,
 * kinds of text, lengths, and nothing that a block does not know.
 */
const BLOCKS_MAX = 50;
const HEADER_MAX = 150;
const SECTION_MAX = 3_000;
const CONTEXT_ELEMENTS_MAX = 10;
const ACTIONS_MAX = 25;
const ACTION_ID_MAX = 255;
const BUTTON_TEXT_MAX = 75;
const VALUE_MAX = 2_000;
const URL_MAX = 3_000;
const ALT_MAX = 2_000;
const LABEL_MAX = 2_000;
const OPTIONS_MAX = 100;
const OPTION_TEXT_MAX = 75;
const OPTION_VALUE_MAX = 150;
const PLACEHOLDER_MAX = 150;
const INPUT_MAX = 3_000;
const CONFIRM_MAX = { title: 100, text: 300, confirm: 30, deny: 30 } as const;

export type Block = { readonly [field: string]: unknown };

/** What is wrong, or undefined. A message holds fewer blocks than a modal. */
export function findBlockFault(
  blocks: ReadonlyArray<Block>,
  blocksMax = BLOCKS_MAX,
): string | undefined {
  if (blocks.length > blocksMax) return `more than ${blocksMax} blocks`;
  for (const [index, block] of blocks.entries()) {
    const fault = faultOf(block);
    if (fault !== undefined) return `/blocks/${index}: ${fault}`;
  }
  return undefined;
}

function faultOf(block: Block): string | undefined {
  switch (block["type"]) {
    case "header":
      return (
        findStray(block, ["type", "text", "block_id"]) ??
        findTextFault(block["text"], HEADER_MAX, ["plain_text"])
      );
    case "section":
      return (
        findStray(block, ["type", "text", "block_id", "fields", "accessory", "expand"]) ??
        findTextFault(block["text"], SECTION_MAX, ["plain_text", "mrkdwn"])
      );
    case "context": {
      const elements = listOf(block["elements"]);
      if (elements.length === 0 || elements.length > CONTEXT_ELEMENTS_MAX)
        return "1 to 10 elements";
      return firstOf(elements, (one) => findTextFault(one, SECTION_MAX, ["plain_text", "mrkdwn"]));
    }
    case "image": {
      const url = block["image_url"];
      if (typeof url !== "string" || !url.startsWith("https://") || url.length > URL_MAX) {
        return "image_url is an https address of at most 3000 characters";
      }
      const alt = block["alt_text"];
      if (typeof alt !== "string" || alt === "" || alt.length > ALT_MAX)
        return "alt_text is needed";
      return findStray(block, ["type", "image_url", "alt_text", "title", "block_id"]);
    }
    case "actions": {
      const elements = listOf(block["elements"]);
      if (elements.length === 0 || elements.length > ACTIONS_MAX) return "1 to 25 elements";
      const ids = elements.map((one) => one["action_id"]);
      if (new Set(ids).size !== ids.length) return "action_id stands twice";
      return firstOf(elements, findButtonFault);
    }
    case "input":
      return (
        findStray(block, ["type", "label", "element", "block_id", "hint", "optional"]) ??
        findTextFault(block["label"], LABEL_MAX, ["plain_text"]) ??
        findElementFault(block["element"])
      );
    default:
      return `unknown block ${String(block["type"])}`;
  }
}

const BUTTON_FIELDS = [
  ...["type", "text", "action_id", "url", "value", "style", "confirm", "accessibility_label"],
];

function findButtonFault(button: Block): string | undefined {
  const { type, action_id: id, value = "", url = "https://x", style = "primary" } = button;
  if (type !== "button") return `unknown element ${String(type)}`;
  if (typeof id !== "string" || id === "" || id.length > ACTION_ID_MAX) return "action_id";
  if (typeof value !== "string" || value.length > VALUE_MAX) return "value is too long";
  if (typeof url !== "string" || url.length > URL_MAX || !URL.canParse(url)) return "url";
  if (style !== "primary" && style !== "danger") return "style";
  return (
    findStray(button, BUTTON_FIELDS) ??
    findTextFault(button["text"], BUTTON_TEXT_MAX, ["plain_text"]) ??
    findConfirmFault(button["confirm"])
  );
}

function findElementFault(given: unknown): string | undefined {
  const element = (given ?? {}) as Block;
  const { type, action_id: id, placeholder } = element;
  if (typeof id !== "string" || id === "" || id.length > ACTION_ID_MAX) return "action_id";
  if (placeholder !== undefined) {
    const fault = findTextFault(placeholder, PLACEHOLDER_MAX, ["plain_text"]);
    if (fault !== undefined) return `placeholder: ${fault}`;
  }
  switch (type) {
    case "static_select": {
      const options = listOf(element["options"]);
      if (options.length === 0 || options.length > OPTIONS_MAX) return "1 to 100 options";
      return (
        findStray(element, ["type", "action_id", "options", "placeholder", "initial_option"]) ??
        firstOf(options, findOptionFault)
      );
    }
    case "plain_text_input": {
      const { multiline = false, min_length: least = 0, max_length: most = INPUT_MAX } = element;
      if (typeof multiline !== "boolean") return "multiline";
      if (!isLength(least, 0) || !isLength(most, 1) || least > most) return "min and max_length";
      return findStray(element, [
        ...["type", "action_id", "placeholder", "initial_value", "multiline"],
        ...["min_length", "max_length"],
      ]);
    }
    default:
      return `unknown element ${String(type)}`;
  }
}

function findOptionFault(option: Block): string | undefined {
  const { value } = option;
  if (typeof value !== "string" || value === "" || value.length > OPTION_VALUE_MAX) return "value";
  return (
    findStray(option, ["text", "value", "description"]) ??
    findTextFault(option["text"], OPTION_TEXT_MAX, ["plain_text"])
  );
}

function isLength(value: unknown, least: number): value is number {
  return Number.isInteger(value) && Number(value) >= least && Number(value) <= INPUT_MAX;
}

function findConfirmFault(confirm: unknown): string | undefined {
  if (confirm === undefined) return undefined;
  const fields = confirm as Block;
  for (const [name, max] of Object.entries(CONFIRM_MAX)) {
    const fault = findTextFault(fields[name], max, ["plain_text"]);
    if (fault !== undefined) return `confirm.${name}: ${fault}`;
  }
  return findStray(fields, [...Object.keys(CONFIRM_MAX), "style"]);
}

export function findTextFault(
  text: unknown,
  max: number,
  kinds: ReadonlyArray<string>,
): string | undefined {
  if (typeof text !== "object" || text === null) return "there is no text";
  const { type, text: words, emoji } = text as Block;
  if (!kinds.includes(String(type))) return `its text is ${kinds.join(" or ")}`;
  if (typeof words !== "string" || words === "") return "its text is empty";
  if (words.length > max) return `its text has more than ${max} characters`;
  if (emoji !== undefined && (type !== "plain_text" || typeof emoji !== "boolean")) return "emoji";
  return findStray(text as Block, ["type", "text", "emoji", "verbatim"]);
}

export function findStray(block: Block, known: ReadonlyArray<string>): string | undefined {
  const stray = Object.keys(block).find((field) => !known.includes(field));
  return stray === undefined ? undefined : `unknown field ${stray}`;
}

function listOf(value: unknown): ReadonlyArray<Block> {
  return Array.isArray(value) ? (value as Block[]) : [];
}

function firstOf(
  blocks: ReadonlyArray<Block>,
  find: (block: Block) => string | undefined,
): string | undefined {
  return blocks.map(find).find((fault) => fault !== undefined);
}
