"""Chooses the Python interpreter for a kernelspec that names none: the one that the user expects in the notebook's folder.

For Jupyter `python` in a kernelspec means the front end's own interpreter. That is wrong if pipx or uv tool installed tuinb.
The folders of an environment show whether it has ipykernel. Running its interpreter would take hundreds of milliseconds, and
would run a program of a folder that may have come with the notebook: environments.py decides whether that may run.
"""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.errors import KernelSpecError, shown
from tuinb.kernel.launch import environments
from tuinb.kernel.launch.environments import Consent, Standing
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tuinb.kernel.launch.environments import Environment


_LONGEST_SETTINGS = 64 * 1024
"""Characters of a pyvenv.cfg that are read."""


class Interpreter(Record):
    """The program that runs a kernel, and the reason for the choice."""

    program: str
    """Path of the interpreter."""
    why: str
    """The reason, for the user. Includes `passed_over`."""
    passed_over: tuple[str, ...] = ()
    """One sentence for each environment that came first and was not used."""
    of_folder: bool = False
    """Whether it belongs to an environment of the notebook's folder, or of one above it."""


def choose_interpreter(
    program: str, python: str | None, notebook_dir: Path, environ: Mapping[str, str], consent: Consent = Consent.NEEDED
) -> Interpreter:
    """Returns the interpreter that runs ipykernel for a notebook in `notebook_dir`.

    `program` is the first word of the kernelspec's argv. `python` is the value of --python: an interpreter, or the folder of an
    environment. Raises KernelSpecError if no Python with ipykernel is found, and UntrustedEnvironmentError if the user has not
    trusted the environment of the folder.
    """
    if python:
        return _from_option(python, environ)
    passed: list[str] = []
    for found in environments.find(notebook_dir, environ):
        if not os.access(found.interpreter, os.X_OK):
            continue
        if problem := _problem(found, program, consent, environ):
            passed.append(problem)
        else:
            return Interpreter(str(found.interpreter), "; ".join([found.why, *passed]), tuple(passed), found.of_folder)
    if Path(program).is_absolute() and os.access(program, os.X_OK):
        return Interpreter(program, "; ".join(["as the kernelspec says", *passed]), tuple(passed))
    if importlib.util.find_spec("ipykernel") is not None:
        return Interpreter(sys.executable, "; ".join(["the one that runs tuinb", *passed]), tuple(passed))
    raise KernelSpecError(
        f"{sys.executable} has no ipykernel{''.join('; ' + each for each in passed)}",
        where=program,
        hint="install it with `python -m pip install ipykernel` in the environment to use, or name one with --python",
    )


def _problem(found: Environment, program: str, consent: Consent, environ: Mapping[str, str]) -> str:
    """Returns why an environment is passed over, or an empty string. Raises UntrustedEnvironmentError."""
    prefix, standing = found.prefix, environments.standing(found, environ)
    if standing is Standing.FOREIGN:
        return f"{shown(prefix)} belongs to another user and is not used"
    if not has_ipykernel(prefix):
        return f"{shown(prefix)} has no ipykernel"
    # An interpreter that the kernelspec names was installed along with it.
    if standing in {Standing.NAMED, Standing.TRUSTED} or str(found.interpreter) == program:
        return ""
    if standing is Standing.UNTRUSTED and consent is Consent.GIVEN:
        return ""
    if consent is Consent.DENIED:
        return f"{shown(prefix)} is not trusted and not used"
    try:
        raise environments.refusal(prefix)
    except OSError as error:
        return f"{shown(prefix)} can't be examined: {error.strerror}"


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
    yield from _own_package_folders(prefix)
    try:
        with (prefix / "pyvenv.cfg").open(encoding="utf-8", errors="replace") as file:
            text = file.read(_LONGEST_SETTINGS)
    except OSError:
        return
    settings = {key.strip(): value.strip() for key, _, value in (line.partition("=") for line in text.splitlines())}
    base = Path(settings.get("home", "")).parent
    if settings.get("include-system-site-packages", "").lower() == "true" and base != prefix and base.is_absolute():
        # `home` is that of a Python that was installed, never that of another environment.
        yield from _own_package_folders(base)


def _own_package_folders(prefix: Path) -> Iterator[Path]:
    for lib in ("lib", "lib64", "local/lib"):
        for version in (prefix / lib).glob("python3*"):
            yield version / "site-packages"
            yield version / "dist-packages"


def _from_option(python: str, environ: Mapping[str, str]) -> Interpreter:
    path = Path(os.path.expanduser(python))  # noqa: PTH111 - Path raises if there is no such user
    try:
        if path.is_dir():
            path = path / "bin" / "python"
        if os.sep not in python and not path.exists():
            on_path = (Path(folder, python) for folder in os.get_exec_path(dict(environ)) if folder.startswith("/"))
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
        # With -c the working folder is the first to be searched for modules, and it may be the notebook's.
        found = subprocess.run(
            [path, "-c", code], stdin=subprocess.DEVNULL, capture_output=True, timeout=10, check=False, cwd=path.parent
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return found.returncode == 0
