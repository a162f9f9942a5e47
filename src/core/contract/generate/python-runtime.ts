/**
 * What every generated Python module carries: the part of JSON Schema that contracts use, checked with
 * nothing but Python's standard library.
 *
 * Formats are checked for their form; whether an address exists is nobody's business here.
 */
export const PYTHON_RUNTIME = `class ContractError(ValueError):
    """What is wrong with a value: a list of (JSON Pointer, sentence)."""

    def __init__(self, problems):
        self.problems = problems
        super().__init__("; ".join(f"{path or '/'}: {why}" for path, why in problems[:5]))


class _Missing:
    """A field that is not there, where None would be a value."""

    def __bool__(self):
        return False

    def __repr__(self):
        return "MISSING"


MISSING = _Missing()

_FORMATS = {
    "date": r"\\d{4}-\\d\\d-\\d\\d",
    "date-time": r"\\d{4}-\\d\\d-\\d\\d[Tt\\s]\\d\\d:\\d\\d:\\d\\d(?:\\.\\d+)?(?:[Zz]|[+-]\\d\\d(?::?\\d\\d)?)",
    "email": r"[^\\s@<>\\"(),:;\\[\\]\\\\]+@[A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)+",
    "uri": r"[A-Za-z][A-Za-z0-9+.-]*:[^\\s<>\\"{}|\\\\^\`]+",
    "uuid": r"(?:urn:uuid:)?[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}",
}


def _is_number(value):
    """An int or a float that JSON can carry."""
    if isinstance(value, float):
        return value == value and value not in (float("inf"), float("-inf"))
    return isinstance(value, int) and not isinstance(value, bool)


def _is_whole(value):
    return isinstance(value, int) or value.is_integer()


_TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": _is_number,
    "integer": lambda value: _is_number(value) and _is_whole(value),
}


def _same(a, b):
    """Equal as JSON: true is not 1, and 1.0 is."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(_same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(_same, a, b))
    return type(a) is type(b) and a == b or (_is_number(a) and _is_number(b) and a == b)


def _keeps_format(name, value):
    if not re.fullmatch(_FORMATS[name], value, re.ASCII):
        return False
    if not name.startswith("date"):
        return True
    try:
        datetime.date.fromisoformat(value[:10])
        if name == "date-time":
            second = "59" if value[17:19] == "60" else value[17:19]
            datetime.time.fromisoformat(value[11:17] + second)
        return True
    except ValueError:
        return False


def _pointer(path, key):
    return path + "/" + str(key).replace("~", "~0").replace("/", "~1")


def find_problems(schema, value, root=None, path=""):
    """Everything in value that breaks the schema, as (JSON Pointer, sentence)."""
    root = schema if root is None else root
    if schema is True:
        return []
    if schema is False:
        return [(path, "nothing is allowed here")]
    found = []

    def bad(why, at=path):
        found.append((at, why))

    def keeps(part, of=value):
        return not find_problems(part, of, root, path)

    if "$ref" in schema:
        name = schema["$ref"][len("#/$defs/"):].replace("~1", "/").replace("~0", "~")
        found += find_problems(root["$defs"][name], value, root, path)
    if "type" in schema:
        types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
        if not any(_TYPES[name](value) for name in types):
            bad("is not " + " or ".join(types))
    if "enum" in schema and not any(_same(value, one) for one in schema["enum"]):
        bad("is not one of " + json.dumps(schema["enum"], ensure_ascii=False)[:300])
    if "const" in schema and not _same(value, schema["const"]):
        bad("is not " + json.dumps(schema["const"], ensure_ascii=False))
    if _is_number(value):
        _check_number(schema, value, bad)
    elif isinstance(value, str):
        _check_text(schema, value, bad)
    elif isinstance(value, list):
        _check_list(schema, value, root, path, bad, found)
    elif isinstance(value, dict):
        _check_object(schema, value, root, path, bad, found)
    for part in schema.get("allOf", ()):
        found += find_problems(part, value, root, path)
    if "anyOf" in schema and not any(map(keeps, schema["anyOf"])):
        bad("fits none of the allowed shapes")
    if "oneOf" in schema and sum(map(keeps, schema["oneOf"])) != 1:
        bad("does not fit exactly one of the allowed shapes")
    if "not" in schema and keeps(schema["not"]):
        bad("has a shape that is not allowed")
    if "if" in schema:
        found += find_problems(
            schema.get("then" if keeps(schema["if"]) else "else", True), value, root, path
        )
    return found


def _is_multiple(value, of):
    try:
        return _is_whole(value / of)
    except OverflowError:
        return False


def _check_number(schema, value, bad):
    if "minimum" in schema and value < schema["minimum"]:
        bad(f"is below {schema['minimum']}")
    if "maximum" in schema and value > schema["maximum"]:
        bad(f"is above {schema['maximum']}")
    if "exclusiveMinimum" in schema and value <= schema["exclusiveMinimum"]:
        bad(f"is not above {schema['exclusiveMinimum']}")
    if "exclusiveMaximum" in schema and value >= schema["exclusiveMaximum"]:
        bad(f"is not below {schema['exclusiveMaximum']}")
    if "multipleOf" in schema and not _is_multiple(value, schema["multipleOf"]):
        bad(f"is not a multiple of {schema['multipleOf']}")


def _check_text(schema, value, bad):
    if len(value) < schema.get("minLength", 0):
        bad(f"is shorter than {schema['minLength']} characters")
    if len(value) > schema.get("maxLength", len(value)):
        bad(f"is longer than {schema['maxLength']} characters")
    if "pattern" in schema and not re.search(schema["pattern"], value, re.ASCII):
        bad("does not match " + schema["pattern"])
    if "format" in schema and not _keeps_format(schema["format"], value):
        bad("is not a " + schema["format"])


def _check_list(schema, value, root, path, bad, found):
    if len(value) < schema.get("minItems", 0):
        bad(f"has fewer than {schema['minItems']} items")
    if len(value) > schema.get("maxItems", len(value)):
        bad(f"has more than {schema['maxItems']} items")
    if schema.get("uniqueItems") and any(
        _same(one, other) for i, one in enumerate(value) for other in value[:i]
    ):
        bad("has an item twice")
    prefix = schema.get("prefixItems", [])
    for i, item in enumerate(value):
        part = prefix[i] if i < len(prefix) else schema.get("items", True)
        found += find_problems(part, item, root, _pointer(path, i))
    if "contains" in schema:
        count = sum(not find_problems(schema["contains"], item, root, path) for item in value)
        if count < schema.get("minContains", 1) or count > schema.get("maxContains", count):
            bad("does not have as many of the asked items as it must")


def _check_object(schema, value, root, path, bad, found):
    properties = schema.get("properties", {})
    for name in schema.get("required", ()):
        if name not in value:
            bad("is missing", _pointer(path, name))
    for name, needed in schema.get("dependentRequired", {}).items():
        for other in needed if name in value else ():
            if other not in value:
                bad(f"is missing; {name} needs it", _pointer(path, other))
    if len(value) < schema.get("minProperties", 0):
        bad(f"has fewer than {schema['minProperties']} fields")
    if len(value) > schema.get("maxProperties", len(value)):
        bad(f"has more than {schema['maxProperties']} fields")
    for name, member in value.items():
        at = _pointer(path, name)
        if name in properties:
            found += find_problems(properties[name], member, root, at)
        elif schema.get("additionalProperties", True) is False:
            bad("is not a field here", at)
        else:
            found += find_problems(schema.get("additionalProperties", True), member, root, at)


def _require(schema, value):
    problems = find_problems(schema, value)
    if problems:
        raise ContractError(problems)`;
