"""Problems of code: how they are found, and the commands that go to them."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tuinb.analysis.problems import Problem
from tuinb.commands.problems import find_problems
from tuinb.notebook.changes import CellId

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk

    Make = Callable[[str], Desk]

A, B, C = CellId("c0"), CellId("c1"), CellId("c2")


def found(it: Desk, path: str) -> dict[CellId, list[tuple[int, str]]]:
    it.host.environ["PATH"] = path
    sources = {cell.id: cell.source for cell in it.notebook}
    problems = asyncio.run(find_problems(it.context, sources))
    return {cell: [(problem.line, problem.text) for problem in each] for cell, each in problems.items()}


def test_ruff_reads_all_cells_as_one_module(desk: Make) -> None:
    it = desk("import os/import re*|%time re.x/y|!ls")
    problems = found(it, str(Path(sys.executable).parent))
    assert set(problems) == {A, B}
    assert [line for line, _ in problems[A]] == [0]
    assert "os" in problems[A][0][1]
    assert problems[B] == [(1, "Undefined name `y` (F821)")]


@pytest.mark.parametrize(
    ("name", "settings", "codes"),
    [
        ("none.toml", "", ["E701"]),
        ("pyproject.toml", "[project]\nname = 'x'\n", ["E701"]),
        ("pyproject.toml", "[tool.ruff.lint]\nselect = ['I']\n", ["I001"]),
        ("ruff.toml", "lint.select = ['I']\n", ["I001"]),
        ("../.ruff.toml", "lint.select = ['I']\n", ["I001"]),
    ],
)
def test_the_rules_are_the_users_or_those_for_faults(
    desk: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, settings: str, codes: list[str]
) -> None:
    (here := tmp_path / "here").mkdir()
    monkeypatch.chdir(here)
    (here / name).write_text(settings)
    it = desk("import b/import a/if a: b()*")
    it.host.environ.update(HOME=str(tmp_path), XDG_CONFIG_HOME="")
    problems = found(it, str(Path(sys.executable).parent))
    assert [text.rpartition("(")[2].rstrip(")") for _, text in problems[A]] == codes


@pytest.mark.parametrize("script", ["echo garbage", "sleep 0; exit 2", None])
def test_without_a_good_ruff_errors_of_syntax_are_found(
    desk: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str | None
) -> None:
    monkeypatch.setattr("tuinb.lsp.servers._OWN_PROGRAMS", str(tmp_path))
    if script is not None:
        ruff = tmp_path / "ruff"
        ruff.write_text(f"#!/bin/sh\n{script}\n")
        ruff.chmod(0o700)
    it = desk("import os*|a b|%time x")
    assert found(it, str(tmp_path)) == {B: [(0, "invalid syntax")]}
    assert found(desk(""), str(tmp_path)) == {}


def test_going_to_problems(desk: Make) -> None:
    it = desk("a/b*|c|d/e")
    it.press("f2")
    assert it.said() == ["No problem was found in the code."]
    it.view.problems = {C: (Problem(1, 5, "three"),), A: (Problem(0, 0, "one"), Problem(1, 0, "two", is_error=True))}
    it.press("f2")
    assert it.host.log[-2:] == [("edit_from", A, 0), ("notify", "one", "warning")]
    it = desk("a/b|c*|d/e")
    it.view.problems = {C: (Problem(1, 5, "three"),), A: (Problem(0, 0, "one"), Problem(1, 0, "two", is_error=True))}
    it.press("f2")
    assert it.host.log[-2:] == [("edit_from", C, 3), ("notify", "three", "warning")]
    it.press("shift+f2")
    assert it.host.log[-2:] == [("edit_from", A, 2), ("notify", "two", "error")]


def test_two_problems_at_one_place(desk: Make) -> None:
    it = desk("a*")
    it.view.problems = {A: (Problem(0, 0, "one"), Problem(0, 0, "two"))}
    it.press("f2")
    assert it.said() == ["one"]


@pytest.mark.parametrize(
    ("before", "keys", "text"),
    [
        ("a/^b|c|d", "f2", "three"),
        ("a/^b|c|d", "shift+f2", "one"),
        ("^a/b|c|d", "f2", "two"),
        ("^a/b|c|d", "shift+f2", "three"),
    ],
)
def test_from_the_cursor_and_around_the_ends(desk: Make, before: str, keys: str, text: str) -> None:
    it = desk(before)
    it.view.problems = {A: (Problem(0, 0, "one"), Problem(1, 0, "two")), C: (Problem(0, 9, "three"),)}
    it.press(keys)
    assert it.said() == [text]
    cell, offset = {"one": (A, 0), "two": (A, 2), "three": (C, 1)}[text]
    assert it.host.log[0] == ("edit_from", cell, offset)
