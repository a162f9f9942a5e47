/**
 * What Teams takes from a webhook: one message with one Adaptive Card, of known elements with the fields that
 * they need, within 28 KB. Anything else the real one refuses, or shows as an empty card.
 */
const MESSAGE_BYTES_MAX = 28 * 1024;
const ACTIONS_MAX = 6;

type Fields = { readonly [field: string]: unknown };
type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string" && value !== "";
const isFlag: Check = (value) => typeof value === "boolean";
const isHttps: Check = (value) =>
  typeof value === "string" && URL.canParse(value) && value.startsWith("https://");
const oneOf =
  (...known: ReadonlyArray<string>): Check =>
  (value) =>
    known.includes(String(value));

const SHARED = { separator: isFlag, spacing: isText, id: isText, isVisible: isFlag };

/** Fields by element: the needed ones first. */
const ELEMENTS: Readonly<
  Record<string, { needed: Record<string, Check>; optional: Record<string, Check> }>
> = {
  TextBlock: {
    needed: { text: isText },
    optional: {
      ...SHARED,
      wrap: isFlag,
      isSubtle: isFlag,
      size: oneOf("Small", "Default", "Medium", "Large", "ExtraLarge"),
      weight: oneOf("Lighter", "Default", "Bolder"),
      fontType: oneOf("Default", "Monospace"),
      color: isText,
      maxLines: (value) => Number.isInteger(value),
      horizontalAlignment: isText,
    },
  },
  FactSet: {
    needed: {
      facts: (value) =>
        Array.isArray(value) &&
        value.length > 0 &&
        (value as Fields[]).every(
          (fact) =>
            isText(fact["title"]) && isText(fact["value"]) && Object.keys(fact).length === 2,
        ),
    },
    optional: SHARED,
  },
  Image: {
    needed: { url: isHttps, altText: isText },
    optional: { ...SHARED, size: oneOf("Auto", "Stretch", "Small", "Medium", "Large") },
  },
};

const CARD_FIELDS: Record<string, Check> = {
  $schema: oneOf("http://adaptivecards.io/schemas/adaptive-card.json"),
  type: oneOf("AdaptiveCard"),
  version: oneOf("1.2", "1.3", "1.4", "1.5"),
  body: (value) => Array.isArray(value) && value.length > 0,
  fallbackText: isText,
  msteams: (value) => JSON.stringify(value) === '{"width":"Full"}',
  actions: Array.isArray,
};

/** What is wrong with a message, or undefined. */
export function findMessageFault(text: string): string | undefined {
  if (Buffer.byteLength(text) > MESSAGE_BYTES_MAX) return "larger than 28 KB";
  let message: Fields;
  try {
    message = JSON.parse(text) as Fields;
  } catch {
    return "not JSON";
  }
  const attachments = message["attachments"];
  if (message["type"] !== "message" || !Array.isArray(attachments)) return "not a message";
  const [attachment, ...more] = attachments as Fields[];
  if (attachment === undefined || more.length > 0) return "not one attachment";
  if (attachment["contentType"] !== "application/vnd.microsoft.card.adaptive") return "no card";
  const card = attachment["content"] as Fields;
  for (const field of ["type", "version", "body"]) {
    if (card[field] === undefined) return `the card has no ${field}`;
  }
  const stray = findStray(card, CARD_FIELDS);
  if (stray !== undefined) return `the card: ${stray}`;
  const actions = (card["actions"] ?? []) as Fields[];
  if (actions.length > ACTIONS_MAX) return "more than 6 actions";
  for (const action of actions) {
    // A webhook's card cannot answer: there is no bot behind it.
    if (action["type"] !== "Action.OpenUrl") return `the action ${String(action["type"])}`;
    if (!isText(action["title"]) || !isHttps(action["url"])) return "an action without its address";
    if (Object.keys(action).length !== 3) return "an action with unknown fields";
  }
  return (card["body"] as Fields[]).map(findElementFault).find((fault) => fault !== undefined);
}

function findElementFault(element: Fields): string | undefined {
  const { type, ...fields } = element;
  const known = ELEMENTS[String(type)];
  if (known === undefined) return `unknown element ${String(type)}`;
  for (const [field, check] of Object.entries(known.needed)) {
    if (!check(fields[field])) return `${String(type)}: ${field} is needed`;
  }
  const stray = findStray(fields, { ...known.needed, ...known.optional });
  return stray === undefined ? undefined : `${String(type)}: ${stray}`;
}

function findStray(fields: Fields, known: Record<string, Check>): string | undefined {
  for (const [field, value] of Object.entries(fields)) {
    const check = known[field];
    if (check === undefined) return `unknown field ${field}`;
    if (!check(value)) return `${field} is not what it should be`;
  }
  return undefined;
}
