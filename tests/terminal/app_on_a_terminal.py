"""A small app that test_driver runs on a pseudo-terminal."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from typing import TYPE_CHECKING, ClassVar

from textual.widgets import Static

from tuinb.terminal import own
from tuinb.terminal.diffed_app import DiffedApp

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult


class Small(DiffedApp[None]):
    BINDINGS: ClassVar = [("ctrl+l", "redraw"), ("ctrl+t", "shell"), ("ctrl+z", "suspend_process"), ("ctrl+g", "ring")]

    def compose(self) -> ComposeResult:
        yield Static("hello 語 world", id="top")
        yield Static("no key yet", id="key")
        yield Static("", id="size")

    def on_key(self, event: events.Key) -> None:
        self.query_one("#key", Static).update(f"key {event.key}.")

    def on_paste(self, event: events.Paste) -> None:
        self.query_one("#key", Static).update(f"pasted {len(event.text)}.")

    def on_resize(self, event: events.Resize) -> None:
        self.query_one("#size", Static).update(f"size {event.size.width}x{event.size.height}.")

    def action_redraw(self) -> None:
        self.redraw()

    def action_ring(self) -> None:
        self.bell()

    def action_shell(self) -> None:
        with self.suspend():
            subprocess.run([sys.executable, "-c", "print('IN THE SHELL'); input()"], check=True)


async def main() -> int:
    app = Small(terminal=own.terminal())
    with own.signals_to(app):
        await app.run_async()
    return app.return_code or 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
