"""The keys that several sets share, and vim's keys for commands, as (before, keys, after), each pressed in its own set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.commands.conftest import Desk
from tests.commands.keymap import test_jupyter as default
from tests.commands.keymap.tried import bindings_in
from tests.commands.test_tabs import NO_TABS
from tuinb.commands.keymap import jupyter
from tuinb.commands.keymap.key_names import name_of
from tuinb.commands.keymap.keymap import Match
from tuinb.commands.keymap.sets import SETS
from tuinb.notebook import sections

if TYPE_CHECKING:
    from collections.abc import Iterable

Case = tuple[str, str, list[Any]]
"""The cells before, the keys, and what is found after."""


def shared(key_set: str, cases: Iterable[tuple[Any, ...]]) -> list[Case]:
    """The cases of the default set whose keys do the same in another set."""
    found = []
    for before, keys, *after in cases:
        usual = {mode: {one: SETS["jupyter"][mode][one] for one in bindings_in("jupyter", mode, keys)} for mode in MODES}
        modes = [mode for mode in MODES if usual[mode]]
        if all(mode in SETS[key_set] for mode in modes) and ("^" not in before or "edit" in SETS[key_set]):
            here = {mode: {one: SETS[key_set][mode][one] for one in bindings_in(key_set, mode, keys)} for mode in modes}
            if all(here[mode] == usual[mode] for mode in modes):
                found.append((before, keys, after))
    return found


MODES = ("command", "edit")


@pytest.mark.parametrize("key_set", ["vscode", "emacs", "vim"])
def test_keys_that_are_the_default_ones(key_set: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PAGER", "cat > /dev/null")
    wrong = []
    for before, keys, after in shared(key_set, default.CHANGES):
        it = Desk(before, keys=key_set)
        it.press(keys)
        edits_on = "^" in before and it.view.keeps_editing
        if str(it) != (after[0].replace("*", "^") if edits_on else after[0]):
            wrong.append((before, keys, str(it)))
    for before, keys, actions in shared(key_set, default.EDITOR):
        it = Desk(before, keys=key_set)
        it.press(keys)
        if it.host.open_editor.performed != actions:
            wrong.append((before, keys, str(it.host.open_editor.performed)))
    for before, keys, asked in shared(key_set, default.HOST):
        it = Desk(before, keys=key_set)
        it.host.answers = [None]
        it.press(keys)
        if asked[0] not in it.host.log:
            wrong.append((before, keys, str(it.host.log)))
    for before, keys, asked in shared(key_set, default.SESSION):
        it = Desk(before, keys=key_set)
        it.press(keys)
        if it.session.log != asked:
            wrong.append((before, keys, str(it.session.log)))
    assert wrong == []


def notice(text: str) -> tuple[str, str, str]:
    return "notify", text, "information"


STOPPED = "The kernel is not stopped at a breakpoint."
SHARED = [
    ("f1", ("help",)),
    ("f2", notice("No problem was found in the code.")),
    ("shift+f2", notice("No problem was found in the code.")),
    ("f3", notice("The kernel is not stopped, and there is no error to look at: no kernel runs.")),
    ("f4", notice("Breakpoints are set in code cells.")),
    ("f5", notice(STOPPED)),
    ("f6", notice("There is no code to format.")),
    ("f10", notice(STOPPED)),
    ("f11", notice(STOPPED)),
    ("alt+left", notice("There is no earlier place.")),
    ("alt+right", notice("There is no later place.")),
    ("ctrl+pagedown", ("notify", NO_TABS, "error")),
    ("ctrl+pageup", ("notify", NO_TABS, "error")),
]


@pytest.mark.parametrize("key_set", SETS)
def test_keys_that_all_sets_share_in_each_of_their_modes(key_set: str) -> None:
    for mode, table in SETS[key_set].items():
        for keys, asked in SHARED:
            if table.get(keys) == jupyter.SHARED[keys]:
                it = Desk("m:a*" if mode == "command" else "m:a^", keys=key_set)
                press(it, mode, keys)
                assert it.host.log == [asked], (mode, keys)


def press(it: Desk, mode: str, keys: str) -> None:
    """Presses keys in a mode, which may be one of vim's."""
    for key in keys.split():
        result = it.keymap.feed(mode, name_of(key) if len(key) == 1 else key, 0.0)
        if isinstance(result, Match):
            result.command(it.context)
            it.settle()


