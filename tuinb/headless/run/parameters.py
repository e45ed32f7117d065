"""Sets the parameters of a notebook by papermill's convention (papermill.readthedocs.io, "Parameterize").

A cell tagged `parameters` has the defaults. A cell tagged `injected-parameters` with the given values is inserted below it, or
gets the new values if it exists. Values keep their types (number, boolean, null, string, list, object) as far as the language
has them.
"""

from __future__ import annotations

import json
import math
import re
import shlex
from keyword import iskeyword
from typing import TYPE_CHECKING, Any

from tuinb.errors import UsageError
from tuinb.notebook import changes as c
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from tuinb.notebook.cell import Cell
    from tuinb.notebook.document import Notebook

DEFAULTS = "parameters"
INJECTED = "injected-parameters"
ORIGIN = c.ClientId("parameters")


# ---- reading values


def typed(text: str) -> object:
    """Converts a word of the command line by papermill's rule: `1` is a number, `x` is a string."""
    if text in {"True", "False", "None"}:
        return {"True": True, "False": False, "None": None}[text]
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


def read_file(path: Path) -> dict[str, object]:
    """Reads parameters from a JSON file, or from a YAML file if PyYAML is installed. Raises UsageError."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
        raise UsageError(f"the parameters can't be read: {reason}", where=str(path)) from error
    found = _yaml(text, path) if path.suffix.lower() in {".yaml", ".yml"} else _json(text, path)
    if found is None:
        return {}  # a YAML file may have nothing but comments
    if not isinstance(found, dict):
        raise UsageError("the parameters should be an object: names with values", where=str(path))
    for name in found:
        if not isinstance(name, str):
            raise UsageError(f"{name!r} is no name of a parameter", where=str(path), hint="YAML takes it for a value: quote it")
    return found


def _json(text: str, path: Path) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        hint = "a YAML file should end in .yaml or .yml"
        raise UsageError(f"the parameters are not JSON: {error}", where=str(path), hint=hint) from error


def _yaml(text: str, path: Path) -> object:
    from importlib import import_module

    try:
        yaml: Any = import_module("yaml")
    except ImportError as error:
        hint = "install it with `pip install 'tuinb[yaml]'`, or give a JSON file"
        raise UsageError("reading YAML needs PyYAML", where=str(path), hint=hint) from error
    try:
        return yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date that does not exist
        raise UsageError(f"the parameters are not YAML: {error}", where=str(path)) from error


# ---- writing code


class Language(Record):
    """The syntax of values in a language."""

    constants: Mapping[object, str]
    """Literals for None, True and False."""
    text: Callable[[str], str]
    infinities: tuple[str, str, str]
    """Literals for NaN, infinity and negative infinity."""
    items: tuple[str, str, str]
    """The strings that open, separate and close a list."""
    pairs: tuple[str, str, str] | None
    """The strings that open an object, separate key and value, and close it. None if the language has no objects."""
    assign: str = " = "
    names: str = r"[^\W\d]\w*"


def _quoted(text: str, escaped: str = "") -> str:
    """Quotes a string with double quotes and C escapes. `escaped` are further characters that need a backslash."""
    known = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
    parts = []
    for char in text:
        if char in '"\\' or char in escaped:
            parts.append("\\" + char)
        elif char.isprintable():
            parts.append(char)
        elif ord(char) < 0x80:
            parts.append(known.get(char) or f"\\x{ord(char):02x}")
        else:
            parts.append(f"\\u{ord(char):04x}" if ord(char) < 0x10000 else f"\\U{ord(char):08x}")
    return f'"{"".join(parts)}"'


LANGUAGES: Mapping[str, Language] = {
    "python": Language(
        {None: "None", True: "True", False: "False"},
        _quoted,
        ("float('nan')", "float('inf')", "float('-inf')"),
        ("[", ", ", "]"),
        ("{", ": ", "}"),
    ),
    "r": Language(
        {None: "NULL", True: "TRUE", False: "FALSE"},
        _quoted,
        ("NaN", "Inf", "-Inf"),
        ("list(", ", ", ")"),
        ("list(", " = ", ")"),
        names=r"[^\W\d_][\w.]*",
    ),
    "julia": Language(
        {None: "nothing", True: "true", False: "false"},
        lambda text: _quoted(text, "$"),
        ("NaN", "Inf", "-Inf"),
        ("[", ", ", "]"),
        ("Dict(", " => ", ")"),
    ),
    "bash": Language(
        {None: "", True: "true", False: "false"},
        shlex.quote,
        ("nan", "inf", "-inf"),
        ("(", " ", ")"),
        None,
        assign="=",
        names=r"[A-Za-z_][A-Za-z0-9_]*",
    ),
}


def code(parameters: Mapping[str, object], language: str) -> str:
    """Returns the source of a cell that sets the parameters. Raises UsageError if the language can't express a value."""
    dialect = LANGUAGES.get(language.lower())
    if dialect is None:
        known = ", ".join(sorted(LANGUAGES))
        raise UsageError(f"parameters can't be written in {language or 'an unknown language'}", hint=f"known are {known}")
    lines = ["# Parameters"]
    for name, value in parameters.items():
        if not re.fullmatch(dialect.names, name) or (language.lower() == "python" and iskeyword(name)):
            raise UsageError(f"{name!r} can't be the name of a variable in {language}", hint="a parameter needs another name")
        try:
            lines.append(f"{name}{dialect.assign}{_value(value, dialect, name)}")
        except RecursionError as error:  # a list in YAML may contain itself
            raise UsageError("its value nests too deep", where=f"parameter {name}") from error
    return "\n".join(lines) + "\n"


