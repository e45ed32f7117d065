"""tuinb with what it opens, connects to and starts written down: `python -m tests.e2e.watched LOG ARGUMENTS…`.

One event a line, as JSON: its name and its first argument. It can't be said to the program's own code that this is a test.
"""

from __future__ import annotations

import json
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

WATCHED = frozenset(
    ("open", "socket.connect", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.exec", "webbrowser.open")
)


def main() -> int:
    """Runs tuinb under watch."""
    log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def watch(event: str, arguments: tuple[object, ...]) -> None:
        if event in WATCHED:
            first = arguments[1] if event == "socket.connect" else arguments[0]
            os.write(
                log,
                json.dumps([event, os.fsdecode(first) if isinstance(first, (str, bytes)) else repr(first)]).encode() + b"\n",
            )

    sys.addaudithook(watch)
    sys.argv = ["tuinb", *sys.argv[2:]]
    from tuinb.cli import main as tuinb

    return tuinb()


def events(log: Path) -> list[tuple[str, str]]:
    """What was written down."""
    return [(name, first) for name, first in map(json.loads, log.read_text().splitlines())]


if __name__ == "__main__":
    sys.exit(main())
