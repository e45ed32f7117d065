"""The keymap: tries, sequences, names of keys, and what is refused."""

from __future__ import annotations

import re

import pytest

from tuinb.commands.keymap.jupyter import DEFAULT_KEYS
from tuinb.commands.keymap.key_names import key_name, label, to_sequence
from tuinb.commands.keymap.keymap import Keymap, Match, NoMatch, Pending, Table
from tuinb.commands.keymap.sets import SETS
from tuinb.commands.registry import COMMANDS
from tuinb.errors import ConfigError
from tuinb.terminal.keys import normalise
from tuinb.workspace.view_state import Mode


def keymap(overrides: dict[str, dict[str, str]] | None = None) -> Keymap:
    return Keymap.from_tables(DEFAULT_KEYS, overrides)


def test_one_key_matches_at_once() -> None:
    assert keymap().feed("command", "x", 0.0) == Match(COMMANDS["cut-cells"])


def test_a_key_may_come_by_its_character() -> None:
    assert keymap().feed("command", "?", 0.0) == keymap().feed("command", "question_mark", 0.0) == Match(COMMANDS["show-help"])


def test_a_sequence_waits_for_its_second_key() -> None:
    keys = keymap()
    assert keys.feed("command", "d", 0.0) == Pending(("d",))
    assert keys.feed("command", "d", 0.9) == Match(COMMANDS["delete-cells"])
    assert keys.feed("command", "d", 0.9) == Pending(("d",))


def test_a_sequence_expires() -> None:
    keys = keymap()
    assert (keys.deadline, keys.expire(0.0), keys.pending) == (None, None, ())
    keys.feed("command", "d", 5.0)
    assert (keys.deadline, keys.expire(5.9), keys.pending) == (6.0, None, ("d",))
    assert keys.expire(6.0) == NoMatch(("d",))
    assert (keys.deadline, keys.pending) == (None, ())


def test_a_late_key_starts_anew() -> None:
    keys = keymap()
    keys.feed("command", "d", 0.0)
    assert keys.feed("command", "d", 1.0) == Pending(("d",), unmatched=("d",))


def test_a_key_that_does_not_go_on_acts_by_itself() -> None:
    keys = keymap()
    keys.feed("command", "d", 0.0)
    assert keys.feed("command", "j", 0.1) == Match(COMMANDS["select-next"], unmatched=("d",))
    keys.feed("command", "d", 0.2)
    assert keys.feed("command", "i", 0.3) == Pending(("i",), unmatched=("d",))
    assert keys.feed("command", "q", 0.4) == NoMatch(("i", "q"))
    assert keys.feed("command", "i", 0.5) == Pending(("i",))


def test_another_mode_gives_a_sequence_up() -> None:
    keys = keymap()
    keys.feed("command", "d", 0.0)
    assert keys.feed("edit", "d", 0.1) == NoMatch(("d", "d"))


def test_reset_forgets_a_sequence() -> None:
    keys = keymap()
    keys.feed("command", "d", 0.0)
    keys.reset()
    assert keys.feed("command", "d", 0.1) == Pending(("d",))


def test_a_user_binds_and_unbinds() -> None:
    keys = keymap({"command": {"x": "", "d d": "", "d": "cut-cells"}, "edit": {"j k": "leave-edit-mode"}})
    assert keys.feed("command", "x", 0.0) == NoMatch(("x",))
    assert keys.feed("command", "d", 0.0) == Match(COMMANDS["cut-cells"])
    assert keys.feed("edit", "j", 0.0) == Pending(("j",))
    assert keys.feed("edit", "j", 0.0) == Pending(("j",), unmatched=("j",))
    assert keys.feed("edit", "k", 0.0) == Match(COMMANDS["leave-edit-mode"])


