"""Connection files of kernels that run already: which are good, which kernels listen, and which one a word names."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.kernel.support import GOOD, KEY, RuntimeFolder, runtime_folder
from tuinb.errors import KernelError
from tuinb.kernel.launch import connection_files
from tuinb.kernel.launch.connection_files import find, is_local, is_of, read, running

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def folder() -> Iterator[RuntimeFolder]:
    with runtime_folder() as folder:
        yield folder


# ---- one file


def test_a_good_file(folder: RuntimeFolder) -> None:
    file = read(folder.write("1", kernel_name="ir", jupyter_session="/home/me/a.ipynb"))
    assert (file.name, file.kernel_name, file.notebook, file.label) == ("1", "ir", "/home/me/a.ipynb", "1 (a.ipynb)")
    assert (file.local, file.warnings, file.question) == (True, (), "")
    assert KEY not in repr(file)
    bare = read(folder.write("2", jupyter_session=["no text"], ip="*"))
    assert (bare.kernel_name, bare.notebook, bare.label, bare.info["ip"]) == ("", "", "2", "127.0.0.1")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("no JSON", "it is not JSON"),
        ("[1]", "it is no JSON object"),
        ("{" + " " * 70_000 + "}", "it is too long"),
        ({"cells": [], "metadata": {}}, "it has no address"),
        (GOOD | {"transport": "pgm"}, "its transport is 'pgm', where tuinb knows tcp and ipc"),
        (GOOD | {"ip": 7}, "it has no address"),
        (GOOD | {"hb_port": "9"}, "its hb_port is '9'"),
        (GOOD | {"hb_port": True}, "its hb_port is True"),
        (GOOD | {"shell_port": 1 << 16}, "its shell_port is 65536"),
        (GOOD | {"key": 7}, "its key is no text"),
        (GOOD | {"curve_publickey": "x"}, "it has one of two CURVE keys only"),
    ],
)
def test_what_is_no_connection_file(content: dict[str, Any] | str, why: str, folder: RuntimeFolder) -> None:
    path = folder.write("x", content)
    with pytest.raises(KernelError, match="it is no connection file: ") as refused:
        read(path)
    assert why in str(refused.value)
    assert KEY not in str(refused.value)
    assert folder.names() == []


def test_what_can_not_be_read(folder: RuntimeFolder) -> None:
    with pytest.raises(KernelError, match="can't be read: No such file"):
        read(folder.path / "kernel-no.json")
    with pytest.raises(KernelError, match="can't be read: Is a directory"):
        read(folder.path)
    os.mkfifo(folder.path / "kernel-pipe.json")
    with pytest.raises(KernelError, match="it is no file"):
        read(folder.path / "kernel-pipe.json")


def test_a_file_of_another_user(folder: RuntimeFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder.kernel("1")
    monkeypatch.setattr("os.geteuid", lambda: os.getuid() + 1)
    with pytest.raises(KernelError, match="it is a connection file of another user"):
        read(path)


def test_a_file_that_others_can_read_or_change(folder: RuntimeFolder) -> None:
    path = folder.write("1", key="")
    path.chmod(0o666)
    assert read(path).warnings == ("The messages of this kernel are not signed: its connection file has no key.",)
    folder.path.chmod(0o755)
    with pytest.raises(KernelError, match=r"other users can change this .* \(`chmod 600 "):
        read(path)
    path.chmod(0o644)
    assert read(path).warnings[0] == f"Other users can read the key in {path}. `chmod 600` closes it."


def test_which_addresses_are_local() -> None:
    assert all(map(is_local, ("localhost", "127.0.0.1", "127.5.0.1")))
    assert not any(map(is_local, ("192.0.2.1", "2001:db8::1", "node07", "127.0.0.1x")))


def test_a_kernel_on_another_machine_is_asked_about(folder: RuntimeFolder) -> None:
    file = read(folder.write("1", ip="192.0.2.1"))
    assert file.question.startswith(
        "This kernel is at 192.0.2.1, not on this machine. Your code and its results go there without"
    )
    secret = read(folder.write("2", ip="192.0.2.1", curve_publickey="p", curve_secretkey="s"))
    assert "go there encrypted" in secret.question
    assert folder.names() == ["1", "2"]


# ---- which run


@pytest.mark.parametrize("transport", ["ipc", "tcp"])
def test_dead_files_are_left_out(transport: str, folder: RuntimeFolder) -> None:
    folder.write("dead")
    folder.write("gone", transport="ipc", ip=str(folder.path / "gone"))
    folder.kernel("new", transport)
    folder.kernel("old", transport)
    assert folder.names() == ["new", "old"]
    if Path("/proc/self/fd").exists():
        assert [kernel.pid for kernel in running(folder.environ)] == [os.getpid()] * 2
    assert running({"JUPYTER_RUNTIME_DIR": str(folder.path / "no")}) == []


def test_a_listener_of_another_user_is_no_kernel_of_ours(folder: RuntimeFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.kernel("1", "tcp")
    shell = read(folder.path / "kernel-1.json").info["shell_port"]
    monkeypatch.setattr(connection_files, "_tcp_listeners", lambda _ports: {shell: (os.geteuid() + 1, None)})
    assert folder.names() == []


def test_what_a_word_names(folder: RuntimeFolder) -> None:
    folder.kernel("1234-ab", kernel_name="ir", jupyter_session="work/a.ipynb")
    folder.kernel("1234", kernel_name="python3", jupyter_session="/home/me/b.ipynb")
    folder.kernel("cd", kernel_name="python3")

    def found(word: str, notebook: Path | None = None) -> str:
        return find(word, notebook, folder.environ).file.name

    assert found("1234") == found("kernel-1234.json") == found("b.ipynb") == "1234"
    assert found("1234-") == found("ir") == found("ab") == "1234-ab"
    assert found(str(folder.path / "kernel-cd.json")) == "cd"
    assert found("", Path("/home/me/work/a.ipynb")) == "1234-ab"
    assert found("", Path("/home/me/b.ipynb")) == "1234"
    with pytest.raises(KernelError, match=r"--existing python3: 2 kernels fit \(name one of 1234 \(b.ipynb\), cd\)"):
        found("python3")
    with pytest.raises(KernelError, match=r"--existing: 3 kernels fit"):
        found("", Path("/elsewhere/c.ipynb"))
    with pytest.raises(KernelError, match=r"--existing no: no running kernel of yours fits \(`tuinb kernels --running`"):
        found("no")
    with pytest.raises(KernelError, match="its kernel has ended: nothing listens at its addresses"):
        found(str(folder.write("dead")))
    assert not is_of(read(folder.path / "kernel-cd.json"), Path("/home/me/a.ipynb"))


def test_a_word_for_the_only_one(folder: RuntimeFolder) -> None:
    with pytest.raises(KernelError, match="--existing: no kernel of yours runs"):
        find("", None, folder.environ)
    folder.kernel("1")
    assert find("", Path("/a.ipynb"), folder.environ).file.name == "1"
    if Path("/proc/self/fd").exists():
        assert find(str(os.getpid()), None, folder.environ).file.name == "1"
