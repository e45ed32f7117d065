"""The rows (before, keys, after) of all sets of keys, and that they press each binding of each mode."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from tests.commands.keymap import test_emacs, test_jupyter, test_vim, test_vscode
from tests.commands.keymap.rows import Check, Row, play
from tuinb.commands.keymap.sets import SETS

if TYPE_CHECKING:
    from collections.abc import Iterator

OWN = {"vim": test_vim.ROWS, "emacs": test_emacs.ROWS, "vscode": test_vscode.ROWS}
"""The rows that are not those of the default set."""


@cache
def default_rows() -> list[tuple[Row, list[str]]]:
    """The rows of the default set, with the commands that their keys run there."""
    found = []
    for row in test_jupyter.ROWS:
        played = play(row, "jupyter")
        assert played is not None
        found.append((row, [name for _, _, name in played.bindings]))
    return found


def in_modes(row: Row, key_set: str) -> Iterator[Row]:
    """A row in each mode of a set that its cells may be in."""
    modes = [mode for mode in SETS[key_set] if mode != "command"] if "^" in row.before else [""]
    yield from (row._replace(mode=mode) for mode in modes)


@pytest.mark.parametrize("key_set", SETS)
def test_every_key(key_set: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new binding needs a row: in the set's own module, or in that of the default set if its keys do the same there."""
    monkeypatch.setenv("PAGER", "cat > /dev/null")
    check = Check(key_set)
    for row in OWN.get(key_set, ()):
        check.row(row)
    for row, commands in default_rows():
        for moved in in_modes(row, key_set):
            check.row(moved, commands)
    assert check.wrong == []
    assert check.unpressed() == []