@pytest.mark.parametrize(
    ("overrides", "what"),
    [
        ({"command": {"d": "cut-cells"}}, "'d' is bound and is also the start of 'd d'"),
        ({"command": {"x y z": "save"}}, "'x' is bound and is also the start of 'x y z'"),
        ({"command": {"q": "self-destruct"}}, "no command 'self-destruct'"),
        ({"command": {"ctrl+banana": "save"}}, "no key 'ctrl+banana'"),
        ({"command": {"banana": ""}}, "no key 'banana'"),
        ({"command": {"null": ""}}, "no key 'null'"),
        ({"command": {"hat+a": "save"}}, "no key 'hat+a'"),
        ({"command": {" ": "save"}}, "has no key"),
        ({"command": {"shift+ctrl+nothing": "save"}}, "no key"),
        ({"command": {"q": "complete"}}, "'complete' can't be used in command mode"),
        ({"insert": {"q": "save"}}, "keys.insert: there is no mode 'insert'"),
    ],
)
def test_what_a_user_may_not_bind(overrides: dict[str, dict[str, str]], what: str) -> None:
    with pytest.raises(ConfigError, match=re.escape(what)):
        keymap(overrides)


@pytest.mark.parametrize("table", SETS.values(), ids=list(SETS))
def test_where_the_names_of_commands_are_is_true_in_every_set(table: Table) -> None:
    with pytest.raises(ConfigError) as caught:
        Keymap.from_tables(table, {"command": {"f2": "self-destruct"}})
    found = re.fullmatch("the palette, `(.)` in command mode, lists the names of commands", caught.value.hint)
    assert found
    assert Keymap.from_tables(table).feed("command", found[1], 0.0) == Match(COMMANDS["palette"])


def test_bindings_without_problems_are_kept() -> None:
    problems: list[ConfigError] = []
    user = {"command": {"q": "seve", "x": "self-destruct", "d": "cut-cells", "e": "save"}, "insert": {"a": "save"}}
    keys = Keymap.from_tables(DEFAULT_KEYS, user, report=problems.append)
    assert [error.hint.split()[0] for error in problems] == ["the", "did", "the", "remove"]
    assert keys.feed("command", "e", 0.0) == Match(COMMANDS["save"])
    assert keys.feed("command", "x", 1.0) == Match(COMMANDS["cut-cells"])
    assert keys.feed("command", "d", 2.0) == Pending(("d",))


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("g", "g"),
        ("G", "G"),
        ("?", "question_mark"),
        ("question_mark", "question_mark"),
        ("+", "plus"),
        ("plus", "plus"),
        ("§", "section_sign"),
        ("Section_Sign", "section_sign"),
        ("space", "space"),
        ("shift+g", "G"),
        ("ctrl+R", "ctrl+r"),
        ("ctrl+@", "ctrl+space"),
        ("ctrl+at", "ctrl+space"),
        ("ctrl+\\", "ctrl+backslash"),
        ("ctrl++", "ctrl+plus"),
        ("shift+ctrl+minus", "ctrl+shift+minus"),
        ("Ctrl+Shift+Up", "ctrl+shift+up"),
        ("alt+p", "alt+p"),
        ("ctrl+alt+x", "alt+ctrl+x"),
        ("F9", "f9"),
        ("é", "é"),
        ("shift+é", "É"),
        ("alt+-", "alt+minus"),
        ("ctrl+;", "ctrl+semicolon"),
    ],
)
def test_names_of_keys(written: str, name: str) -> None:
    assert key_name(written) == name


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("d d", "dd"),
        ("M", "Shift+M"),
        ("ctrl+r", "Ctrl+R"),
        ("ctrl+backslash", "Ctrl+\\"),
        ("shift+pageup", "Shift+PageUp"),
        ("g enter", "g Enter"),
        ("f9", "F9"),
        ("?", "?"),
        ("space", "Space"),
        (":", ":"),
        ("<", "<"),
        (">", ">"),
        ("less_than_sign", "<"),
        ("«", "«"),
        ("ctrl+<", "Ctrl+<"),
        ("alt+-", "Alt+-"),
        ("ctrl+left", "Ctrl+Left"),
        ("shift+tab", "Shift+Tab"),
    ],
)
def test_labels(keys: str, shown: str) -> None:
    assert label(to_sequence(keys)) == shown


def test_keys_are_described() -> None:
    keys = keymap()
    assert keys.describe("run-and-advance") == ("Shift+Enter", "Ctrl+R", "F9")
    assert keys.describe("move-up", "edit") == ()
    assert keys.describe("delete-cells") == ("dd",)
    assert keys.bindings("command")["0", "0"] == "restart"


