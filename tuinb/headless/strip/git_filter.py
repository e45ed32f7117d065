"""Makes `tuinb strip` the clean filter for notebooks of a git repository, in the repository's local configuration.

The working tree keeps its outputs, and git stores none. A repository with another filter for notebooks is not changed. The
filter is required, so that no notebook is committed with its outputs where tuinb can't be started. A notebook that can't be
stripped does not fail: it passes unchanged, and the filter says so on stderr.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

from tuinb.errors import UsageError
from tuinb.files import atomic

NAME = "tuinb-strip"
PATTERN = "*.ipynb"
_LINE = f"{PATTERN} filter={NAME}"
_APART = "-P"
"""Python's option that keeps the working directory out of sys.path: git runs the filter in the repository, whose own json.py or
tuinb must not be imported."""


def install(folder: Path) -> str:
    """Installs the filter in the repository of `folder`. Returns a message for the user. Raises UsageError."""
    attributes = _attributes(folder)
    other = _git(folder, "check-attr", "filter", "--", "any.ipynb").rpartition(": ")[2]
    if other not in {"unspecified", "unset", NAME}:
        raise UsageError(f"notebooks have the filter {other!r} here already", where=str(folder), hint="take it away first")
    for key, value in (
        # git replaces %f with the quoted name of the file.
        ("clean", f"{shlex.quote(sys.executable).replace('%', '%%')} {_APART} -m tuinb strip --stdin-name=%f"),
        ("smudge", "cat"),
        ("required", "true"),
    ):
        _git(folder, "config", "--local", f"filter.{NAME}.{key}", value)
    if other != NAME:
        try:
            attributes.parent.mkdir(parents=True, exist_ok=True)
            text = attributes.read_text(encoding="utf-8") if attributes.exists() else ""
            text += "\n" if text and not text.endswith("\n") else ""
            atomic.replace(attributes, f"{text}{_LINE}\n".encode())
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(f"it can't be written: {error}", where=str(attributes)) from error
    return f"What git stores of {PATTERN} has no outputs now: filter.{NAME} in the configuration, and {attributes}"


def uninstall(folder: Path) -> str:
    """Removes the filter. Returns a message for the user. Raises UsageError."""
    attributes = _attributes(folder)
    known = _git(folder, "config", "--local", "--get-regexp", rf"^filter\.{NAME}\.", missing=True)
    try:
        lines = attributes.read_text(encoding="utf-8").splitlines(keepends=True) if attributes.exists() else []
        left = [line for line in lines if line.strip() != _LINE]
        if left != lines:
            atomic.replace(attributes, "".join(left).encode())
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"it can't be changed: {error}", where=str(attributes)) from error
    if known:
        _git(folder, "config", "--local", "--remove-section", f"filter.{NAME}")
    if not known and left == lines:
        return "There was nothing to take away"
    return f"What git stores of {PATTERN} keeps its outputs again"


def _attributes(folder: Path) -> Path:
    return Path(os.path.normpath(folder / _git(folder, "rev-parse", "--git-path", "info/attributes")))


def _git(folder: Path, *words: str, missing: bool = False) -> str:
    """Returns the output of git. With `missing` an exit code of 1 means that nothing was found. Raises UsageError."""
    try:
        done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, check=False)
    except OSError as error:
        raise UsageError(f"git can't be run: {error.strerror}", hint="install git") from error
    if done.returncode and not (missing and done.returncode == 1):
        raise UsageError(done.stderr.strip() or f"git {words[0]} failed", where=str(folder), hint="go into a git repository")
    return done.stdout.strip()
