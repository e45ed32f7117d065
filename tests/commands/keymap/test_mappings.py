"""Mappings from keys to keys: what is written, and which keys come out."""

from __future__ import annotations

import pytest

from tuinb.commands.keymap.mappings import Key, Mappings, keys_of, problems_of
from tuinb.config import VimSettings
from tuinb.errors import ConfigError


@pytest.mark.parametrize(
    ("written", "names"),
    [
        (",", ["comma"]),
        ("Space", ["space"]),
        ("Esc", ["escape"]),
        ("g$", ["g", "dollar_sign"]),
        ("jk", ["j", "k"]),
        ("Ctrl+W h", ["ctrl+w", "h"]),
        (":w Enter", ["colon", "w", "enter"]),
        ("<C-w>j<CR>", ["ctrl+w", "j", "enter"]),
        ("<leader>r", ["space", "r"]),
        ("<lt>x", ["less_than_sign", "x"]),
        ("G", ["G"]),
        ("a+b", ["a", "plus", "b"]),
    ],
)
def test_keys_as_they_are_written(written: str, names: list[str]) -> None:
    if written == "a+b":
        with pytest.raises(ConfigError, match="there is no key"):
            keys_of(written)
    else:
        assert list(keys_of(written)) == names


def typed(settings: VimSettings, keys: str, mode: str = "normal") -> str:
    """Returns what comes out for keys that types characters each; `|` between them is the time limit."""
    mappings = Mappings.of(settings)
    found: list[Key] = []
    for character in keys:
        found += mappings.flush() if character == "|" else mappings.feed(mode, Key(character, character))
    return " ".join(key.name for key in found) + (" …" if mappings.pending else "")


NORMAL = VimSettings(mappings={"normal": {"x": "dd", "gh": "0", "g": "G", "y y": "Y", "d": "x"}})


@pytest.mark.parametrize(
    ("keys", "found"),
    [
        ("x", "d d"),  # not recursive
        ("d", "x"),
        ("q", "q"),
        ("gh", "0"),
        ("g", " …"),
        ("g|", "G"),
        ("gq", "G q"),
        ("ggh", "G 0"),
        ("yx", "y d d"),
        ("y|", "y"),
    ],
)
def test_keys_that_stand_for_others(keys: str, found: str) -> None:
    assert typed(NORMAL, keys) == found


def test_escape_is_a_mapping_of_insert_mode_with_a_shorter_time() -> None:
    settings = VimSettings(escape="jk")
    assert typed(settings, "ajk", "insert") == "a escape"
    assert typed(settings, "j|k", "insert") == "j k"
    assert typed(settings, "jk") == "j k"
    mappings = Mappings.of(settings)
    mappings.feed("insert", Key("j", "j"))
    assert mappings.seconds == 0.2
    assert [key.name for key in mappings.feed("normal", Key("k", "k"))] == ["j", "k"]
    assert mappings.seconds == 1.0
    assert Mappings.of(VimSettings(timeout=300)).seconds == 0.3


def test_characters_that_mapped_keys_type() -> None:
    mappings = Mappings.of(VimSettings(mappings={"insert": {"x": ": Space Esc F9"}}))
    assert mappings.feed("insert", Key("x", "x")) == [
        Key("colon", ":"),
        Key("space", " "),
        Key("escape", None),
        Key("f9", None),
    ]


@pytest.mark.parametrize(
    ("mode", "keys", "target", "said"),
    [
        ("normal", "ctrl+nothing", "x", r"\[vim.map.normal\] \"ctrl\+nothing\": there is no key"),
        ("normal", ",", "<C-nothing>", "there is no key '<C-nothing>'"),
        ("normal", ",", "", "it has no target"),
        ("visual", " ", "x", "it has no key"),
        ("command", ",", "dd", "'dd' are several keys"),
    ],
)
def test_a_mistake_is_named_and_the_rest_works(mode: str, keys: str, target: str, said: str) -> None:
    settings = VimSettings(mappings={mode: {keys: target, "q": "x"}})
    [problem] = problems_of(settings)
    with pytest.raises(ConfigError, match=said):
        raise problem
    assert typed(settings, "q", mode) == "x"
    assert len(Mappings.of(settings).rows) == 1
