"""An unpacked archive is opened with the real program: nothing in it runs before its user says so.

Beside the notebook are an environment whose bin/python leaves a mark, modules with the names of all that is installed,
configuration of Jupyter, IPython and jupytext, and kernelspecs.
"""

from __future__ import annotations

import json
import os
import sys
from importlib.metadata import distributions
from typing import TYPE_CHECKING

import pytest

from tests.environments import unpack
from tests.headless.support import notebook
from tests.terminal_emulator import ESCAPE, Terminal
from tuinb import cli

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.kernel

QUIT = "\x11"
CONFIGURATION = ("jupyter_config", "ipython_config", "ipython_kernel_config", "jupyter_tuinb_config", "jupytext", ".jupytext")
OF_THE_SYSTEM = {"sys", "builtins", "site", "codecs", "encodings", "io", "abc", "os", "stat", "posixpath", "genericpath"}
"""Modules that every Python has before it reads its arguments."""


def names() -> set[str]:
    """The modules of the standard library and of all that is installed here."""
    found = set(sys.stdlib_module_names) - OF_THE_SYSTEM
    for distribution in distributions():
        for file in distribution.files or ():
            name = file.parts[0].partition(".")[0]
            if name.isidentifier() and (len(file.parts) > 1 or file.parts[0].endswith(".py")):
                found.add(name)
    return found - {"tuinb", "tests", "__pycache__"}


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    (folder / "x.md").write_text("# A document\n\n```python\n6 * 7\n```\n")
    notebook(folder / "x.ipynb", "6 * 7", kernelspec={"name": "python3", "display_name": "Python 3", "language": "python"})
    marker = unpack(folder)
    unpack(folder, name="venv")
    program = f"import posix\nposix.close(posix.open({str(marker)!r}, posix.O_CREAT | posix.O_WRONLY, 0o600))\n"
    for name in (*names(), *CONFIGURATION, "sitecustomize", "usercustomize"):
        (folder / f"{name}.py").write_text(f"{program}raise SystemExit('{name} was run')\n")
    kernelspec = json.dumps({"argv": [str(folder / ".venv/bin/python"), "{connection_file}"], "language": "python"})
    for root in ("kernels", "share/jupyter/kernels", ".venv/share/jupyter/kernels", "venv/share/jupyter/kernels"):
        for name in ("python3", "evil"):
            (folder / root / name).mkdir(parents=True)
            (folder / root / name / "kernel.json").write_text(kernelspec)
    (folder / "jupytext.toml").write_text('formats = "ipynb,py:percent"\n')
    (folder / "config.toml").write_text('kernel = "evil"\n')
    for name in ("jupyter_config.json", "ipython_kernel_config.json"):
        (folder / name).write_text('{"InteractiveShellApp": {"exec_files": ["json.py"]}}')
    return folder


@pytest.fixture
def terminal(archive: Path) -> Iterator[Terminal]:
    """The program, opened in the archive's own folder as the installed program is: without the working folder in sys.path."""
    environ = {"JUPYTER_PATH": f".:{os.pathsep}share/jupyter", "PATH": f".:{os.environ['PATH']}:", "VIRTUAL_ENV": ".venv"}
    command = [sys.executable, "-P", "-m", "tuinb", "x.ipynb"]
    with Terminal(command, rows=24, columns=120, env=environ, cwd=archive) as terminal:
        yield terminal


def test_opening_an_archive_runs_nothing_of_it(archive: Path, terminal: Terminal) -> None:
    terminal.wait_for("Trust the Python environment of this folder?")
    terminal.send("\r")
    terminal.wait_for("Kernel of this notebook")
    assert "evil" not in terminal.text
    terminal.send(ESCAPE)
    terminal.wait_for(lambda: "Kernel of this notebook" not in terminal.text)
    terminal.send(":start-kernel\r")
    terminal.wait_for(lambda: "idle" in terminal.status)
    terminal.send(QUIT)
    assert terminal.exit_code() == 0
    assert not (archive / "MARKER").exists()


@pytest.mark.parametrize(
    "words",
    [
        ["run", "x.ipynb"],
        ["verify", "x.ipynb"],
        ["kernels", "--check", "x.ipynb"],
        ["run", "x.md"],
        ["show", "x.ipynb"],
        ["show", "x.md"],
        ["convert", "x.md", "--to", "ipynb", "-o", "y.ipynb"],
        ["convert", "x.ipynb", "--to", "py", "-o", "y.py"],
        ["strip", "--check", "x.ipynb"],
        ["trust", "."],
        ["completion", "kernels"],
    ],
    ids=" ".join,
)
def test_no_command_runs_anything_of_it(words: list[str], archive: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(archive)
    for name, value in {"JUPYTER_PATH": ".", "PATH": f".:{os.environ['PATH']}", "VIRTUAL_ENV": ".venv"}.items():
        monkeypatch.setenv(name, value)
    assert cli.main(words) == (3 if words[0] in {"run", "verify", "kernels"} else 0)
    assert not (archive / "MARKER").exists()
