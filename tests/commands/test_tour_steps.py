"""The texts of the tour: they name keys that work."""

from __future__ import annotations

import json
import re

import pytest

from tuinb.commands import tour_steps
from tuinb.commands.keymap.keymap import Keymap
from tuinb.commands.keymap.sets import SETS
from tuinb.workspace.view_state import Mode


def texts(key_set: str, own: dict[str, dict[str, str]] | None = None) -> dict[str, str]:
    keymap = Keymap.from_tables(SETS[key_set], own)
    return {step.title: step.text for step in tour_steps.told(keymap, always_edits=key_set == "emacs")}


@pytest.mark.parametrize("key_set", SETS)
def test_every_step_names_keys(key_set: str) -> None:
    found = texts(key_set)
    assert [text for text in found.values() if "{" in text] == []
    missing = [text for text in found.values() if re.search(r"(^|\s):[a-z]", text)]
    assert missing == []


def test_the_keys_are_those_of_the_set() -> None:
    assert texts("jupyter")["Add a cell"] == "b adds a cell below."
    assert texts("jupyter")["Run a cell"].startswith("Ctrl+R runs the cell and goes on.")
    assert texts("vim")["Delete a cell"] == "dd or x deletes the cell."
    assert texts("vim")["Leave the cell"].startswith("Esc, twice from insert mode, ends editing.")
    assert texts("emacs")["Save"].startswith("Ctrl+X Ctrl+S saves")
    assert "Edit a cell" not in texts("emacs")
    assert texts("vscode")["Run any command by its name"].startswith(": or Alt+X opens")


def test_the_keys_are_those_of_the_user() -> None:
    own = {"command": {"b": "", "n": "insert-below", "s": "", "ctrl+s": ""}}
    assert texts("jupyter", own)["Add a cell"] == "n adds a cell below."
    assert texts("jupyter", own)["Save"].startswith(":save saves")


def test_texts_without_a_better_key_name_those_that_only_some_terminals_send() -> None:
    keymap = Keymap.from_tables({"command": {"shift+enter": "run-and-advance"}, "edit": {}})
    assert tour_steps.in_keys("{run-and-advance} runs", keymap, Mode.COMMAND) == "Shift+Enter runs"


def test_the_notebook_is_one() -> None:
    content = json.loads(tour_steps.practice())
    assert [cell["cell_type"] for cell in content["cells"]] == ["markdown", "code", "markdown", "code", "code"]
    assert len({cell["id"] for cell in content["cells"]}) == 5
