"""Programs beside the terminal: the browser, the system's viewer. Nothing here runs unless somebody asked for it.

What they are to show is put into a folder that only the user can read, which goes when tuinb ends.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from tuinb.render.safe import in_ascii

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

_SECONDS = 3.0
"""How long a viewer has to fail; one that runs longer is taken to show what it was given."""
_NO_COMMAND = 127
"""The shell's exit code for a program that can't be run."""
_REMOTE = "There is no display here to open it on"


class ExternalPrograms:
    """Opens files and pages. `suspend_for` gives the terminal to a browser that runs in it."""

    def __init__(self, suspend_for: Callable[[Callable[[], bool]], Awaitable[bool]], environ: Mapping[str, str]) -> None:
        self._suspend_for = suspend_for
        self._environ = environ
        self._folder: Path | None = None
        self._running: list[subprocess.Popen[bytes]] = []

    def keep(self, name: str, data: bytes) -> Path:
        """Writes data into a new private file of that name."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="tuinb-"))
            atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        path = Path(tempfile.mkdtemp(dir=self._folder)) / Path(name).name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        return path

    @property
    def _display(self) -> bool:
        """Whether windows can be opened: not over SSH without a forwarded display."""
        if sys.platform == "darwin":
            return not self._environ.get("SSH_CONNECTION")
        return bool(self._environ.get("DISPLAY") or self._environ.get("WAYLAND_DISPLAY"))

    async def browse(self, url: str) -> str:
        """Opens a page in $BROWSER, else the system's browser; returns why it could not, or an empty string."""
        import webbrowser

        if sys.platform == "darwin" and not self._display and not self._environ.get("BROWSER"):
            return f"{_REMOTE}, and BROWSER names no browser."
        try:
            browser = await asyncio.to_thread(webbrowser.get)
        except webbrowser.Error:
            return f"{_REMOTE}, and no browser for the terminal." if not self._display else "No browser was found."
        if type(browser) is webbrowser.GenericBrowser:
            opened = await self._suspend_for(partial(browser.open, url))
        elif type(browser) is webbrowser.BackgroundBrowser:
            # Its own way leaves the program our terminal to write upon.
            command = [browser.name, *(word.replace("%s", url) for word in browser.args)]
            opened = await asyncio.to_thread(self._run, command) == 0
        else:
            opened = await asyncio.to_thread(browser.open, url)
        return "" if opened else "The browser could not be started."

    async def view(self, path: Path) -> str:
        """Opens a file in the system's viewer; returns why it could not, or an empty string."""
        program = "open" if sys.platform == "darwin" else "xdg-open"
        if not self._display:
            over = " (this is an SSH session)" if self._environ.get("SSH_CONNECTION") else ""
            return f"{_REMOTE}{over}."
        found = shutil.which(program, path=self._environ.get("PATH"))
        if found is None:
            return f"{program} is not installed: there is nothing to open files with."
        code = await asyncio.to_thread(self._run, [found, str(path)])
        return "" if code == 0 else f"{program} could not open it (exit code {code})."

    def _run(self, command: list[str]) -> int:
        """The exit code of a program with windows of its own; 0 while it runs."""
        nothing = subprocess.DEVNULL
        try:
            process = subprocess.Popen(
                command, stdin=nothing, stdout=nothing, stderr=nothing, start_new_session=True, env=dict(self._environ)
            )
        except OSError:
            return _NO_COMMAND
        self._running = [one for one in self._running if one.poll() is None]
        try:
            return process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            self._running.append(process)
            return 0

    async def follow(self, url: str, folder: Path) -> str:
        """Opens a link: a page, or a file below the notebook's folder; returns why not, or an empty string."""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            return f"This is no address: {error}."
        if parts.scheme in ("http", "https") and parts.netloc:
            # A browser in the terminal may write there what it is given.
            return await self.browse(in_ascii(url))
        if parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost") or not parts.path:
            return "Only pages (http, https) and files are opened."
        path = await asyncio.to_thread(_below, folder, unquote(parts.path))
        if path is None:
            return "Only files below the notebook's folder are opened, and no programs."
        return await self.view(path)


def _below(folder: Path, name: str) -> Path | None:
    """The file below a folder that a link names; None for one that is elsewhere, no regular file, or a program."""
    try:
        root = folder.resolve()
        path = (root / name).resolve()
        allowed = path.is_relative_to(root) and path.is_file() and path.suffix != ".desktop" and not os.access(path, os.X_OK)
    except (OSError, ValueError):
        return None
    return path if allowed else None
