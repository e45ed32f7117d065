"""Unsaved work is written to a new file."""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from typing import TYPE_CHECKING

import pytest

from tuinb.errors import NotebookSaveError
from tuinb.files import rescue

if TYPE_CHECKING:
    from pathlib import Path


def test_each_rescue_has_a_name_of_its_own_and_is_found(tmp_path: Path) -> None:
    path = tmp_path / "a.ipynb"
    assert rescue.find(path) == ()
    first, second = rescue.write(path, b"1"), rescue.write(path, b"2")
    assert (first.name, second.name) == ("a.unsaved.ipynb", "a.unsaved1.ipynb")
    assert (first.read_bytes(), second.read_bytes()) == (b"1", b"2")
    assert stat.S_IMODE(first.stat().st_mode) == 0o600
    assert rescue.find(path) == (first, second)
    assert not path.exists()


def test_a_folder_that_is_gone_gives_way_to_the_temporary_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    written = rescue.write(tmp_path / "gone" / "a.ipynb", b"x")
    assert written == tmp_path / "a.unsaved.ipynb"


def test_a_full_disk_leaves_nothing_half_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(number: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NotebookSaveError, match="No space left"):
        rescue.write(tmp_path / "a.ipynb", b"x")
    assert list(tmp_path.iterdir()) == []


def test_where_no_folder_takes_temporary_files_it_is_written_beside_the_notebook_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> str:
        raise FileNotFoundError(errno.ENOENT, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "gettempdir", none)
    assert rescue.write(tmp_path / "a.ipynb", b"work").read_bytes() == b"work"
    with pytest.raises(NotebookSaveError, match="unsaved changes are lost"):
        rescue.write(tmp_path / "no" / "a.ipynb", b"work")
