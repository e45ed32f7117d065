"""Notes of sessions that ended by themselves."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from tuinb.daemon import ending
from tuinb.daemon.places import Place

PLACE = Place(Path("/nowhere"), "0123456789abcdef")


@pytest.fixture(autouse=True)
def notes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path / "tuinb" / "ended"


def test_a_note_is_told_once(notes: Path) -> None:
    ending.note(PLACE, 7 * 86_400.0)
    assert ending.take(PLACE).endswith("after 7 d without use (session_idle), with its kernel.")
    assert ending.take(PLACE) == ""
    assert not list(notes.iterdir())


def test_a_kernel_that_goes_on_is_told() -> None:
    ending.note(PLACE, 60.0, kernel_goes_on=True)
    assert ending.take(PLACE).endswith("(session_idle). The kernel, which tuinb did not start, goes on.")


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"at": "x", "idle": 1, "host": ""}', '{"at": 1, "idle": 1e999, "host": ""}'])
def test_what_is_no_note_says_nothing(notes: Path, text: str) -> None:
    notes.mkdir(parents=True)
    (notes / PLACE.name).write_text(text)
    assert ending.take(PLACE) == ""


def test_another_host_is_named_without_control_characters(notes: Path) -> None:
    notes.mkdir(parents=True)
    (notes / PLACE.name).write_text(json.dumps({"at": time.time() - 7200, "idle": 60, "host": "far\x1b[2J"}))
    told = ending.take(PLACE)
    assert told.startswith("The last session on far")
    assert "\x1b" not in told
    assert "ended by itself 2 h ago, after 1 min" in told


def test_a_link_is_not_followed(notes: Path, tmp_path: Path) -> None:
    notes.mkdir(parents=True)
    (tmp_path / "x").write_text(json.dumps({"at": 1.0, "idle": 60, "host": ""}))
    (notes / PLACE.name).symlink_to(tmp_path / "x")
    assert ending.take(PLACE) == ""


def test_old_notes_are_removed(notes: Path) -> None:
    notes.mkdir(parents=True)
    (notes / "old").write_text("{}")
    past = time.time() - ending.KEPT - 60
    os.utime(notes / "old", (past, past))
    ending.note(PLACE, 1.0)
    assert [path.name for path in notes.iterdir()] == [PLACE.name]
