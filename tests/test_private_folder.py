"""Folders and files of their user alone."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tuinb import private_folder

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


@pytest.mark.usefixtures("open_umask")
def test_every_folder_that_is_made_is_private(tmp_path: Path) -> None:
    private_folder.make(tmp_path / "a" / "b" / "c")
    assert [mode(path) for path in (tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c")] == [0o700] * 3
    private_folder.write(tmp_path / "a" / "file", "text")
    assert mode(tmp_path / "a" / "file") == 0o600


@pytest.mark.usefixtures("open_umask")
def test_a_folder_that_is_there(tmp_path: Path) -> None:
    (tmp_path / "own").mkdir(0o755)
    private_folder.make_missing(tmp_path / "own")
    assert mode(tmp_path / "own") == 0o755
    private_folder.make(tmp_path / "own")
    assert mode(tmp_path / "own") == 0o700
    (tmp_path / "file").touch()
    for make in (private_folder.make, private_folder.make_missing):
        with pytest.raises(FileExistsError):
            make(tmp_path / "file")
        with pytest.raises(NotADirectoryError):
            make(tmp_path / "file" / "below")


def test_a_folder_of_another_user_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(PermissionError, match="belongs to another user"):
        private_folder.make(tmp_path)


def test_a_planted_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "target").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    with pytest.raises(OSError, match="link"):
        private_folder.write(tmp_path / "link", "theirs")
    assert (tmp_path / "target").read_text() == "mine"


def test_a_file_is_replaced_whole_or_not_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.json"
    private_folder.replace(path, "old")
    private_folder.replace(path, "new")
    assert (path.read_text(), mode(path)) == ("new", 0o600)
    monkeypatch.setattr(Path, "replace", lambda new, old: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        private_folder.replace(path, "newer")
    assert (list(tmp_path.iterdir()), path.read_text()) == ([path], "new")


def test_only_a_file_of_the_user_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("file")
    os.mkfifo(tmp_path / "pipe")
    assert private_folder.read(tmp_path / "file", 2) == b"mi"
    for name, error in (("link", OSError), ("pipe", ValueError), (".", ValueError), ("none", FileNotFoundError)):
        with pytest.raises(error):
            private_folder.read(tmp_path / name, 2)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    with pytest.raises(PermissionError, match="another user"):
        private_folder.read(tmp_path / "file", 2)


@pytest.mark.parametrize("base", ["", "/elsewhere", "relative"])
def test_the_folder_of_state_is_that_of_platformdirs(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from platformdirs import user_state_path

    monkeypatch.setenv("XDG_STATE_HOME", base)
    if base == "relative":
        assert private_folder.state_folder(os.environ) == private_folder.state_folder({"HOME": str(Path.home())})
    elif not (base and sys.platform == "darwin"):
        assert private_folder.state_folder(os.environ) == user_state_path("tuinb", appauthor=False)
