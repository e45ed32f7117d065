"""`tuinb recover` on the command line."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

from tests.files.journal.support import frame
from tests.session.support import ME
from tests.support import write_notebook
from tuinb import cli
from tuinb.files import load
from tuinb.files.journal import folder
from tuinb.files.journal.records import Content, Kind
from tuinb.files.journal.writer import Base, JournalWriter
from tuinb.notebook.changes import CellId, SpliceSource, Transaction
from tuinb.session.opening import open_session

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def own_state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
async def path(tmp_path: Path) -> Path:
    """A notebook with unsaved changes of an earlier run."""
    path = write_notebook(tmp_path / "x.ipynb", "a", "b")
    session = open_session(load.load(path), None, journal=True)
    session.apply(Transaction((SpliceSource(CellId("cell-0"), 0, "", "new "),), ME))
    await session.shut_down()
    return path


def recover(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str, str]:
    code = cli.main(["recover", *map(str, words)])
    told = capsys.readouterr()
    return code, told.out, told.err


def test_nothing_is_left(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert recover(capsys) == (1, "", "tuinb: there are no unsaved changes of a tuinb that has ended\n")
    assert recover(capsys, tmp_path / "x.ipynb")[0] == 1


def test_what_is_left_is_listed(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = recover(capsys)
    assert code == 0
    assert re.fullmatch(rf"{re.escape(str(path))}: 1 cell changed, \w+ \d+ \w+ \d\d:\d\d\n", out)
    path.unlink()
    assert "the file is gone" in recover(capsys, path)[1]


async def test_the_cells_of_a_file_without_ids_are_counted_as_they_are(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "a", "b", "c")
    book = json.loads(path.read_bytes())
    for cell in book["cells"]:
        del cell["id"]
    path.write_text(json.dumps({**book, "nbformat_minor": 4}))
    session = open_session(load.load(path), None, journal=True)
    session.apply(Transaction((SpliceSource(session.notebook.order[1], 0, "", "new "),), ME))
    await session.shut_down()
    assert ": 1 cell changed, " in recover(capsys)[1]


def test_it_is_written_to_a_file_and_then_discarded(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = path.read_bytes()
    out = tmp_path / "out.ipynb"
    code, told, _ = recover(capsys, path, "-o", out)
    assert (code, told.startswith(f"{out} has the changes.")) == (0, True)
    assert path.read_bytes() == before
    assert out.read_bytes() == before.replace(b'"a"', b'"new a"')
    code, _, complaint = recover(capsys, path, "-o", out)
    assert (code, "already exists" in complaint) == (2, True)
    assert recover(capsys, path, "--discard")[0] == 0
    assert list(folder.journals().iterdir()) == []
    assert recover(capsys, path, "--discard")[0] == 1


@pytest.mark.parametrize("words", [["--discard"], ["-o", "x"], ["x.ipynb", "--discard", "-o", "y"]])
def test_words_that_do_not_go_together(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert recover(capsys, *words)[0] == 2


def test_a_damaged_journal_is_listed_as_such(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    [file] = folder.journals().iterdir()
    whole = file.read_bytes()
    file.write_bytes(whole + frame(Kind.CHANGES, b"nonsense"))
    code, _, complaint = recover(capsys, path, "-o", tmp_path / "out.ipynb")
    assert (code, "the end of the changes can't be read" in complaint) == (0, True)
    file.write_bytes(whole[:600])
    assert "nothing that can be restored" in recover(capsys)[1]
    writer = JournalWriter()
    writer.start(Base(path, Content((), b"no notebook")))
    writer.close()
    assert "can't be read (" in recover(capsys)[1]


@pytest.mark.usefixtures("path")
def test_changes_of_another_machine_name_it(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "elsewhere")
    assert ", on " in recover(capsys)[1]
