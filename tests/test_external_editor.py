"""How the user's editor is run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tuinb import external_editor
from tuinb.foreground import NO_COMMAND

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.foreground import Program

FILE = Path("/tmp/a b.py")


@pytest.mark.parametrize(
    ("environ", "line", "words"),
    [
        ({"EDITOR": "vim"}, 12, ["vim", "+12", "/tmp/a b.py"]),
        ({"EDITOR": "vim"}, 1, ["vim", "/tmp/a b.py"]),
        ({"VISUAL": "/usr/bin/emacs -nw", "EDITOR": "vi"}, 3, ["/usr/bin/emacs -nw", "+3", "/tmp/a b.py"]),
        ({"VISUAL": " ", "EDITOR": "hx"}, 3, ["hx", "/tmp/a b.py:3"]),
        ({"EDITOR": "code --wait"}, 3, ["code --wait", "/tmp/a b.py"]),
        ({}, 3, ["vi", "+3", "/tmp/a b.py"]),
    ],
)
def test_the_command(environ: dict[str, str], line: int, words: list[str]) -> None:
    ran: list[Program] = []

    def spawn(program: Program) -> Callable[[], int]:
        ran.append(program)
        return lambda: 7

    assert external_editor.edit(FILE, line, environ, spawn) == 7
    assert ran[0].argv == ("/bin/sh", "-c", f'{words[0]} "$@"', *words)
    assert ran[0].environ == environ


def test_what_is_said_of_an_exit_code() -> None:
    assert external_editor.error_text({"EDITOR": "ed"}, 0) == ""
    assert external_editor.error_text({"EDITOR": "ed"}, 1) == "ed ended with exit code 1, so nothing was changed"
    assert "can't be run; check VISUAL and EDITOR" in external_editor.error_text({}, NO_COMMAND)
