"""The program on a pseudo-terminal, as a fixture."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

import pytest

from tests.terminal_emulator import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


class Start(Protocol):
    """Starts the program."""

    def __call__(
        self, *arguments: str | Path, rows: int = 24, columns: int = 80, env: Mapping[str, str] | None = None
    ) -> Terminal: ...


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts `tuinb` with arguments, in the test's own folder; what was started ends with the test."""
    with ExitStack() as terminals:

        def begin(*arguments: str | Path, rows: int = 24, columns: int = 80, env: Mapping[str, str] | None = None) -> Terminal:
            command = [sys.executable, "-m", "tuinb", *map(str, arguments)]
            return terminals.enter_context(Terminal(command, rows=rows, columns=columns, env=env, cwd=tmp_path))

        yield begin
