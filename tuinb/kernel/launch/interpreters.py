"""Which Python runs a plain Python kernelspec: the one that a person who works in this folder expects.

`python` in a kernelspec means "the front end's own" to Jupyter, which is wrong where tuinb is installed by pipx or uv tool.
Whether an environment has ipykernel is seen from its folders: to start it and ask would take hundreds of milliseconds.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.errors import KernelSpecError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


@dataclass(frozen=True, slots=True)
class Interpreter:
    program: str
    why: str
    passed_over: tuple[str, ...] = ()
    """What was looked at before and would have been taken, had it ipykernel: a sentence each."""


def choose_interpreter(program: str, python: str | None, notebook_dir: Path, environ: Mapping[str, str]) -> Interpreter:
    """`program` is the kernelspec's own. Raises KernelSpecError where no Python with ipykernel is found."""
    if python:
        return _asked_for(python, environ)
    without: list[str] = []
    for prefix, why in environments(notebook_dir, environ):
        interpreter = prefix / "bin" / "python"
        if not os.access(interpreter, os.X_OK):
            continue
        if has_ipykernel(prefix):
            return Interpreter(str(interpreter), "; ".join([why, *without]), tuple(without))
        without.append(f"{prefix} has no ipykernel")
    if Path(program).is_absolute() and os.access(program, os.X_OK):
        return Interpreter(program, "; ".join(["as the kernelspec says", *without]), tuple(without))
    if importlib.util.find_spec("ipykernel") is not None:
        return Interpreter(sys.executable, "; ".join(["the one that runs tuinb", *without]), tuple(without))
    raise KernelSpecError(
        f"{sys.executable} has no ipykernel{''.join('; ' + each for each in without)}",
        where=program,
        hint="install it with `python -m pip install ipykernel` in the environment to use, or name one with --python",
    )


def in_environment(resource_dir: Path) -> Interpreter | None:
    """The Python of the environment that a kernelspec lies in (`<prefix>/share/jupyter/kernels/<name>`), if it does."""
    if len(resource_dir.parts) < 5 or resource_dir.parts[-4:-1] != ("share", "jupyter", "kernels"):
        return None
    interpreter = resource_dir.parents[3] / "bin" / "python"
    return Interpreter(str(interpreter), "of the kernelspec's environment") if os.access(interpreter, os.X_OK) else None


def has_ipykernel(prefix: Path) -> bool:
    """Whether the environment (or what it builds upon) has it among its packages; installed for development counts."""
    return any(
        (folder / "ipykernel").is_dir() or next(folder.glob("ipykernel-*.dist-info"), None) is not None
        for folder in _package_folders(prefix)
    )


def _package_folders(prefix: Path) -> Iterator[Path]:
    for lib in ("lib", "lib64", "local/lib"):
        for version in (prefix / lib).glob("python3*"):
            yield version / "site-packages"
            yield version / "dist-packages"
    try:
        text = (prefix / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    settings = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in text.splitlines())}
    base = Path(settings.get("home", "")).parent
    if settings.get("include-system-site-packages", "").lower() == "true" and base != prefix and base.is_absolute():
        yield from _package_folders(base)


def environments(notebook_dir: Path, environ: Mapping[str, str]) -> Iterator[tuple[Path, str]]:
    """The Python environments that a notebook in this folder may mean, the first one first, and why each is looked at."""
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if prefix := environ.get(name):
            yield Path(prefix), f"the active environment ({name})"
    folder = notebook_dir.absolute()
    for at in (folder, *folder.parents):
        for name in (".venv", "venv"):
            if _is_trusted_environment(at / name):
                yield at / name, f"{name} beside the notebook" if at == folder else f"{name} in {at}"


def _is_trusted_environment(prefix: Path) -> bool:
    """Whether it is one, and is ours: anybody may put a .venv into /tmp, above a notebook there."""
    try:
        return prefix.stat().st_uid in {0, os.geteuid()} and (prefix / "pyvenv.cfg").is_file()
    except OSError:
        return False


def _asked_for(python: str, environ: Mapping[str, str]) -> Interpreter:
    path = Path(os.path.expanduser(python))  # noqa: PTH111 - Path raises where nobody is called that
    try:
        if path.is_dir():
            path = path / "bin" / "python"
        if os.sep not in python and not path.exists():
            on_path = (Path(folder, python) for folder in os.get_exec_path(dict(environ)))
            path = next((found for found in on_path if os.access(found, os.X_OK)), path)
        usable = path.is_file() and os.access(path, os.X_OK)
    except OSError:
        usable = False
    if not usable:
        raise KernelSpecError("there is no such Python", where=python, hint="--python takes an interpreter or an environment")
    path = path.absolute()
    if not has_ipykernel(path.parent.parent) and not _says_it_has_ipykernel(path):
        raise KernelSpecError("it has no ipykernel", where=str(path), hint=f"{path} -m pip install ipykernel")
    return Interpreter(str(path), "asked for with --python")


def _says_it_has_ipykernel(path: Path) -> bool:
    """The slow and sure way, for an interpreter whose packages lie elsewhere, such as a wrapper script."""
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec('ipykernel') is None)"
    try:
        asked = subprocess.run([path, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0
