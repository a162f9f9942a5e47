/**
 * The contract as pydantic 2 models, for those who use pydantic anyway: ranges, lengths, patterns and
 * values are its own constraints, so that they show in an editor and in OpenAPI.
 *
 * What pydantic has no constraint for (`not`, `if`, `contains`, which fields need which) is not checked
 * here; `python.ts` checks everything.
 */
import type { Contract, JsonSchema } from "../types.ts";
import { Names } from "./names.ts";
import { pythonModule } from "./python-module.ts";
import { docstring, pythonLiteral, pythonPattern, pythonString } from "./python-text.ts";
import type { PythonClass, PythonField, PythonType } from "./python-writer.ts";
import { fieldNotes } from "./type-writer.ts";

const RESERVED_NAMES = [
  "Any",
  "Annotated",
  "Literal",
  "BaseModel",
  "ConfigDict",
  "Field",
  "AfterValidator",
];
/** What a model has already; `schema` and `json` among them. */
const RESERVED_FIELDS = (
  "self cls copy dict json schema construct parse_obj parse_raw parse_file from_orm validate " +
  "update_forward_refs schema_json model_config model_fields model_extra model_dump model_copy"
).split(" ");

export function contractToPydantic(contract: Contract): string {
  const module = pythonModule(contract, new Names(RESERVED_NAMES), RESERVED_FIELDS);
  const parameters = module.parameters.map(
    ({ option, type }) => `    ${pythonString(option.name)}: ${type.annotation},\n`,
  );
  const parts = [
    module.header(
      "Needs Python 3.10 or newer and pydantic 2.",
      `from __future__ import annotations

import datetime
import re
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field`,
    ),
    HELPERS,
    ...module.classes.map(modelToPython),
    `# Option -> the model of its parameters.\nPARAMETERS = {\n${parameters.join("")}}`,
  ];
  return `${parts.join("\n\n\n")}\n`;
}

const HELPERS = `class _Model(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        strict=True,
        populate_by_name=True,
        allow_inf_nan=False,
        protected_namespaces=(),
    )


def _matches(pattern: str):
    def check(text: str) -> str:
        if not re.search(pattern, text, re.ASCII):
            raise ValueError(f"does not match {pattern}")
        return text

    return AfterValidator(check)


def _day(text: str) -> str:
    if not re.fullmatch(r"\\d{4}-\\d\\d-\\d\\d", text, re.ASCII):
        raise ValueError("is not a day such as 2026-01-31")
    datetime.date.fromisoformat(text)
    return text


def _instant(text: str) -> str:
    form = r"\\d{4}-\\d\\d-\\d\\d[Tt]\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?([Zz]|[+-]\\d\\d:\\d\\d)"
    if not re.fullmatch(form, text, re.ASCII):
        raise ValueError("is not an instant such as 2026-01-31T06:30:00.000Z")
    datetime.datetime.fromisoformat(text[:19])
    return text


def _unique(items: list[Any]) -> list[Any]:
    pairs = ((one, other) for i, one in enumerate(items) for other in items[:i])
    if any(one == other and type(one) is type(other) for one, other in pairs):
        raise ValueError("has an item twice")
    return items


def _one_of(values: list[Any]):
    def check(value: Any) -> Any:
        if not any(value == one and type(value) is type(one) for one in values):
            raise ValueError(f"is not one of {values}")
        return value

    return AfterValidator(check)`;

function modelToPython({ name, schema, fields, rest }: PythonClass): string {
  const description = typeof schema["description"] === "string" ? schema["description"] : "";
  const doc = docstring(description === "" ? `${name}.` : description, "    ");
  const config = rest === undefined ? "" : `    model_config = ConfigDict(extra="allow")\n\n`;
  const lines = [...fields]
    .sort((a, b) => Number(b.isRequired) - Number(a.isRequired))
    .map(fieldToPython);
  return `class ${name}(_Model):\n${doc}\n${config}${lines.join("")}`.trimEnd();
}

function fieldToPython({ name, json, isRequired, type, schema }: PythonField): string {
  const settings = name === json ? [] : [`alias=${pythonString(json)}`];
  const notes = fieldNotes(schema);
  if (notes !== "") settings.push(`description=${pythonString(notes)}`);
  if (!isRequired) settings.unshift("default=None");
  const annotation = annotate(type);
  if (settings.length === 0) return `    ${name}: ${annotation}\n`;
  const line = `    ${name}: ${annotation} = Field(${settings.join(", ")})\n`;
  if (line.length <= 96) return line;
  return `    ${name}: ${annotation} = Field(\n${settings.map((one) => `        ${one},\n`).join("")}    )\n`;
}

const LIMITS: ReadonlyArray<
  readonly [keyword: string, argument: string, types: ReadonlyArray<string>]
> = [
  ["minimum", "ge", ["number", "integer"]],
  ["maximum", "le", ["number", "integer"]],
  ["exclusiveMinimum", "gt", ["number", "integer"]],
  ["exclusiveMaximum", "lt", ["number", "integer"]],
  ["multipleOf", "multiple_of", ["number", "integer"]],
  ["minLength", "min_length", ["string"]],
  ["maxLength", "max_length", ["string"]],
  ["minItems", "min_length", ["array"]],
  ["maxItems", "max_length", ["array"]],
];

/** The type with its constraints, which stand beside what is not None. */
function annotate(type: PythonType): string {
  const { schema, shape } = type;
  if (shape?.kind === "class") return orNone(shape.of.annotation, type);
  const inner =
    shape === undefined
      ? type.annotation.replace(/ \| None$/, "")
      : shape.kind === "list"
        ? `list[${annotate(shape.of)}]`
        : `dict[str, ${annotate(shape.of)}]`;
  const notes = constraints(schema, inner);
  const constrained = notes.length === 0 ? inner : `Annotated[${[inner, ...notes].join(", ")}]`;
  return orNone(constrained, type);
}

function orNone(annotation: string, type: PythonType): string {
  return type.isNullable && type.annotation.endsWith(" | None")
    ? `${annotation} | None`
    : annotation;
}

function constraints(schema: JsonSchema, annotation: string): ReadonlyArray<string> {
  const types = [schema["type"]].flat().filter((type) => type !== "null");
  const [type] = types;
  const notes: string[] = [];
  const values = schema["enum"];
  if (Array.isArray(values) && annotation === "Any")
    notes.push(`_one_of(${pythonLiteral(values)})`);
  if (types.length !== 1 || annotation.startsWith("Literal")) return notes;
  const limits = LIMITS.filter(
    ([keyword, , of]) => of.includes(String(type)) && schema[keyword] !== undefined,
  ).map(([keyword, argument]) => `${argument}=${pythonLiteral(schema[keyword])}`);
  if (limits.length > 0) notes.push(`Field(${limits.join(", ")})`);
  if (type === "string") {
    const pattern =
      typeof schema["pattern"] === "string" ? pythonPattern(schema["pattern"]) : undefined;
    if (pattern !== undefined) notes.push(`_matches(${pythonString(pattern)})`);
    if (schema["format"] === "date") notes.push("AfterValidator(_day)");
    if (schema["format"] === "date-time") notes.push("AfterValidator(_instant)");
  }
  if (type === "array" && schema["uniqueItems"] === true) notes.push("AfterValidator(_unique)");
  return notes;
}
