"""Image bytes come from base64, and from files in the notebook's folder only."""

from __future__ import annotations

import base64
import os
import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuinb.render.images import sources
from tuinb.render.images.header import decode_base64
from tuinb.render.images.sources import Encoded, ImageFile, Markup, RawBytes, find

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tuinb.render.images.sources import Source


@given(st.binary(max_size=400), st.integers(0, 9))
def test_base64_with_line_breaks_and_cut_off(data: bytes, lost: int) -> None:
    for text in (base64.b64encode(data).decode(), base64.encodebytes(data).decode()):
        assert decode_base64(text) == data
        assert data.startswith(decode_base64(text[: len(text) - lost]))


@given(st.text(max_size=40))
def test_anything_as_base64(text: str) -> None:
    assert len(decode_base64(text)) <= len(text)


def test_sources_are_alike() -> None:
    data = b"<svg/>" * 100
    makers: list[Callable[[], Source]] = [
        lambda: Encoded(base64.b64encode(data).decode()),
        lambda: RawBytes(bytes(bytearray(data))),
        lambda: Markup(data.decode()),
    ]
    for make in makers:
        source = make()
        assert source.read() == data
        assert source.head(10) == data[:10]
        assert source.size == 600
        assert source.key == make().key


def test_what_is_no_base64() -> None:
    with pytest.raises(ValueError, match="it is empty"):
        Encoded(" \n").read()
    with pytest.raises(ValueError, match="it is not base64"):
        Encoded("é").read()


def test_a_file_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a b.png").write_bytes(b"data")
    (tmp_path / "link.png").symlink_to("sub/a b.png")
    for name in ("sub/a b.png", "./sub/../sub/a b.png", "link.png"):
        found = find(name, tmp_path)
        assert (found.read(), found.head(2), found.size) == (b"data", b"da", 4)
        assert found.key == find(name, tmp_path).key


def test_files_that_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (tmp_path / "secret.png").write_bytes(b"data")
    (folder / "out.png").symlink_to("../secret.png")
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "fifo.png")
    (folder / "large.png").write_bytes(b"12345")
    monkeypatch.setattr(sources, "LARGEST_FILE", 4)
    with socket.socket(socket.AF_UNIX) as server:
        monkeypatch.chdir(folder)
        server.bind("socket.png")
        for name, why in {
            "../secret.png": "outside",
            str(tmp_path / "secret.png"): "outside",
            "out.png": "outside",
            "/dev/zero": "outside",
            "loop": "no such file",
            "none.png": "no such file",
            "a\0b": "no such file",
            "x" * 5000: "no such file",
            ".": "not a regular file",
            "fifo.png": "not a regular file",
            "socket.png": "not a regular file",
            "large.png": "larger than",
        }.items():
            with pytest.raises(ValueError, match=why):
                find(name, folder)


def test_another_file_of_that_name_is_not_taken_for_it(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    path.write_bytes(b"data")
    found = find("a.png", tmp_path)
    path.write_bytes(b"other data")
    with pytest.raises(ValueError, match="changed"):
        found.read()
    path.unlink()
    path.symlink_to("/etc/passwd")
    with pytest.raises(OSError, match=r".+"):
        found.read()
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(ValueError, match="changed"):
        ImageFile(path, found.identity).read()
