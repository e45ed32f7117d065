"""What servers answer, in all forms of the protocol and in none."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.analysis.problems import Problem
from tuinb.editing.completion import Candidate
from tuinb.lsp import answers
from tuinb.lsp.answers import Location, Surroundings
from tuinb.lsp.documents import CellDocuments
from tuinb.notebook.changes import CellId

A, B = CellId("a"), CellId("b")
NOTHING = Surroundings()


def documents() -> CellDocuments:
    made = CellDocuments("file:///n.ipynb", "python", "utf-16", masks=True)
    made.sync([(A, "😀x\n%time y"), (B, "print(x)")])
    return made


def between(line: int, start: int, end: int = 99) -> dict[str, Any]:
    return {"start": {"line": line, "character": start}, "end": {"line": line, "character": end}}


def diagnostic(message: str, line: int = 0, **more: object) -> dict[str, Any]:
    return {"range": between(line, 2), "message": message, **more}


def told(*diagnostics: object, around: Surroundings = NOTHING, version: int | None = None) -> tuple[Problem, ...]:
    it = documents()
    params = {"uri": it.uri(A), "diagnostics": list(diagnostics), "version": version}
    return answers.problems(params, it, around).get(A, ())


def test_problems() -> None:
    found = told(diagnostic("bad\n  thing", code="E1"), diagnostic("rule (x)", severity=2, code="x"))
    assert found == (Problem(0, 1, "bad thing (E1)", is_error=True), Problem(0, 1, "rule (x)"))
    assert told(diagnostic("m" * 500))[0].text == "m" * 400 + "…"


@pytest.mark.parametrize(
    "entry",
    [3, {}, diagnostic("x", severity=3), diagnostic("x", 7), {"message": "x", "range": 3}, {**diagnostic("x"), "message": 3}],
)
def test_what_is_no_problem_to_mark(entry: object) -> None:
    assert told(entry) == ()


def test_problems_of_what_the_server_does_not_see() -> None:
    assert told(diagnostic("Name `display` used when not defined")) == ()
    assert told(diagnostic("x", 1)) == ()  # where a magic is masked
    undefined, missing = diagnostic('"y" is not defined'), diagnostic("no pandas", code="unresolved-import")
    assert len(told(undefined, missing)) == 2
    assert told(undefined, missing, around=Surroundings(frozenset("y"), knows_packages=False)) == ()
    assert told(undefined, around=Surroundings(any_name=True)) == ()


def test_problems_of_another_version_or_document() -> None:
    assert told(diagnostic("x"), version=1)
    assert not told(diagnostic("x"), version=2)
    assert answers.problems({"uri": "file:///x", "diagnostics": []}, documents(), NOTHING) == {}
    assert answers.problems(3, documents(), NOTHING) == {}


def test_places() -> None:
    it = documents()
    here = {"uri": it.uri(B), "range": between(0, 6)}
    link = {"targetUri": "file:///a%20b.py", "targetSelectionRange": between(4, 0), "targetRange": between(3, 0)}
    assert answers.locations(here, it) == [Location(B, 6)]
    assert answers.locations([here, here, link, 3, {"uri": "untitled:x", "range": between(0, 0)}], it) == [
        Location(B, 6),
        Location(None, path="/a b.py", line=4),
    ]
    assert answers.locations([{"uri": it.uri(B), "range": between(7, 0)}, {"uri": 3}, {"uri": it.uri(A)}], it) == []
    assert answers.locations(None, it) == []
    assert [answers.path_of("file:///%00"), answers.path_of("file://[bad"), answers.path_of("http://x/y")] == ["", "", ""]


@pytest.mark.parametrize(
    ("contents", "text"),
    [
        ("plain", "plain"),
        ({"kind": "markdown", "value": "```python\nx: int\n```\n---"}, "x: int\n---"),
        (["a", {"language": "python", "value": "b"}, 3, ""], "a\n\nb"),
        (None, ""),
        ({"value": 3}, ""),
    ],
)
def test_hover(contents: object, text: str) -> None:
    assert answers.hover({"contents": contents}) == text


def test_no_hover() -> None:
    assert answers.hover(None) == ""


@pytest.mark.parametrize(
    ("result", "label"),
    [
        ({"signatures": [{"label": "f(a)"}, {"label": "f(\n  b)"}], "activeSignature": 1}, "f( b)"),
        ({"signatures": [{"label": "f(a)"}], "activeSignature": 7}, "f(a)"),
        ({"signatures": [{"label": 3}]}, ""),
        ({"signatures": []}, ""),
        (None, ""),
    ],
)
def test_signatures(result: object, label: str) -> None:
    assert answers.signature(result) == label


def test_candidates() -> None:
    items = [
        {"label": "beta", "sortText": "2", "kind": 3, "detail": "(x) -> int"},
        {"label": "alpha()", "insertText": "alpha", "sortText": "1", "kind": 7, "detail": "int"},
        {"label": "gamma", "sortText": "3", "textEdit": {"range": between(0, 3, 5), "newText": "gam"}},
        {"label": "elsewhere", "textEdit": {"range": between(0, 0, 5), "newText": "x"}},
        {"label": "importing", "additionalTextEdits": [{}]},
        {"label": "two\nlines"},
        {"label": "\x1b[2J"},
        {"label": 3},
        {"label": "bad", "insertText": 3},
        3,
    ]
    expected = (Candidate("alpha", "class"), Candidate("beta", "function", "(x) -> int"), Candidate("gam"))
    assert answers.candidates({"items": items}, "😀.ab", 4, "utf-16") == (2, expected)
    assert answers.candidates(items, "😀.ab", 4, "utf-16") == (2, expected)
    assert answers.candidates(None, "ab", 2, "utf-16") == (0, ())


KEYS = (
    "uri", "range", "start", "end", "line", "character", "message", "items", "label", "contents", "signatures", "diagnostics",
    "textEdit",
)  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=3),
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.sampled_from(KEYS), each, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_no_answer_is_an_error(value: Any) -> None:  # noqa: ANN401 - any JSON
    it = documents()
    params = {**value, "uri": it.uri(A)} if isinstance(value, dict) else value
    answers.problems(params, it, NOTHING)
    answers.locations(value, it)
    answers.hover(value)
    answers.signature(value)
    answers.candidates(value, "ab", 2, "utf-16")
