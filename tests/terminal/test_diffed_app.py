"""The app above the diff: frames are skipped, never queued; tests and screenshots go on without a terminal."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from rich.console import Console
from rich.segment import Segment
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Static

from tests.support import wait_for
from tuinb.capabilities import Capabilities
from tuinb.terminal.diffed_app import DiffedApp
from tuinb.terminal.driver import FrameSource, TerminalDriver
from tuinb.terminal.screen_diff import ScreenDiff
from tuinb.terminal.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pytest
    from textual.app import ComposeResult
    from textual.driver import Driver
    from textual.message import Message


CLEAR = "\x1b[H\x1b[2J"
NOWHERE = Terminal(-1, -1, {})


class Small(DiffedApp[None]):
    def compose(self) -> ComposeResult:
        yield Static("first", id="text")


class FakeDriver(TerminalDriver):
    """Takes frames when told to; all else it leaves to the headless driver."""

    def __init__(self, headless: Driver) -> None:
        self._headless = headless
        self._size = headless._size
        self.frames: list[str] = []
        self.written: list[str] = []
        self.takes = True
        self.refused = 0
        self._writer = None

    @property
    def ready(self) -> bool:
        return self.takes

    def frame(self, text: str) -> None:
        self.frames.append(text)

    def frame_refused(self) -> None:
        self.refused += 1

    def resized(self) -> None:
        """The headless driver has one size."""

    def write(self, data: str) -> None:
        self.written.append(data)

    def send_message(self, message: Message) -> None:
        self._headless.send_message(message)


async def test_frames_are_skipped_while_the_line_is_busy_and_the_last_state_is_sent() -> None:
    app = Small(terminal=NOWHERE, capabilities=Capabilities())
    async with app.run_test(size=(40, 5)) as pilot:
        headless = app._driver
        assert headless is not None
        driver = app._driver = FakeDriver(headless)
        app.redraw()
        await pilot.pause()
        assert "first" in "".join(driver.frames)
        driver.takes = False
        driver.frames.clear()
        for text in ("second", "third"):
            app.query_one("#text", Static).update(text)
            await pilot.pause()
        assert driver.refused >= 2
        assert driver.frames == []
        driver.takes = True
        app.frame_due()
        app.frame_due()
        assert len(driver.frames) == 1
        assert "thi" in driver.frames[0]
        assert "sec" not in driver.frames[0]
        app._driver = headless


async def test_a_key_that_became_a_signal_may_be_another_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Small(terminal=NOWHERE, capabilities=Capabilities())
    async with app.run_test(size=(40, 5)):
        headless = app._driver
        assert headless is not None
        driver, codes = FakeDriver(headless), list[int]()
        driver._auto_restart, app._driver = True, driver
        monkeypatch.setattr(app, "leave", codes.append)
        for change in ("suspend_application_mode", "resume_application_mode"):  # the terminal's settings are changed in these
            monkeypatch.setattr(driver, change, lambda: app.leave_by_key(1))
        with app.suspend():
            app.leave_by_key(2)
        app.leave_by_key(3)
        assert codes == []
        app._taken_again -= 2
        app.leave_by_key(4)
        assert codes == [4]
        app._driver = headless


async def test_an_update_that_changes_nothing_sends_nothing() -> None:
    app = Small(terminal=NOWHERE, capabilities=Capabilities())
    async with app.run_test(size=(40, 5)) as pilot:
        headless = app._driver
        assert headless is not None
        driver = app._driver = FakeDriver(headless)
        app.redraw()
        await pilot.pause()
        driver.frames.clear()
        app.query_one("#text", Static).update("first")
        app.refresh(layout=True)
        await pilot.pause()
        assert driver.frames == []
        app._driver = headless


async def test_many_resizes_at_once_paint_all_once() -> None:
    app = Small(terminal=Terminal(-1, -1, {"COLUMNS": "40", "LINES": "5"}), capabilities=Capabilities())
    async with app.run_test(size=(40, 5)) as pilot:
        headless = app._driver
        assert headless is not None
        driver = app._driver = FakeDriver(headless)
        app.redraw()
        await pilot.pause()
        for _ in range(2):
            driver.frames.clear()
            for _ in range(100):
                app.terminal_resized()
            await wait_for(lambda: bool(driver.frames))
            await pilot.pause()
            assert len(driver.frames) == 1
            assert driver.frames[0].count(CLEAR) == 1
            assert "first" in driver.frames[0]
        driver.frames.clear()
        app.terminal_resized()
        app.redraw()
        await pilot.pause(0.1)
        assert "".join(driver.frames).count(CLEAR) == 1, "a whole frame that is sent anyway is the repaint"
        app._driver = headless


async def test_copying_says_whether_it_was_possible() -> None:
    app = Small(terminal=NOWHERE, capabilities=Capabilities())
    async with app.run_test() as pilot:
        headless = app._driver
        assert headless is not None
        driver = app._driver = FakeDriver(headless)
        assert app.copy_text("x")
        assert driver.written == ["\x1b]52;c;eA==\x07"]
        assert not app.copy_text("x" * 1_000_000)
        app._driver = headless
        await pilot.pause()


async def test_without_a_terminal_it_is_an_ordinary_app() -> None:
    app = Small(terminal=NOWHERE, capabilities=Capabilities())
    async with app.run_test(size=(40, 5)) as pilot:
        await pilot.pause()
        assert isinstance(app, FrameSource)
        assert "first" in app.export_screenshot()


class Rows(Widget):
    """Keeps the strips of its rows, but for the first, which it makes anew."""

    DEFAULT_CSS = "Rows { height: 3; }"

    def __init__(self) -> None:
        super().__init__()
        self.kept = [Strip([Segment(f"row {y}")], 5) for y in range(3)]

    def render_lines(self, crop: Region) -> list[Strip]:
        return [Strip([Segment("row 0")], 5), *self.kept[1:]][crop.y : crop.bottom]


async def test_strips_that_a_widget_kept_are_not_placed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class OfRows(DiffedApp[None]):
        def compose(self) -> ComposeResult:
            yield Rows()

    app = OfRows(terminal=NOWHERE, capabilities=Capabilities())
    async with app.run_test(size=(5, 4)) as pilot:
        assert app._driver is not None
        headless = app._driver
        driver = app._driver = FakeDriver(headless)
        app.redraw()
        await pilot.pause()
        rows = app.query_one(Rows)
        rows.refresh()
        await pilot.pause()
        placed: list[int] = []
        put = ScreenDiff.put

        def count(diff: ScreenDiff, y: int, x: int, segments: Iterable[Segment], end: int | None = None) -> None:
            placed.append(y)
            put(diff, y, x, segments, end)

        monkeypatch.setattr(ScreenDiff, "put", count)
        rows.refresh()
        await pilot.pause()
        assert placed == [0]
        rows.kept[2] = Strip([Segment("third")], 5)
        rows.refresh(Region(0, 2, 5, 1))
        await pilot.pause()
        assert "third" in driver.frames[-1]
        app._driver = headless


async def test_a_traceback_has_no_values_of_variables() -> None:
    class Failing(Small):
        def on_mount(self) -> None:
            password = "hunter" + str(1 + 1)
            raise ValueError("\x1b[31mno " + "x" * len(password) + " [b]")

    app, printed = Failing(terminal=NOWHERE), io.StringIO()
    app.error_console = Console(file=printed, width=200)
    await app.run_async(headless=True)
    assert app.return_code == 1
    assert "in on_mount" in printed.getvalue()
    assert "ValueError: \N{REPLACEMENT CHARACTER}[31mno xxxxxxx [b]" in printed.getvalue()
    assert "hunter2" not in printed.getvalue()
