"""Shows text with the program that $PAGER names."""

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

from tuinb.foreground import NO_COMMAND, Program, spawn

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from tuinb.foreground import Spawn

DEFAULT = "less"


def page(chunks: Iterable[str], environ: Mapping[str, str], options: str = "R", spawn: Spawn = spawn) -> int:
    """Sends the chunks to the pager of the environment, waits until it ends, and returns its exit code.

    Chunks that the user did not page to are never produced. An interrupt goes to the pager. `options` are options of
    `less`, used unless LESS is set; the default passes colours through.
    """
    reader, writer = os.pipe()
    with open(writer, "w", encoding="utf-8", errors="replace") as pipe:  # noqa: PTH123 - a descriptor
        try:
            wait = spawn(Program(("/bin/sh", "-c", _pager(environ)), {"LESS": options, **environ}, reader))
        finally:
            os.close(reader)
        with suppress(BrokenPipeError, KeyboardInterrupt):
            for chunk in chunks:
                pipe.write(chunk)
        with suppress(BrokenPipeError):
            pipe.close()
    return wait()


def _pager(environ: Mapping[str, str]) -> str:
    return environ.get("PAGER", "").strip() or DEFAULT


def error_text(environ: Mapping[str, str], code: int) -> str:
    """Returns a message about a failed pager, or an empty string if the exit code is no error."""
    if code == NO_COMMAND:
        return f"{_pager(environ)}: the pager can't be run; check PAGER."
    return f"{_pager(environ)}: the pager ended with exit code {code}." if code > 0 else ""
