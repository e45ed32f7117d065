"""Makes `tuinb strip` the clean filter for notebooks of a git repository, in the repository's local configuration.

The working tree keeps its outputs, and git stores none. A repository with another filter for notebooks is not changed.

Git must never fail because of tuinb. The filter is not required: if it were, a missing program would make `git status`,
`git add` and `git checkout` fail for the whole repository. A notebook that can't be stripped passes unchanged, with its
outputs, and the filter says so on stderr.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from tuinb.errors import UsageError
from tuinb.headless.git.settings import PATTERN, GitSettings, command, python

if TYPE_CHECKING:
    from pathlib import Path

NAME = "tuinb-strip"
_SECTION = f"filter.{NAME}"
_ATTRIBUTE = f"filter={NAME}"


def install(folder: Path, *, is_global: bool = False) -> str:
    """Installs the filter in the repository of `folder`, or for all. Returns a message for the user. Raises UsageError."""
    settings = GitSettings(folder, is_global=is_global)
    other = "" if is_global else settings.attribute("filter")
    if other not in ("", NAME):
        raise UsageError(f"notebooks have the filter {other!r} here already", where=str(folder), hint="take it away first")
    settings.set(_SECTION, {"clean": _clean(is_global=is_global), "smudge": "cat", "required": "false"})
    if other != NAME:
        settings.add_attribute(_ATTRIBUTE)
    return f"What git stores of {PATTERN} has no outputs now: {_SECTION} in the configuration, and {settings.attributes}"


def _clean(*, is_global: bool) -> str:
    """Returns the command that git pipes a notebook through. Git replaces `%f` with the quoted name of the file.

    The shell passes the notebook on if there is no Python. After any other failure the input may have been read already: the
    command fails, and git stores the bytes that it has.
    """
    again, scope = ("tuinb git --install --global --parts strip", " --global") if is_global else ("tuinb strip --install", "")
    hint = (
        f"is not stripped, since tuinb can't be run: install tuinb and run `{again}`, or remove the filter with "
        f"`git config{scope} --remove-section {_SECTION}`"
    )
    note = f"echo tuinb: %f {shlex.quote(hint)} >&2"
    strip = command("strip --stdin-name=%f", percent=True)
    return f"if [ -x {python(percent=True)} ]; then {strip} || {{ {note}; false; }}; else {note}; cat; fi"


def uninstall(folder: Path, *, is_global: bool = False) -> str:
    """Removes the filter. Returns a message for the user. Raises UsageError."""
    settings = GitSettings(folder, is_global=is_global)
    was_named = settings.remove_attribute(_ATTRIBUTE)
    was_known = settings.unset(_SECTION)
    if not was_named and not was_known:
        return "There was nothing to take away"
    return f"What git stores of {PATTERN} keeps its outputs again"
