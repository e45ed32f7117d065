"""Cells in the user's own editor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb.config import config_file
from tuinb.errors import TuinbError
from tuinb.notebook.changes import ClientId, DeleteCell, SpliceSource, Transaction

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Desk

    Make = Callable[[str], Desk]


def asked(it: Desk) -> tuple[object, ...]:
    """The name of the file, its text, and the line."""
    return next(entry[1:] for entry in it.host.log if entry[0] == "edit_text")


@pytest.mark.parametrize(
    ("before", "keys", "name", "text", "line"),
    [
        ("a|b*=out|c", "e", "analysis-cell-2.py", "b", 1),
        ("a|one/tw^o", "ctrl+o", "analysis-cell-2.py", "one\ntwo", 2),
        ("m:# T*", "e", "analysis-cell-1.md", "# T", 1),
        ("r:raw*", "e", "analysis-cell-1.txt", "raw", 1),
    ],
)
def test_a_cell(desk: Make, before: str, keys: str, name: str, text: str, line: int) -> None:
    it = desk(before)
    was = str(it)
    it.host.answers.append("new/text".replace("/", "\n"))
    it.press(keys)
    assert asked(it) == (name, text, line)
    assert str(it) == was.replace(text.replace("\n", "/"), "new/text")
    key = "Ctrl+Z" if "^" in before else "z"
    assert it.said() == [f"Edited a cell. {key} undoes it."]
    it.run("undo")
    assert str(it).replace("^", "*") == was.replace("^", "*")


def test_all_cells_at_once(desk: Make) -> None:
    it = desk("a*=out|m:text|c|d")

    def edited(text: str) -> str:
        assert "# %% 1\na\n" in text
        moved = text.replace("# %% 4\nd\n", "").replace("# %% 1", "# %% 4\nd2\n\n# %%\nnew\n\n# %% 1")
        return moved.replace("# %% 3\nc\n", "")

    it.host.answers.append(edited)
    it.press("E")
    assert str(it) == "d2|new|a*=out|m:text"
    assert asked(it)[0] == "analysis.py"
    assert it.said() == ["Edited 3 cells. z undoes it."]
    it.press("z")
    assert str(it) == "a=out|m:text|c*|d"


def test_cells_that_only_move(desk: Make) -> None:
    it = desk("a*|b")
    it.host.answers.append("# %% 2\nb\n\n# %% 1\na\n")
    it.press("E")
    assert (str(it), it.said()) == ("b|a*", ["Moved cells. z undoes it."])


def test_all_cells_deleted(desk: Make) -> None:
    it = desk("a*|b")
    it.host.answers.append("")
    it.press("E")
    assert (str(it), it.view.active) == ("", None)


@pytest.mark.parametrize(("keys", "answer"), [("e", None), ("E", None), ("e", "a"), ("E", lambda text: text)])
def test_what_was_not_edited(desk: Make, keys: str, answer: object) -> None:
    it = desk("a*|b")
    it.host.answers.append(answer)
    it.press(keys)
    assert (str(it), it.session.applied) == ("a*|b", [])
    assert it.said() == ([] if answer is None else ["Nothing was changed."])


def test_what_changed_here_meanwhile_is_kept_or_told(desk: Make) -> None:
    it = desk("a*|one/-/two|c|d")
    cells = list(it.notebook.order)

    def edited(text: str) -> str:
        """Meanwhile others change two cells, one of them in the same line, and delete one."""
        changes = (SpliceSource(cells[0], 0, "a", "ours"), SpliceSource(cells[1], 0, "one", "1"), DeleteCell(cells[3]))
        it.session.apply(Transaction(changes, ClientId("other")))
        return text.replace("\na\n", "\ntheirs\n").replace("two", "2")

    it.host.answers.append(edited)
    it.press("E")
    assert str(it) == "theirs*|1/-/2|c"
    assert it.said() == ["Edited 2 cells. Changed here meanwhile, too: cell 1, 2. z undoes it."]
    it.press("z")
    assert str(it) == "ours*|1/-/two|c"


def test_refusals(desk: Make) -> None:
    for keys in ("e", "E"):
        it = desk("a*")
        it.session.read_only = "it is of a newer format"
        with pytest.raises(TuinbError, match="Read-only: it is of a newer"):
            it.press(keys)
        assert it.host.log == []
    with pytest.raises(TuinbError, match="no cell"):
        desk("").run("edit-externally")


def test_the_settings(desk: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    file = config_file()
    it = desk("a*")
    it.run("edit-settings", None)
    assert asked(it)[0] == "config.toml"
    assert not file.exists()
    it.run("edit-settings", "autosave = 5\n")
    assert file.read_text() == "autosave = 5\n"
    assert "Settings apply from the next start" in it.said()[-1]
    with pytest.raises(TuinbError, match="unknown setting 'autosav'"):
        it.run("edit-settings", lambda text: text.replace("autosave", "autosav"))
    assert file.read_text() == "autosav = 5\n"  # to be edited again
    it.run("edit-settings", "")
    assert file.read_text() == ""


def test_settings_that_cannot_be_read_or_written(desk: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    it = desk("a*")
    config_file().parent.parent.mkdir(exist_ok=True)
    config_file().parent.write_text("a file")
    with pytest.raises(TuinbError):
        it.run("edit-settings", "autosave = 5\n")
    config_file().parent.unlink()
    config_file().parent.mkdir()
    config_file().write_bytes(b"\xff")
    with pytest.raises(TuinbError):
        it.run("edit-settings", "autosave = 5\n")
    assert config_file().read_bytes() == b"\xff"
