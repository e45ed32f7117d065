"""Servers by names, and the command that lists, adds, removes and tries them."""

from __future__ import annotations

import json
import os
import stat
from typing import TYPE_CHECKING, Any

import pytest

from tests.server.support import TOKEN
from tuinb import cli, config, private_folder
from tuinb.config import ServerSettings
from tuinb.errors import UsageError
from tuinb.server import known, names
from tuinb.server.address import path_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.server.support import JupyterServer

BASE = "https://h:8443/user/ann/"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "JUPYTER_RUNTIME_DIR"):
        monkeypatch.setenv(name, str(tmp_path / name))
    (tmp_path / "JUPYTER_RUNTIME_DIR").mkdir()
    monkeypatch.delenv("JUPYTER_TOKEN", raising=False)
    return tmp_path


def told(capfd: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert cli.main(["server", *words]) == code
    found = capfd.readouterr()
    assert TOKEN not in found.out + found.err
    assert "Traceback" not in found.err
    return found.out + found.err


def test_a_server_is_added_with_its_token_and_removed(folders: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert "No server has a name" in told(capfd)
    said = told(capfd, "add", "lab", f"{BASE}lab?token={TOKEN}", "--save-token", "--ca", "ca.pem")
    file = folders / "XDG_STATE_HOME" / "tuinb" / "tokens" / "lab"
    assert f"Added lab: {BASE}" in said
    assert str(file) in said
    assert file.read_text() == TOKEN
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    written = config.servers_file().read_text()
    assert TOKEN not in written
    known._GIVEN.clear()
    assert known.named() == {"lab": ServerSettings(BASE, str(file), ca=os.path.abspath("ca.pem"))}  # noqa: PTH100
    token = known.token_of(BASE, known.named()["lab"])
    assert token is not None
    assert token.secret.reveal() == TOKEN
    assert f"lab  {BASE}  token in {file}" in told(capfd)
    assert names.base_of("lab") == BASE
    assert names.url_of("lab", "/dir/a b.ipynb") == f"{BASE}lab/tree/dir/a%20b.ipynb"
    assert known.locate(names.url_of("lab", "a%.ipynb")) == path_of(BASE, "a%.ipynb")
    assert "there is a server of this name" in told(capfd, "add", "lab", BASE, code=2)
    told(capfd, "add", "other", "http://h/", "--token-command", 'pass "x\\y"', "--plain")
    assert known.named()["other"] == ServerSettings("http://h/", token_command='pass "x\\y"', plain=True)
    listed = json.loads(told(capfd, "list", "--json"))
    assert [(each["name"], each["url"]) for each in listed] == [("lab", BASE), ("other", "http://h/")]
    told(capfd, "remove", "lab")
    assert not file.exists()
    assert [*known.named()] == ["other"]


def test_own_settings_go_first_and_are_not_written(folders: Path, capfd: pytest.CaptureFixture[str]) -> None:
    told(capfd, "add", "lab", BASE)
    settings = config.config_file()
    settings.write_text('[servers.lab]\nurl = "http://mine/"\n[servers.own]\nurl = "http://own/"\n')
    assert names.base_of("lab") == "http://mine/"
    assert "remove [servers.own] from" in told(capfd, "remove", "own", code=2)
    assert "added no server of this name" in told(capfd, "remove", "none", code=2)
    config.servers_file().write_text("[servers")
    assert "not valid TOML" in told(capfd, "add", "new", BASE, code=2)
    assert "own  http://own/" in told(capfd)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("add", "a b", BASE), "a name has letters, digits, - and _ only"),
        (("add", "x", "h:8888"), "it is no URL"),
        (("add", "x", BASE, "--save-token"), "the URL has no token to keep"),
        (("add", "x", f"{BASE}?token={TOKEN}", "--save-token", "--token-file", "f"), "one source of its token"),
        (("test", "none"), "no server has this name (`tuinb server add NAME URL` adds one)"),
    ],
)
def test_what_can_not_be_added_or_tried(words: tuple[str, ...], what: str, capfd: pytest.CaptureFixture[str]) -> None:
    assert what in told(capfd, *words, code=2)


@pytest.mark.parametrize("words", [("add", "x"), ("list", "x"), ("remove",), ("test", "x", "--ca", "y"), ("nonsense",)])
def test_wrong_usage(words: tuple[str, ...]) -> None:
    with pytest.raises(SystemExit) as left:
        cli.main(["server", *words])
    assert left.value.code == 2


def test_what_can_not_be_written(folders: Path, capfd: pytest.CaptureFixture[str]) -> None:
    config.servers_file().with_suffix(f".{os.getpid()}{private_folder.UNFINISHED}").mkdir(parents=True)
    assert "it can't be written" in told(capfd, "add", "x", BASE, code=2)
    (folders / "XDG_STATE_HOME").write_text("")
    assert "it can't be written" in told(capfd, "add", "x", f"{BASE}?token={TOKEN}", "--save-token", code=2)


def test_names_that_are_none() -> None:
    with pytest.raises(UsageError, match="a URL says on which server it is"):
        names.url_of("lab", f"{BASE}lab/tree/a.ipynb")
    assert (names.port_of("https://h/"), names.port_of("http://h/"), names.port_of("http://h:1/")) == ("443", "80", "1")


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("--server", "lab", "--local"), "--local needs a FILE"),
        (("--local", "a.ipynb"), "--local is for --server"),
        (("--server", "lab", "--local", "a.ipynb", "--existing"), "are for kernels of this machine"),
        (("--server", "lab", "a.ipynb", "--python", "x"), "are for kernels of this machine"),
        (("--server", "nolab", "a.ipynb"), "no server has this name (did you mean lab?)"),
    ],
)
def test_the_options_of_the_screen(
    words: tuple[str, ...], what: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tuinb.foreground.require_terminal", lambda: None)
    names.add("lab", ServerSettings("http://127.0.0.1:1/"))
    assert cli.main([*words]) == 2
    assert what in capfd.readouterr().err


def test_what_the_screen_gets(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[Any] = []
    monkeypatch.setattr("tuinb.foreground.require_terminal", lambda: None)
    monkeypatch.setattr(cli, "_open", opened.append)
    names.add("lab", ServerSettings(BASE))
    cli.main(["--server", "lab", "a.ipynb"])
    cli.main(["--server", "lab", "--local", "a.ipynb"])
    assert [(each.file, each.server) for each in opened] == [(f"{BASE}lab/tree/a.ipynb", ""), ("a.ipynb", BASE)]


@pytest.mark.server
def test_a_server_of_this_machine_is_listed_and_tried(
    jupyter: JupyterServer, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(jupyter.folder.parent / "runtime"))
    port = names.port_of(jupyter.base)
    assert f"{port}  {jupyter.base}  serves {jupyter.folder}" in told(capfd).replace("localhost", "127.0.0.1")
    said = told(capfd, "test", port)
    assert "Jupyter server 2." in said
    assert "python3 (default)" in said
    assert "there are:" in told(capfd, "test", "zzz", code=2)
    known._OPEN.clear()
    monkeypatch.setenv("JUPYTER_TOKEN", "wrong")
    assert "it refuses the token" in told(capfd, "test", jupyter.base, code=1)
