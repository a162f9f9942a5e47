#!/usr/bin/env python3
"""A receiving agent for the contract `logistics.geo-risk`, in Python 3.9's standard library alone.

It is marketing's end of the loop as a program of its own. Logistics says that parcels to a place
have begun to fail for good; this agent answers what marketing wants to do about it.

    Interlock                                     this program
    ---------                                     ------------
    PUT  /v1/loops/LOOP/receiver            <---  "I stand here now": name, version, heartbeat
    GET  /v1/loops/LOOP/contract            <---  what may be asked and answered
    POST /v1/loops/LOOP/receiver/heartbeat  <---  "I live, and this is how well I predict"
    POST /v1/loops/LOOP/receiver/questions  <---  long poll: waiting questions     (by default)
    PUT  .../questions/ID/answer            <---  a reply, or a refusal
    POST our own URL/evaluate               --->  the same question, called here   (with --serve)

Three rules. The contract drives the agent: signals are checked against the JSON Schema that the
server hands out, and every proposal against the option's own parameter schema. The agent is a
function of the question: no memory, no clock, no chance, so the same signal gets the same answer.
And it reads numbers and enumerated words only: whatever a text field says, no decision looks at it.

Left out: a model of customers. The sums below are a page of school arithmetic with their
assumptions beside them; a real agent would put its own there and keep everything else.

The file is long because it is meant to be copied as one file. Its parts, from the top: problems,
plain values, the JSON Schema that contracts use, signals, the decision, the agent's own record, the
server's door, the two ways to be asked, and the command line.
"""
from __future__ import annotations

import argparse
import csv
import json
import math
import os
import re
import signal as os_signal
import sys
import threading
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request
from datetime import date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Callable, Dict, Iterator, List, NamedTuple, Optional, Tuple

Json = Any
Object = Dict[str, Any]

NAME = "geo-sums"
VERSION = "1.0.0"


# Problems ----------------------------------------------------------------------------------------


class Problem(NamedTuple):
    """What is wrong with an input: which kind of mistake, where (JSON Pointer), one sentence."""

    kind: str
    path: str
    message: str

    def refusal(self) -> Object:
        """The answer that refuses a signal. The codes are those of contracts: `contract/...`."""
        code = f"contract/{self.kind}"
        return {"error": {"code": code, "path": self.path, "message": self.message}}


def quote(value: Json) -> str:
    """Input as it appears in a message: one short line in backticks. It is a stranger's text."""
    text = value if isinstance(value, str) else json.dumps(value)
    flat = "".join(c if c.isprintable() else " " for c in text).replace("`", "'")
    return f"`{flat[:80]}...`" if len(flat) > 80 else f"`{flat}`"


def token(name: str) -> str:
    """One token of a JSON Pointer (RFC 6901)."""
    return name.replace("~", "~0").replace("/", "~1")


def value_at(root: Json, pointer: str) -> Json:
    """The value at a JSON Pointer, or None."""
    for name in pointer.split("/")[1:]:
        name = name.replace("~1", "/").replace("~0", "~")
        if isinstance(root, dict):
            root = root.get(name)
        elif isinstance(root, list) and re.fullmatch(r"0|[1-9][0-9]*", name):
            root = root[int(name)] if int(name) < len(root) else None
        else:
            return None
    return root


# Plain values ------------------------------------------------------------------------------------

DEPTH_MAX = 32
TEXT_UNITS_MAX = 2_000
ITEMS_MAX = 1_000
VALUES_MAX = 20_000
BYTES_MAX = 256 * 1024
NAME_UNITS_MAX = 200


def find_unplain(value: Json) -> Optional[Problem]:
    """A signal carries figures, not archives: what is too large, or could not be stored as it is.

    The limits are those of Interlock, counted as it counts them: texts in UTF-16 code units.
    """
    waiting: List[Tuple[Json, str, int]] = [(value, "", 1)]
    seen = 0
    while waiting:
        at, path, depth = waiting.pop()
        seen += 1
        if seen > VALUES_MAX:
            return Problem("too-large", path, f"there are more than {VALUES_MAX} values")
        if isinstance(at, float) and not math.isfinite(at):
            return Problem("not-plain", path, "a number is not finite")
        if isinstance(at, str):
            flaw = find_text_flaw(at, path)
            if flaw:
                return flaw
        if not isinstance(at, (dict, list)):
            continue
        if depth > DEPTH_MAX:
            return Problem("too-large", path, f"it is nested more than {DEPTH_MAX} deep")
        if len(at) > ITEMS_MAX:
            return Problem("too-large", path, f"there are more than {ITEMS_MAX} items")
        members = at.items() if isinstance(at, dict) else enumerate(at)
        for name, member in members:
            inner = f"{path}/{token(str(name))}"
            if isinstance(name, str):
                if utf16_units(name) > NAME_UNITS_MAX:
                    return Problem("too-large", path, "a field's name is too long")
                flaw = find_text_flaw(name, path)
                if flaw:
                    return flaw
                if name == "__proto__":
                    return Problem("not-plain", inner, "no field may have that name")
            waiting.append((member, inner, depth + 1))
    size = len(json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode())
    if size > BYTES_MAX:
        return Problem("too-large", "", f"it is larger than {BYTES_MAX // 1024} KB")
    return None


def find_text_flaw(text: str, path: str) -> Optional[Problem]:
    if utf16_units(text) > TEXT_UNITS_MAX:
        return Problem("too-large", path, f"a text is longer than {TEXT_UNITS_MAX} characters")
    if "\0" in text:
        return Problem("not-plain", path, "a text holds the character U+0000")
    if any(0xD800 <= ord(c) <= 0xDFFF for c in text):
        return Problem("not-plain", path, "a text is not valid Unicode (a lone surrogate)")
    return None


def utf16_units(text: str) -> int:
    return len(text) + sum(1 for c in text if ord(c) > 0xFFFF)


# JSON Schema -------------------------------------------------------------------------------------


