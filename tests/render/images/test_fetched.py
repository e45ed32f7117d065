"""Image files that take time to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.render.images.support import context, data_of, plot
from tests.render.support import text_of
from tuinb.jobs import Jobs
from tuinb.render.images import fetched
from tuinb.render.images.fetched import FRESH, FetchedImages
from tuinb.render.images.picture import PictureBlock, from_address
from tuinb.render.registry import render_markdown

if TYPE_CHECKING:
    from collections.abc import Callable

PLOT = data_of(plot())


class LaterJobs(Jobs):
    """Jobs that run when the test says so."""

    def __init__(self) -> None:
        super().__init__()
        self.waiting: list[Callable[[], None]] = []

    def submit(self, key: object, fn: Callable[[], Any], *, done: Callable[[Any], None], failed: object = None) -> None:
        self.waiting.append(lambda: done(fn()))

    def run_one(self) -> None:
        self.waiting.pop(0)()


class Folder:
    """A folder far away, and the images of it."""

    def __init__(self) -> None:
        self.files = {"a b.png": PLOT}
        self.read: list[str] = []
        self.changed: list[str] = []
        self.now = 0.0
        self.jobs = LaterJobs()
        self.images = FetchedImages(self.take, self.jobs, self.changed.append, lambda: self.now)

    def take(self, name: str) -> bytes:
        self.read.append(name)
        if name not in self.files:
            raise ValueError("no such file")
        return self.files[name]

    def shown(self, source: str) -> str:
        return "\n".join(text_of(render_markdown(source, context(files=self.images, folder=None))))


@pytest.fixture
def folder() -> Folder:
    return Folder()


def test_an_image_is_shown_once_it_is_there(folder: Folder) -> None:
    assert folder.shown("![alt](a%20b.png)") == "alt, a b.png: it is being fetched"
    folder.jobs.run_one()
    assert folder.changed == ["a b.png"]
    block = from_address("a b.png?x=1", context(files=folder.images, folder=None))
    assert isinstance(block, PictureBlock)
    assert folder.read == ["a b.png"]


def test_what_can_not_be_read_is_said(folder: Folder) -> None:
    folder.shown("![alt](none.png)")
    folder.jobs.run_one()
    assert folder.shown("![alt](none.png)") == "alt, none.png: no such file"
    assert folder.read == ["none.png"]


@pytest.mark.parametrize("address", ["https://h/a.png", "//h/a.png", "file:///a.png", "#a.png", ""])
def test_no_other_address_is_read(address: str, folder: Folder) -> None:
    folder.shown(f"![alt]({address})")
    assert not folder.jobs.waiting


def test_an_image_that_is_written_again_appears(folder: Folder) -> None:
    folder.shown("![alt](a%20b.png)")
    folder.jobs.run_one()
    folder.now = FRESH + 1
    folder.images.find("a b.png")
    folder.jobs.run_one()
    assert folder.changed == ["a b.png"]  # the same bytes
    folder.files["a b.png"] = data_of(plot((10, 10)))
    folder.now = 2 * FRESH + 2
    folder.images.find("a b.png")
    assert folder.images.find("a b.png").data == PLOT
    folder.jobs.run_one()
    assert folder.changed == ["a b.png"] * 2
    assert not folder.jobs.waiting


def test_one_at_a_time_and_the_newest_first(folder: Folder) -> None:
    for name in "xyz":
        folder.shown(f"![alt]({name})")
    assert len(folder.jobs.waiting) == 1
    while folder.jobs.waiting:
        folder.jobs.run_one()
    assert folder.read == ["x", "z", "y"]


def test_few_bytes_and_few_names_are_kept(folder: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetched, "_MOST_WANTED", 3)
    monkeypatch.setattr(fetched, "_MOST_BYTES", len(PLOT))
    folder.files |= {f"{number}.png": PLOT for number in range(9)}
    for number in range(9):
        folder.shown(f"![alt]({number}.png)")
    while folder.jobs.waiting:
        folder.jobs.run_one()
    assert folder.read == ["0.png", "8.png", "7.png", "6.png"]
    assert [*folder.images._found] == ["6.png"]


def test_without_jobs_an_image_is_read_at_once(folder: Folder) -> None:
    images = FetchedImages(folder.take)
    assert images.find("a b.png").data == PLOT
