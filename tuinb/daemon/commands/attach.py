"""`tuinb attach`: shows a running session on this terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.config import GRAPHICS
from tuinb.daemon import client, registry
from tuinb.daemon.commands.sessions import ANSWERS_WITHIN, listed, way_to
from tuinb.daemon.start import begin_tab
from tuinb.daemon.tabs import Tab, Tabs
from tuinb.errors import SessionError, TuinbError, shown
from tuinb.foreground import require_terminal
from tuinb.headless.arguments import Exit, parser
from tuinb.headless.console import complain
from tuinb.session.target import Arguments

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tuinb.daemon.registry import Entry


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parsed = arguments().parse_args(argv)
    try:
        require_terminal()
        return _attach(parsed)
    except TuinbError as error:
        complain(error)
        return Exit.FAILED


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "attach",
        "Show a running session on this terminal: the one of this name, or the one that began last.\n"
        "Exit: that of the screen; 1 there is no such session.",
        "tuinb attach",
        "tuinb attach analysis",
    )
    options.add_argument("name", nargs="?", metavar="NAME", help="the path of a notebook, or a part of it")
    options.add_argument("--theme", metavar="NAME", help="the colours on this terminal")
    options.add_argument("--graphics", choices=GRAPHICS, help="how images are shown")
    return options


def _attach(parsed: argparse.Namespace) -> int:
    entry, daemon = registry.connect(_chosen(listed(), parsed.name), ANSWERS_WITHIN)
    if daemon is None:
        hint = "`tuinb FILE` begins a session"
        if entry.is_running:
            hint = f"if its socket was removed, it makes another one within a minute, or at once after `kill -USR1 {entry.pid}`"
        raise SessionError("it does not listen", where=shown(entry.notebook), hint=hint)
    daemon.close()
    arguments = Arguments(theme=parsed.theme, graphics=parsed.graphics)
    return client.attend(Tabs(Tab(Path(entry.notebook), arguments, entry.place)), begin_tab)


def _chosen(entries: Sequence[Entry], name: str | None) -> Entry:
    if name is not None:
        found = registry.choose(entries, name)
        if not found.is_here:
            raise SessionError("it runs on another host", where=found.notebook, hint=f"`{way_to(found)}` attaches to it")
        return found
    here = [entry for entry in entries if entry.is_running]
    if not here:
        raise SessionError("no session is running on this host", hint=registry.existing(entries))
    return here[0]
