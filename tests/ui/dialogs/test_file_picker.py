"""The file picker: what it lists, how text narrows it, folders by a typed path, and what Enter opens."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import pytest

from tests.ui.harness import running
from tuinb.errors import NotebookFileError
from tuinb.files.listing import LocalFolder, Names
from tuinb.ui.dialogs.file_picker import Item, matching
from tuinb.ui.dialogs.prompts import ListRows

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

    from tests.ui.harness import Driver


def names(items: Sequence[Item]) -> list[str]:
    return [item.name for item in items]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("plot", ["plot.ipynb", "src/plot_all.py", "src/my plot.ipynb"]),
        ("src plot", ["src/plot_all.py", "src/my plot.ipynb"]),
        ("src/plot", ["src/plot_all.py", "src/my plot.ipynb"]),
        ("mp", ["src/my plot.ipynb"]),
        ("pll", ["src/plot_all.py"]),
        ("sml", ["src/my plot.ipynb"]),
        ("PLOT.IP", ["plot.ipynb", "src/my plot.ipynb"]),
        ("zz", []),
    ],
)
def test_text_finds_names_the_best_first(text: str, found: list[str]) -> None:
    items = [Item.of(name) for name in ("data.md", "plot.ipynb", "src/my plot.ipynb", "src/plot_all.py")]
    assert set(names(matching(items, text))) == set(found)
    if text == "plot":
        assert names(matching(items, text)) == found


class Place(LocalFolder):
    """A folder that is slow, or can't be read."""

    fails: str = ""
    slow: bool = False

    async def below(self) -> Names:
        if self.slow:
            await asyncio.Event().wait()
        if self.fails:
            raise NotebookFileError(self.fails)
        return await super().below()


