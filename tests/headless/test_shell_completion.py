"""The completion scripts, in the shells that they are for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pexpect
import pytest

from tests.headless.support import tuinb
from tests.kernel.support import runtime_folder
from tests.support import ROOT
from tuinb import cli
from tuinb.daemon import registry
from tuinb.daemon.places import Place

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CASES = [
    ([""], {"run", "verify", "nb one.ipynb", "script.py", "sub"}, {"text.txt", "--kernel"}),
    (["ru"], {"run"}, {"verify"}),
    (["--no"], {"--no-kernel"}, {"--kernel"}),
    (["run", "--k"], {"--kernel"}, {"--quiet"}),
    (["run", "--kernel", ""], {"mine"}, {"nb one.ipynb"}),
    (["--existing", ""], {"4711"}, {"dead", "mine", "nb one.ipynb"}),
    (["verify", ""], {"nb one.ipynb", "sub"}, {"text.txt", "run"}),
    (["show", "--color", "a"], {"auto", "always"}, {"never"}),
    (["show", "--theme", "n"], {"nord"}, {"dark"}),
    (["--graphics", "k"], {"kitty"}, {"auto"}),
    (["convert", "--to", ""], {"ipynb", "py", "md", "Rmd"}, {"nb one.ipynb"}),
    (["run", "--cwd", ""], {"sub"}, {"script.py"}),
    (["run", "--params", ""], {"text.txt"}, {"run"}),
    (["completion", ""], {"bash", "zsh", "fish"}, {"nb one.ipynb"}),
    (["attach", ""], {"live one.ipynb"}, {"nb one.ipynb"}),
    (["attach", "l"], {"live one.ipynb"}, {"--theme"}),
    (["sessions", ""], {"list", "end", "interrupt", "detach"}, {"nb one.ipynb"}),
    (["sessions", "end", "li"], {"live one.ipynb"}, {"text.txt"}),
    (["sessions", "--"], {"--all", "--json"}, {"list"}),
    (["do", "n"], {"nb one.ipynb"}, {"text.txt"}),
    (["do", "x", "run-"], {"run-all", "run-cell"}, {"save"}),
    (["do", "x", "wa"], {"wait", "watch"}, {"exec"}),
    (["show", "--l"], {"--live"}, {"--cell"}),
    (["run", "--de"], {"--detach"}, {"--keep"}),
]


def shell(name: str) -> str:
    path = shutil.which(name)
    if path is None:
        pytest.skip(f"{name} is not installed")
    return path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to complete in, with a kernelspec, a session and a kernel that seem to run, and a `tuinb` on the PATH."""
    for name in ("nb one.ipynb", "script.py", "text.txt"):
        (tmp_path / name).touch()
    (tmp_path / "sub").mkdir()
    spec = tmp_path / ".data" / "kernels" / "mine"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text('{"argv": ["mine"], "display_name": "Mine", "language": "none"}')
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / ".state"))
    notebook = tmp_path / "live one.ipynb"
    registry.write(registry.Entry.of("1", notebook, Place.of(notebook), 1.0, (None, "")))
    program = tmp_path / ".bin" / "tuinb"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m tuinb "$@"\n')
    program.chmod(0o755)
    with runtime_folder() as runtime:
        monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(runtime.path))
        runtime.kernel("4711")
        runtime.write("dead")
        yield tmp_path


def environ(folder: Path) -> dict[str, str]:
    path = f"{folder / '.bin'}:{os.environ['PATH']}"
    return os.environ | {"PATH": path, "JUPYTER_PATH": str(folder / ".data"), "HOME": str(folder)}


def script(name: str, folder: Path) -> Path:
    done = tuinb("completion", name, cwd=folder)
    assert (done.returncode, done.stderr) == (0, b"")
    path = folder / f".script.{name}"
    path.write_bytes(done.stdout)
    return path


def in_bash(folder: Path) -> Callable[[list[str]], set[str]]:
    program, path = shell("bash"), script("bash", folder)
    code = f'source {path}; COMP_WORDS=(tuinb "$@"); COMP_CWORD=$#; _tuinb; printf "%s\\n" "${{COMPREPLY[@]}}"'

    def complete(words: list[str]) -> set[str]:
        done = subprocess.run(
            [program, "-c", code, "_", *words], cwd=folder, env=environ(folder), capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")
        return set(done.stdout.splitlines())

    return complete


def in_fish(folder: Path) -> Callable[[list[str]], set[str]]:
    program, path = shell("fish"), script("fish", folder)

    def complete(words: list[str]) -> set[str]:
        code = f"source {path}; complete -C 'tuinb {' '.join(words)}'"
        done = subprocess.run(
            [program, "--no-config", "-c", code], cwd=folder, env=environ(folder), capture_output=True, text=True
        )
        assert (done.returncode, done.stderr) == (0, "")
        return {line.partition("\t")[0].rstrip("/") for line in done.stdout.splitlines()}

    return complete


@pytest.mark.parametrize("make", [in_bash, in_fish])
def test_what_is_offered(make: Callable[[Path], Callable[[list[str]], set[str]]], folder: Path) -> None:
    complete = make(folder)
    for words, offered, withheld in CASES:
        found = complete(words)
        assert offered <= found, words
        assert not withheld & found, words


def test_a_value_behind_an_equals_sign_in_bash(folder: Path) -> None:
    complete = in_bash(folder)
    assert complete(["run", "--kernel", "=", "mi"]) == {"mine"}
    assert complete(["show", "--color", "="]) == {"auto", "always", "never"}


def test_in_zsh(folder: Path) -> None:
    path = script("zsh", folder)
    child = pexpect.spawn(
        shell("zsh"), ["-f"], cwd=folder, env=environ(folder) | {"TERM": "dumb"}, encoding="utf-8", timeout=20
    )
    child.sendline(f"PS1='> '; autoload -U compinit; compinit -u -D; source {path}; unsetopt zle; setopt zle; print rea''dy")
    child.expect("ready\r\n")
    for typed, expected in [
        ("tuinb ver\t", "verify "),
        ("tuinb run --ker\t", "--kernel="),
        ("tuinb show --color=nev\t", "never "),
        ("tuinb run --kernel mi\t", "mine "),
        ("tuinb verify nb\t", "nb\\\\ one.ipynb "),
        ("tuinb n\t", "nb\\\\ one.ipynb "),
        ("tuinb show --color nev\t", "never "),
        ("tuinb attach li\t", "live\\\\ one.ipynb "),
        ("tuinb do nb run-ce\t", "run-cell "),
        ("tuinb sessions interru\t", "interrupt "),
    ]:
        child.send(typed)
        child.expect(expected)
        child.sendcontrol("u")
    child.terminate(force=True)


def test_every_command_is_completed(folder: Path) -> None:
    for name in ("bash", "zsh", "fish"):
        text = script(name, folder).read_text()
        for command in cli.COMMANDS:
            assert command in text
    assert tuinb("completion", "tcsh", cwd=folder).returncode == 2
