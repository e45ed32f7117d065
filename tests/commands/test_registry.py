"""What holds for all commands."""

from __future__ import annotations

import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tuinb.commands.keymap.sets import SETS
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


WITHOUT_KEY = {
    "what sets up a notebook, its kernel or the screen, seldom": (
        "toggle-auto-close", "toggle-perhaps", "toggle-relative-numbers", "start-kernel", "shut-down-kernel", "switch-kernel",
        "attach-kernel", "others", "show-kernel", "show-kernel-log", "edit-metadata", "edit-notebook-metadata", "edit-tags",
        "attachments", "show-language-servers", "restart-language-servers", "tour",
    ),
    "what acts on the whole notebook or on all who use it: a wrong key would cost much": (
        "clear-all-outputs", "restart-and-clear", "restart-and-run-to-cell", "format-all", "fix-all", "cancel-all-queued",
        "end", "detach-others", "restore-checkpoint",
    ),
    "what a message names, or a question asks, when there is something to do": (
        "trust-environment", "resolve-conflicts", "restore-unsaved", "take-over", "skip-step",
    ),
    "what acts on all tabs, and has a short line: :wa, :wqa and :qa!": (
        "save-all", "save-and-quit-all", "quit-all-without-saving",
    ),
    "lists, and what they offer": ("stale", "show-queue", "cancel-queued", "breakpoints", "log-messages", "clear-log-messages"),
    "what the keys of the panel of calls do, or its first key F3": ("frame-up", "frame-down", "evaluate", "post-mortem"),
    "debugging beside breakpoints and steps": (
        "set-breakpoint-condition", "set-log-message", "clear-breakpoints", "toggle-stop-at-errors", "debug-to-line",
    ),
    "what Tab does with selected lines": ("indent",),
    "what copying and pasting, or a count, does": ("duplicate-cells", "pop-mark"),
    "what vim's keys do with an operator or a letter: J, gU, gu": ("join-lines", "upper-case", "lower-case"),
    "tools for lines and words, of which there are more than keys": (
        "sort-lines", "reverse-lines", "unique-lines", "tabs-to-spaces", "spaces-to-tabs", "title-case", "select-to-bracket",
    ),
}  # fmt: skip
"""Reason → commands that no set of keys binds. The palette runs them, and the README names them."""


def test_each_has_a_key_or_a_reason_for_none() -> None:
    bound = {name for tables in SETS.values() for table in tables.values() for name in table.values()}
    without = [name for names in WITHOUT_KEY.values() for name in names]
    assert sorted(without) == sorted(set(COMMANDS) - bound)
    readme = (Path(__file__).parents[2] / "README.md").read_text()
    assert [name for name in without if f"`:{name}`" not in readme] == []


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
