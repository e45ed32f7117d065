"""What holds for all commands."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

import pytest

from tuinb.commands.registry import COMMANDS
from tuinb.errors import TuinbError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk


@pytest.mark.parametrize("name", COMMANDS)
def test_each_has_one_line_of_doc(name: str) -> None:
    command = COMMANDS[name]
    assert command.name == name
    assert command.doc[:1].isupper()
    assert not command.doc.endswith(".")
    assert len(command.doc) <= 110
    assert command.modes


@pytest.mark.parametrize("name", COMMANDS)
@pytest.mark.parametrize("notebook", ["*", "^", ""])
def test_each_runs_on_almost_nothing(desk: Callable[[str], Desk], notebook: str, name: str) -> None:
    it = desk(notebook)
    with suppress(TuinbError):
        it.run(name, *[None] * 3)
    assert len(it.notebook) in range(3)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_is_undone_as_one_step(desk: Callable[[str], Desk], name: str) -> None:
    """Whatever a command did to cells, one undo takes back, with outputs, counts and metadata."""
    if name in ("undo", "redo"):
        return
    it = desk("m:a|[b/c^=1|d=2]|r:e|f=3")
    it.run("copy-cells")
    before = [cell.data() for cell in it.notebook]
    with suppress(TuinbError):
        it.run(name, *[None] * 3)
    if it.session.applied:
        assert len(it.session.applied) == 1
        assert it.session.applied[0].label
        it.run("undo")
    assert [cell.data() for cell in it.notebook] == before


def test_commands_need_no_screen_and_no_kernel() -> None:
    code = (
        "import sys, tuinb.commands.keymap.keymap, tuinb.commands.ex_line; "
        "print([m for m in ('textual', 'zmq', 'jupyter_client', 'rich') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "[]"
