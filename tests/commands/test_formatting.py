"""Code that a program formats."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tuinb import text_filter
from tuinb.commands.formatting import notebook_of
from tuinb.editing.selection import Target
from tuinb.errors import TuinbError
from tuinb.notebook.changes import CellId, ClientId, SetMetadata, SpliceSource, Transaction
from tuinb.session.state import KernelState, KernelStatus

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk

    Make = Callable[[str], Desk]

BIN = str(Path(sys.executable).parent)


def with_ruff(it: Desk) -> Desk:
    it.host.environ["PATH"] = BIN
    return it


def test_cells_are_formatted_as_one_step(desk: Make) -> None:
    it = with_ruff(desk("[a  + b|m:x  y|%time f( 1 )*]|c  +d"))
    before = str(it)
    it.press("f6")
    assert str(it) == "[a + b|m:x  y|%time f( 1 )*]|c  +d"
    assert it.said() == ["Formatted a cell."]
    it.run("undo")
    assert str(it).replace("*", "") == before.translate({ord(mark): None for mark in "[*]"})


def test_all_cells_but_those_with_an_error(desk: Make) -> None:
    it = with_ruff(desk("a  +b*|%%bash/ls   -l|if x(:/  1|!ls  -l/c  +d||e  +f"))
    it.run("format-all")
    assert str(it) == "a + b*|%%bash/ls   -l|if x(:/  1|!ls  -l/c + d||e + f"
    (said,) = it.said()
    assert said.startswith("Formatted 3 cells. Cell 3: ")
    it.run("format-all")
    assert it.said()[1].startswith("Cell 3: ")
    assert len(it.session.applied) == 1


def test_nothing_to_do(desk: Make) -> None:
    it = with_ruff(desk("a*"))
    it.press("f6")
    assert it.said() == ["Nothing to format: it is so already."]
    it = desk("m:a*")
    it.press("f6")
    assert it.said() == ["There is no code to format."]


@pytest.mark.parametrize(
    ("before", "offset"), [("a  +  b^c", 5), ("a  +  ^bc", 4), ("^a  +  bc", 0), ("a  +  bc^", 6), ("a  +  bc  ^", 6)]
)
def test_the_cursor_stays_at_its_code(desk: Make, monkeypatch: pytest.MonkeyPatch, before: str, offset: int) -> None:
    it = with_ruff(desk(before))
    moves: list[Target] = []
    monkeypatch.setattr(it.host.open_editor, "move", lambda motion: moves.append(motion(None, None)))
    it.press("f6")
    assert str(it) == "a + bc^"
    assert moves == [Target(offset)]


def own(it: Desk, script: str, language: str = "r") -> Desk:
    it.notebook.apply(Transaction((SetMetadata(None, "kernelspec", {"language": language, "name": "k"}),), ClientId("x")))
    it.context.formatters[language] = ["/bin/sh", "-c", script]  # type: ignore[index]
    it.host.environ["PATH"] = "/usr/bin:/bin"
    return it


def test_a_program_of_the_settings(desk: Make) -> None:
    it = own(desk("a|%%bash/b*|c"), "tr ac xz; printf '\\r\\n\\n'")
    it.run("format-all")
    assert str(it) == "x|%%bash/b*|z"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("cat; echo 'bad thing' >&2; exit 1", "Cell 1: sh: bad thing."),
        ("exit 3", "Cell 1: sh ended with exit code 3."),
        ("cat >/dev/null", "Cell 1: sh wrote no code."),
        ("printf 'a\\000'", "Cell 1: sh wrote no code."),
    ],
)
def test_a_program_that_fails_changes_nothing(desk: Make, script: str, said: str) -> None:
    it = own(desk("a*"), script)
    it.press("f6")
    assert it.said() == [said]
    assert str(it) == "a*"


@pytest.mark.parametrize("script", ["echo '[]'", "echo '{\"cells\": 1}'", "echo x", "echo '{\"cells\": []}'"])
def test_a_ruff_that_writes_garbage(desk: Make, tmp_path: Path, script: str) -> None:
    ruff = tmp_path / "ruff"
    ruff.write_text(f"#!/bin/sh\n{script}\n")
    ruff.chmod(0o700)
    it = desk("a*|b|c|d|e")
    it.host.environ["PATH"] = str(tmp_path)
    it.run("format-all")
    lines = "Cell 1: ruff wrote no notebook. Cell 2: ruff wrote no notebook. Cell 3: ruff wrote no notebook."
    assert it.said() == [f"{lines} 2 more were not formatted."]
    assert it.session.applied == []


def test_ruff_of_the_kernels_environment(desk: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.lsp.servers._OWN_PROGRAMS", "/nowhere")
    it = desk("a  +b*")
    it.session.kernel = KernelStatus(KernelState.IDLE, "python3", "Python 3", sys.executable, "python")
    it.press("f6")
    assert str(it) == "a + b*"


@pytest.mark.parametrize(
    "kernel",
    [
        KernelStatus(KernelState.NONE, "python3", "Python 3", sys.executable),
        KernelStatus(KernelState.IDLE, "python3", "Python 3", sys.executable, foreign=True),
        KernelStatus(KernelState.IDLE, "python3", "Python 3", sys.executable, server="https://host/"),
    ],
)
def test_no_program_of_an_environment_that_no_kernel_of_ours_runs_on(
    desk: Make, kernel: KernelStatus, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuinb.lsp.servers._OWN_PROGRAMS", "/nowhere")
    it = desk("a*")
    it.session.kernel = kernel
    with pytest.raises(TuinbError, match="not installed"):
        it.press("f6")


def test_no_program_for_a_language(desk: Make) -> None:
    it = own(desk("a*"), "cat", "julia")
    it.context.formatters.clear()  # type: ignore[attr-defined]
    with pytest.raises(TuinbError, match="no program to format julia"):
        it.press("f6")


def test_what_is_edited_meanwhile_is_left_as_it_is(desk: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    it = own(desk("a*|b"), "tr ab xy")
    original = text_filter.run

    async def slowly(*args: object) -> text_filter.Filtered:
        found = await original(*args)  # type: ignore[arg-type]
        if it.notebook[CellId("c0")].source == "a":
            it.notebook.apply(Transaction((SpliceSource(CellId("c0"), 1, "", "b"),), ClientId("x")))
        return found

    monkeypatch.setattr(text_filter, "run", slowly)
    it.run("format-all")
    assert str(it) == "ab*|y"
    assert it.said() == ["Formatted a cell. Left as it is, as it was edited meanwhile: a cell."]


def test_read_only(desk: Make) -> None:
    it = desk("a*")
    it.session.read_only = "it is locked"
    with pytest.raises(TuinbError, match="Read-only: it is locked"):
        it.run("format-all")


def test_lone_surrogates_are_no_error_of_ours() -> None:
    assert "\\ud800" in notebook_of(["\ud800"])
