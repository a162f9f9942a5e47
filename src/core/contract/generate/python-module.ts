/** What a Python module of a contract is about, whichever dialect it is written in. */
import { contractHash } from "../parse.ts";
import { isObject } from "../payload.ts";
import type { Contract, ContractOption } from "../types.ts";
import { replySchema, signalSchema } from "./json-schema.ts";
import { type Names, oneLine, pascalCase } from "./names.ts";
import { docstring, pythonLiteral, pythonString, withPythonPatterns } from "./python-text.ts";
import { type PythonClass, type PythonType, PythonWriter } from "./python-writer.ts";

export type PythonModule = {
  readonly contract: Contract;
  readonly signal: PythonType;
  readonly parameters: ReadonlyArray<{
    readonly option: ContractOption;
    readonly type: PythonType;
  }>;
  readonly classes: ReadonlyArray<PythonClass>;
  /** The module's docstring, imports and what it is the contract of. */
  header(needs: string, imports: string): string;
  /** The schemas as Python values. */
  schemas(): string;
};

export function pythonModule(
  contract: Contract,
  names: Names,
  reservedFields: ReadonlyArray<string>,
): PythonModule {
  const stem = pascalCase(contract.name.split(".").slice(1).join(" ") || contract.name);
  const signals = signalSchema(contract);
  const replies = replySchema(contract);
  const writer = new PythonWriter(signals, names, {
    hints: { payload: `${stem}Payload` },
    reservedFields,
  });
  const signal = writer.declare(signals, `${stem}Signal`);
  const classes = [...writer.classes];
  const definitions = isObject(replies["$defs"]) ? replies["$defs"] : {};
  const parameters = contract.options.map((option) => {
    const own = new PythonWriter(replies, names, { reservedFields });
    const schema = definitions[`parameters.${option.name}`];
    const type = own.declare(
      isObject(schema) ? schema : {},
      `${pascalCase(option.name)}Parameters`,
    );
    classes.push(...own.classes);
    return { option, type };
  });
  return {
    contract,
    signal,
    parameters,
    classes,
    header(needs, imports) {
      const about =
        `${oneLine(contract.title)}: contract ${contract.name} ${contract.version}. ` +
        `Generated from the contract; do not edit. ${needs}`;
      return `${docstring(about, "")}
${imports}

CONTRACT = ${pythonString(contract.name)}
VERSION = ${pythonString(contract.version)}
HASH = ${pythonString(contractHash(contract))}`;
    },
    schemas() {
      return `SIGNAL_SCHEMA = ${pythonLiteral(withPythonPatterns(signals))}

REPLY_SCHEMA = ${pythonLiteral(withPythonPatterns(replies))}`;
    },
  };
}
