/**
 * The contract as Python dataclasses, in one module that needs Python 3.10 and nothing else: types for
 * the signal and each option's parameters, and a check that refuses what breaks the contract.
 *
 *   signal = parse_signal(json.load(file))        # ContractError with every problem, or the object
 *   signal.payload.measure.rate
 *   check_reply({"kind": "decline", ...})
 */
import type { Contract } from "../types.ts";
import { pascalCase, Names } from "./names.ts";
import { pythonModule, type PythonModule } from "./python-module.ts";
import { PYTHON_RUNTIME } from "./python-runtime.ts";
import { docstring, pythonComment, pythonString } from "./python-text.ts";
import type { PythonClass, PythonField, PythonType } from "./python-writer.ts";
import { fieldNotes } from "./type-writer.ts";

const RESERVED_NAMES = [
  ...["Any", "Literal", "ContractError", "MISSING", "CONTRACT", "VERSION", "HASH", "OPTIONS"],
  ...["SIGNAL_SCHEMA", "REPLY_SCHEMA", "PARAMETERS", "Missing"],
];
const RESERVED_FIELDS = ["from_json", "to_json", "self", "cls", "data", "classmethod"];

export function contractToPython(contract: Contract): string {
  const module = pythonModule(contract, new Names(RESERVED_NAMES), RESERVED_FIELDS);
  const options = module.parameters.map(
    ({ option, type }) => `    ${pythonString(option.name)}: ${type.annotation},\n`,
  );
  const parts = [
    module.header(
      "Needs Python 3.10 or newer and nothing else.",
      `from __future__ import annotations

import datetime
import json
import re
from dataclasses import dataclass, field
from typing import Any, Literal`,
    ),
    PYTHON_RUNTIME,
    ...module.classes.map(classToPython),
    module.schemas(),
    `# Option -> the class of its parameters.\nPARAMETERS = {\n${options.join("")}}`,
    functions(module),
  ];
  return `${parts.join("\n\n\n")}\n`;
}

function classToPython({ name, schema, fields, rest }: PythonClass): string {
  const lines = [...fields].sort((a, b) => Number(b.isRequired) - Number(a.isRequired)).map(toLine);
  if (rest !== undefined) {
    lines.push(
      `    # Whatever else the object has.\n    ${rest}: dict[str, Any] = field(default_factory=dict)\n`,
    );
  }
  const description = typeof schema["description"] === "string" ? schema["description"] : "";
  const doc = docstring(description === "" ? `${name}.` : description, "    ");
  return `@dataclass(frozen=True, kw_only=True)
class ${name}:
${doc}
${lines.join("")}
    @classmethod
    def from_json(cls, data: dict[str, Any]) -> ${name}:
        return cls(
${fields.map((field) => `            ${field.name}=${reading(field)},\n`).join("")}${restReading(rest, fields)}        )

    def to_json(self) -> dict[str, Any]:
        data: dict[str, Any] = ${rest === undefined ? "{}" : `dict(self.${rest})`}
${fields.map(writing).join("")}        return data`;
}

function toLine({ name, schema, isRequired, type }: PythonField): string {
  const note = pythonComment(fieldNotes(schema), "    ");
  if (isRequired) return `${note}    ${name}: ${type.annotation}\n`;
  if (type.isNullable) return `${note}    ${name}: ${type.annotation} | _Missing = MISSING\n`;
  return `${note}    ${name}: ${type.annotation} | None = None\n`;
}

function reading({ json, isRequired, type }: PythonField): string {
  const key = pythonString(json);
  const made = fromJson(type, `data[${key}]`, 0);
  if (isRequired) return made;
  return `${made} if ${key} in data else ${type.isNullable ? "MISSING" : "None"}`;
}

function restReading(rest: string | undefined, fields: ReadonlyArray<PythonField>): string {
  if (rest === undefined) return "";
  const known = fields.map(({ json }) => `${pythonString(json)}, `).join("");
  return `            ${rest}={k: v for k, v in data.items() if k not in (${known})},\n`;
}

function writing({ name, json, isRequired, type }: PythonField): string {
  const put = `data[${pythonString(json)}] = ${toJson(type, `self.${name}`, 0)}\n`;
  if (isRequired) return `        ${put}`;
  const missing = type.isNullable ? "MISSING" : "None";
  return `        if self.${name} is not ${missing}:\n            ${put}`;
}

function fromJson(type: PythonType, from: string, depth: number): string {
  return convert(type, from, depth, (of, value) => `${of.annotation}.from_json(${value})`);
}

function toJson(type: PythonType, from: string, depth: number): string {
  return convert(type, from, depth, (_of, value) => `${value}.to_json()`);
}

type Conversion = (of: PythonType, value: string) => string;

function convert(type: PythonType, from: string, depth: number, how: Conversion): string {
  const { shape, isNullable } = type;
  if (shape === undefined || !holdsClass(type)) return from;
  const item = `item${depth === 0 ? "" : depth}`;
  const inner = (): string => convert(shape.of, item, depth + 1, how);
  const made =
    shape.kind === "class"
      ? how(shape.of, from)
      : shape.kind === "list"
        ? `[${inner()} for ${item} in ${from}]`
        : `{key: ${inner()} for key, ${item} in ${from}.items()}`;
  return isNullable ? `(None if ${from} is None else ${made})` : made;
}

function holdsClass({ shape }: PythonType): boolean {
  return shape !== undefined && (shape.kind === "class" || holdsClass(shape.of));
}

function functions({ signal, contract }: PythonModule): string {
  const { department } = contract.receiver;
  return `def parse_signal(data: Any) -> ${signal.annotation}:
    """The signal, or ContractError with everything that is wrong with it."""
    _require(SIGNAL_SCHEMA, data)
    return ${signal.annotation}.from_json(data)


def parse_parameters(option: str, data: Any) -> Any:
    """The parameters of one option, as an object of its class."""
    if option not in PARAMETERS:
        raise ContractError([("", f"{option!r} is not one of {sorted(PARAMETERS)}")])
    schema = {"$ref": f"#/$defs/parameters.{option}", "$defs": REPLY_SCHEMA["$defs"]}
    _require(schema, data)
    return PARAMETERS[option].from_json(data)


def check_reply(data: Any) -> None:
    ${`"""Raises ContractError unless ${pascalCase(department)} may answer that."""`}
    _require(REPLY_SCHEMA, data)`;
}
