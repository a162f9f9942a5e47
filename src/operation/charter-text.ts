/** A charter, or its contract, from the text of a file; the pure commands on documents begin with it. */
import { checkCharter } from "../core/charter/parse.ts";
import type { Charter } from "../core/charter/types.ts";
import { parseContract } from "../core/contract/parse.ts";
import type { Contract } from "../core/contract/types.ts";
import { type Document, InvalidDocumentError, parseDocument } from "../core/document.ts";

export type NamedText = { readonly text: string; readonly name: string };

/** Throws `InvalidDocumentError` with every problem. */
export function readCharter({ text, name }: NamedText): {
  readonly document: Document;
  readonly charter: Charter;
} {
  const document = parseDocument(text, name);
  const checked = checkCharter(document.value);
  if (checked.kind === "valid") return { document, charter: checked.charter };
  throw new InvalidDocumentError(`${name} is not a charter`, checked.problems);
}

export function readContract(text: NamedText | undefined): Contract | undefined {
  if (text === undefined) return undefined;
  return parseContract(parseDocument(text.text, text.name).value);
}
