import { contractToAsyncApi } from "../core/contract/generate/asyncapi.ts";
import { contractToExamples } from "../core/contract/generate/examples.ts";
import { contractToHtml } from "../core/contract/generate/html.ts";
import { contractToJsonSchema } from "../core/contract/generate/json-schema.ts";
import { contractToMarkdown } from "../core/contract/generate/markdown.ts";
import { contractToPydantic } from "../core/contract/generate/pydantic.ts";
import { contractToPython } from "../core/contract/generate/python.ts";
import { contractToTypeScript } from "../core/contract/generate/typescript.ts";
import { parseContract } from "../core/contract/parse.ts";
import type { Contract } from "../core/contract/types.ts";
import { parseDocument } from "../core/document.ts";

const toJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

/** What can be made of a contract, and how. */
const FORMATS = {
  markdown: contractToMarkdown,
  html: contractToHtml,
  "json-schema": (contract: Contract) => toJson(contractToJsonSchema(contract)),
  asyncapi: (contract: Contract) => toJson(contractToAsyncApi(contract)),
  typescript: contractToTypeScript,
  python: contractToPython,
  pydantic: contractToPydantic,
  examples: (contract: Contract) => toJson(contractToExamples(contract)),
} as const;

export type ContractFormat = keyof typeof FORMATS;

/** Needs no store and no engine: everything is in the document. */
export const generateContractText = {
  name: "contract.generate",
  summary: "Writes a contract's documentation, schemas, types or examples, all from the contract.",
  formats: Object.keys(FORMATS) as ReadonlyArray<ContractFormat>,
  /** Throws what `parseDocument` and `parseContract` throw. */
  generate(text: string, name: string, format: ContractFormat): string {
    return FORMATS[format](parseContract(parseDocument(text, name).value));
  },
};
