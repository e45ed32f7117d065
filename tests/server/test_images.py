"""Images beside a notebook on a real server."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.server.support import TOKEN
from tests.server.test_rest import answering
from tuinb import cli
from tuinb.files import remote
from tuinb.server import known
from tuinb.server.address import path_of
from tuinb.server.rest import Server

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.support import JupyterServer


@pytest.fixture
def notebook(jupyter: JupyterServer, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JUPYTER_TOKEN", TOKEN)
    (jupyter.folder / "beside" / "img ä").mkdir(parents=True, exist_ok=True)
    (jupyter.folder / "beside" / "img ä" / "x.png").write_bytes(bytes(range(256)))
    return path_of(jupyter.base, "beside/a.ipynb")


@pytest.mark.server
def test_an_image_comes_through_the_contents_api(notebook: Path) -> None:
    assert remote.image(notebook, "img ä/x.png") == bytes(range(256))
    assert remote.image(notebook, "./img ä/../img ä/x.png") == bytes(range(256))
    with pytest.raises(ValueError, match="no such file"):
        remote.image(notebook, "none.png")
    with pytest.raises(ValueError, match=r"folder|directory"):
        remote.image(notebook, "img ä")


@pytest.mark.parametrize("name", ["../a.png", "/a.png", "x/../../a.png", "../../../../../https:/other/lab/tree/a.png"])
def test_no_other_folder_and_no_other_server_is_asked(name: str) -> None:
    with pytest.raises(ValueError, match="it is outside the notebook's folder"):
        remote.image(path_of("https://none.invalid/", "dir/a.ipynb"), name)


def test_an_image_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote, "LARGEST_IMAGE", 1000)
    large = b'{"type": "file", "content": "%s"}' % (b"A" * (remote._BESIDES + 2000))
    for answer, why in ((large, "its answer has more than"), (b'{"type": "file", "content": "A"}', "its data is damaged")):
        with answering(lambda *_, answer=answer: (200, {}, answer)) as (base, _):
            known._OPEN[base] = Server(base)
            with pytest.raises(ValueError, match=why):
                remote.image(path_of(base, "a.ipynb"), "x.png")


@pytest.mark.server
def test_show_describes_the_images(notebook: Path, jupyter: JupyterServer, capfd: pytest.CaptureFixture[str]) -> None:
    cell = '{"cell_type": "markdown", "metadata": {}, "source": "![plot](img%20%C3%A4/x.png)"}'
    text = f'{{"cells": [{cell}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 4}}'
    (jupyter.folder / "beside" / "a.ipynb").write_text(text)
    assert cli.main(["show", "--color", "always", jupyter.url("beside/a.ipynb")]) == 0
    assert "plot, img ä/x.png, image unreadable, 256 B" in capfd.readouterr().out
