"""When what arrives is painted, on a clock that stands still until it is moved."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tuinb.notebook.changes import CellId, ClientId
from tuinb.notebook.document import Notebook
from tuinb.session.events import CellsChanged
from tuinb.ui.view.repaint import Repainter
from tuinb.workspace.view_state import ViewState

if TYPE_CHECKING:
    from collections.abc import Callable

CELL = CellId("a")


class Timer:
    def __init__(self, at: float, call: Callable[[], None]) -> None:
        self.at, self.call, self.cancelled = at, call, False

    def cancel(self) -> None:
        self.cancelled = True


class Clock:
    """An event loop's clock and timers, and a bridge that notes when it paints."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.timers: list[Timer] = []
        self.painted: list[float] = []
        self.cells: list[frozenset[CellId] | None] = []
        self.bridge = Repainter(
            Notebook((), {}, nbformat=4, nbformat_minor=5),
            ViewState(active=None),
            ClientId("screen"),
            paint=self._paint,
            showing=lambda models: frozenset(),
            notice=lambda notice: None,
            follow=lambda applied: None,
            typed=lambda: None,
        )

    def _paint(self, cells: frozenset[CellId] | None) -> None:
        self.painted.append(round(self.now - 1000, 3))
        self.cells.append(cells)

    def time(self) -> float:
        return self.now

    def call_at(self, at: float, call: Callable[[], None]) -> Any:  # noqa: ANN401
        self.timers.append(Timer(at, call))
        return self.timers[-1]

    def hear(self, every: float, seconds: float) -> None:
        """Something is heard now and every so many seconds, for so long; timers ring in between."""
        end, heard = self.now + seconds, self.now
        while heard < end:
            self.ring(heard)
            self.bridge.receive(CellsChanged((CELL,)))
            heard += every
        self.ring(end)

    def ring(self, until: float) -> None:
        while due := [timer for timer in self.timers if not timer.cancelled and timer.at <= until]:
            first = min(due, key=lambda timer: timer.at)
            self.timers.remove(first)
            self.now = max(self.now, first.at)
            first.call()
        self.now = until


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: made)
    return made


def test_the_first_are_painted_at_once(clock: Clock) -> None:
    clock.hear(0.01, 0.03)
    assert clock.painted == [0.0, 0.01, 0.02]
    assert clock.cells == [frozenset([CELL])] * 3


def test_then_thirty_a_second(clock: Clock) -> None:
    clock.hear(0.015, 2)
    assert 60 <= len(clock.painted) <= 64
    steps = [round(later - earlier, 3) for earlier, later in zip(clock.painted[5:], clock.painted[6:], strict=False)]
    assert set(steps) <= {0.033, 0.034}, "evenly"


def test_a_stream_is_painted_half_as_often_until_it_ends(clock: Clock) -> None:
    clock.hear(0.002, 2)
    assert 32 <= len(clock.painted) <= 38
    before = len(clock.painted)
    clock.ring(clock.now + 1)
    assert len(clock.painted) - before <= 1, "the last of it"
    del clock.painted[:]
    quiet_until = clock.now - 1000
    clock.hear(0.01, 0.03)
    assert clock.painted == [pytest.approx(quiet_until + late, abs=0.001) for late in (0, 0.01, 0.02)]


def test_what_was_gathered_is_painted_once(clock: Clock) -> None:
    clock.bridge.receive(CellsChanged((CELL,)))
    clock.bridge.flush()
    clock.ring(clock.now + 1)
    assert len(clock.painted) == 1
    clock.bridge.receive(CellsChanged((CELL,)))
    clock.bridge.close()
    clock.ring(clock.now + 1)
    assert len(clock.painted) == 1
