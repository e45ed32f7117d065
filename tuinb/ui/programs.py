"""External programs: the browser and the system's viewer. They run only on a command of the user.

Their files are written to a folder that only the user can read, and that is deleted when tuinb ends.
"""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from tuinb import foreground
from tuinb.foreground import NO_COMMAND, Program
from tuinb.render.safe import in_ascii

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from tuinb.foreground import Spawn

_SECONDS = 3.0
"""Seconds in which a viewer may fail. One that still runs after that counts as started."""
_BROWSE = """
import json, sys, webbrowser
try:
    found = webbrowser.get()
except webbrowser.Error:
    sys.exit(3)
simple = type(found) in (webbrowser.GenericBrowser, webbrowser.BackgroundBrowser)
print(json.dumps([type(found).__name__, found.name, *found.args] if simple else []), flush=True)
sys.exit(0 if simple or found.open(sys.argv[1]) else 1)
"""
"""Prints the class, the name and the arguments of a browser that is one command. Opens the page in another one.

A process of its own, as webbrowser goes by its process's environment, and remembers what it found there."""
_NO_BROWSER = 3
"""Exit code of that program if there is no browser."""
_NO_DISPLAY = "No display is available"


class ExternalPrograms:
    """Opens files and web pages. `suspend_for` gives the terminal to a text browser, which `spawn` starts."""

    def __init__(
        self,
        suspend_for: Callable[[Callable[[], bool]], Awaitable[bool]],
        environ: Mapping[str, str],
        spawn: Spawn = foreground.spawn,
    ) -> None:
        self._spawn = spawn
        self._suspend_for = suspend_for
        self._environ = environ
        self._folder: Path | None = None
        self._running: list[subprocess.Popen[bytes]] = []

    def write_file(self, name: str, data: bytes) -> Path:
        """Writes data to a new private file with the given name. Returns its path. Raises OSError."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="tuinb-"))
            atexit.register(shutil.rmtree, self._folder, ignore_errors=True)
        path = Path(tempfile.mkdtemp(dir=self._folder)) / Path(name).name
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(data)
        return path

    @property
    def _display(self) -> bool:
        """Whether windows can be opened: false over SSH without a forwarded display."""
        if sys.platform == "darwin":
            return not self._environ.get("SSH_CONNECTION")
        return bool(self._environ.get("DISPLAY") or self._environ.get("WAYLAND_DISPLAY"))

    async def browse(self, url: str) -> str:
        """Opens a page in $BROWSER or the system's browser. Returns the reason if that fails, else an empty string."""
        if sys.platform == "darwin" and not self._display and not self._environ.get("BROWSER"):
            return f"{_NO_DISPLAY}, and $BROWSER is not set."
        code, found = await asyncio.to_thread(self._choose_browser, url)
        if code == _NO_BROWSER:
            return f"{_NO_DISPLAY}, and no text browser was found." if not self._display else "No browser was found."
        if not found:
            opened = code == 0
        elif found[0] == "GenericBrowser":
            opened = await self._suspend_for(partial(self._run_on_terminal, _command(found, url)))
        else:
            # BackgroundBrowser.open would let the program write to this terminal.
            opened = await asyncio.to_thread(self._run, _command(found, url)) == 0
        return "" if opened else "The browser could not be started."

    def _choose_browser(self, url: str) -> tuple[int, list[str]]:
        """Runs _BROWSE in the terminal's environment. Returns its exit code and what it printed."""
        process = subprocess.Popen(
            [sys.executable, "-I", "-c", _BROWSE, url],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=dict(self._environ),
        )
        assert process.stdout is not None
        with process.stdout:  # not to its end: a browser may hold it open
            line = process.stdout.readline()
        return process.wait(), json.loads(line or b"[]")

    async def view(self, path: Path) -> str:
        """Opens a file in the system's viewer. Returns the reason if that fails, else an empty string."""
        program = "open" if sys.platform == "darwin" else "xdg-open"
        if not self._display:
            over = " (this is an SSH session)" if self._environ.get("SSH_CONNECTION") else ""
            return f"{_NO_DISPLAY}{over}."
        found = shutil.which(program, path=self._environ.get("PATH"))
        if found is None:
            return f"{program}, which opens files, is not installed."
        code = await asyncio.to_thread(self._run, [found, str(path)])
        return "" if code == 0 else f"{program} could not open it (exit code {code})."

    def _run_on_terminal(self, command: list[str]) -> bool:
        return self._spawn(Program(command, self._environ))() == 0

    def _run(self, command: list[str]) -> int:
        """Starts a program with windows of its own. Returns its exit code, or 0 if it still runs after _SECONDS."""
        devnull = subprocess.DEVNULL
        try:
            process = subprocess.Popen(
                command, stdin=devnull, stdout=devnull, stderr=devnull, start_new_session=True, env=dict(self._environ)
            )
        except OSError:
            return NO_COMMAND
        self._running = [one for one in self._running if one.poll() is None]
        try:
            return process.wait(_SECONDS)
        except subprocess.TimeoutExpired:
            self._running.append(process)
            return 0

    async def open_link(self, url: str, folder: Path) -> str:
        """Opens a web page, or a file below `folder`. Returns the reason if that fails, else an empty string."""
        try:
            parts = urlsplit(url)
        except ValueError as error:
            return f"The link is not a valid address: {error}."
        if parts.scheme in ("http", "https") and parts.netloc:
            # A text browser may write the address to the terminal.
            return await self.browse(in_ascii(url))
        if parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost") or not parts.path:
            return "tuinb opens only web pages (http, https) and files."
        path = await asyncio.to_thread(_file_below, folder, unquote(parts.path))
        if path is None:
            return "tuinb opens only files below the notebook's folder, and no programs."
        return await self.view(path)


def _command(found: list[str], url: str) -> list[str]:
    """Returns the command line of a browser. `found` is its class, its name and its arguments."""
    return [found[1], *(word.replace("%s", url) for word in found[2:])]


def _file_below(folder: Path, name: str) -> Path | None:
    """Returns the file of a link. None if it is outside the folder, no regular file, or a program."""
    try:
        root = folder.resolve()
        path = (root / name).resolve()
        allowed = path.is_relative_to(root) and path.is_file() and path.suffix != ".desktop" and not os.access(path, os.X_OK)
    except (OSError, ValueError):
        return None
    return path if allowed else None
