"""What shells complete about sessions: their names, and the commands of `tuinb do`."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping


def _sessions() -> Iterable[str]:
    """Returns the sessions of this host: the names of their notebooks, or the paths where two have one name."""
    from tuinb.daemon import registry

    paths = [Path(entry.notebook) for entry in registry.read().entries if entry.is_here]
    count = Counter(path.name for path in paths)
    return sorted(path.name if count[path.name] == 1 else str(path) for path in paths)


def _commands() -> Iterable[str]:
    from tuinb.commands.ex_line import EX
    from tuinb.commands.registry import COMMANDS
    from tuinb.daemon.commands import do

    return sorted({*COMMANDS, *EX, do.EXEC, do.WATCH, do.WAIT})


LISTS: Mapping[str, Callable[[], Iterable[str]]] = {"sessions": _sessions, "commands": _commands}
"""What `tuinb completion` lists for the shells' scripts, besides kernels."""
