"""Programs that read a text and write another one."""

from __future__ import annotations

import asyncio
import os
import sys
from typing import TYPE_CHECKING

import pytest

from tuinb import text_filter
from tuinb.errors import TuinbError

if TYPE_CHECKING:
    from pathlib import Path


def run(script: str, text: str = "ä\n", *, seconds: float = 10.0, folder: Path | None = None) -> text_filter.Filtered:
    argv = ["/bin/sh", "-c", script]
    return asyncio.run(text_filter.run(argv, text, os.environ, folder, seconds=seconds))


def test_what_it_wrote_and_how_it_ended(tmp_path: Path) -> None:
    found = run("cat; pwd; echo no >&2; exit 3", folder=tmp_path)
    assert (found.code, found.out, found.err) == (3, f"ä\n{tmp_path}\n", "no\n")


def test_a_program_need_not_read() -> None:
    assert run("exec <&-; echo done", "x" * 1_000_000).out == "done\n"


@pytest.mark.parametrize(
    ("script", "seconds", "why"),
    [
        ("sleep 60", 0.1, "within 0.1 seconds"),
        ("sleep 60 & exit 0", 0.1, "within 0.1 seconds"),
        ("yes", 10.0, "far more than it read"),
        ("yes >&2", 10.0, "far more than it read"),
        (r"printf '\377'", 10.0, "no UTF-8"),
    ],
)
def test_bad_programs_are_stopped(script: str, seconds: float, why: str) -> None:
    with pytest.raises(TuinbError, match=why):
        run(script, seconds=seconds)


@pytest.mark.parametrize("argv", [["/nowhere/at-all"], ["\0"]])
def test_what_can_not_be_run(argv: list[str]) -> None:
    with pytest.raises(TuinbError, match="can't be run"):
        asyncio.run(text_filter.run(argv, "", os.environ))


def test_lone_surrogates_are_passed_on() -> None:
    with pytest.raises(TuinbError, match="no UTF-8"):
        asyncio.run(text_filter.run([sys.executable, "-c", "import os; os.write(1, os.read(0, 9))"], "\ud800", os.environ))
