"""Parameters: their types, their code in each language, and the cell that they come in."""

from __future__ import annotations

import ast
import json
import math
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.errors import UsageError
from tuinb.headless.run.parameters import code, injection, read_file, typed
from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook

if TYPE_CHECKING:
    from pathlib import Path

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize(
    ("word", "value"),
    [("1", 1), ("-2.5", -2.5), ("1e3", 1000.0), ("True", True), ("None", None), ("true", "true"), ("a b", "a b"), ("", "")],
)
def test_a_word_of_the_command_line_has_a_type(word: str, value: object) -> None:
    assert typed(word) == value
    assert type(typed(word)) is type(value)


@given(VALUES)
def test_python_reads_back_what_was_given(value: object) -> None:
    tree = ast.parse(code({"x": value}, "python"))
    [assignment] = tree.body
    assert isinstance(assignment, ast.Assign)
    assert ast.literal_eval(assignment.value) == value


def test_python_has_numbers_that_are_none() -> None:
    source = code({"a": math.nan, "b": math.inf, "c": -math.inf}, "python")
    assert source == "# Parameters\na = float('nan')\nb = float('inf')\nc = float('-inf')\n"


@pytest.mark.parametrize(
    ("language", "source"),
    [
        ("python", 'a = [1, "x\\"\\n"]\nb = {"k": None}\nc = True\nd = 1.5\ne = "é$"\n'),
        ("R", 'a = list(1, "x\\"\\n")\nb = list("k" = NULL)\nc = TRUE\nd = 1.5\ne = "é$"\n'),
        ("julia", 'a = [1, "x\\"\\n"]\nb = Dict("k" => nothing)\nc = true\nd = 1.5\ne = "é\\$"\n'),
    ],
)
def test_each_language_has_its_own_way(language: str, source: str) -> None:
    given_values = {"a": [1, 'x"\n'], "b": {"k": None}, "c": True, "d": 1.5, "e": "é$"}
    assert code(given_values, language) == "# Parameters\n" + source


def test_bash_quotes_what_it_would_obey() -> None:
    assert code({"a": "$(rm x) 'y'", "b": [1, "c d"], "c": None}, "bash") == (
        "# Parameters\na='$(rm x) '\"'\"'y'\"'\"''\nb=(1 'c d')\nc=\n"
    )
    with pytest.raises(UsageError, match="has no objects"):
        code({"a": {}}, "bash")
    with pytest.raises(UsageError, match="no lists of lists"):
        code({"a": [[1]]}, "bash")


@pytest.mark.parametrize(
    ("name", "language"), [("a b", "python"), ("x;import os", "python"), ("class", "python"), ("_x", "R"), ("a.b", "julia")]
)
def test_a_name_that_is_none_is_refused(name: str, language: str) -> None:
    with pytest.raises(UsageError, match="can't be the name"):
        code({name: 1}, language)


def test_an_unknown_language_is_refused() -> None:
    with pytest.raises(UsageError, match="bash, julia, python, r"):
        code({"x": 1}, "cobol")


# ---- files


def test_a_json_file_keeps_types(tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text('{"a": 1, "b": [1.0, null]}')
    assert read_file(path) == {"a": 1, "b": [1.0, None]}


@pytest.mark.parametrize(("text", "said"), [("[1]", "should be an object"), ("{", "not JSON"), ("a: 1", "yaml")])
def test_a_file_that_has_no_parameters_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "p.json"
    path.write_text(text)
    with pytest.raises(UsageError, match=said):
        read_file(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_file(tmp_path / "no.json")


def test_a_file_of_comments_has_no_parameters(tmp_path: Path) -> None:
    pytest.importorskip("yaml", reason="PyYAML is not installed")
    path = tmp_path / "parameters.yaml"
    path.write_text("# alpha: 1\n", encoding="utf-8")
    assert read_file(path) == {}
    path.write_text("yes: 1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="True is no name"):
        read_file(path)


@pytest.mark.parametrize("text", ["day: 2021-02-30", "a: [", "a: " + "[" * 3000])
def test_yaml_that_says_nothing_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "parameters.yaml"
    path.write_text(text, encoding="utf-8")
    pytest.importorskip("yaml", reason="PyYAML is not installed")
    with pytest.raises(UsageError, match="not YAML"):
        read_file(path)


def test_a_list_that_contains_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(UsageError, match="parameter x: its value nests too deep"):
        code({"x": endless}, "python")


def test_yaml_is_read_by_a_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "p.yaml"
    path.write_text('{"a": 1}')
    library = SimpleNamespace(safe_load=json.loads, YAMLError=ValueError)
    monkeypatch.setitem(sys.modules, "yaml", library)
    assert read_file(path) == {"a": 1}
    path.write_text("{")
    with pytest.raises(UsageError, match="not YAML"):
        read_file(path)
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(UsageError, match="PyYAML"):
        read_file(path)


# ---- the cell


def book(*cells: tuple[str, str], minor: int = 5) -> Notebook:
    """A notebook of code cells: (source, tag)."""
    found = [
        CellData(CellId(f"c{number}"), "code", source, {"metadata": {"tags": [tag]} if tag else {}}, execution_count=number)
        for number, (source, tag) in enumerate(cells)
    ]
    return Notebook(found, nbformat_minor=minor)


def sources(notebook: Notebook) -> list[str]:
    return [cell.source for cell in notebook]


def test_it_comes_below_the_defaults() -> None:
    notebook = book(("import os", ""), ("a = 1", "parameters"), ("print(a)", ""))
    found = injection(notebook, {"a": 2}, "python")
    notebook.apply(found.transaction)
    assert sources(notebook) == ["import os", "a = 1", "# Parameters\na = 2\n", "print(a)"]
    assert notebook[found.cell].tags == ("injected-parameters",)
    assert notebook[found.cell].raw["id"] == found.cell
    assert found.notices == ()


def test_without_defaults_it_comes_first_and_says_so() -> None:
    notebook = book(("print(a)", ""), minor=4)
    found = injection(notebook, {"a": 2}, "python")
    notebook.apply(found.transaction)
    assert sources(notebook) == ["# Parameters\na = 2\n", "print(a)"]
    assert "id" not in notebook[found.cell].raw
    assert found.notices == ("no cell is tagged `parameters`: they are set at the top",)


def test_a_second_run_has_it_once() -> None:
    notebook = book(("a = 1", "parameters"), ("# Parameters\na = 2\n", "injected-parameters"))
    notebook.apply(injection(notebook, {"a": 3}, "python").transaction)
    assert sources(notebook) == ["a = 1", "# Parameters\na = 3\n"]
    assert notebook.at(1).execution_count is None


def test_a_name_that_the_defaults_lack_is_told() -> None:
    notebook = book(("a = 1\nb: int = 2", "parameters"))
    assert injection(notebook, {"b": 1, "c": 1}, "python").notices == ("the cell tagged `parameters` has no 'c'",)
    assert injection(book(("%magic", "parameters")), {"c": 1}, "python").notices == ()
    assert injection(book(("a <- 1", "parameters")), {"c": 1}, "r").notices == ()
