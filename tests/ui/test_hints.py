"""Hints in the status line: what is at hand, in the keys of the user's set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.support import write_notebook
from tests.ui.harness import running
from tests.ui.test_status import ASKING, BUSY, DEAD, Shown
from tuinb.commands.keymap.keymap import Keymap
from tuinb.commands.keymap.sets import SETS
from tuinb.commands.registry import COMMANDS
from tuinb.config import Config
from tuinb.kernel.execution.runs import RunState
from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook
from tuinb.ui import hints
from tuinb.ui.hints import FIRST_KEYS, hints_of, short
from tuinb.workspace.view_state import Mode, ViewState

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.session.port import SessionPort

FAILED = Shown(state=RunState.ERROR, notebook=Notebook([CellData(CellId("a"), "code", "", execution_count=1)]))
CLEARED = Shown(state=RunState.ERROR)
HEADING = Notebook([CellData(CellId("a"), "markdown", "# A"), CellData(CellId("b"), "code", "")])


def shown(session: Shown, key_set: str, **state: Any) -> tuple[str, ...]:  # noqa: ANN401 - fields of the view state
    keymap = Keymap.from_tables(SETS[key_set])
    view = ViewState(active=CellId("a"), keeps_editing=key_set == "emacs", **state)
    return hints_of(cast("SessionPort", session), view, lambda name: keymap.usual_key(name, view.mode), marking=False)


@pytest.mark.parametrize(
    ("session", "key_set", "state", "hint"),
    [
        (Shown(), "jupyter", {}, "Enter edits  ^R runs  ? help"),
        (Shown(), "vim", {}, "Enter edits  Space Enter runs  ? help"),
        (Shown(), "emacs", {}, "Enter edits  Shift+Enter runs  ? help"),
        (Shown(), "emacs", {"mode": Mode.EDIT}, "Alt+Enter runs  Alt+X commands  F1 help"),
        (Shown(), "vscode", {"mode": Mode.EDIT}, "Esc leaves  ^R runs  Tab completes"),
        (BUSY, "jupyter", {}, "^C interrupts  ? help"),
        (BUSY, "emacs", {"mode": Mode.EDIT}, "^C ^Z interrupts  F1 help"),
        (BUSY, "jupyter", {"mode": Mode.EDIT}, "Esc leaves  ^R runs  Tab completes"),
        (DEAD, "jupyter", {}, "00 restarts the kernel  ? help"),
        (DEAD, "vim", {}, "00 restarts the kernel  ? help"),
        (ASKING, "emacs", {}, "^C ^G answers  ? help"),
        (FAILED, "jupyter", {}, "f edits the line  Shift+F goes to the next  ? help"),
        (CLEARED, "jupyter", {}, "Enter edits  ^R runs  ? help"),
        (Shown(), "jupyter", {"anchor": CellId("b")}, "^E runs  Shift+M merges  x cuts  Esc selects one"),
        (Shown(notebook=HEADING), "jupyter", {"folds": {CellId("a"): True}}, "Right unfolds  Enter edits  ? help"),
    ],
)
def test_hints(session: Shown, key_set: str, state: dict[str, Any], hint: str) -> None:
    found = shown(session, key_set, **state)
    assert found[0] == hint
    assert list(found) == sorted(set(found), key=len, reverse=True)


def test_the_keys_before_the_keymap_is_loaded_are_those_of_the_default_set() -> None:
    keymap = Keymap.from_tables(SETS["jupyter"])
    modes = {name: Mode.EDIT if name in ("leave-edit-mode", "complete-or-indent") else Mode.COMMAND for name in FIRST_KEYS}
    assert dict(FIRST_KEYS) == {name: keymap.usual_key(name, mode) for name, mode in modes.items()}


def test_hints_are_about_commands() -> None:
    tables = [
        value for name, value in vars(hints).items() if name.startswith("_") and name.isupper() and isinstance(value, tuple)
    ]
    parts = {part for rows in tables for row in rows for part in row}
    assert {part[0] for part in parts} == {"{"}
    assert {part[1:].partition("} ")[0] for part in parts} <= set(COMMANDS)


def test_short_labels() -> None:
    assert [short(text) for text in ("Ctrl+R", "Ctrl+C Ctrl+Z", "Ctrl+Left", "Alt+X", "dd")] == [
        "^R",
        "^C ^Z",
        "Ctrl+Left",
        "Alt+X",
        "dd",
    ]


async def test_the_users_own_keys_are_named(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "own.ipynb", "a")
    own = {"command": {"ctrl+r": "", "f9": "", "shift+enter": "", "r": "run-and-advance"}}
    async with running(path, config=Config(keys=own, lint=False), size=(100, 24)) as t:
        assert "Enter edits  r runs" in t.rows()[-1]


async def test_cells_and_messages_name_the_users_own_keys(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "own.ipynb", "hidden", "x")
    own = {"H": "", "X": "toggle-source", "enter": "", "ctrl+t": "enter-edit-mode", "'": "", "M": "go-to-mark"}
    own |= {"F": "", "N": "next-failed-cell"}
    config = Config(keys={"command": own, "edit": {"escape": "", "ctrl+t": "leave-edit-mode"}}, lint=False)
    async with running(path, config=config) as t:
        await t.press("X")
        await t.shows("a line is hidden: Shift+X shows it")
        await t.press("colon")
        await t.type("mark a")
        await t.press("enter")
        await t.shows("Marked as a. Shift+M goes to marks.")
        await t.press("f")
        await t.shows("This cell did not fail. Shift+N goes to the next failed cell.")
        await t.press("colon")
        await t.type("split-cell")
        await t.press("enter")
        await t.shows("Splitting needs a cursor: Ctrl+T edits the cell.")
        await t.press("colon")
        await t.type("delete-lines")
        await t.press("enter")
        await t.shows("No cell is being edited. Ctrl+T edits one.")


async def test_vims_hints_name_the_users_own_keys(tmp_path: Path) -> None:
    own = {"normal": {"f9": "", "space enter": "", "ctrl+t": "run-and-advance"}}
    config = Config(key_set="vim", keys=own, lint=False)
    async with running(write_notebook(tmp_path / "own.ipynb", "x"), config=config, size=(120, 24)) as t:
        await t.press("enter")
        await t.until(lambda: "Ctrl+T runs" in t.rows()[-1] or "^T runs" in t.rows()[-1])