VIM_CHANGES = [
    ("command", "a*|b", "space enter", "a|b*"),
    ("command", "a*|b", "space r", "a*|b"),
    ("command", "a*|b", "alt+enter", "a|^|b"),
    ("command", "a*|b", "ctrl+j", "a*|b"),
    ("command", "a*|b|c", "shift+down J", "[a|b|c*]"),
    ("command", "a|b|c*", "shift+up K", "[a*|b|c]"),
    ("command", "a*|b", "V", "[a|b*]"),
    ("command", "a*|b|c", "g J", "a//b*|c"),
    ("command", "a*|b|c", "space j M", "a//b//c*"),
    ("command", "a|b*|c", "alt+up", "b*|a|c"),
    ("command", "a|b*|c", "alt+down", "a|c|b*"),
    ("command", "a*", "space m", "m:a*"),
    ("command", "m:a*", "space y", "a*"),
    ("command", "m:a*", "space w", "r:a*"),
    ("command", "a*", "space 1", "m:# a*"),
    ("command", "a*", "space 3", "m:### a*"),
    ("command", "a*", "space 4", "m:#### a*"),
    ("command", "a*", "space 5", "m:##### a*"),
    ("command", "a*", "space 6", "m:###### a*"),
    ("command", "a=1*", "space c", "a*"),
    ("command", "m:# A*|b|m:# C", "] ]", "m:# A|b|m:# C*"),
    ("command", "m:# A|b|m:# C*", "[ [", "m:# A*|b|m:# C"),
    ("command", "a*|b", "3 j", "a|b*"),
    ("command", "a|b*|c", "d d", "a|c*"),
    ("command", "a|b*|c", "x P u u", "a|b*|c"),
    ("command", "a*|b", "y y p", "a|a*|b"),
    # in a cell
    ("normal", "a^|b", "shift+enter", "a|b*"),
    ("normal", "a^|b", "space enter", "a|b*"),
    ("normal", "a^|b", "f9", "a|b*"),
    ("normal", "a^|b", "ctrl+j", "a*|b"),
    ("normal", "a^|b", "space r", "a*|b"),
    ("normal", "a^|b", "f8", "a|^|b"),
    ("normal", "ab^cd", "space -", "ab|cd^"),
    ("normal", "a^|b|c", "space j", "a//b*|c"),
    ("normal", "a^", "space m", "m:a^"),
    ("normal", "m:a^", "space y", "a^"),
    ("normal", "m:a^", "space w", "r:a^"),
    ("normal", "a^", "space 2", "m:## a^"),
    ("normal", "a^=1", "space c", "a^"),
    ("insert", "a^|b", "shift+enter", "a|b*"),
    ("insert", "a^|b", "f9", "a|b*"),
    ("insert", "a^|b", "ctrl+j", "a*|b"),
    ("insert", "a^|b", "alt+enter", "a|^|b"),
    ("visual", "a^|b", "f9", "a|b*"),
    ("visual", "a^|b", "ctrl+enter", "a*|b"),
    ("visual", "a^|b", "f8", "a|^|b"),
]


def test_vims_keys_change_cells() -> None:
    wrong = []
    for mode, before, keys, after in VIM_CHANGES:
        it = Desk(before, keys="vim")
        press(it, mode, keys)
        wrong += [(mode, before, keys, after, str(it))] * (str(it) != after)
    assert wrong == []


STALE = ("notify", "No cell is known to be stale.", "information")
NO_FAILURE = ("notify", "No cell failed.", "information")
VIM_ASKED = [
    ("command", "a*", "ctrl+d", ("visible_page", 1)),
    ("command", "a*", "ctrl+f", ("visible_page", 1)),
    ("command", "a*", "ctrl+u", ("visible_page", -1)),
    ("command", "a*", "ctrl+b", ("visible_page", -1)),
    ("command", "a*", "ctrl+e", ("scroll", 1, 0)),
    ("command", "a*", "ctrl+y", ("scroll", -1, 0)),
    ("command", "a*", "z z", ("centre",)),
    ("command", "a*", "z .", ("centre",)),
    ("command", "a*", "z t", ("put_at_edge", -1)),
    ("command", "a*", "z enter", ("put_at_edge", -1)),
    ("command", "a*", "z b", ("put_at_edge", 1)),
    ("command", "a*", "z -", ("put_at_edge", 1)),
    ("command", "a=1*", "g y", ("copy", "1")),
    ("command", "a=1*", "space l", ("open_viewer", "c0")),
    ("command", "a*", "] s", STALE),
    ("command", "a*", "[ s", STALE),
    ("command", "a*", "] e", NO_FAILURE),
    ("command", "a*", "space F", NO_FAILURE),
    ("command", "a*", "space /", ("find",)),
    ("command", "a*", "space ?", ("palette", "")),
    ("command", "a*|b", "space g", ("ask", "Go to cell:", "")),
    ("command", "a*", "space p", ("notify", "The kernel waits for no input.", "information")),
    ("command", "a*", "Z Q", ("exit",)),
    ("command", "a*", "Z Z", ("exit",)),
    ("command", "a*", "ctrl+q", ("exit",)),
    ("normal", "a^", "space /", ("find",)),
    ("normal", "a^", "space ?", ("palette", "")),
    ("normal", "a^", "ctrl+p", ("palette", "")),
    ("normal", "a^", "ctrl+z", ("suspend",)),
    ("normal", "a^", "f1", ("help",)),
    ("normal", "a^", "space p", ("notify", "The kernel waits for no input.", "information")),
    ("normal", "a^", "space F", NO_FAILURE),
    ("normal", "a^=1", "space l", ("open_viewer", "c0")),
    ("normal", "m:a^", "space =", ("notify", "There is no code to format.", "information")),
    ("normal", "a^", "f2", ("notify", "No problem was found in the code.", "information")),
    ("normal", "a^", "ctrl+q", ("exit",)),
    ("insert", "a^", "f1", ("help",)),
    ("insert", "m:a^", "f6", ("notify", "There is no code to format.", "information")),
    ("insert", "a^", "f2", ("notify", "No problem was found in the code.", "information")),
    ("insert", "a^", "ctrl+q", ("exit",)),
    ("visual", "a^", "f1", ("help",)),
    ("visual", "a^", "ctrl+q", ("exit",)),
]


