"""The folders of a real server, and `tuinb server ls`, `get`, `put`, `mv`, `rm` and `mkdir`."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.server.support import TOKEN
from tests.server.test_rest import answering
from tuinb import cli
from tuinb.server import contents, known
from tuinb.server.rest import Server, ServerError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.server.support import JupyterServer

pytestmark = pytest.mark.server


@pytest.fixture
def folder(jupyter: JupyterServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A folder of the server, called `w ä`."""
    monkeypatch.setenv("JUPYTER_TOKEN", TOKEN)
    monkeypatch.chdir(tmp_path)
    found = jupyter.folder / "w ä"
    (found / "sub").mkdir(parents=True)
    (found / "a.ipynb").write_text("{}")
    (found / "B.csv").write_bytes(b"1,2\n" * 5000)
    (found / ".hidden").write_text("")
    yield found
    shutil.rmtree(found)


@pytest.fixture
def base(jupyter: JupyterServer) -> str:
    return jupyter.base


def told(capfd: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert cli.main(["server", *words]) == code
    found = capfd.readouterr()
    assert TOKEN not in found.out + found.err
    return found.out + found.err


def test_a_folder_is_listed(folder: Path, base: str, capfd: pytest.CaptureFixture[str]) -> None:
    (folder / "evil\x1b[31m\n.ipynb").write_text("")
    lines = told(capfd, "ls", base, "w ä").splitlines()
    assert [line[28:] for line in lines] == ["sub/", "a.ipynb", "B.csv", "evil␛[31m␊.ipynb"]
    assert [line[:8].strip() for line in lines] == ["", "2 B", "20 kB", "0 B"]
    listed = json.loads(told(capfd, "ls", f"{base}lab/tree/w%20%C3%A4", "--json"))
    (found,) = [each for each in listed if each["name"] == "a.ipynb"]
    assert (found["path"], found["kind"], found["size"]) == ("w ä/a.ipynb", "notebook", 2)
    assert "The folder is empty." in told(capfd, "ls", base, "w ä/sub")
    assert "w ä/none: there is no such folder" in told(capfd, "ls", base, "w ä/none", code=1)
    assert "it is a file, not a folder" in told(capfd, "ls", base, "w ä/a.ipynb", code=1)
    assert "leads out of the server's folder" in told(capfd, "ls", base, "../x", code=2)


def test_files_come_and_go_byte_for_byte(folder: Path, base: str, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    data = bytes(range(256))
    (tmp_path / "picture.png").write_bytes(data)
    assert "→" in told(capfd, "put", base, "picture.png", "w ä/sub")
    assert (folder / "sub" / "picture.png").read_bytes() == data
    told(capfd, "get", base, "w ä/sub/picture.png", "copy.png")
    assert (tmp_path / "copy.png").read_bytes() == data
    told(capfd, "get", base, "w ä/a.ipynb")
    assert (tmp_path / "a.ipynb").read_text() == "{}"
    told(capfd, "put", base, "a.ipynb", "w ä/new.ipynb")
    assert (folder / "new.ipynb").read_text() == "{}"
    assert "there is no such file" in told(capfd, "put", base, "none.ipynb", code=2)
    assert "there is no such file" in told(capfd, "get", base, "w ä/none.ipynb", code=2)
    assert "is a directory, not a file" in told(capfd, "get", base, "w ä/sub", code=1)


def test_a_slash_at_the_end_names_a_folder(folder: Path, base: str, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1")
    assert "there is no such folder" in told(capfd, "put", base, "a.csv", "w ä/none/", code=2)
    assert "there is no such folder" in told(capfd, "get", base, "w ä/a.ipynb", "none/", code=2)
    assert "there is no such folder" in told(capfd, "mv", base, "w ä/a.ipynb", "w ä/none/", code=2)
    told(capfd, "put", base, "a.csv", "w ä/sub/")
    assert (folder / "sub" / "a.csv").exists()
    assert not (folder / "none").exists()
    assert not (tmp_path / "none").exists()


def test_nothing_is_replaced_that_somebody_else_changed(
    folder: Path, base: str, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    mine = tmp_path / "a.ipynb"
    mine.write_text('{"mine": 1}')
    assert "the server has a file of this name with other content" in told(capfd, "put", base, "a.ipynb", "w ä", code=1)
    assert (folder / "a.ipynb").read_text() == "{}"
    assert "there is a file of this name with other content" in told(capfd, "get", base, "w ä/a.ipynb", code=2)
    assert mine.read_text() == '{"mine": 1}'
    told(capfd, "put", base, "a.ipynb", "w ä", "--force")
    told(capfd, "put", base, "a.ipynb", "w ä")  # it is the same
    assert (folder / "a.ipynb").read_text() == '{"mine": 1}'
    mine.write_text("other")
    told(capfd, "get", base, "w ä/a.ipynb", "--force")
    assert mine.read_text() == '{"mine": 1}'


def test_renaming_and_folders(folder: Path, base: str, capfd: pytest.CaptureFixture[str]) -> None:
    told(capfd, "mkdir", base, "w ä/new")
    assert (folder / "new").is_dir()
    assert "there is one of this name already" in told(capfd, "mkdir", base, "w ä/new", code=1)
    told(capfd, "mv", base, "w ä/a.ipynb", "w ä/b.ipynb")
    assert "w ä/new/b.ipynb" in told(capfd, "mv", base, "w ä/b.ipynb", "w ä/new")
    assert (folder / "new" / "b.ipynb").read_text() == "{}"
    (folder / "c.ipynb").write_text("c")
    assert "of this name already" in told(capfd, "mv", base, "w ä/c.ipynb", "w ä/new/b.ipynb", code=1)
    assert (folder / "new" / "b.ipynb").read_text() == "{}"
    assert "there is no such file or folder" in told(capfd, "mv", base, "w ä/none", "w ä/x", code=1)
    assert "the path is empty" in told(capfd, "mkdir", base, "/", code=1)


def test_deleting_is_asked(folder: Path, base: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert "it was not deleted" in told(capfd, "rm", base, "w ä/a.ipynb", code=2)
    assert (folder / "a.ipynb").exists()
    told(capfd, "rm", base, "w ä/a.ipynb", "--yes")
    assert not (folder / "a.ipynb").exists()
    (folder / "sub" / "x").write_text("")
    assert "the folder is not empty" in told(capfd, "rm", base, "w ä/sub", "--yes", code=1)
    assert "there is no such file or folder" in told(capfd, "rm", base, "w ä/none", "--yes", code=2)
    asked: list[str] = []

    def agree(question: str) -> bool:
        asked.append(question)
        return True

    monkeypatch.setattr(known, "agrees", agree)
    told(capfd, "rm", base, "w ä/sub/x")
    told(capfd, "rm", base, "w ä/sub")
    assert not (folder / "sub").exists()
    assert asked[1].endswith("lab/tree/w ä/sub? [y/N] ")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("ls",), "write: tuinb server ls NAME [FOLDER]"),
        (("mv", "lab", "a"), "write: tuinb server mv NAME OLD NEW"),
        (("list", "x"), "write: tuinb server list"),
        (("ls", "lab", "--force"), "--force belongs to get and put"),
        (("rm", "lab", "a", "--json"), "--json belongs to list and ls"),
        (("get", "lab", "a", "--save-token"), "--save-token belongs to add"),
    ],
)
def test_wrong_command_lines(words: tuple[str, ...], why: str, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["server", *words])
    assert why in capfd.readouterr().err


@pytest.mark.parametrize(
    "answer",
    [b"[]", b"{}", b'{"type": "directory"}', b'{"type": "directory", "content": [{"name": "a"}]}', b'{"type": "x"}'],
)
def test_an_answer_that_is_no_folder(answer: bytes) -> None:
    with answering(lambda *_: (200, {}, answer)) as (base, _), pytest.raises(ServerError, match="its answer"):
        contents.listing(Server(base), "x")


def test_names_that_lead_elsewhere_are_left_out() -> None:
    names = ["..", ".", "", "a/b", "a\0", "\udc80", 3, "fine.ipynb"]
    model = {"type": "directory", "content": [*({"name": name, "type": "notebook"} for name in names), 7]}
    with answering(lambda *_: (200, {}, json.dumps(model).encode())) as (base, _):
        assert [entry.path for entry in contents.listing(Server(base), "dir/")] == ["dir/fine.ipynb"]