def is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def is_integer(value: Json) -> bool:
    """JSON has one kind of number: 3.0 is a whole one."""
    return is_number(value) and (isinstance(value, int) or value.is_integer())


TYPES: Dict[str, Callable[[Json], bool]] = {
    "null": lambda v: v is None,
    "boolean": lambda v: isinstance(v, bool),
    "number": is_number,
    "integer": is_integer,
    "string": lambda v: isinstance(v, str),
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}


def same_key(value: Json) -> Json:
    """Equal for values that JSON Schema calls equal: 1 and 1.0 are, 1 and true are not."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return (type(value).__name__, value)
    if isinstance(value, list):
        return ("list", tuple(same_key(item) for item in value))
    if isinstance(value, dict):
        return ("object", frozenset((name, same_key(item)) for name, item in value.items()))
    return ("number", value)


class Schema:
    """The part of JSON Schema 2020-12 that contracts may use, and no more.

    A keyword that this class does not know stops the agent when it starts, instead of letting
    through later what it should have refused.
    """

    NOTES = frozenset(
        """title description unit denominator examples default deprecated $comment $schema
        $defs""".split()
    )
    KNOWN = NOTES | frozenset(
        """type enum const required minItems maxItems uniqueItems minimum maximum exclusiveMinimum
        exclusiveMaximum multipleOf minLength maxLength pattern format $ref dependentRequired
        minProperties maxProperties contains minContains maxContains properties additionalProperties
        items prefixItems allOf anyOf oneOf not if then else""".split()
    )

    def __init__(self, root: Object) -> None:
        self._root = root
        self._patterns: Dict[str, "re.Pattern[str]"] = {}
        self._prepare(root)

    def problems(self, value: Json, path: str = "") -> List[Problem]:
        return list(self._check(self._root, value, path))

    def _prepare(self, schema: Json) -> None:
        if not isinstance(schema, dict):
            return
        unknown = sorted(set(schema) - self.KNOWN)
        if unknown:
            raise ValueError(f"the contract uses {unknown[0]!r}, which this agent cannot check")
        if schema.get("format", "date") not in FORMATS:
            raise ValueError(f"the contract uses the unknown format {schema['format']!r}")
        if "pattern" in schema:
            self._patterns[schema["pattern"]] = compile_pattern(schema["pattern"])
        for keyword in ("items", "contains", "not", "if", "then", "else", "additionalProperties"):
            self._prepare(schema.get(keyword))
        for keyword in ("prefixItems", "allOf", "anyOf", "oneOf"):
            for part in schema.get(keyword, []):
                self._prepare(part)
        for keyword in ("properties", "$defs"):
            for part in schema.get(keyword, {}).values():
                self._prepare(part)

    def _check(self, schema: Json, value: Json, path: str) -> Iterator[Problem]:
        if schema is True:
            return
        if schema is False:
            yield Problem("wrong-shape", path, "nothing is allowed here")
            return
        if "$ref" in schema:
            yield from self._check(value_at(self._root, schema["$ref"][1:]), value, path)
        if "type" in schema:
            allowed = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
            if not any(TYPES[name](value) for name in allowed):
                yield Problem("wrong-type", path, f"{quote(value)} is not {' or '.join(allowed)}")
        if "enum" in schema and same_key(value) not in [same_key(one) for one in schema["enum"]]:
            yield Problem("wrong-value", path, f"{quote(value)} is not one of the allowed values")
        if "const" in schema and same_key(value) != same_key(schema["const"]):
            yield Problem("wrong-value", path, f"{quote(value)} is not {quote(schema['const'])}")
        if is_number(value):
            yield from self._check_number(schema, value, path)
        elif isinstance(value, str):
            yield from self._check_text(schema, value, path)
        elif isinstance(value, list):
            yield from self._check_list(schema, value, path)
        elif isinstance(value, dict):
            yield from self._check_object(schema, value, path)
        yield from self._check_combined(schema, value, path)

    def _check_number(self, schema: Object, value: float, path: str) -> Iterator[Problem]:
        said = f"{quote(value)} is"
        if "minimum" in schema and value < schema["minimum"]:
            yield Problem("out-of-range", path, f"{said} below {schema['minimum']}")
        if "maximum" in schema and value > schema["maximum"]:
            yield Problem("out-of-range", path, f"{said} above {schema['maximum']}")
        if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
            yield Problem("out-of-range", path, f"{said} not above {schema['exclusiveMinimum']}")
        if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
            yield Problem("out-of-range", path, f"{said} not below {schema['exclusiveMaximum']}")
        if "multipleOf" in schema and not float(value / schema["multipleOf"]).is_integer():
            yield Problem("out-of-range", path, f"{said} no multiple of {schema['multipleOf']}")

    def _check_text(self, schema: Object, value: str, path: str) -> Iterator[Problem]:
        if len(value) < schema.get("minLength", 0):
            yield Problem("out-of-range", path, f"{quote(value)} is too short")
        if len(value) > schema.get("maxLength", math.inf):
            yield Problem("out-of-range", path, f"{quote(value)} is too long")
        if "pattern" in schema and not self._patterns[schema["pattern"]].search(value):
            yield Problem("wrong-format", path, f"{quote(value)} does not match the pattern")
        if "format" in schema and not FORMATS[schema["format"]](value):
            yield Problem("wrong-format", path, f"{quote(value)} is no {schema['format']}")

    def _check_list(self, schema: Object, value: List[Json], path: str) -> Iterator[Problem]:
        if len(value) < schema.get("minItems", 0):
            yield Problem("out-of-range", path, "the list is too short")
        if len(value) > schema.get("maxItems", math.inf):
            yield Problem("out-of-range", path, "the list is too long")
        if schema.get("uniqueItems") and len({same_key(item) for item in value}) < len(value):
            yield Problem("duplicate", path, "two items of the list are the same")
        if "contains" in schema:
            found = sum(1 for item in value if self._fits(schema["contains"], item))
            if not schema.get("minContains", 1) <= found <= schema.get("maxContains", math.inf):
                yield Problem("wrong-shape", path, "the list does not hold what it must")
        prefix = schema.get("prefixItems", [])
        for i, item in enumerate(value):
            part = prefix[i] if i < len(prefix) else schema.get("items", True)
            yield from self._check(part, item, f"{path}/{i}")

    def _check_object(self, schema: Object, value: Object, path: str) -> Iterator[Problem]:
        for name in schema.get("required", []):
            if name not in value:
                yield Problem("missing-field", f"{path}/{token(name)}", f"{quote(name)} is missing")
        for name, needed in schema.get("dependentRequired", {}).items():
            for other in needed if name in value else []:
                if other not in value:
                    at = f"{path}/{token(other)}"
                    yield Problem("missing-field", at, f"{quote(name)} needs {quote(other)}")
        if len(value) < schema.get("minProperties", 0):
            yield Problem("missing-field", path, "too few fields are given")
        if len(value) > schema.get("maxProperties", math.inf):
            yield Problem("unknown-field", path, "too many fields are given")
        properties = schema.get("properties", {})
        others = schema.get("additionalProperties", True)
        for name, member in value.items():
            at = f"{path}/{token(name)}"
            if name in properties:
                yield from self._check(properties[name], member, at)
            elif others is False:
                yield Problem("unknown-field", at, f"{quote(name)} is not a field here")
            else:
                yield from self._check(others, member, at)

    def _check_combined(self, schema: Object, value: Json, path: str) -> Iterator[Problem]:
        for part in schema.get("allOf", []):
            yield from self._check(part, value, path)
        if "anyOf" in schema and not any(self._fits(part, value) for part in schema["anyOf"]):
            yield Problem("wrong-shape", path, "it fits none of the allowed shapes")
        if "oneOf" in schema and sum(self._fits(part, value) for part in schema["oneOf"]) != 1:
            yield Problem("wrong-shape", path, "it does not fit exactly one of the allowed shapes")
        if "not" in schema and self._fits(schema["not"], value):
            yield Problem("wrong-shape", path, "it fits a shape that is not allowed")
        if "if" in schema:
            then = "then" if self._fits(schema["if"], value) else "else"
            yield from self._check(schema.get(then, True), value, path)

    def _fits(self, schema: Json, value: Json) -> bool:
        return next(self._check(schema, value, ""), None) is None


SPACES = "\\t-\\r \\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000\\ufeff"


def compile_pattern(pattern: str) -> "re.Pattern[str]":
    """A contract's regular expression, which is JavaScript's with the flag `u`, as one of Python's.

    They differ where it is easy to miss: `$` here would match before a last line break, `.` would
    match three kinds of line break, and `\\s` another set of spaces. Contracts allow neither
    look-around nor references back, so nothing else has to be translated.
    """
    parts: List[str] = []
    in_class = False
    i = 0
    while i < len(pattern):
        c = pattern[i]
        taken = 2 if c == "\\" else 1
        part = pattern[i : i + taken]
        if part == "\\s":
            part = SPACES if in_class else f"[{SPACES}]"
        elif part == "\\S" and not in_class:
            part = f"[^{SPACES}]"
        elif part in ("\\S", "\\p", "\\P", "\\c", "\\k") or pattern.startswith("\\u{", i):
            raise ValueError(f"this agent cannot check the pattern {pattern!r}")
        elif in_class:
            in_class = c != "]"
            part = "\\[" if c == "[" else part
        elif c == "[":
            in_class = True
        elif c == "$":
            part = r"\Z"
        elif c == ".":
            part = "[^\\n\\r\\u2028\\u2029]"
        parts.append(part)
        i += taken
    return re.compile("".join(parts), re.ASCII)


def is_day(text: str) -> bool:
    return re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text) is not None and day_number(text) >= 0


def day_number(text: str) -> int:
    """Days since the year 0, or -1 for a day that is not in the calendar.

    The calendar repeats every 400 years of 146,097 days, which also gives the year 0000 that
    Python's `date` does not have.
    """
    year, month, day = int(text[0:4]), int(text[5:7]), int(text[8:10])
    try:
        return date(2000 + year % 400, month, day).toordinal() + (year // 400 - 5) * 146_097
    except ValueError:
        return -1


def is_date_time(text: str) -> bool:
    parts = re.fullmatch(
        r"(.{10})[Tt\s]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.[0-9]+)?"
        r"(?:[Zz]|[+-]([0-9]{2}):?([0-9]{2})?)",
        text,
        re.ASCII,
    )
    if parts is None or not is_day(parts[1]):
        return False
    hour, minute, second = int(parts[2]), int(parts[3]), int(parts[4])
    zone_hour, zone_minute = int(parts[5] or 0), int(parts[6] or 0)
    return hour < 24 and minute < 60 and second < 60 and zone_hour < 24 and zone_minute < 60


FORMATS: Dict[str, Callable[[str], bool]] = {
    "date": is_day,
    "date-time": is_date_time,
    "email": lambda v: re.fullmatch(r"[^\s@]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*", v) is not None,
    "uri": lambda v: re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s\"<>\\^`{|}]+", v) is not None,
    "uuid": lambda v: re.fullmatch(r"(?i)(urn:uuid:)?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", v)
    is not None,
}


# Signals -----------------------------------------------------------------------------------------

CLOCK_SKEW_MS = 5 * 60_000
HOUR_MS = 3_600_000

_ID = {"type": "string", "minLength": 1, "maxLength": 200}
_TEXT = {"type": "string"}
ENVELOPE: Object = {
    "type": "object",
    "required": """id source contract version subject sentAt asOf expiresAt confidence options
        payload""".split(),
    "additionalProperties": False,
    "properties": {
        "id": _ID,
        "source": {**_ID, "pattern": "^[a-z][a-z0-9-]*/[A-Za-z0-9][A-Za-z0-9._-]*$"},
        "contract": _ID,
        "version": _ID,
        "subject": _ID,
        "sentAt": _TEXT,
        "asOf": _TEXT,
        "expiresAt": _TEXT,
        "confidence": {"type": "number", "minimum": 0, "maximum": 1},
        "options": {
            "type": "array",
            "minItems": 1,
            "maxItems": 50,
            "uniqueItems": True,
            "items": _ID,
        },
        "payload": {"type": "object"},
    },
}


def instant_ms(text: Json) -> Optional[int]:
    """Milliseconds of `2026-01-05T00:30:00.000Z`, or None for a text that is not written so."""
    shape = r"([0-9-]{10})T([0-9]{2}):([0-9]{2}):([0-9]{2})\.([0-9]{3})Z"
    parts = re.fullmatch(shape, text) if isinstance(text, str) else None
    if parts is None or not is_day(parts[1]):
        return None
    hour, minute, second, ms = (int(parts[i]) for i in range(2, 6))
    if hour > 23 or minute > 59 or second > 59:
        return None
    return (((day_number(parts[1]) * 24 + hour) * 60 + minute) * 60 + second) * 1000 + ms


class Contract:
    """The contract as the server hands it out, made ready to check signals and parameters."""

    def __init__(self, contract_hash: str, document: Object) -> None:
        self.hash = contract_hash
        self.name: str = document["name"]
        self.version: str = document["version"]
        self.sender: str = document["sender"]["department"]
        self.options: Dict[str, Object] = {one["name"]: one for one in document["options"]}
        self.act_from: float = document["confidence"]["thresholds"]["act"]
        self._signal_from: float = document["confidence"]["thresholds"]["signal"]
        self._expiry_hours: float = document["expiry"]["afterHours"]
        self._evidence: List[Object] = document["evidence"]["required"]
        self._subject = compile_pattern(document["subject"]["pattern"])
        self._payload = Schema(document["payload"])
        self._envelope = Schema(ENVELOPE)
        self._parameters = {one["name"]: Schema(one["parameters"]) for one in document["options"]}

    def find_problem(self, given: Json, now: str) -> Optional[Problem]:
        """The first thing wrong with a signal, or None: parcel, label, meaning, content."""
        return next(self._problems(given, now), None)

    def fits(self, option: str, parameters: Object) -> bool:
        return not self._parameters[option].problems(parameters)

    def within(self, option: str, parameter: str, wanted: float) -> float:
        """`wanted`, moved into the range that the contract gives the parameter."""
        range_of = value_at(self.options[option], f"/parameters/properties/{parameter}") or {}
        return max(range_of.get("minimum", wanted), min(range_of.get("maximum", wanted), wanted))

    def _problems(self, given: Json, now: str) -> Iterator[Problem]:
        unplain = find_unplain(given)
        if unplain:
            yield unplain
            return
        shape = self._envelope.problems(given)
        if shape:
            yield from shape
            return
        yield from self._label_problems(given)
        yield from self._time_problems(given, now)
        for i, name in enumerate(given["options"]):
            if name not in self.options:
                message = f"option {quote(name)} is not in {self.name} {self.version}"
                yield Problem("unknown-option", f"/options/{i}", message)
        content = self._payload.problems(given["payload"], "/payload")
        yield from content
        if not content:
            yield from self._evidence_problems(given["payload"])

    def _label_problems(self, given: Object) -> Iterator[Problem]:
        if given["contract"] != self.name:
            message = f"{quote(given['contract'])} is not {self.name}"
            yield Problem("wrong-contract", "/contract", message)
        if given["version"] != self.version:
            message = f"version {quote(given['version'])} is not {self.version}"
            yield Problem("wrong-contract", "/version", message)
        if not self._subject.search(given["subject"]):
            message = f"{quote(given['subject'])} is no subject of this contract"
            yield Problem("wrong-format", "/subject", message)
        if given["confidence"] < self._signal_from:
            message = f"it is below {self._signal_from}, the least for a signal"
            yield Problem("low-confidence", "/confidence", message)

    def _time_problems(self, given: Object, now_text: str) -> Iterator[Problem]:
        at = {name: instant_ms(given[name]) for name in ("sentAt", "asOf", "expiresAt")}
        wrong = [name for name, ms in at.items() if ms is None]
        for name in wrong:
            yield Problem("wrong-format", f"/{name}", f"{quote(given[name])} is not an instant")
        now = instant_ms(now_text)
        if wrong or now is None:
            return
        sent, as_of, expires = at["sentAt"], at["asOf"], at["expiresAt"]
        assert sent is not None and as_of is not None and expires is not None
        if sent - now > CLOCK_SKEW_MS:
            yield Problem("out-of-range", "/sentAt", f"it lies in the future; it is now {now_text}")
        if as_of > sent:
            yield Problem("out-of-range", "/asOf", "it is after sentAt")
        if expires <= sent:
            yield Problem("out-of-range", "/expiresAt", "it is not after sentAt")
        elif expires <= now:
            yield Problem("expired", "/expiresAt", f"it is past; it is now {now_text}")
        if expires - sent > self._expiry_hours * HOUR_MS:
            message = f"it is more than {self._expiry_hours} hours after sentAt"
            yield Problem("out-of-range", "/expiresAt", message)

    def _evidence_problems(self, payload: Object) -> Iterator[Problem]:
        for item in self._evidence:
            if value_at(payload, item["path"]) in (None, "", [], {}):
                message = f"the required evidence {quote(item['name'])} is missing"
                yield Problem("missing-evidence", f"/payload{item['path']}", message)


# The decision ------------------------------------------------------------------------------------


class Sums(NamedTuple):
    """What marketing assumes, in paise for one order. Put your own figures here."""

    #: What a delivered order leaves, before what its ad cost.
    delivered: float = 360_00
    #: What a returned order costs: freight both ways, packing, write-down.
    returned: float = 226_00
    #: Of failed first attempts, the share that comes back in the end.
    failed_to_returned: float = 0.58
    #: Ad money spent to win one order, and the share of orders that ads win at all.
    ad_cost: float = 250_00
    paid_share: float = 0.75
    #: Lowering the spend to a share `s` keeps `s ** elasticity` of the orders.
    elasticity: float = 0.65
    bid_modifier: float = 0.7
    probe_share: float = 0.1
    #: Cash orders that are paid ahead when they must be; how much oftener cash orders fail.
    switch_share: float = 0.25
    cash_ratio: float = 2.0
    #: An action must gain this much over its time, this surely, or it is not worth two departments.
    gain_min: float = 400_00
    sure_from: float = 0.75


SUMS = Sums()
CURRENCY = "INR"


class Company(NamedTuple):
    """What this agent knows of its own company; the defaults are those of the practice company."""

    orders_per_day: float = 1_667


class Risk(NamedTuple):
    """The numbers and enumerated words of a signal that decide; nothing else of it is read."""

    subject: str
    offered: Tuple[str, ...]
    confidence: float
    owner: str
    baseline: float
    rise: Tuple[float, float, float]
    days_observed: int
    maturity: float
    orders: float
    cash_share: float
    subjects: int

    @staticmethod
    def of(given: Object) -> "Risk":
        payload = given["payload"]
        change = payload["change"]
        return Risk(
            subject=given["subject"],
            offered=tuple(given["options"]),
            confidence=given["confidence"],
            owner=payload["cause"]["owner"],
            baseline=payload["baseline"]["rate"],
            rise=(change["low"], change["size"], change["high"]),
            days_observed=int(payload["evidence"]["daysObserved"]),
            maturity=payload["maturity"],
            orders=payload["exposure"]["ordersPerDay"],
            cash_share=payload["exposure"]["codShare"],
            subjects=int(payload["exposure"]["subjects"]),
        )


class Scored(NamedTuple):
    """One option with its parameters and what it gains in the low, the middle and the high case."""

    option: str
    parameters: Object
    gains: Tuple[float, float, float]
    obstacle: str
    days: int

    @property
    def mean(self) -> float:
        return sum(self.gains) / 3

    @property
    def sureness(self) -> float:
        """Probability of being better than nothing, as if the cases were the tenths of a normal."""
        low, _, high = sorted(self.gains)
        deviation = (high - low) / 2.563
        if deviation == 0:
            return 1.0 if self.mean > 0 else 0.0
        return 0.5 * (1 + math.erf(self.mean / deviation / math.sqrt(2)))

    def shown(self, reason: str) -> Object:
        return {
            "option": self.option,
            "parameters": self.parameters,
            "value": self.value(),
            "feasible": self.obstacle == "",
            "reason": self.obstacle or reason,
        }

    def value(self) -> Object:
        low, middle, high = sorted(self.gains)
        amounts = {"mean": self.mean, "p10": low, "p50": middle, "p90": high}
        said: Object = {name: money(amount) for name, amount in amounts.items()}
        return {**said, "probabilityBetter": round(self.sureness, 6)}


def money(paise: float) -> Object:
    return {"amountMinor": int(round(paise)), "currency": CURRENCY}


def gain_per_order(option: str, rate: float, cash_share: float) -> float:
    """What an option gains per order of today, against nothing, when `rate` of attempts fail."""

    def worth(fails: float) -> float:
        returned = SUMS.failed_to_returned * min(1.0, fails)
        return (1 - returned) * SUMS.delivered - returned * SUMS.returned

    if option == "exclude_geo":
        return (1 - SUMS.probe_share) * SUMS.paid_share * (SUMS.ad_cost - worth(rate))
    if option == "lower_bid":
        saved = (1 - SUMS.bid_modifier) * SUMS.ad_cost
        lost = 1 - SUMS.bid_modifier**SUMS.elasticity
        return SUMS.paid_share * (saved - lost * worth(rate))
    # prepaid_only: some pay ahead, at the prepaid rate; the other cash orders are gone.
    prepaid = rate / (1 + cash_share * (SUMS.cash_ratio - 1))
    cash = worth(SUMS.cash_ratio * prepaid)
    return cash_share * (SUMS.switch_share * worth(prepaid) - cash)


ACTS = ("exclude_geo", "lower_bid", "prepaid_only")


def score(contract: Contract, risk: Risk, option: str) -> Scored:
    kind = contract.options[option]["kind"]
    if kind == "hand-back":
        parameters = {"to": contract.sender, "reason": HAND_BACK_REASON}
        fits = contract.fits(option, parameters)
        return Scored(option, parameters, (0, 0, 0), "" if fits else "it cannot be handed back", 0)
    if kind == "none":
        return Scored(option, {}, (0, 0, 0), "", 0)
    if option not in ACTS:
        return Scored(option, {}, (0, 0, 0), "this agent cannot value it", 0)
    days = int(contract.within(option, "standingDays", standing_days(risk)))
    parameters = {"standingDays": days}
    if option == "exclude_geo":
        parameters["probeShare"] = contract.within(option, "probeShare", SUMS.probe_share)
    if option == "lower_bid":
        parameters["bidModifier"] = contract.within(option, "bidModifier", SUMS.bid_modifier)
    before = max(0.0, gain_per_order(option, risk.baseline, risk.cash_share))

    def gain(rise: float) -> float:
        # Only what pays because of the rise: money that a change would have earned without it is
        # no answer to the signal, however true.
        now = gain_per_order(option, min(1.0, max(0.0, risk.baseline + rise)), risk.cash_share)
        return (now - before) * risk.orders * days

    low, middle, high = (gain(rise) for rise in risk.rise)
    obstacle = find_obstacle(contract, risk, option, parameters)
    return Scored(option, parameters, (low, middle, high), obstacle, days)


def find_obstacle(contract: Contract, risk: Risk, option: str, parameters: Object) -> str:
    if option not in risk.offered:
        return "the signal does not offer it"
    if not contract.fits(option, parameters):
        return "the contract's ranges leave no parameters that this agent can value"
    if risk.confidence < contract.act_from:
        return "the signal is not sure enough to act on"
    if option == "prepaid_only" and risk.cash_share == 0:
        return "no order there is paid in cash"
    if option == "exclude_geo" and risk.owner == "address":
        return "logistics can mend the cause; leaving the place would punish demand for it"
    return ""


#: Two weeks to act and two in which outcomes mature; half of it in doubt; a week on a young rise.
DAYS_SURE, DAYS_DOUBTFUL, DAYS_YOUNG = 28, 14, 7
CONFIDENT_FROM = 0.85
YOUNG_BELOW_DAYS = 7
MATURITY_MIN = 0.2

HAND_BACK_REASON = "a courier's fault is not mended by advertising less; it is yours to mend"


def standing_days(risk: Risk) -> int:
    if risk.days_observed < YOUNG_BELOW_DAYS:
        return DAYS_YOUNG
    return DAYS_SURE if risk.confidence >= CONFIDENT_FROM else DAYS_DOUBTFUL


def decide(contract: Contract, company: Company, given: Object, resources: Object) -> Object:
    """The reply to a valid signal: accept, modify, decline, bounce or need-more.

    `resources` names, for each option that acts, what it would change.
    """
    risk = Risk.of(given)
    if risk.maturity < MATURITY_MIN:
        reason = "too few outcomes are known; the rest may still turn out either way"
        return {"kind": "need-more", "missing": ["more mature outcomes"], "reason": reason}
    options = [score(contract, risk, name) for name in contract.options]
    best = choose(contract, options)
    shown = [one.shown(reason_of(contract, one, best)) for one in options]
    if risk.owner == "courier":
        return answer_courier(contract, risk, shown)
    if best is None:
        reason = "no option is surely enough worth more than doing nothing"
        return {"kind": "decline", "reason": reason, "scored": shown}
    proposal = propose(company, risk, best, shown, resources)
    if best.days == DAYS_YOUNG and risk.days_observed < YOUNG_BELOW_DAYS:
        changed = f"it stands {best.days} days only: the rise was seen for {risk.days_observed}"
        return {"kind": "modify", "proposal": proposal, "changed": changed}
    return {"kind": "accept", "proposal": proposal}


def answer_courier(contract: Contract, risk: Risk, shown: List[Object]) -> Object:
    for name in risk.offered:
        if contract.options[name]["kind"] == "hand-back":
            reason = HAND_BACK_REASON
            return {"kind": "bounce", "to": contract.sender, "reason": reason, "scored": shown}
    reason = "a courier's fault is not marketing's to act on, and handing back is not offered"
    return {"kind": "decline", "reason": reason, "scored": shown}


def choose(contract: Contract, options: List[Scored]) -> Optional[Scored]:
    """What gains most among what is surely enough worth it; the contract's order among equals."""
    standing = [
        one
        for one in options
        if contract.options[one.option]["kind"] == "act"
        and one.obstacle == ""
        and one.mean >= SUMS.gain_min
        and one.sureness >= SUMS.sure_from
    ]
    return max(standing, key=lambda one: one.mean, default=None)