def test_vims_keys_ask_the_screen() -> None:
    wrong = []
    for mode, before, keys, asked in VIM_ASKED:
        it = Desk(before, keys="vim")
        it.host.answers = [None]
        press(it, mode, keys)
        wrong += [(mode, before, keys, asked, it.host.log)] * (asked not in it.host.log)
    assert wrong == []


VIM_ACTIONS = [
    ("normal", "alt+up", ["move_lines_up"]),
    ("normal", "alt+down", ["move_lines_down"]),
    ("normal", "alt+shift+up", ["duplicate_lines_up"]),
    ("normal", "alt+shift+down", ["duplicate_lines_down"]),
    ("normal", "space k", ["inspect"]),
    ("normal", "shift+tab", ["inspect"]),
    ("insert", "ctrl+n", ["complete"]),
    ("insert", "ctrl+p", ["complete"]),
    ("insert", "ctrl+space", ["complete"]),
    ("insert", "shift+tab", ["inspect"]),
    ("insert", "alt+backspace", ["delete_word_left"]),
    ("insert", "ctrl+backspace", ["delete_word_left"]),
    ("insert", "alt+up", ["move_lines_up"]),
    ("insert", "alt+down", ["move_lines_down"]),
]


def test_vims_keys_change_text() -> None:
    for mode, keys, actions in VIM_ACTIONS:
        it = Desk("a^", keys="vim")
        press(it, mode, keys)
        assert it.host.open_editor.performed == actions, (mode, keys)


VIM_SESSION = [
    ("command", "a*|b", "space R", ("run", "a", "b")),
    ("command", "a|b*|c", "space A", ("run", "a")),
    ("command", "a|b*|c", "space B", ("run", "b", "c")),
    ("command", "a*", "ctrl+c", ("interrupt",)),
    ("command", "a*", "space s", ("save", None, False)),
    ("normal", "a^|b", "space R", ("run", "a", "b")),
    ("normal", "a|b^|c", "space A", ("run", "a")),
    ("normal", "a|b^|c", "space B", ("run", "b", "c")),
    ("normal", "a^", "space s", ("save", None, False)),
    ("normal", "a/^b/c", "f7", ("run_part", "c0", "b")),
    ("normal", "a/^b/c", "shift+f7", ("run_part", "c0", "a\nb")),
    ("normal", "a^", "ctrl+s", ("save", None, False)),
    ("insert", "a/^b/c", "f7", ("run_part", "c0", "b")),
    ("insert", "a/^b/c", "shift+f7", ("run_part", "c0", "a\nb")),
    ("insert", "a^", "ctrl+s", ("save", None, False)),
    ("visual", "a^", "ctrl+s", ("save", None, False)),
]


def test_vims_keys_reach_the_kernel_and_the_file() -> None:
    for mode, before, keys, asked in VIM_SESSION:
        it = Desk(before, keys="vim")
        press(it, mode, keys)
        assert it.session.log == [asked], (mode, keys)


def test_vims_keys_fold_sections_and_outputs() -> None:
    it = Desk("m:# A*|b|m:# C|d=1", keys="vim")
    folded = []
    for keys in ("z c", "z o", "z a", "z a", "z M", "z R"):
        press(it, "command", keys)
        folded.append([sections.is_folded(cell, it.view.folds) for cell in it.notebook])
    one, none = [True, False, False, False], [False] * 4
    assert folded == [one, none, one, none, [True, False, True, False], none]
    press(it, "command", "G space o")
    assert it.view.unfolded == {"c3"}
    press(it, "normal", "space O space n")
    assert it.view.line_numbers
