"""What servers answer, as records. What does not have the form of the protocol is left out, never an error."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from tuinb.analysis.problems import Problem
from tuinb.editing.completion import Candidate, word_start
from tuinb.lsp import positions
from tuinb.lsp.documents import Found, is_masked
from tuinb.lsp.edits import offset_of
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from tuinb.lsp.documents import Documents
    from tuinb.notebook.changes import CellId

_GIVEN = frozenset(
    ("display", "get_ipython", "In", "Out", "_", "__", "___", "_i", "_ii", "_iii", "_dh", "_oh", "_ih", "exit", "quit")
)
"""Names that IPython gives to every cell."""
_QUOTED = re.compile(r"[`\"']([^`\"']+)[`\"']")
_ABOUT_NAMES = re.compile(r"undefined|not defined|unresolved|unknown name", re.IGNORECASE)
_ABOUT_PACKAGES = frozenset(("unresolved-import", "reportMissingImports", "reportMissingModuleSource"))
_ABOUT_VALUES = frozenset(("reportUnusedExpression", "expression-not-assigned", "pointless-statement"))
"""A cell shows the value of its last expression."""
_ERROR, _WARNING = 1, 2
_MOST_PROBLEMS, _MOST_CANDIDATES, _MOST_PLACES = 200, 2_000, 10_000
_LONGEST = 400
"""Characters of a problem that are told."""
_FENCE = re.compile(r"^ *```.*\n?", re.MULTILINE)
_KINDS = {
    2: "function", 3: "function", 4: "function", 5: "property", 6: "instance", 7: "class", 8: "class", 9: "module",
    10: "property", 13: "class", 14: "keyword", 17: "path", 19: "path", 21: "instance", 22: "instance",
}  # fmt: skip
"""CompletionItemKind → the kind as IPython names it."""


class Location(Record):
    """A place in a cell, or in a file."""

    cell: CellId | None
    offset: int = 0
    path: str = ""
    line: int = 0
    """The line in the file, from 0."""


class Signature(Record):
    """The parameters of a function that is called."""

    label: str


class Surroundings(Record):
    """What a server does not see, so that it is wrong about it."""

    names: frozenset[str] = frozenset()
    """Names in magics, which may set or use them."""
    any_name: bool = False
    """Whether a magic may set any name."""
    knows_packages: bool = True
    """Whether the server knows the packages that the kernel has."""


def problems(params: Any, documents: Documents, around: Surroundings) -> dict[CellId, tuple[Problem, ...]]:  # noqa: ANN401
    """Returns the problems of each cell of the document that a server published them for. All cells of it are named."""
    uri = params.get("uri") if isinstance(params, dict) else None
    if not isinstance(uri, str) or not documents.has(uri, params.get("version")):
        return {}
    found: dict[CellId, list[Problem]] = {cell: [] for cell in documents.cells_of(uri)}
    for entry in _entries(params.get("diagnostics")):
        problem = _problem(entry, uri, documents, around)
        if problem is not None and len(found[problem[0]]) < _MOST_PROBLEMS:
            found[problem[0]].append(problem[1])
    return {cell: tuple(sorted(each, key=lambda one: (one.line, one.column))) for cell, each in found.items()}


def _problem(entry: dict[str, Any], uri: str, documents: Documents, around: Surroundings) -> tuple[CellId, Problem] | None:
    message, severity = entry.get("message"), entry.get("severity", _ERROR)
    between = entry.get("range")
    place = _found(uri, between.get("start") if isinstance(between, dict) else None, documents)
    if place is None or not isinstance(message, str) or severity not in (_ERROR, _WARNING):
        return None
    if is_masked(documents.cells[place.cell], place.row):
        return None  # It is about what stands there for a magic.
    code = entry.get("code")
    if _is_unfounded(message, str(code), around):
        return None
    text = " ".join(message.split())
    shown = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    if isinstance(code, str | int) and str(code) not in shown:
        shown = f"{shown} ({code})"
    return place.cell, Problem(place.row, place.column, shown, is_error=severity == _ERROR)


def _is_unfounded(message: str, code: str, around: Surroundings) -> bool:
    """Returns whether a problem is one only without what the server does not see."""
    if code in _ABOUT_PACKAGES or code in _ABOUT_VALUES:
        return code in _ABOUT_VALUES or not around.knows_packages
    name = _QUOTED.search(message)
    if name is None or not _ABOUT_NAMES.search(f"{message} {code}"):
        return False
    return name[1] in _GIVEN or name[1] in around.names or around.any_name


def locations(result: Any, documents: Documents) -> list[Location]:  # noqa: ANN401
    """Returns the places in a Location, or in lists of Locations or LocationLinks, in their order, each once."""
    found: dict[Location, None] = {}
    for entry in _entries([result] if isinstance(result, dict) else result):
        uri = entry.get("uri", entry.get("targetUri"))
        between = entry.get("range", entry.get("targetSelectionRange", entry.get("targetRange")))
        start = positions.read(between.get("start")) if isinstance(between, dict) else None
        if not isinstance(uri, str) or start is None:
            continue
        if documents.has(uri):
            place = documents.find(uri, start)
            if place is not None:
                found[Location(place.cell, offset_of(documents, place))] = None
        elif path := path_of(uri):
            found[Location(None, path=path, line=start.line)] = None
        if len(found) >= _MOST_PLACES:
            break
    return list(found)


def path_of(uri: str) -> str:
    """Returns the path in a `file:` URI. Empty if it is another one."""
    try:
        parts = urlsplit(uri)
    except ValueError:
        return ""
    path = unquote(parts.path, errors="replace")
    return path if parts.scheme == "file" and path.startswith("/") and "\0" not in path else ""


def hover(result: Any) -> str:  # noqa: ANN401
    """Returns the text of a Hover. Empty without one."""
    contents = result.get("contents") if isinstance(result, dict) else None
    parts = contents if isinstance(contents, list) else [contents]
    texts = (part.get("value") if isinstance(part, dict) else part for part in parts)
    return "\n\n".join(plain for text in texts if isinstance(text, str) and (plain := _FENCE.sub("", text).strip()))


def signature(result: Any) -> str:  # noqa: ANN401
    """Returns the active signature of a SignatureHelp, on one line. Empty without one."""
    signatures = list(_entries(result.get("signatures") if isinstance(result, dict) else None))
    if not signatures:
        return ""
    active = result.get("activeSignature")
    one = signatures[active if type(active) is int and 0 <= active < len(signatures) else 0]
    label = one.get("label")
    return " ".join(label.split()) if isinstance(label, str) else ""


def candidates(result: Any, source: str, offset: int, encoding: str) -> tuple[int, tuple[Candidate, ...]]:  # noqa: ANN401
    """Returns where the completed text begins in a source, and the candidates of a list of completions, the best first.

    Left out are those that replace another part of the text, change other places, or have several lines or control characters.
    """
    start = word_start(source, offset)
    items = result.get("items") if isinstance(result, dict) else result
    found: list[tuple[str, Candidate]] = []
    for item in _entries(items):
        candidate = None if item.get("additionalTextEdits") else _candidate(item, source, start, offset, encoding)
        if candidate is not None:
            found.append((str(item.get("sortText") or item["label"]), candidate))
        if len(found) >= _MOST_CANDIDATES:
            break
    found.sort(key=lambda each: each[0])
    return start, tuple(dict.fromkeys(each[1] for each in found))


def _candidate(item: dict[str, Any], source: str, start: int, offset: int, encoding: str) -> Candidate | None:
    label, text, edit = item.get("label"), item.get("insertText"), item.get("textEdit")
    if isinstance(edit, dict):
        between = edit.get("range", edit.get("insert"))
        place = positions.read(between.get("start")) if isinstance(between, dict) else None
        line = source[source.rfind("\n", 0, offset) + 1 :].partition("\n")[0]
        if place is None or positions.column(line, place.column, encoding) != positions.position(source, start).column:
            return None
        text = edit.get("newText")
    text = label if text is None else text
    if not isinstance(label, str) or not isinstance(text, str) or not text or not text.isprintable():
        return None
    kind, detail = item.get("kind"), item.get("detail")
    shown = detail if isinstance(detail, str) and detail.startswith("(") else ""
    return Candidate(text, _KINDS.get(kind, "") if type(kind) is int else "", " ".join(shown.split()))


def _found(uri: str, value: Any, documents: Documents) -> Found | None:  # noqa: ANN401
    place = positions.read(value)
    return None if place is None else documents.find(uri, place)


def _entries(value: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401
    entries: Iterable[Any] = value if isinstance(value, list) else ()
    return (entry for entry in entries if isinstance(entry, dict))