def _value(value: object, dialect: Language, name: str) -> str:
    match value:
        case None | bool():
            return dialect.constants[value]
        case int():
            return str(value)
        case float():
            if math.isfinite(value):
                return repr(value)
            return dialect.infinities[0 if math.isnan(value) else 1 if value > 0 else 2]
        case list():
            if dialect.pairs is None and any(isinstance(item, list | dict) for item in value):
                raise UsageError("the notebook's language has no lists of lists", where=f"parameter {name}")
            opened, between, closed = dialect.items
            return opened + between.join(_value(item, dialect, name) for item in value) + closed
        case dict():
            if dialect.pairs is None:
                raise UsageError("the notebook's language has no objects", where=f"parameter {name}")
            opened, arrow, closed = dialect.pairs
            pairs = (dialect.text(str(key)) + arrow + _value(item, dialect, name) for key, item in value.items())
            return opened + ", ".join(pairs) + closed
        case _:
            # A date, from YAML.
            return dialect.text(str(value))


# ---- changing the notebook


class Injection(Record):
    cell: c.CellId
    """The cell that sets the parameters."""
    transaction: c.Transaction
    notices: tuple[str, ...]
    """Notices for the user."""


def injection(notebook: Notebook, parameters: Mapping[str, object], language: str) -> Injection:
    """Returns the transaction that sets the parameters. Raises UsageError."""
    source = code(parameters, language)
    defaults, injected = _tagged(notebook, DEFAULTS), _tagged(notebook, INJECTED)
    notices = tuple(_unknown(defaults, parameters, language)) if defaults else ()
    changes: tuple[c.Change, ...]
    if injected is not None:
        key = injected.id
        changes = (
            c.SpliceSource(key, 0, injected.source, source),
            c.SetOutputs(key),
            c.SetExecutionCount(key, None),
        )
    else:
        new = notebook.fresh(c.CellData(c.CellId(""), "code", source, {"metadata": {"tags": [INJECTED]}}))
        key = new.id
        changes = (c.InsertCell(new, defaults.id if defaults else None),)
        if defaults is None:
            notices = (f"no cell is tagged `{DEFAULTS}`: they are set at the top",)
    return Injection(key, c.Transaction(changes, ORIGIN, c.Step.OUTPUT), notices)


def _tagged(notebook: Notebook, tag: str) -> Cell | None:
    return next((cell for cell in notebook if cell.kind == "code" and tag in cell.tags), None)


def _unknown(defaults: Cell, parameters: Iterable[str], language: str) -> Iterable[str]:
    if language.lower() != "python" or (known := _assigned(defaults.source)) is None:
        return
    for name in parameters:
        if name not in known:
            yield f"the cell tagged `{DEFAULTS}` has no {name!r}"


def _assigned(source: str) -> set[str] | None:
    """Returns the names that Python code assigns. Returns None if it can't be parsed, as with magics."""
    import ast
    import warnings

    try:
        with warnings.catch_warnings(action="ignore"):
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError):
        return None
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