def reason_of(contract: Contract, one: Scored, best: Optional[Scored]) -> str:
    kind = contract.options[one.option]["kind"]
    if kind == "none":
        return "changes nothing; every other option is measured against it"
    if kind == "hand-back":
        return "for causes that logistics alone can mend"
    worth = f"gains about Rs {one.mean / 100:,.0f} in {one.days} days, better than nothing with "
    worth += f"probability {one.sureness:.0%}"
    if best is not None and one.option == best.option:
        return f"chosen: {worth}"
    return f"not chosen: {worth}"


def propose(
    company: Company, risk: Risk, best: Scored, shown: List[Object], resources: Object
) -> Object:
    share = min(1.0, risk.orders / company.orders_per_day)
    given_up = {
        "exclude_geo": (1 - SUMS.probe_share) * SUMS.paid_share,
        "lower_bid": (1 - SUMS.bid_modifier**SUMS.elasticity) * SUMS.paid_share,
        "prepaid_only": (1 - SUMS.switch_share) * risk.cash_share,
    }[best.option]
    rate = min(1.0, max(0.0, risk.baseline + risk.rise[1]))
    return {
        "option": best.option,
        "parameters": best.parameters,
        "resource": resources[best.option],
        "value": best.value(),
        # If it was all wrong, this is what the orders that were given up would have left.
        "valueAtStake": money(given_up * risk.orders * best.days * SUMS.delivered),
        "blastRadius": {
            "subjects": risk.subjects,
            "shareOfOrders": share,
            "shareOfSpend": 0 if best.option == "prepaid_only" else share,
        },
        "standingDays": best.days,
        "scored": shown,
        "reasons": [
            f"first attempts fail at {rate:.0%} where {risk.baseline:.0%} was to be expected",
            f"{best.option} gains about Rs {best.mean / 100:,.0f} in {best.days} days",
        ],
    }


