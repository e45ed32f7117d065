"""Edits a file with the program that $VISUAL or $EDITOR names."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from tuinb.foreground import NO_COMMAND, Program, spawn

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tuinb.foreground import Spawn

DEFAULT = "vi"
_PLUS_LINE = frozenset(
    (
        "vi",
        "vim",
        "nvim",
        "nvi",
        "vis",
        "gvim",
        "kak",
        "nano",
        "pico",
        "micro",
        "joe",
        "jed",
        "ne",
        "mg",
        "emacs",
        "emacsclient",
    )
)
"""Editors that take `+12` for a line. Others might take it for the name of a file."""
_COLON_LINE = frozenset(("hx", "helix"))
"""Editors that take `FILE:12`."""


def edit(path: Path, line: int, environ: Mapping[str, str], spawn: Spawn = spawn) -> int:
    """Runs the editor of the environment on a file, with the cursor on `line` (from 1) if the editor is known to take one.

    Waits until it ends, and returns its exit code.
    """
    command = _editor(environ)
    name = PurePath(command.split()[0]).name
    words = [str(path)]
    if name in _PLUS_LINE and line > 1:
        words.insert(0, f"+{line}")
    elif name in _COLON_LINE and line > 1:
        words = [f"{path}:{line}"]
    # The shell splits the command, as for git: it may have options, and quotes.
    return spawn(Program(("/bin/sh", "-c", f'{command} "$@"', command, *words), environ))()


def _editor(environ: Mapping[str, str]) -> str:
    return environ.get("VISUAL", "").strip() or environ.get("EDITOR", "").strip() or DEFAULT


def error_text(environ: Mapping[str, str], code: int) -> str:
    """Returns a message about an editor that failed, or an empty string if the exit code is no error."""
    if code == NO_COMMAND:
        return f"{_editor(environ)}: the editor can't be run; check VISUAL and EDITOR"
    return f"{_editor(environ)} ended with exit code {code}, so nothing was changed" if code else ""
