"""A notebook that is one of jupytext's pairs: its text is saved with it, and what is newer in the text is taken over."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.session.support import ME
from tests.support import wait_for, write_notebook
from tuinb.errors import ChangedOnDiskError
from tuinb.files import disk, load, pairs
from tuinb.notebook.changes import AppendStream, CellId, SpliceSource, Step, Transaction
from tuinb.notebook.difference import Content
from tuinb.session import other_writers
from tuinb.session.events import Message, Saved
from tuinb.session.opening import open_session
from tuinb.session.paired_texts import newer_inputs

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.notebook.changes import Change

A = CellId("cell-0")
PAIR = {"formats": "ipynb,py:percent"}


@pytest.fixture(autouse=True)
def quick(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(other_writers, "PAUSE", 0.0)
    monkeypatch.setattr(other_writers, "EVERY", 0.02)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write_notebook(tmp_path / "x.ipynb", "a = 1", "b = 2", jupytext=PAIR)


class Work:
    """A session on a notebook, and what it says."""

    def __init__(self, path: Path) -> None:
        self.session = open_session(load.load(path), None, journal=True)
        self.text = path.with_suffix(".py")
        self.said: list[str] = []
        self.session.listen(self._hear)

    def _hear(self, event: object) -> None:
        if isinstance(event, Message):
            self.said.append(f"{event.text} {event.hint}".rstrip())
        elif isinstance(event, Saved):
            self.said += event.notices

    async def begin(self) -> Work:
        """Reads the texts, as the screen does once it is painted."""
        await self.session._other_writers.begin()
        return self

    async def look(self) -> None:
        await self.session._other_writers.look()

    async def save(self, *, overwrite: bool = False) -> None:
        await self.session.save(endorse=False, overwrite=overwrite)

    def edit(self, *changes: Change, step: Step = Step.EDIT) -> None:
        self.session.apply(Transaction(changes, ME, step))

    def sources(self) -> list[str]:
        return [cell.source for cell in self.session.notebook]

    def in_text(self, old: str, new: str) -> None:
        """Edits the text, as in another editor."""
        self.text.write_text(self.text.read_text().replace(old, new))

    def age(self, *, text: float) -> None:
        """Makes the text older or younger than the notebook, in seconds."""
        then = self.session.path.stat().st_mtime + text
        os.utime(self.text, (then, then))

    def is_older(self) -> bool:
        """Whether the text is older than the notebook."""
        return self.text.stat().st_mtime_ns < self.session.path.stat().st_mtime_ns


def text_of(path: Path) -> str:
    """The cells of a text, without its header."""
    return path.with_suffix(".py").read_text().partition("# ---\n\n")[2]


def names(folder: Path) -> list[str]:
    """What is in a folder."""
    return sorted(file.name for file in folder.iterdir())


async def saved(path: Path) -> Work:
    """A session that has saved the notebook and its text."""
    work = await Work(path).begin()
    work.edit(SpliceSource(A, 0, "", "# "), AppendStream(A, "stdout", "out\n"))
    await work.save()
    return work


async def test_the_text_is_saved_with_the_notebook(path: Path) -> None:
    work = await saved(path)
    assert text_of(path) == "# %%\n# a = 1\n\n# %%\nb = 2\n"
    assert "formats: ipynb,py:percent" in work.text.read_text()
    before = work.text.stat().st_mtime_ns
    work.edit(AppendStream(A, "stdout", "more\n"))
    await work.save()
    assert work.text.stat().st_mtime_ns > before, "jupytext would take it for outdated"
    assert work.said == []
    await work.session.shut_down()


async def test_what_another_editor_writes_to_the_text_is_taken_over(path: Path) -> None:
    work = await saved(path)
    work.session.watch_disk()
    work.edit(SpliceSource(A, 0, "", "mine "))
    work.in_text("b = 2", "b = 3\n\n# %%\nc")
    await wait_for(lambda: work.sources() == ["mine # a = 1", "b = 3", "c"])
    assert work.said == ["Merged: 2 cells changed in x.py by another program. {undo|undo-typing} undoes it."]
    assert work.session.modified
    assert len(work.session.notebook[A].outputs) == 1
    assert work.session.notebook.metadata["jupytext"] == PAIR
    await work.save()
    assert text_of(path) == "# %%\nmine # a = 1\n\n# %%\nb = 3\n\n# %%\nc\n"
    work.session.undo(ME)
    assert work.sources() == ["mine # a = 1", "b = 2"]
    await work.session.shut_down()


@pytest.mark.parametrize("text", [10.0, -10.0])
async def test_the_newer_one_counts_on_opening(path: Path, text: float) -> None:
    work = await saved(path)
    await work.session.shut_down()
    work.in_text("b = 2", "b = 3")
    work.age(text=text)
    again = await Work(path).begin()
    await again.look()
    assert len(again.session.notebook[again.session.notebook.order[0]].outputs) == 1
    if text > 0:
        assert again.sources() == ["# a = 1", "b = 3"]
        assert again.said == ["Reloaded: 1 cell changed in x.py by another program. {undo|undo-typing} undoes it."]
    else:
        assert again.sources() == ["# a = 1", "b = 2"]
        assert again.said == ["x.py is older than the notebook and has other inputs: saving replaces them."]
    await again.save()
    assert text_of(path) == f"# %%\n# a = 1\n\n# %%\nb = {3 if text > 0 else 2}\n"
    await again.session.shut_down()


async def test_both_sides_changed_a_line(path: Path) -> None:
    work = await saved(path)
    work.edit(SpliceSource(A, 0, "", "mine "))
    work.in_text("# a = 1", "theirs")
    await work.look()
    await work.look()
    assert work.said == [
        "x.py changed on disk. 1 conflict with unsaved changes: :resolve shows them. Until then nothing changes here."
    ]
    found = await work.session.incoming()
    assert found is not None
    assert (found.is_pair, len(found.merge.conflicts)) == (True, 1)
    with pytest.raises(ChangedOnDiskError, match=r"another program changed x\.py"):
        await work.save()
    assert await work.session.take(found, found.merge.theirs, ME)
    await work.save()
    assert text_of(path) == "# %%\ntheirs\n\n# %%\nb = 2\n"
    work.in_text("theirs", "lost")
    await work.save(overwrite=True)
    assert text_of(path) == "# %%\ntheirs\n\n# %%\nb = 2\n"
    await work.session.shut_down()


async def test_a_text_that_can_not_be_read(path: Path) -> None:
    path.with_suffix(".py").write_bytes(b"\xff\xfe\xff")
    work = await Work(path).begin()
    assert work.said[0].startswith("The notebook is paired with a text that can't be read:")
    for _ in range(other_writers.UNREADABLE + 2):
        await work.look()
    assert [text for text in work.said if "Nothing changes here." in text] == work.said[1:]
    assert len(work.said) == 2
    with pytest.raises(ChangedOnDiskError):
        await work.save()
    await work.session.shut_down()


async def test_a_text_that_can_not_be_written(path: Path) -> None:
    work = await saved(path)
    work.text.unlink()
    work.text.mkdir()
    work.edit(SpliceSource(A, 0, "", "x "))
    await work.save(overwrite=True)
    assert load.load(path).notebook.at(0).source == "x # a = 1"
    (notice,) = work.said
    assert notice.startswith("x.py, which is paired with the notebook, was not saved: ")
    await work.session.shut_down()


async def test_a_text_that_is_gone_is_made_anew_and_another_name_has_its_own(path: Path) -> None:
    work = await saved(path)
    work.text.unlink()
    await work.look()
    await work.save()
    assert text_of(path)
    path.with_name("y.py").write_text("other")
    with pytest.raises(ChangedOnDiskError):
        await work.session.save(path.with_name("y.ipynb"), endorse=False)
    path.with_name("y.py").unlink()
    await work.session.save(path.with_name("y.ipynb"), endorse=False)
    assert text_of(path.with_name("y.ipynb")) == text_of(path)
    await work.session.shut_down()


async def test_without_jupytext_a_line_says_so(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pairs, "is_available", lambda: False)
    work = await saved(path)
    assert work.said == ["x.py is paired with this notebook, and is not kept in step: pip install 'tuinb[text]'."]
    assert not work.text.exists()
    await work.session.shut_down()


async def test_what_is_not_followed_is_said(tmp_path: Path) -> None:
    formats = {"formats": "notebooks//ipynb,../../etc//py:percent,ipynb,auto:light,md"}
    path = write_notebook(tmp_path / "x.ipynb", "a", jupytext=formats, language_info={"name": "r", "file_extension": ".R"})
    work = await saved(path)
    (said,) = work.said
    assert said.startswith("jupytext's notebooks//ipynb, ../../etc//py:percent is not kept in step: only text files beside")
    assert names(tmp_path) == ["state", "x.R", "x.ipynb", "x.md"]
    await work.session.shut_down()


async def test_a_script_that_is_paired_names_its_notebook(path: Path) -> None:
    work = await saved(path)
    await work.session.shut_down()
    script = await Work(work.text).begin()
    assert script.said == ["x.py is paired with x.ipynb. Open x.ipynb: it keeps outputs, and saves both."]
    await script.session.shut_down()


def test_a_format_without_a_name_is_that_of_the_file(path: Path) -> None:
    content = Content.of(load.load(path).notebook)
    (member,), _ = pairs.members(path, {"jupytext": {"formats": "ipynb,py"}})
    light = b"a = 1\r\n\r\n# +\r\nb = 2\r\n"
    assert b"# %%" in pairs.render(content, member, None)
    made = pairs.render(content, member, light + b"\r\nc = 3\r\n")
    assert b"# %%" not in made
    assert b"\r\n" in made


@pytest.mark.parametrize("text", [10.0, -10.0])
async def test_reading_it_again_takes_the_newer_one_too(path: Path, text: float) -> None:
    work = await saved(path)
    work.in_text("b = 2", "b = 3")
    await work.look()
    work.edit(SpliceSource(A, 0, "", "mine "))
    work.age(text=text)
    work.said.clear()
    found = await work.session.incoming(anew=True)
    assert found is not None
    assert await work.session.take(found, found.on_disk, ME)
    assert len(work.session.notebook[A].outputs) == 1
    if text > 0:
        assert work.sources() == ["# a = 1", "b = 3"]
        assert work.said == ["The inputs are those of x.py, which is newer."]
        assert work.session.modified
    else:
        assert work.sources() == ["# a = 1", "b = 2"]
        assert work.said == ["x.py is older than the notebook and has other inputs: saving replaces them."]
        assert not work.session.modified
    await work.look()
    await work.save()
    assert text_of(path) == f"# %%\n# a = 1\n\n# %%\nb = {3 if text > 0 else 2}\n"
    work.session.undo(ME)
    assert work.sources() == ["mine # a = 1", "b = 3"]
    await work.session.shut_down()


async def test_a_text_that_is_gone_while_it_is_read(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    work = await saved(path)
    work.in_text("b = 2", "b = 3")
    work.age(text=10.0)
    read, reads = disk.read, 0

    def once(file: Path) -> tuple[bytes, disk.DiskState]:
        nonlocal reads
        reads += file == work.text
        if reads == 2:
            raise FileNotFoundError(file)
        return read(file)

    monkeypatch.setattr(disk, "read", once)
    found = newer_inputs(load.load(path))
    assert (found.changes, len(found.notices)) == ((), 1)
    await work.session.shut_down()


async def test_a_text_that_another_program_changes_during_a_save_stays(path: Path) -> None:
    work = await saved(path)
    work.session.follow_pair(tuple(work.session._other_writers.paired))
    work.edit(AppendStream(A, "stdout", "more\n"))
    work.in_text("b = 2", "b = 3")
    await work.save()
    assert work.said == ["another program changed x.py, which is paired with the notebook: it stays as it is"]
    assert "b = 3" in work.text.read_text()
    assert not work.is_older()
    await work.session.shut_down()
