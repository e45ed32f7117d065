"""Makes `tuinb strip` the clean filter for notebooks of a git repository, in the repository's local configuration.

The working tree keeps its outputs, and git stores none. A repository with another filter for notebooks is not changed. The
filter is required, so that no notebook is committed with its outputs where tuinb can't be started. A notebook that can't be
stripped does not fail: it passes unchanged, and the filter says so on stderr.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.errors import UsageError
from tuinb.headless.git.settings import PATTERN, GitSettings, command

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
    # git replaces %f with the quoted name of the file.
    settings.set(_SECTION, {"clean": command("strip --stdin-name=%f", percent=True), "smudge": "cat", "required": "true"})
    if other != NAME:
        settings.add_attribute(_ATTRIBUTE)
    return f"What git stores of {PATTERN} has no outputs now: {_SECTION} in the configuration, and {settings.attributes}"


def uninstall(folder: Path, *, is_global: bool = False) -> str:
    """Removes the filter. Returns a message for the user. Raises UsageError."""
    settings = GitSettings(folder, is_global=is_global)
    was_named = settings.remove_attribute(_ATTRIBUTE)
    was_known = settings.unset(_SECTION)
    if not was_named and not was_known:
        return "There was nothing to take away"
    return f"What git stores of {PATTERN} keeps its outputs again"
