"""Keys and pastes as JSON, which one screen hands to another."""

from __future__ import annotations

import json

from textual.events import Key, Paste

from tuinb.ui.layer import Typed, packed, unpacked


def plain(event: Typed) -> tuple[str, str | None]:
    return ("paste", event.text) if isinstance(event, Paste) else (event.key, event.character)


def test_what_was_typed_is_the_same_after_the_way_through_json() -> None:
    typed: list[Typed] = [Key("j", "j"), Key("up", None), Paste("a\n\u2603"), Key("ctrl+q", "\x11")]
    given = json.loads(json.dumps(packed(typed, 100)))
    assert [plain(event) for event in unpacked(given)] == [plain(event) for event in typed]


def test_nothing_follows_what_is_too_long() -> None:
    assert packed([Key("j", "j"), Paste("x" * 10), Key("k", "k")], 5) == [["j", "j"]]


def test_what_is_no_key_is_passed_over() -> None:
    given = [["j"], ["j", 1], {"paste": 1}, "j", None, ["up", None]]
    assert [plain(event) for event in unpacked(given)] == [("up", None)]
    assert list(unpacked({"paste": "x"})) == []