# The agent's own record --------------------------------------------------------------------------

NOMINAL = 0.8
#: A normal variable lies within so many deviations of its mean with probability 0.8.
DEVIATIONS = 1.2816
LEARNING_DAYS = 28


def read_own_record(path: Path) -> Object:
    """How well this agent predicts its own domain: tomorrow's orders, from the days before alone.

    The forecast is the mean of the last four same weekdays; its interval comes from how far off the
    forecasts of the last four weeks were. Each is compared with what came, and hits are counted.
    """
    with path.open(newline="", encoding="utf-8") as file:
        rows = [(row["day"], float(row["orders"])) for row in csv.DictReader(file)]
    orders = [value for _, value in rows]
    errors: List[float] = []
    predictions = covered = 0
    for day in range(LEARNING_DAYS, len(orders)):
        forecast = sum(orders[day - 7 * week] for week in (1, 2, 3, 4)) / 4
        if len(errors) >= LEARNING_DAYS:
            recent = errors[-LEARNING_DAYS:]
            deviation = math.sqrt(sum(error**2 for error in recent) / len(recent))
            predictions += 1
            covered += abs(orders[day] - forecast) <= DEVIATIONS * deviation
        errors.append(orders[day] - forecast)
    next_day = date.fromisoformat(rows[-1][0]) + timedelta(days=1)
    # Midnight in India, where the last day of the file ended.
    as_of = datetime.combine(next_day, datetime.min.time()) - timedelta(hours=5, minutes=30)
    return {
        "predictions": predictions,
        "covered": covered,
        "nominal": NOMINAL,
        "asOf": as_of.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }


# The server's door -------------------------------------------------------------------------------


class Refused(Exception):
    """The server understood and said no: its status, code, sentence and advice."""

    def __init__(self, status: int, body: Json, retry_after: float) -> None:
        error = body.get("error", {}) if isinstance(body, dict) else {}
        self.status = status
        self.code = str(error.get("code", ""))
        self.retry_after = retry_after
        said = error.get("message", "no reason given")
        advice = f" ({error['help']})" if error.get("help") else ""
        super().__init__(f"{status} {self.code}: {said}{advice}")

    @property
    def is_passing(self) -> bool:
        return self.status in (408, 429) or self.status >= 500


class Unreachable(Exception):
    """No answer came: the server is down, restarting, or the network is."""


class Door:
    """Interlock's HTTP API, as far as one receiver needs it."""

    def __init__(self, url: str, key: str, loop: str) -> None:
        self._url = url.rstrip("/")
        self._key = key
        self._loop = f"/v1/loops/{urllib.parse.quote(loop, safe='')}"

    def register(self, said: Object) -> Object:
        return self._call("PUT", "/receiver", said)

    def heartbeat(self, said: Object) -> Object:
        return self._call("POST", "/receiver/heartbeat", said)

    def contract(self) -> Contract:
        said = self._call("GET", "/contract")
        return Contract(said["hash"], said["contract"])

    def questions(self, wait: int, most: int) -> List[Object]:
        path = f"/receiver/questions?wait={wait}&max={most}"
        questions: List[Object] = self._call("POST", path, patience=wait)["questions"]
        return questions

    def answer(self, question: str, answer: Object) -> None:
        name = urllib.parse.quote(question, safe="")
        self._call("PUT", f"/receiver/questions/{name}/answer", answer)

    def _call(self, method: str, path: str, body: Json = None, patience: float = 0) -> Object:
        request = urllib.request.Request(
            self._url + self._loop + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={
                "authorization": f"Bearer {self._key}",
                "content-type": "application/json",
                "accept": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=10 + patience) as response:
                said: Object = json.load(response)
                return said
        except urllib.error.HTTPError as error:
            with error:
                try:
                    said = json.load(error)
                except ValueError:
                    said = {}
            after = error.headers.get("retry-after", "")
            raise Refused(error.code, said, float(after) if after.isdigit() else 0) from None
        except (OSError, ValueError) as error:
            raise Unreachable(f"{method} {path}: {error}") from None


# The agent at work -------------------------------------------------------------------------------


def log(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


class Agent:
    """Answers questions under the contract that they name."""

    def __init__(self, door: Door, company: Company) -> None:
        self._door = door
        self._company = company
        self._contract = door.contract()

    def try_answer(self, question: Json) -> Optional[Object]:
        """The answer, with one line in the log; None where this agent failed, which is its own bug.

        One question that it cannot answer must not take the others with it.
        """
        try:
            answer = self._answer(question)
        except Exception:  # noqa: BLE001 (whatever it is, it belongs into the log)
            log(f"failed: {traceback.format_exc()}")
            return None
        log(f"{question['id']} {summary(answer)}")
        return answer

    def _answer(self, question: Json) -> Object:
        """A reply, or a refusal: `{"error": {"code", "path", "message"}}`."""
        request = question["request"]
        asked = request["contract"]["hash"]
        if asked != self._contract.hash:
            self._contract = self._door.contract()
        contract = self._contract
        given = request["signal"]
        if asked != contract.hash:
            message = f"this agent answers {contract.name} {contract.version}"
            found: Optional[Problem] = Problem("wrong-contract", "/contract", message)
        else:
            found = contract.find_problem(given, request["now"])
        if found is not None:
            return found.refusal()
        return decide(contract, self._company, given, request["resources"])


def summary(answer: Object) -> str:
    if "error" in answer:
        return f"refused {answer['error']['code']} {answer['error']['path']}"
    option = answer.get("proposal", {}).get("option", "")
    return f"{answer['kind']} {option}".strip()


class Stop:
    """SIGTERM and SIGINT: what is being answered is answered; what is only waited for is left."""

    class Now(BaseException):
        """Not an `Exception`: nothing on the way may take it for a failure."""

    def __init__(self) -> None:
        self.event = threading.Event()
        self._may_leave = False
        for number in (os_signal.SIGTERM, os_signal.SIGINT):
            os_signal.signal(number, self._asked)

    def _asked(self, number: int, _frame: object) -> None:
        log(f"stopping: signal {number}")
        self.event.set()
        if self._may_leave:
            raise Stop.Now

    def while_waiting(self, wait: Callable[[], Any]) -> Any:
        """Runs a wait on the main thread that a signal may break off."""
        self._may_leave = True
        try:
            if self.event.is_set():
                raise Stop.Now
            return wait()
        finally:
            self._may_leave = False


BACKOFF_FIRST_S = 0.5
BACKOFF_MAX_S = 15.0


def keep_trying(stop: Stop, what: str, work: Callable[[], Any]) -> Any:
    """Until it works: an outage passes. A refusal that would only come again is raised."""
    wait_s = BACKOFF_FIRST_S
    while True:
        try:
            return work()
        except Unreachable as error:
            said, least = str(error), 0.0
        except Refused as error:
            if not error.is_passing:
                raise
            said, least = str(error), error.retry_after
        delay = max(wait_s, least)
        log(f"{what}: {said}; again in {delay:g} s")
        stop.while_waiting(lambda: time.sleep(delay))
        wait_s = min(wait_s * 2, BACKOFF_MAX_S)


class Heart(threading.Thread):
    """Says that the agent lives; on a thread of its own, so that no long answer silences it."""

    def __init__(self, door: Door, said: Object, every_s: float, stop: threading.Event) -> None:
        super().__init__(daemon=True)
        self._door, self._said, self._every_s, self._stop_event = door, said, every_s, stop
        self.fault: Optional[Refused] = None

    def run(self) -> None:
        wait_s = self._every_s
        while not self._stop_event.wait(wait_s):
            try:
                self._door.heartbeat(self._said)
                wait_s = self._every_s
            except Unreachable as error:
                log(f"heartbeat: {error}")
                wait_s = min(1.0, self._every_s)
            except Refused as error:
                log(f"heartbeat: {error}")
                wait_s = min(1.0, self._every_s)
                if not error.is_passing:
                    # Another agent took this end, or the key was revoked: nothing left to do here.
                    self.fault = error
                    return


QUESTIONS_MAX = 50


def fetch_questions(door: Door, agent: Agent, stop: Stop, heart: Heart, wait: int) -> None:
    """The way without an address: come by, take what is waiting, bring the answers."""

    def take() -> List[Object]:
        taken: List[Object] = stop.while_waiting(lambda: door.questions(wait, QUESTIONS_MAX))
        return taken

    while heart.fault is None:
        for question in keep_trying(stop, "questions", take):
            bring_answer(door, question["id"], agent.try_answer(question), stop)
    raise heart.fault


def bring_answer(door: Door, question: str, answer: Optional[Object], stop: Stop) -> None:
    if answer is None:
        # Unanswered, the question is put again, and its case says that it waits.
        return
    try:
        keep_trying(stop, "answer", lambda: door.answer(question, answer))
    except Refused as error:
        # Answered before, too late, or found wrong: the server knows what to do about it.
        log(f"{question} not taken: {error}")


def serve_questions(agent: Agent, server: ThreadingHTTPServer, stop: Stop, heart: Heart) -> None:
    """The way with an address: Interlock calls."""
    threading.Thread(target=server.serve_forever, daemon=True).start()
    while heart.fault is None:
        stop.while_waiting(lambda: time.sleep(0.5))
    raise heart.fault


BODY_BYTES_MAX = 8 * 1024 * 1024


def refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def make_handler(agent: Agent) -> type:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 30
        # Head and body go out separately; without this the second waits for an answer to the first.
        disable_nagle_algorithm = True

        def do_POST(self) -> None:  # noqa: N802 (the name that http.server calls)
            length = self.headers.get("content-length", "")
            if self.path != "/evaluate" or not length.isdigit() or int(length) > BODY_BYTES_MAX:
                self.close_connection = True
                self._say(404 if self.path != "/evaluate" else 413, {})
                return
            try:
                question = json.loads(self.rfile.read(int(length)), parse_constant=refuse_constant)
            except (ValueError, RecursionError):
                self._say(400, Problem("not-plain", "", "this is not JSON").refusal())
                return
            answer = agent.try_answer(question)
            # Without an answer it is our own failure, and not the signal's: 500.
            status = 500 if answer is None else 422 if "error" in answer else 200
            self._say(status, answer or {})

        def _say(self, status: int, body: Object) -> None:
            data = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_args: Any) -> None:
            """One line per question is written by the agent."""

    return Handler


# The command line --------------------------------------------------------------------------------


def read_arguments() -> argparse.Namespace:
    env = os.environ.get
    parser = argparse.ArgumentParser(description="A receiving agent for logistics.geo-risk.")
    parser.add_argument("--url", default=env("INTERLOCK_URL", "http://127.0.0.1:7070"))
    parser.add_argument("--loop", default=env("INTERLOCK_LOOP", "logistics-marketing"))
    parser.add_argument("--name", default=NAME)
    parser.add_argument("--version", default=VERSION, help="change it whenever the answers change")
    parser.add_argument("--heartbeat", type=int, default=30, metavar="SECONDS")
    parser.add_argument("--wait", type=int, default=25, metavar="SECONDS", help="of a long poll")
    parser.add_argument("--serve", type=int, metavar="PORT", help="be called there (0: any free)")
    parser.add_argument("--host", default="127.0.0.1", help="where Interlock reaches --serve")
    parser.add_argument("--orders", type=Path, default=Path(__file__).with_name("orders.csv"))
    parser.add_argument("--company-orders", type=float, default=Company().orders_per_day)
    return parser.parse_args()


def run(arguments: argparse.Namespace, key: str, stop: Stop) -> None:
    door = Door(arguments.url, key, arguments.loop)
    company = Company(arguments.company_orders)
    record = read_own_record(arguments.orders)
    said: Object = {"name": arguments.name, "version": arguments.version}
    said["heartbeatSeconds"] = arguments.heartbeat
    server: Optional[ThreadingHTTPServer] = None
    agent = keep_trying(stop, "contract", lambda: Agent(door, company))
    if arguments.serve is not None:
        server = ThreadingHTTPServer((arguments.host, arguments.serve), make_handler(agent))
        said["url"] = f"http://{arguments.host}:{server.server_address[1]}/evaluate"
    stands = keep_trying(stop, "register", lambda: door.register(said))
    beat = {"name": arguments.name, "dataCompleteTo": record["asOf"], "calibration": record}
    keep_trying(stop, "heartbeat", lambda: door.heartbeat(beat))
    way = f"called at {said['url']}" if server else "fetching questions"
    log(
        f"{arguments.name} {arguments.version} stands at {arguments.loop} ({stands['state']}), "
        f"{way}; {record['covered']} of {record['predictions']} forecasts held"
    )
    # Twice as often as promised: one lost heartbeat then suspends nothing.
    heart = Heart(door, beat, arguments.heartbeat / 2, stop.event)
    heart.start()
    if server is not None:
        serve_questions(agent, server, stop, heart)
    else:
        fetch_questions(door, agent, stop, heart, arguments.wait)


def main() -> int:
    arguments = read_arguments()
    key = os.environ.get("INTERLOCK_KEY", "")
    if not key:
        log("INTERLOCK_KEY is not set; `interlock agent key create` makes a key")
        return 2
    stop = Stop()
    try:
        run(arguments, key, stop)
    except Stop.Now:
        return 0
    except (Refused, ValueError, OSError) as error:
        log(f"cannot go on: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
