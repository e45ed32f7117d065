"""Makes tuinb the diff driver, the merge driver and a merge tool for notebooks, and the clean filter.

Git must never fail because of tuinb, so each command in git's configuration goes on without it: a driver that ends with an
error, or can't be started, is followed by what git does with other texts, and by a line on stderr. The filter then passes the
notebook with its outputs (see strip/git_filter.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tuinb.errors import UsageError
from tuinb.headless.git.settings import PATTERN, GitSettings, command
from tuinb.headless.merge.command import CONFLICTS_FOR_GIT
from tuinb.headless.strip import git_filter

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_NAME: Final = "tuinb"
STRIP: Final = "strip"
DRIVERS: Final = ("diff", "merge", "mergetool")
PARTS: Final = (*DRIVERS, STRIP)
_WITH_ATTRIBUTE: Final = ("diff", "merge")
"""The drivers that git finds by an attribute. A merge tool is named by its user."""


def _variables(driver: str) -> dict[str, str]:
    """Returns the configuration of a driver."""
    match driver:
        case "diff":
            # `git diff` uses the command; `git log`, `git show` and `git blame` use textconv.
            as_text = 'git diff --no-index --no-ext-diff --no-textconv -- "$2" "$5"'
            return {
                "command": _function(command('git --run diff -- "$@"'), f"{_note('$1', 'compared')}; {as_text}", end="; :"),
                "textconv": _function(command('git --run textconv -- "$1"'), f'{_note("$1", "shown")}; cat -- "$1"'),
            }
        case "merge":
            merge = command("merge --for-git --name=%P -o %A %O %A %B", percent=True)
            as_text = "git merge-file -L ours -L base -L theirs %A %O %B"
            note = "echo tuinb: %P is not merged by cells but as text >&2"
            codes = f"case $? in 0) exit 0;; {CONFLICTS_FOR_GIT}) exit 1;; esac"
            return {"name": "notebooks by cells", "driver": f"{merge}; {codes}; {note}; {as_text}"}
        case _:
            merge = command('merge -o "$MERGED" "$BASE" "$LOCAL" "$REMOTE"')
            opened, resolved = command('"$MERGED"'), command('git --run resolved -- "$MERGED"')
            # After a failure git puts the backup in the place of what was saved meanwhile.
            kept = 'cp -- "$MERGED" "$BACKUP"'
            return {"cmd": f"{merge} || {{ {opened}; {resolved}; }} || {{ {kept}; false; }}", "trustExitCode": "true"}


def _function(first: str, otherwise: str, *, end: str = "") -> str:
    """Returns a command line that git adds arguments to."""
    return f"f() {{ {first} || {{ {otherwise}; }}{end}; }}; f"


def _note(name: str, done: str) -> str:
    return f'echo "tuinb: {name} is not {done} by cells but as text" >&2'


def install(folder: Path, parts: Collection[str], *, is_global: bool) -> list[str]:
    """Installs parts in the repository of `folder`, or for all of the user's. Returns messages. Raises UsageError."""
    settings = GitSettings(folder, is_global=is_global)
    drivers = [driver for driver in DRIVERS if driver in parts]
    for driver in drivers:
        other = settings.attribute(driver) if driver in _WITH_ATTRIBUTE and not is_global else ""
        if other not in ("", _NAME):
            what = f"notebooks have the {driver} driver {other!r} here already"
            raise UsageError(what, where=str(folder), hint=f"take it away first, or leave {driver} out of --parts")
    messages = [git_filter.install(folder, is_global=is_global)] if STRIP in parts else []
    for driver in drivers:
        settings.set(f"{driver}.{_NAME}", _variables(driver))
        if driver in _WITH_ATTRIBUTE:
            settings.add_attribute(f"{driver}={_NAME}")
    if drivers:
        named = ", ".join(f"{driver}.{_NAME}" for driver in drivers)
        messages.append(f"Git uses tuinb for {PATTERN} now: {named} in the configuration, and {settings.attributes}")
    if "mergetool" in drivers:
        messages.append(f"`git mergetool -t {_NAME}` merges again, and opens a notebook that has conflicts")
    return messages


def uninstall(folder: Path, parts: Collection[str], *, is_global: bool) -> list[str]:
    """Removes parts. Returns messages. Raises UsageError."""
    settings = GitSettings(folder, is_global=is_global)
    messages = [git_filter.uninstall(folder, is_global=is_global)] if STRIP in parts else []
    removed = []
    for driver in DRIVERS:
        if driver in parts:
            was_named = settings.remove_attribute(f"{driver}={_NAME}")
            if settings.unset(f"{driver}.{_NAME}") or was_named:
                removed.append(driver)
    if removed:
        messages.append(f"Git does not use tuinb for {', '.join(removed)} of {PATTERN} any more")
    return messages or ["There was nothing to take away"]
