/**
 * As much of the Google Ads Query Language as the sandbox answers:
 * `SELECT field, ... FROM resource WHERE field = value AND field IN (...) AND field BETWEEN a AND b`.
 * Anything else is refused with the platform's `queryError`.
 */
import { refuse } from "./ads-error.ts";

export type Condition =
  | { readonly field: string; readonly operator: "="; readonly value: string }
  | { readonly field: string; readonly operator: "IN"; readonly values: ReadonlyArray<string> }
  | {
      readonly field: string;
      readonly operator: "BETWEEN";
      readonly low: string;
      readonly high: string;
    };

export type Query = {
  readonly select: ReadonlyArray<string>;
  readonly from: string;
  readonly where: ReadonlyArray<Condition>;
};

const TOKEN = /\s*(?:'([^'\\]*)'|([A-Za-z0-9_.]+)|(=|,|\(|\)))/y;

type Token = { readonly kind: "text" | "word" | "sign"; readonly text: string };

export function parseGaql(text: string): Query {
  const tokens = tokenise(text);
  let at = 0;

  const next = (): Token => {
    const token = tokens[at++];
    return token ?? refuse("queryError", "UNEXPECTED_END_OF_QUERY", "Unexpected end of query.");
  };
  const isWord = (word: string): boolean =>
    tokens[at]?.kind === "word" && tokens[at]?.text.toUpperCase() === word;
  const expect = (text_: string): void => {
    const token = next();
    if (token.kind === "text" || token.text.toUpperCase() !== text_) unexpected(token, text_);
  };
  const field = (): string => {
    const token = next();
    if (token.kind !== "word" || !/^[a-z_]+(\.[a-z_]+)*$/.test(token.text)) {
      unexpected(token, "a field");
    }
    return token.text;
  };
  const literal = (): string => {
    const token = next();
    if (token.kind === "sign") unexpected(token, "a value");
    return token.text;
  };
  const list = <T>(item: () => T): T[] => {
    const items = [item()];
    while (tokens[at]?.kind === "sign" && tokens[at]?.text === ",") {
      at++;
      items.push(item());
    }
    return items;
  };

  const condition = (): Condition => {
    const name = field();
    const operator = next();
    if (operator.text === "=") return { field: name, operator: "=", value: literal() };
    if (operator.text.toUpperCase() === "IN") {
      expect("(");
      const values = list(literal);
      expect(")");
      return { field: name, operator: "IN", values };
    }
    if (operator.text.toUpperCase() === "BETWEEN") {
      const low = literal();
      expect("AND");
      return { field: name, operator: "BETWEEN", low, high: literal() };
    }
    return unexpected(operator, "=, IN or BETWEEN");
  };

  expect("SELECT");
  const select = list(field);
  expect("FROM");
  const from = field();
  const where: Condition[] = [];
  if (isWord("WHERE")) {
    at++;
    where.push(condition());
    while (isWord("AND")) {
      at++;
      where.push(condition());
    }
  }
  const rest = tokens[at];
  if (rest !== undefined) unexpected(rest, "the end of the query");
  return { select, from, where };
}

function tokenise(text: string): Token[] {
  const tokens: Token[] = [];
  const end = text.trimEnd().length;
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < end) {
    const from = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (match === null) {
      const message = `Error in query: unexpected input "${text.slice(from, from + 20)}".`;
      return refuse("queryError", "UNEXPECTED_INPUT", message);
    }
    const [, quoted, word, sign] = match;
    if (quoted !== undefined) tokens.push({ kind: "text", text: quoted });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else tokens.push({ kind: "sign", text: sign ?? "" });
  }
  return tokens;
}

function unexpected(token: Token, expected: string): never {
  const message = `Error in query: unexpected input "${token.text}", expected ${expected}.`;
  return refuse("queryError", "UNEXPECTED_INPUT", message);
}
