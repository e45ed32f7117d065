"""The commands of the tour."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb.commands import tour
from tuinb.errors import TuinbError
from tuinb.foreground import NO_COMMAND

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.commands.conftest import Desk
    from tuinb.foreground import Program


def test_the_tour_gets_the_terminal(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    started: list[Program] = []

    def spawn(program: Program) -> Callable[[], int]:
        started.append(program)
        return lambda: 0

    it.host.spawn = spawn
    it.run("tour")
    assert [program.argv for program in started] == [tour.ARGV]
    assert it.host.log == [("suspend_for",)]


@pytest.mark.parametrize(("code", "why"), [(1, "exit code 1"), (NO_COMMAND, "could not be started")])
def test_a_tour_that_fails_says_so(desk: Callable[[str], Desk], code: int, why: str) -> None:
    it = desk("a*")
    it.host.spawn = lambda program: lambda: code
    with pytest.raises(TuinbError, match=why):
        it.run("tour")


def test_skipping_without_a_tour(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    it.run("skip-step")
    assert it.said() == ["There is no tour here: :tour begins one."]
