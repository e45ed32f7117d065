"""Text through $PAGER, written as fast as it reads."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT = "less"
NO_COMMAND = 127
"""The shell's exit code for a program that is not there."""


def page(chunks: Iterable[str], environ: Mapping[str, str], options: str = "R") -> int:
    """Gives the chunks to the pager that the environment names, waits for its end, and returns its exit code.

    Whoever leaves the pager early has seen enough: what is left is not made. An interrupt is the pager's. `options` are those
    of `less`, unless LESS says otherwise; the usual ones pass colours on.
    """
    process = subprocess.Popen(
        _pager(environ), shell=True, stdin=subprocess.PIPE, env={"LESS": options, **environ}, encoding="utf-8", errors="replace"
    )
    assert process.stdin is not None
    with suppress(BrokenPipeError, KeyboardInterrupt):
        for chunk in chunks:
            process.stdin.write(chunk)
    with suppress(BrokenPipeError):
        process.stdin.close()
    while True:
        with suppress(KeyboardInterrupt):
            return process.wait()


def _pager(environ: Mapping[str, str]) -> str:
    return environ.get("PAGER", "").strip() or DEFAULT


def complaint(environ: Mapping[str, str], code: int) -> str:
    """What the pager's exit code says that went wrong, if anything."""
    if code == NO_COMMAND:
        return f"{_pager(environ)}: the pager can't be run (PAGER names it)."
    return f"{_pager(environ)}: the pager ended with exit code {code}." if code > 0 else ""
