"""How a process gets into a server: tokens and where they come from, questions, and what other users may see."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.support import ROOT
from tuinb import config
from tuinb.config import ServerSettings
from tuinb.errors import ConfigError
from tuinb.files import disk
from tuinb.server import arguments, known, local, login
from tuinb.server.address import Secret
from tuinb.server.rest import ServerError

if TYPE_CHECKING:
    from tuinb.server.rest import Server

SECRET = "token-that-nobody-may-see"
BASE = "http://127.0.0.1:1234/p/"


def token_of(settings: ServerSettings | None = None) -> tuple[str, str] | None:
    found = known.token_of(BASE, settings)
    return (found.secret.reveal(), found.source) if found is not None else None


@pytest.fixture
def runtime(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("JUPYTER_TOKEN", "JUPYTERHUB_API_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path))
    return tmp_path


def write(folder: Path, number: int, **fields: object) -> None:
    (folder / f"jpserver-{number}.json").write_text(json.dumps({"pid": os.getpid(), "root_dir": "/x", **fields}))


def test_the_servers_of_this_machine(runtime: Path) -> None:
    write(runtime, 1, url="http://localhost:1234/p/", token=SECRET)
    write(runtime, 2, url="http://localhost:1/", token="", pid=os.getpid())
    write(runtime, 3, url="http://localhost:2/", token="x", pid=1 << 22)
    write(runtime, 4, url=7)
    write(runtime, 5)
    (runtime / "jpserver-6.json").write_text("[" * 2000)
    (runtime / "jpserver-7.json").mkdir()
    found = local.servers()
    assert [(each.base, each.token, each.folder) for each in found] == [
        ("http://localhost:1234/p/", Secret(SECRET), "/x"),
        ("http://localhost:1/", None, "/x"),
    ]
    assert token_of() == (SECRET, "the server's own file")
    assert local.token_of("http://127.0.0.1:1/") is None
    assert local.token_of("http://example.org:1234/p/") is None


def test_which_token_is_used(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert token_of() is None
    monkeypatch.setenv("JUPYTERHUB_API_TOKEN", "of-the-hub")
    assert token_of() == ("of-the-hub", "JUPYTERHUB_API_TOKEN")
    monkeypatch.setenv("JUPYTER_TOKEN", "of-the-environment")
    assert token_of() == ("of-the-environment", "JUPYTER_TOKEN")
    command = ServerSettings(BASE, token_command=f"{sys.executable} -c 'print(\"of-a-command\")'")
    assert token_of(command) == ("of-a-command", command.token_command)
    file = runtime / "token"
    file.write_text("of-a-file\n")
    file.chmod(0o600)
    assert token_of(ServerSettings(BASE, token_file=str(file))) == ("of-a-file", str(file))
    path = known.locate(f"{BASE}lab/tree/a.ipynb?token={SECRET}")
    assert path == Path("/http:/127.0.0.1:1234/p/lab/tree/a.ipynb") == disk.absolute_path(f"{BASE}tree/a.ipynb")
    assert token_of(command) == (SECRET, "the URL")


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        (ServerSettings(BASE, token_file="/none"), "the token can't be read"),
        (ServerSettings(BASE, token_file="open"), "other users can read the token"),
        (ServerSettings(BASE, token_file="words"), "it has no token"),
        (ServerSettings(BASE, token_file="binary"), "the token can't be read"),
        (ServerSettings(BASE, token_command="false"), "the command for the token failed: it ended with 1"),
        (ServerSettings(BASE, token_command="no-such-command"), "the command for the token failed"),
        (ServerSettings(BASE, token_command="'"), "the command for the token failed"),
        (ServerSettings(BASE, token_command="echo"), "it has no token"),
    ],
)
def test_a_token_that_can_not_be_had(
    settings: ServerSettings, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, data, mode in (("open", SECRET, 0o644), ("words", f"{SECRET} {SECRET}", 0o600), ("binary", "\udcff", 0o600)):
        Path(name).write_bytes(data.encode("utf-8", "surrogateescape"))
        Path(name).chmod(mode)
    with pytest.raises(ConfigError, match=why) as raised:
        token_of(settings)
    assert SECRET not in str(raised.value)


def test_settings_of_servers(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(f"""
[servers.lab]
url = "{BASE.rstrip("/")}"
token_file = "~/token"
plain = true
[servers.a]
url = 7
[servers.b]
url = "http://h/"
tokenfile = "x"
[servers.c]
url = "http://h/"
plain = "yes"
[servers.d]
url = "http://h/?token={SECRET}"
[servers.e]
url = "http://h/"
ca = 3
""")
    found, problems = config.read(file)
    assert found.servers == {"lab": ServerSettings(BASE, "~/token", plain=True)}
    text = "\n".join(map(str, problems))
    assert SECRET not in text
    for said in (
        "servers.a has no url",
        "unknown setting 'tokenfile' (did you mean token_file?)",
        "plain = 'yes' does not fit (write true or false)",
        "its url has a query",
        "ca = 3 does not fit (write text in quotes)",
    ):
        assert said in text
    file.write_text("servers = 3")
    assert "write [servers.NAME]" in str(config.read(file)[1][0])


# ---- questions


@pytest.mark.parametrize(
    ("host", "public"),
    [("127.0.0.1", False), ("10.1.2.3", False), ("::1", False), ("8.8.8.8", True), ("nowhere.invalid", False)],
)
def test_which_hosts_are_public(host: str, public: bool) -> None:
    assert known.is_public(host) is public


def opened(monkeypatch: pytest.MonkeyPatch, answer: str | None, base: str = "http://8.8.8.8/") -> tuple[list[str], Server]:
    asked: list[str] = []

    def ask(question: str) -> str:
        asked.append(question)
        return answer or ""

    monkeypatch.setattr(known, "_ask", ask)
    monkeypatch.setattr(login, "log_in", lambda server, ask: None)
    for name in ("stdin", "stderr"):
        monkeypatch.setattr(f"sys.{name}.isatty", lambda: answer is not None)
    return asked, known.server(base)


def test_plain_http_to_a_public_host_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, server = opened(monkeypatch, "y")
    assert len(asked) == 1
    assert "is not encrypted: others on the way can read the token" in asked[0]
    assert known.server("http://8.8.8.8/") is server
    assert len(asked) == 1


@pytest.mark.parametrize("answer", ["", "n", None])
def test_plain_http_is_refused_without_a_yes(answer: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ServerError, match=r"it is not encrypted, and was not connected to \(use https, or a tunnel"):
        opened(monkeypatch, answer)


@pytest.mark.parametrize("base", ["http://127.0.0.1/", "https://8.8.8.8/"])
def test_no_question_without_need(base: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened(monkeypatch, None, base)[0] == []


def test_whoever_agreed_in_the_settings_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = config.Config(servers={"x": ServerSettings("http://8.8.8.8/", plain=True, ca="/ca.pem")})
    monkeypatch.setattr(config, "read", lambda: (settings, []))
    asked, server = opened(monkeypatch, None)
    assert not asked
    assert server.authority == "/ca.pem"


# ---- what other users see


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has a way to that")
def test_the_list_of_processes_has_no_token() -> None:
    url = f"http://127.0.0.1:1/lab/tree/a.ipynb?reset&token={SECRET}"
    code = "import subprocess, sys, os; from tuinb.server import arguments; words = arguments.take_tokens(sys.argv[1:]); "
    code += "print(subprocess.run(['ps', '-o', 'args=', '-ww', '-p', str(os.getpid())], stdout=-1, text=True).stdout, words)"
    done = subprocess.run([sys.executable, "-c", code, url], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    assert SECRET not in done.stdout
    assert "&token=xxx" in done.stdout
    assert "['http://127.0.0.1:1/lab/tree/a.ipynb?reset']" in done.stdout


def test_no_word_of_the_command_line_has_a_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arguments, "_STAT", Path("/none"))
    words = ["show", f"http://h/p/lab/tree/a?token={SECRET}&x=1#y", f"http://?token={SECRET}", "token=1"]
    assert arguments.take_tokens(words) == ["show", "http://h/p/lab/tree/a?x=1#y", "http://", "token=1"]
    found = known.token_of("http://h/p/", None)
    assert found is not None
    assert found.secret == Secret(SECRET)


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ((f"http://127.0.0.1:1/lab/tree/a.ipynb?token={SECRET}",), "http://127.0.0.1:1/: nothing listens there"),
        ((f"http://nowhere.invalid/lab/tree/a.ipynb?token={SECRET}",), "does not resolve"),
        (("show", f"http://127.0.0.1:1/lab?token={SECRET}"), "it names no notebook"),
        ((f"ftp://h/a.ipynb?token={SECRET}",), "it names no server"),
        ((f"http://h/lab/tree/a.ipynb?token={SECRET}", "--existing"), "are for kernels of this machine"),
        (("show", f"http://127.0.0.1:1/lab/tree/a.ipynb?token={SECRET}"), "nothing listens there"),
        (("diff", f"http://127.0.0.1:1/lab/tree/a.ipynb?token={SECRET}", "/dev/null"), "nothing listens there"),
    ],
)
def test_bad_urls_on_the_command_line(
    words: tuple[str, ...], what: str, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from tuinb import cli

    monkeypatch.setattr("tuinb.foreground.require_terminal", lambda: None)
    monkeypatch.setattr("gc.disable", lambda: None)
    monkeypatch.setattr("tuinb.terminal.textual_environ.prepare_textual", lambda _: None)
    assert cli.main([*words, *(("--no-session",) if len(words) == 1 else ())]) in (1, 2)
    said = capfd.readouterr()
    assert what in said.err
    assert SECRET not in said.out + said.err
    assert "Traceback" not in said.err
