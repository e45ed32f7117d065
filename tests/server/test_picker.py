"""The folders of a real server in the file picker: from an open notebook, and by the URL of a folder."""

from __future__ import annotations

import asyncio
import os
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.commands.conftest import desk
from tests.server.support import TOKEN
from tests.server.test_rest import answering
from tests.support import wait_for
from tuinb import cli, themes
from tuinb.commands.tabs import listing_of
from tuinb.errors import NotebookFileError, UsageError
from tuinb.files.remote_listing import ServerFolder
from tuinb.server import known
from tuinb.server.address import Secret, path_of
from tuinb.server.rest import Server
from tuinb.session.target import Arguments
from tuinb.terminal.terminal import Terminal
from tuinb.ui.server_picker import PickerApp
from tuinb.ui.theme import ThemeChoice, ThemePair

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.commands.conftest import Desk
    from tests.server.support import JupyterServer

__all__ = ["desk"]
pytestmark = pytest.mark.server


@pytest.fixture
def place(jupyter: JupyterServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[ServerFolder]:
    """A folder with a notebook, a script, a folder with another notebook, and what no notebook is."""
    monkeypatch.setenv("JUPYTER_TOKEN", TOKEN)
    folder = jupyter.folder / "picked ä"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.ipynb", "script.py", "data.csv", "sub/deep.ipynb"):
        (folder / name).write_text("{}")
    known._OPEN[jupyter.base] = Server(jupyter.base, Secret(TOKEN))
    yield ServerFolder(jupyter.base, "picked ä")
    shutil.rmtree(folder)


async def test_a_folder_of_a_server_is_a_place(place: ServerFolder) -> None:
    assert (await place.below()).names == ("./sub/", "a.ipynb", "script.py")
    assert (await place.inside("./sub/")).names == ("deep.ipynb",)
    assert "picked ä/" in (await place.inside("/")).names
    assert (await place.inside("../")).names == (await place.inside("/")).names
    assert place.title == f"{place.base}picked ä"
    with pytest.raises(NotebookFileError, match="there is no such folder"):
        await place.inside("none/")


def test_names_and_paths_of_a_place(place: ServerFolder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name, path in (
        ("a.ipynb", "picked ä/a.ipynb"),
        ("./sub/x.ipynb", "picked ä/sub/x.ipynb"),
        ("../b.ipynb", "b.ipynb"),
        ("/c.ipynb", "c.ipynb"),
        ("../../../d.ipynb", "d.ipynb"),
    ):
        assert place.path(name) == path_of(place.base, path)
    assert place.path("~/here.ipynb") == tmp_path / "here.ipynb"


def test_an_open_notebook_offers_its_folder(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.session.path = path_of("http://h:1/p/", "dir/a.ipynb")
    assert listing_of(it.context) == ServerFolder("http://h:1/p/", "dir")
    it.session.path = path_of("http://h:1/p/", "a.ipynb")
    assert listing_of(it.context) == ServerFolder("http://h:1/p/", "")


# ---- the URL of a folder


def app_for(place: ServerFolder) -> PickerApp:
    choice = ThemeChoice(themes.load("dark"), ThemePair("dark", "light"))
    return PickerApp(place, choice, Terminal(-1, -1, dict(os.environ)))


def text(app: PickerApp) -> str:
    return "\n".join(strip.text for strip in app.screen._compositor.render_strips()[: app.size.height])


def joined(app: PickerApp) -> str:
    """What is on the screen, without blanks and borders: rows break at other places with a longer port."""
    return "".join(text(app).replace("│", "").split())


async def test_the_picker_alone_on_the_screen(place: ServerFolder) -> None:
    app = app_for(place)
    async with app.run_test(size=(80, 20)) as pilot:
        await wait_for(lambda: "./sub/" in text(app))
        await pilot.press("enter")
        await wait_for(lambda: "deep.ipynb" in text(app))
        await pilot.press("down", "enter")
    assert app.return_value == place.path("sub/deep.ipynb")


async def test_leaving_it_chooses_nothing(place: ServerFolder) -> None:
    app = app_for(place)
    async with app.run_test(size=(80, 20)) as pilot:
        await pilot.press("escape")
    assert app.return_value is None


async def test_files_come_and_go(
    place: ServerFolder, jupyter: JupyterServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "up.csv").write_bytes(b"\xff1")
    folder, app = jupyter.folder / "picked ä", app_for(place)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(lambda: "./sub/" in text(app))
        assert "Ctrl+ R rename  X delete  F folder  S download  L upload" in text(app)
        for keys, done in (
            (["down", "ctrl+s", "enter"], "Downloaded to"),
            (["ctrl+l", *"up.csv", "enter"], "Uploaded to http"),
            (["ctrl+f", *"neu", "enter"], "Made the folder http"),
            (["ctrl+r", "x", "enter"], "Renamed to http"),
            (["ctrl+x", "y", "enter"], "Deleted http"),
        ):
            await pilot.press(*keys)
            await wait_for(lambda done=done: f"│ {done}" in text(app))  # type: ignore[misc]
        await pilot.resize_terminal(120, 24)
        await wait_for(lambda: "Ctrl+S download  Ctrl+L upload" in text(app))
        await pilot.press("escape")
    assert (tmp_path / "a.ipynb").read_text() == "{}"
    assert (folder / "up.csv").read_bytes() == b"\xff1"
    assert sorted(path.name for path in folder.glob("[!.]*")) == ["data.csv", "neu", "script.py", "sub", "up.csv"]
    assert app.return_value is None


async def test_a_server_that_ends_is_told(place: ServerFolder) -> None:
    app = app_for(place)
    async with app.run_test(size=(80, 24)) as pilot:
        await wait_for(lambda: "a.ipynb" in text(app))
        await pilot.press("down", "ctrl+x", "y")
        known._OPEN[place.base] = Server("http://127.0.0.1:9/")
        await pilot.press("enter")
        await wait_for(lambda: "nothinglistensthere" in joined(app))
        await wait_for(lambda: "/a.ipynb?[y/N]" in joined(app))


def test_which_urls_ask_for_a_notebook(place: ServerFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def pick(where: object, theme: object) -> Path | None:
        asked.append(where)
        return place.path("sub/deep.ipynb") if len(asked) == 1 else None

    monkeypatch.setattr("tuinb.ui.server_picker.pick", pick)
    monkeypatch.setattr("tuinb.terminal.textual_environ.prepare_textual", lambda _: None)
    url = f"{place.base}lab/tree/"
    for file in ("a.ipynb", f"{url}picked ä/a.ipynb", f"{url}picked ä/script.py", f"{url}none", None):
        arguments = Arguments(file)
        assert cli._in_folder(arguments) is arguments
    assert not asked
    chosen = cli._in_folder(Arguments(f"{url}picked%20%C3%A4", "python3"))
    assert chosen == Arguments(f"{url}picked%20%C3%A4/sub/deep.ipynb", "python3")
    assert cli._in_folder(Arguments(f"{place.base}lab")) is None
    assert asked == [place, ServerFolder(place.base, "")]
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", "/none")
    assert cli._arguments(["--server", place.base]).file == url
    with pytest.raises(UsageError, match="--local needs a FILE"):
        cli._arguments(["--server", place.base, "--local"])


def test_a_listing_that_is_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.files.remote_listing.MOST", 2)
    content = ", ".join(f'{{"name": "{name}.ipynb", "type": "notebook"}}' for name in "abc")
    with answering(lambda *_: (200, {}, f'{{"type": "directory", "content": [{content}]}}'.encode())) as (base, _):
        known._OPEN[base] = Server(base)
        found = asyncio.run(ServerFolder(base).below())
    assert (found.names, found.complete) == (("a.ipynb", "b.ipynb"), False)
