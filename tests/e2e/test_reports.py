"""Notebooks from public reports, on a terminal."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from tests.support import ROOT
from tests.terminal_emulator import ENTER, ESCAPE

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.conftest import Start


def report(name: str, folder: Path) -> Path:
    """Returns a copy of a notebook."""
    return shutil.copyfile(ROOT / "tests" / "reports" / f"{name}.ipynb", folder / "x.ipynb")


@pytest.mark.kernel
def test_a_prompt_of_a_thread_is_answered_after_its_cell(start: Start, tmp_path: Path) -> None:
    terminal = start(report("thread-input-outlives-cell", tmp_path), rows=40)
    terminal.wait_for(lambda: "idle" in terminal.status)
    terminal.send("\x05")
    terminal.wait_for(lambda: "INPUT" in terminal.status and terminal.shows("thread? "))
    terminal.wait_for(lambda: terminal.shows("[1]") and "idle" in terminal.status)
    terminal.send(ESCAPE)
    terminal.wait_for(lambda: "COMMAND" in terminal.status)
    terminal.send("j\x05")
    terminal.wait_for("still waiting: True")
    terminal.send("\x07")
    terminal.wait_for(lambda: "INPUT" in terminal.status)
    terminal.send("here" + ENTER)
    terminal.wait_for("answer here")
    terminal.wait_for(lambda: "COMMAND" in terminal.status)


@pytest.mark.kernel
def test_the_kernel_of_another_language_is_asked_for(start: Start, tmp_path: Path) -> None:
    terminal = start(report("julia-kernelspec-stale-python-language-info", tmp_path))
    terminal.wait_for(lambda: terminal.shows("julia-1.5") and terminal.shows("Python 3"))
    terminal.send(ESCAPE)
    terminal.wait_for(lambda: "no kernel" in terminal.status)
    assert terminal.kernels() == []


def test_a_joiner_in_a_source_is_no_broken_byte(start: Start, tmp_path: Path) -> None:
    terminal = start(report("zwnj-shown-as-replacement", tmp_path), "--no-kernel")
    terminal.wait_for("می¦خواهم")
    assert not terminal.shows("\N{REPLACEMENT CHARACTER}")
