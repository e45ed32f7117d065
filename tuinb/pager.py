"""Shows text with the program that $PAGER names."""

from __future__ import annotations

import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULT = "less"
NO_COMMAND = 127
"""Exit code of the shell for a program that does not exist."""


def page(chunks: Iterable[str], environ: Mapping[str, str], options: str = "R") -> int:
    """Sends the chunks to the pager of the environment, waits until it ends, and returns its exit code.

    Chunks that the user did not page to are never produced. An interrupt goes to the pager. `options` are options of
    `less`, used unless LESS is set; the default passes colours through.
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


def error_text(environ: Mapping[str, str], code: int) -> str:
    """Returns a message about a failed pager, or an empty string if the exit code is no error."""
    if code == NO_COMMAND:
        return f"{_pager(environ)}: the pager can't be run; check PAGER."
    return f"{_pager(environ)}: the pager ended with exit code {code}." if code > 0 else ""