@asynccontextmanager
async def picking(
    two: Path, place: LocalFolder, recent: Sequence[Path] = ()
) -> AsyncIterator[tuple[Driver, asyncio.Task[Path | None]]]:
    async with running(two) as t:
        with t.app.in_context():
            result = asyncio.ensure_future(t.app.dialogs.pick_file(place, recent, place.root / "shown.ipynb", place.root))
        await t.until(lambda: "OPEN" in t.rows()[-1])
        yield t, result
        result.cancel()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path))
    folder = tmp_path / "here"
    for name in ("a.ipynb", "b.ipynb", "shown.ipynb", "sub/c.ipynb", ".hidden/d.ipynb"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("")
    return folder


async def test_recent_notebooks_come_first_and_once(two: Path, folder: Path) -> None:
    recent = [folder / "b.ipynb", folder.parent / "far" / "e.ipynb"]
    async with picking(two, LocalFolder(folder), recent) as (t, result):
        await t.shows("sub/c.ipynb")
        listed = [row.strip("│▸ ").split() for row in t.rows() if row.startswith("│ ") and ".ipynb" in row]
        assert [words[0].rpartition("/here/")[2] for words in listed][:1] == ["b.ipynb"]
        assert listed[0][1:] == ["recent"]
        assert listed[1][0].endswith("far/e.ipynb")
        assert [words[0] for words in listed[2:]] == ["a.ipynb", "sub/c.ipynb"], "not the one that is on the screen"
        await t.press("down", "down", "down", "down", "up", "enter")
        assert await result == folder / "a.ipynb"


async def test_a_typed_path_lists_folders(two: Path, folder: Path) -> None:
    async with picking(two, LocalFolder(folder)) as (t, result):
        await t.shows("a.ipynb")
        await t.press("full_stop", "full_stop", "slash")
        await t.shows("here/")
        await t.type("he")
        await t.press("tab")
        await t.shows(" ../here/ ")
        await t.shows("  b.ipynb")
        assert ".hidden" not in t.text()
        await t.type("su")
        await t.press("enter")
        await t.shows("▸ ../")
        await t.type("c")
        await t.until(lambda: "▸ c.ipynb" in t.text())
        await t.press("enter")
        assert await result == folder / "sub" / "c.ipynb"


async def test_a_name_that_fits_nothing_is_that_of_a_new_notebook(two: Path, folder: Path) -> None:
    async with picking(two, LocalFolder(folder)) as (t, result):
        await t.shows("a.ipynb")
        await t.type("zzz")
        await t.shows("No notebook fits. Enter opens a new one with this name.")
        await t.press("enter")
        assert await result == folder / "zzz.ipynb"


async def test_a_folder_that_is_slow_or_can_not_be_read_holds_no_key(two: Path, folder: Path) -> None:
    async with picking(two, Place(folder, slow=True), [folder / "b.ipynb"]) as (t, result):
        await t.shows("b.ipynb")
        await t.press("escape")
        assert await result is None
    async with picking(two, Place(folder, fails="the folder is gone")) as (t, _):
        await t.shows("the folder is gone")
        await t.type("~/nowhere/")
        await t.shows("the folder can't be read: No such file or directory")


# ---- renaming, deleting and making


async def told(t: Driver, text: str) -> None:
    """Waits for a sentence, which may be on several rows, also with a long path."""
    await t.until(lambda: text.replace(" ", "") in "".join(row.strip("│ ") for row in t.rows()).replace(" ", ""))


async def test_a_notebook_is_renamed_and_its_ending_stays(two: Path, folder: Path) -> None:
    async with picking(two, LocalFolder(folder), [folder / "b.ipynb"]) as (t, result):
        await t.shows("sub/c.ipynb")
        assert "Ctrl+R rename  Ctrl+X delete  Ctrl+F folder" in t.text()
        assert "download" not in t.text()
        await t.press("ctrl+r")
        await told(t, f"Rename {folder}/b.ipynb to")
        assert "Enter accepts  Esc goes back" in t.rows()[-1]
        await t.type("2")
        await t.press("enter")
        await told(t, "Renamed to")
        assert (folder / "b2.ipynb").exists()
        assert "recent" not in t.text()
        await t.type("b2")
        await t.until(lambda: "▸ b2.ipynb" in t.text())
        await t.press("ctrl+r")
        await t.press("ctrl+u")
        await t.type("sub/")  # the ending stays behind it
        await t.press("enter")
        await t.until(lambda: (folder / "sub" / "b2.ipynb").exists())
        await told(t, "Renamed to")
        await t.press("enter")
        assert await result == folder / "sub" / "b2.ipynb"


async def test_deleting_is_asked_and_no_is_the_answer(two: Path, folder: Path) -> None:
    async with picking(two, LocalFolder(folder)) as (t, _):
        await t.shows("sub/c.ipynb")
        for answer in ("", "yn"):
            await t.press("ctrl+x")
            await told(t, f"Delete {folder}/a.ipynb for good? [y/N]")
            await t.type(answer)
            await t.press("enter")
            await told(t, "Nothing was changed.")
        assert (folder / "a.ipynb").exists()
        await t.press("ctrl+x")
        await t.type("y")
        await t.press("enter")
        await told(t, "Deleted")
        await t.until(lambda: "▸ b.ipynb" in t.text())
        assert not (folder / "a.ipynb").exists()


async def test_what_fails_is_told_and_the_question_stays(two: Path, folder: Path) -> None:
    async with picking(two, LocalFolder(folder)) as (t, result):
        await t.shows("sub/c.ipynb")
        await t.press("ctrl+r", "ctrl+u")
        await t.type("b")
        await t.press("enter")
        await told(t, "there is one of this name already (choose another name)")
        await told(t, f"Rename {folder}/a.ipynb to")
        await t.press("escape")
        await t.type("./sub")
        await t.until(lambda: "▸ sub/" in t.text())
        await t.press("ctrl+x")
        await t.type("y")
        await t.press("enter")
        await told(t, "the folder is not empty (delete what is in it first)")
        await t.press("escape", "ctrl+f")
        await t.type("new")
        await t.press("enter")
        await told(t, "Made the folder")
        assert (folder / "new").is_dir()
        await t.press("ctrl+s")
        await told(t, "it is on this machine")
        await t.press("ctrl+l")
        await told(t, "the folder is on this machine")
        await t.type("/")
        await t.until(lambda: "▸ ../" in t.text())
        await t.press("ctrl+r")
        await told(t, "no file or folder is marked")
        await t.press("escape")
        assert await result is None


async def test_a_name_that_is_not_listed_is_that_of_a_file_too(two: Path, folder: Path) -> None:
    (folder / "data.csv").write_text("")
    async with picking(two, LocalFolder(folder)) as (t, _):
        await t.shows("sub/c.ipynb")
        await t.type("data.csv")
        await t.shows("No notebook fits.")
        await t.press("ctrl+r", "ctrl+u")
        await t.type("./")
        await t.press("enter")
        await told(t, "It has that name already.")
        await t.press("ctrl+x")
        await t.type("yes")
        await t.press("enter")
        await t.until(lambda: not (folder / "data.csv").exists())


async def test_the_mouse_looks_into_a_folder_opens_and_leaves_a_question_alone(two: Path, folder: Path) -> None:
    async with picking(two, LocalFolder(folder)) as (t, result):
        await t.shows("sub/c.ipynb")
        await t.type("./")
        await t.shows("sub/")
        rows = t.app.screen.query_one(ListRows)

        def row_of(name: str) -> int:
            return next(y for y in range(12) if name in rows.render_line(y).text)

        await t.pilot.click(rows, offset=(5, row_of("sub/")))
        await t.shows("c.ipynb")
        while "▸ c.ipynb" not in t.text():
            rows.on_mouse_scroll_down()
            await t.pilot.pause()
        await t.press("ctrl+x")
        await t.shows("[y/N]")
        rows.on_mouse_scroll_up()
        await t.pilot.click(rows, offset=(5, row_of("../")))
        assert "▸ c.ipynb" in t.text()
        await t.press("escape")
        await t.until(lambda: "[y/N]" not in t.text())
        await t.pilot.click(rows, offset=(5, row_of("c.ipynb")))
        await t.until(result.done)
        assert result.result() == folder / "sub" / "c.ipynb"
