"""`tuinb show`, with `--live`: the notebook of a running session."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.headless import show

if TYPE_CHECKING:
    from collections.abc import Sequence

arguments = show.arguments


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    return show.main(argv, _read_live)


def _read_live(name: str) -> bytes:
    from tuinb.daemon.commands.running import Running

    with Running(name) as session:
        return session.read("notebook")
