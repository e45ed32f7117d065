"""The texts of the clipboard: what goes along to a notebook of another session, and how much of it."""

from __future__ import annotations

import json

import pytest

from tuinb.editing.vim.registers import Held, Kind
from tuinb.editing.vim.state import Shared
from tuinb.workspace.workspace import MOST_CARRIED, CellClipboard

LONG = "é" * (MOST_CARRIED // 4)  # each is six characters of JSON


def clipboard(*, text: str = "", kills: tuple[str, ...] = (), registers: dict[str, Held] | None = None) -> CellClipboard:
    made = CellClipboard(text=text)
    made.kills.texts = kills
    if registers is not None:
        made.vim = Shared()
        for name, held in registers.items():
            made.vim.registers.set(name, held)
    return made


def taken(carried: object, *, by: CellClipboard | None = None) -> CellClipboard:
    other = by or CellClipboard()
    other.take(json.loads(json.dumps(carried)))
    return other


def test_texts_come_as_they_were() -> None:
    held = {"a": Held("x\ny", Kind.BLOCK, 1), "0": Held("line", Kind.LINES), "b": Held("é")}
    other = taken(clipboard(text="copied", kills=("last", "before"), registers=held).carried())
    assert other.text == "copied"
    assert [other.kills.yank(), other.kills.rotate()] == ["last", "before"]
    assert other.vim is not None
    assert {name: other.vim.registers.get(name) for name in other.vim.registers.names()} == held
    assert other.vim.registers.get('"') == held["b"]


def test_what_was_there_is_replaced() -> None:
    old = clipboard(text="old", kills=("old",), registers={"a": Held("old")})
    other = taken(clipboard(registers={"b": Held("new")}).carried(), by=old)
    assert (other.text, list(other.kills.texts)) == ("", [])
    assert other.vim is not None
    assert other.vim.registers.names() == ["b"]


def test_without_keys_of_vim_registers_stay() -> None:
    other = taken(clipboard(text="new").carried(), by=clipboard(registers={"a": Held("kept")}))
    assert other.text == "new"
    assert other.vim is not None
    assert other.vim.registers.get("a") == Held("kept")
    assert CellClipboard().carried()["registers"] is None


def test_what_is_too_long_does_not_come_and_nothing_else_in_its_place() -> None:
    carried = clipboard(text=LONG, kills=(LONG, "older"), registers={"a": Held("short"), "b": Held(LONG)}).carried()
    assert len(json.dumps(carried)) < 1000
    other = taken(carried, by=clipboard(text="old", registers={"b": Held("old")}))
    assert (other.text, list(other.kills.texts)) == ("", [])
    assert other.vim is not None
    assert other.vim.registers.names() == ["a"]
    assert other.vim.registers.get('"') is None


@pytest.mark.parametrize(
    "carried",
    [
        7, None, [], {}, {"text": 1, "kills": [], "registers": None}, {"text": "", "kills": "", "registers": None},
        {"text": "old", "kills": ["old", 1], "registers": {"last": 0, "held": {}}},
        {"text": "old", "kills": ["old"], "registers": {"last": "a", "held": {"a": ["x", "v", 0], "b": ["x", "?", 0], "c": 1}}},
    ],
)  # fmt: skip
def test_what_another_version_writes_is_left_out(carried: object) -> None:
    other = taken(carried, by=clipboard(text="old", kills=("old",), registers={"a": Held("old")}))
    assert (other.text, list(other.kills.texts)) == ("old", ["old"])
    assert other.vim is not None
    assert other.vim.registers.names() == ["a"]
