"""What the file picker lists: files by git, by a bounded walk, and in one folder."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tuinb.errors import NotebookFileError
from tuinb.files import listing
from tuinb.files.listing import LocalFolder, Names

if TYPE_CHECKING:
    from pathlib import Path


def make(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(root), *words], check=True, capture_output=True)


@pytest.fixture(autouse=True)
def _outside_of_repositories(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))


async def test_a_walk_finds_notebooks_the_nearest_first(tmp_path: Path) -> None:
    make(tmp_path, "deep/er/x.ipynb", "b.ipynb", "a.py", "data.csv", "deep/y.md")
    make(tmp_path, ".git/g.ipynb", ".venv/v.ipynb", "__pycache__/c.py", "node_modules/n.md")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert await LocalFolder(tmp_path).below() == Names(("a.py", "b.ipynb", "deep/y.md", "deep/er/x.ipynb"))


async def test_a_walk_ends_after_so_many_entries(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, *(f"{number}.ipynb" for number in range(5)))
    monkeypatch.setattr(listing, "MOST", 3)
    assert await LocalFolder(tmp_path).below() == Names(("0.ipynb", "1.ipynb", "2.ipynb"), complete=False)


async def test_git_lists_what_it_tracks_and_what_is_new_but_nothing_that_is_ignored(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, "old.ipynb", "sub/new ä.ipynb", "out/ignored.ipynb", "data.csv")
    (tmp_path / ".gitignore").write_text("out/\n")
    git(tmp_path, "add", "old.ipynb")
    assert await LocalFolder(tmp_path).below() == Names(("old.ipynb", "sub/new ä.ipynb"))
    assert await LocalFolder(tmp_path / "sub").below() == Names(("new ä.ipynb",))


async def test_a_monitor_that_a_repository_names_is_not_run(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    make(tmp_path, "a.ipynb")
    git(tmp_path, "config", "core.fsmonitor", f"touch {tmp_path}/ran; true")
    assert await LocalFolder(tmp_path).below() == Names(("a.ipynb",))
    assert not (tmp_path / "ran").exists()


async def test_one_folder_has_its_folders_and_notebooks(tmp_path: Path) -> None:
    make(tmp_path, "here/sub/x.ipynb", "here/.hidden.ipynb", "here/n.ipynb", "here/data.csv", "up.ipynb")
    place = LocalFolder(tmp_path / "here")
    assert await place.inside("") == Names((".hidden.ipynb", "n.ipynb", "sub/"))
    assert await place.inside("../") == Names(("here/", "up.ipynb"))
    assert await place.inside(f"{tmp_path}/here/sub/") == Names(("x.ipynb",))
    with pytest.raises(NotebookFileError, match="the folder can't be read: No such file or directory"):
        await place.inside("gone/")


def test_a_typed_name_is_relative_to_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    place = LocalFolder(tmp_path / "here")
    assert place.path("../x.ipynb") == tmp_path / "x.ipynb"
    assert place.path("~/x.ipynb") == tmp_path / "x.ipynb"
    assert place.path("/other/x.ipynb").as_posix() == "/other/x.ipynb"
    assert place.title == "~/here"
    assert LocalFolder(tmp_path).title == "~"
    assert LocalFolder(tmp_path.with_name(f"{tmp_path.name}s")).title == f"{tmp_path}s"
