"""The set of keys of vim: its tables, and the listings that are made from them."""

from __future__ import annotations

import pytest

from tuinb.commands.keymap.keymap import Keymap, Match, NoMatch
from tuinb.commands.keymap.listing import tables
from tuinb.commands.keymap.sets import SETS
from tuinb.config import KEY_SETS
from tuinb.errors import ConfigError


def test_the_settings_know_all_sets() -> None:
    assert tuple(SETS) == KEY_SETS


@pytest.mark.parametrize("name", SETS)
def test_no_binding_is_the_start_of_another(name: str) -> None:
    keymap = Keymap.from_tables(SETS[name])
    for mode in keymap.modes:
        bound = list(keymap.bindings(mode))
        assert not [(one, other) for one in bound for other in bound if one != other and other[: len(one)] == one]


def test_modes_of_vim_can_be_bound() -> None:
    own = {"normal": {"g c": "toggle-comment", "ctrl+o": ""}, "insert": {"ctrl+l": "leave-edit-mode"}}
    keymap = Keymap.from_tables(SETS["vim"], own)
    assert isinstance(keymap.feed("normal", "ctrl+o", 0.0), NoMatch)
    assert isinstance(keymap.feed("insert", "ctrl+l", 0.0), Match)
    assert keymap.describe("toggle-comment") == ("gc",)


def test_a_mode_that_the_set_does_not_have_is_named() -> None:
    with pytest.raises(ConfigError, match="no mode 'edit'") as error:
        Keymap.from_tables(SETS["vim"], {"edit": {"f2": "save"}})
    assert "command, normal, visual, insert" in str(error.value)
    with pytest.raises(ConfigError, match="can't be used in command mode"):
        Keymap.from_tables(SETS["vim"], {"command": {"f2": "inspect"}})


def test_the_listing_has_all_keys_with_a_line_about_each() -> None:
    found = {table.title: table.rows for table in tables(Keymap.from_tables(SETS["vim"]))}
    assert ("dd  x", "Cut the selected cells") in found["On cells (command mode)"]
    assert ("w  Ctrl+Right", "The start of the next word") in found["vim: motions"]
    assert ("gU", "Make upper-case") in found["vim: operators, before a motion or an object"]
    assert ("Ctrl+R", "Redo") in found["vim: normal mode"]
    assert all(keys and doc for rows in found.values() for keys, doc in rows)
    assert [table.title for table in tables(Keymap.from_tables(SETS["jupyter"]))] == [
        "On cells (command mode)",
        "In a cell (edit mode)",
    ]
