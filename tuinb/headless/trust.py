"""`tuinb trust`: lets kernels run on the Python environment of a folder, lists the trusted ones, and takes trust away."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.errors import TuinbError, UsageError
from tuinb.headless.arguments import Exit, given_path, parser
from tuinb.headless.console import complain, one_line, tell
from tuinb.kernel.launch import environments
from tuinb.kernel.launch.environments import NAMES, Environment, Identity, Standing

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    options = arguments()
    parsed = options.parse_args(argv)
    if parsed.list == bool(parsed.folders) or (parsed.list and parsed.remove):
        options.error("give folders, or --list")
    try:
        lines = _listed() if parsed.list else [line for name in parsed.folders for line in _decide(name, remove=parsed.remove)]
        if lines:
            tell(*map(one_line, lines))
    except TuinbError as error:
        complain(error)
        return Exit.USAGE
    return Exit.OK


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "trust",
        "Let the kernels of notebooks run on the Python environment of their folder. Each environment is trusted by itself: "
        "one that is made anew, or another user's, is not. Exit: 0; 2 a folder has none, or others can write to it.",
        "tuinb trust .                          the .venv or venv in this folder",
        "tuinb trust --list",
        "tuinb trust --remove ~/projects/flights",
    )
    options.add_argument("folders", nargs="*", metavar="DIR", help="a folder with an environment, or the environment itself")
    options.add_argument("--list", action="store_true", help="print the trusted environments")
    options.add_argument("--remove", action="store_true", help="trust them no more")
    return options


def _listed() -> list[str]:
    return [f"{each.path}{'' if _is_there(each) else ' (gone, or made anew)'}" for each in environments.remembered(os.environ)]


def _is_there(identity: Identity) -> bool:
    try:
        return Identity.of(Path(identity.path)) == identity
    except OSError:
        return False


def _decide(name: str, *, remove: bool) -> list[str]:
    folder = given_path(name)
    try:
        return _remove(folder) if remove else [_trust(prefix) for prefix in _found(folder)]
    except OSError as error:
        raise UsageError(f"it can't be done: {error}", where=str(folder)) from error


def _trust(prefix: Path) -> str:
    """Trusts an environment. Returns the line that says so. Raises KernelSpecError and OSError."""
    standing = environments.standing(Environment(prefix, "", of_folder=True), os.environ)
    if standing is Standing.FOREIGN:
        raise UsageError("this environment belongs to another user", where=str(prefix), hint="--python names an interpreter")
    refused = environments.refusal(prefix)
    if standing is Standing.UNSAFE or refused.identity is None:
        raise refused
    environments.remember(Identity(*refused.identity), os.environ)
    return f"Trusted: {refused.description.replace(chr(10), ': ')}"


def _remove(folder: Path) -> list[str]:
    """Takes trust from the environments of a folder, also from those that are gone. Raises UsageError and OSError."""
    paths = {os.path.realpath(path) for path in (folder, *(folder / each for each in NAMES))}
    removed = [path for path in sorted(paths) if environments.forget(path, os.environ)]
    if not removed:
        raise UsageError("no environment of this folder is trusted", where=str(folder), hint="`tuinb trust --list` has all")
    return [f"No longer trusted: {path}" for path in removed]


def _found(folder: Path) -> list[Path]:
    """Returns the environments that a folder has or is. Raises UsageError if there are none."""
    found = [folder] if environments.is_environment(folder) else environments.of_folder(folder)
    if found:
        return found
    above = next((parent for parent in folder.parents if environments.of_folder(parent)), None)
    hint = f"there is one in {above}" if above is not None else "`python -m venv .venv` makes one"
    raise UsageError(f"there is no Python environment ({' or '.join(NAMES)}) in this folder", where=str(folder), hint=hint)
