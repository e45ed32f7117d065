"""Files are read and compared without waiting for a device, and without holding other threads."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tuinb.errors import NotebookFileError
from tuinb.files import disk

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("length", [0, 1, 3, 4, 5, 9])
def test_a_file_has_its_bytes_and_no_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    monkeypatch.setattr(disk, "PIECE", 4)
    data = os.urandom(length)
    path = tmp_path / "x"
    path.write_bytes(data)
    assert disk.has(path, data)
    assert not disk.has(path, data + b"x")
    assert not disk.has(path, None)
    for at in range(length):
        assert not disk.has(path, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])


def test_what_can_not_be_compared_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        disk.has(tmp_path / "x", b"")
    with pytest.raises(NotebookFileError, match="a folder"):
        disk.has(tmp_path, b"")