def test_default_keys_are_shown_by_the_characters_that_they_type() -> None:
    keys = keymap()
    shown = [part for name in COMMANDS for part in keys.describe(name)]
    assert [part for part in shown if "_" in part.removesuffix("_")] == []


@pytest.mark.parametrize("mode", DEFAULT_KEYS)
def test_no_default_key_is_both_a_binding_and_the_start_of_a_sequence(mode: str) -> None:
    bound = [to_sequence(keys) for keys in DEFAULT_KEYS[mode]]
    assert len(set(bound)) == len(bound)
    assert [(a, b) for a in bound for b in bound if a != b and b[: len(a)] == a] == []


@pytest.mark.parametrize("mode", DEFAULT_KEYS)
def test_default_keys_arrive_from_a_terminal(mode: str) -> None:
    """Ctrl+H, Ctrl+I and Ctrl+M are Backspace, Tab and Enter; Ctrl+A and Ctrl+B belong to screen and tmux, so that what they do
    has another key, too.
    """
    keys = {key for binding in DEFAULT_KEYS[mode] for key in to_sequence(binding)}
    assert not keys & {"ctrl+h", "ctrl+i", "ctrl+m"}
    bound = dict(DEFAULT_KEYS[mode])
    taken = [bound.pop(key) for key in ("ctrl+a", "ctrl+b") if key in bound]
    assert set(taken) <= set(bound.values())


@pytest.mark.parametrize("mode", DEFAULT_KEYS)
def test_default_keys_have_the_names_under_which_keys_arrive(mode: str) -> None:
    keys = {key for binding in DEFAULT_KEYS[mode] for key in to_sequence(binding)}
    assert {normalise(key, None) for key in keys} == keys


def test_the_next_keys_of_a_sequence_and_a_sequence_that_is_held() -> None:
    keymap = Keymap.from_tables({Mode.COMMAND: {"d d": "delete-cells", "d x y": "cut-cells", "c": "copy-cells"}, Mode.EDIT: {}})
    assert keymap.next_keys() == []
    keymap.feed(Mode.COMMAND, "d", 0.0)
    assert keymap.next_keys() == [("d", COMMANDS["delete-cells"].doc), ("x", "…")]
    keymap.hold()
    found = keymap.feed(Mode.COMMAND, "d", 1000.0)
    assert isinstance(found, Match)
    assert found.command.name == "delete-cells"
    assert keymap.next_keys() == []


def test_space_is_a_menu_in_vims_modes_and_text_elsewhere() -> None:
    keymap = Keymap.from_tables({"normal": {"space r": "run-in-place", "g c": "toggle-comment"}, "insert": {"space r": "save"}})
    keymap.feed("normal", "space", 0.0)
    assert keymap.is_held
    assert keymap.feed("normal", "x", 1000.0) == NoMatch(("space", "x"), was_prefix=True)
    keymap.feed("normal", "space", 1000.0)
    assert keymap.feed("normal", "r", 5000.0) == Match(COMMANDS["run-in-place"])
    keymap.feed("normal", "g", 5000.0)
    assert keymap.feed("normal", "g", 5000.1) == Pending(("g",), ("g",))
    keymap.reset()
    keymap.feed("insert", "space", 6000.0)
    assert not keymap.is_held


def test_a_prefix_that_types_nothing_waits_and_ends_with_the_next_key() -> None:
    keymap = Keymap.from_tables({Mode.COMMAND: {"ctrl+x s": "save", "j": "select-next"}, Mode.EDIT: {}})
    keymap.feed(Mode.COMMAND, "ctrl+x", 0.0)
    assert keymap.is_held
    assert keymap.feed(Mode.COMMAND, "j", 1000.0) == NoMatch(("ctrl+x", "j"), was_prefix=True)
    assert keymap.feed(Mode.COMMAND, "j", 1000.0) == Match(COMMANDS["select-next"])
    keymap.feed(Mode.COMMAND, "ctrl+x", 1000.0)
    assert keymap.feed(Mode.COMMAND, "s", 5000.0) == Match(COMMANDS["save"])
