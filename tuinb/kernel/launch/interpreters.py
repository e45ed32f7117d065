"""Chooses the Python interpreter for a kernelspec that names none: the one that the user expects in the notebook's folder.

For Jupyter `python` in a kernelspec means the front end's own interpreter. That is wrong if pipx or uv tool installed tuinb.
The folders of an environment show whether it has ipykernel. Running its interpreter would take hundreds of milliseconds.
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
    """The program that runs a kernel, and the reason for the choice."""

    program: str
    """Path of the interpreter."""
    why: str
    """The reason, for the user. Includes `without_ipykernel`."""
    without_ipykernel: tuple[str, ...] = ()
    """One sentence for each environment that came first and was rejected because it has no ipykernel."""


def choose_interpreter(program: str, python: str | None, notebook_dir: Path, environ: Mapping[str, str]) -> Interpreter:
    """Returns the interpreter that runs ipykernel for a notebook in `notebook_dir`.

    `program` is the first word of the kernelspec's argv. `python` is the value of --python: an interpreter, or the folder of an
    environment. Raises KernelSpecError if no Python with ipykernel is found.
    """
    if python:
        return _from_option(python, environ)
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
    """Returns the Python of the environment that contains a kernelspec, or None if no environment does.

    `resource_dir` is the kernelspec's folder: `<prefix>/share/jupyter/kernels/<name>` in an environment.
    """
    if len(resource_dir.parts) < 5 or resource_dir.parts[-4:-1] != ("share", "jupyter", "kernels"):
        return None
    interpreter = resource_dir.parents[3] / "bin" / "python"
    return Interpreter(str(interpreter), "of the kernelspec's environment") if os.access(interpreter, os.X_OK) else None


def has_ipykernel(prefix: Path) -> bool:
    """Returns whether ipykernel is installed in the environment, or in the one that it inherits packages from.

    An editable installation counts.
    """
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
    """Yields the environments to search for ipykernel, in order of precedence, each with the reason to search it."""
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if prefix := environ.get(name):
            yield Path(prefix), f"the active environment ({name})"
    folder = notebook_dir.absolute()
    for at in (folder, *folder.parents):
        for name in (".venv", "venv"):
            if _is_trusted_environment(at / name):
                yield at / name, f"{name} beside the notebook" if at == folder else f"{name} in {at}"


def _is_trusted_environment(prefix: Path) -> bool:
    """Returns whether `prefix` is an environment that belongs to the user or to root.

    Any user of the machine may create /tmp/.venv, which is above every notebook in /tmp.
    """
    try:
        return prefix.stat().st_uid in {0, os.geteuid()} and (prefix / "pyvenv.cfg").is_file()
    except OSError:
        return False


def _from_option(python: str, environ: Mapping[str, str]) -> Interpreter:
    path = Path(os.path.expanduser(python))  # noqa: PTH111 - Path raises if there is no such user
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
    if not has_ipykernel(path.parent.parent) and not _finds_ipykernel(path):
        raise KernelSpecError("it has no ipykernel", where=str(path), hint=f"{path} -m pip install ipykernel")
    return Interpreter(str(path), "named by --python")


def _finds_ipykernel(path: Path) -> bool:
    """Runs the interpreter to look for ipykernel. Slow, but right for one with packages elsewhere, such as a wrapper script."""
    code = "import importlib.util, sys; sys.exit(importlib.util.find_spec('ipykernel') is None)"
    try:
        found = subprocess.run([path, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0
