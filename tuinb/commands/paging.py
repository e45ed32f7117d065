"""Text through $PAGER, written as fast as it reads."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_PAGER = "less"
_OPTIONS = "R"
"""For `less`, unless LESS says otherwise: pass colours on."""
_NO_COMMAND = 127
"""The shell's exit code for a program that is not there."""


def page(chunks: Iterable[str], environ: Mapping[str, str]) -> str:
    """Gives the chunks to the pager that the environment names, and waits for its end; returns what went wrong, if anything.

    Whoever leaves the pager early has seen enough: what is left is not made.
    """
    pager = environ.get("PAGER", "").strip() or _PAGER
    process = subprocess.Popen(
        pager, shell=True, stdin=subprocess.PIPE, env={"LESS": _OPTIONS, **environ}, encoding="utf-8", errors="replace"
    )
    assert process.stdin is not None
    with suppress(BrokenPipeError):
        for chunk in chunks:
            process.stdin.write(chunk)
    with suppress(BrokenPipeError):
        process.stdin.close()
    code = process.wait()
    if code == _NO_COMMAND:
        return f"{pager}: the pager can't be run (PAGER names it)."
    return f"{pager}: the pager ended with exit code {code}." if code > 0 else ""
