/** Any value at all in one short line: what was sent, what came back. Never throws. */
const LENGTH_MAX = 240;
const DEPTH_MAX = 5;
const TEXT_MAX = 60;
const MEMBERS_MAX = 14;

export function show(value: unknown, lengthMax = LENGTH_MAX): string {
  const text = write(value, 0)
    .toWellFormed()
    .replaceAll(/[\p{C}\p{Z}]+/gu, " ")
    .replaceAll("`", "'");
  return text.length <= lengthMax ? text : `${text.slice(0, lengthMax).toWellFormed()}...`;
}

function write(value: unknown, depth: number): string {
  if (typeof value === "string") {
    const rest = value.length > TEXT_MAX ? `... (${value.length} characters)` : "";
    return `${JSON.stringify(value.slice(0, TEXT_MAX))}${rest}`;
  }
  if (typeof value !== "object" || value === null) return String(value);
  if (depth >= DEPTH_MAX) return "...";
  if (Array.isArray(value)) {
    const items = value.slice(0, MEMBERS_MAX).map((item) => write(item, depth + 1));
    return `[${items.join(", ")}${value.length > MEMBERS_MAX ? ", ..." : ""}]`;
  }
  const entries = Object.entries(value);
  const members = entries
    .slice(0, MEMBERS_MAX)
    .map(([key, member]) => `${key.slice(0, TEXT_MAX)}: ${write(member, depth + 1)}`);
  return `{${members.join(", ")}${entries.length > MEMBERS_MAX ? ", ..." : ""}}`;
}
