"""Programs and files for vim's keys: `!sort`, `:r FILE`, `:w !program`.

A program runs beside the screen, with the environment of the terminal, in the folder that paths on it are relative to. Keys
wait for its end, and Ctrl+C ends it.
"""

from __future__ import annotations

import asyncio
import re
import shlex
from typing import TYPE_CHECKING

from tuinb import text_filter
from tuinb.commands.file import path_of
from tuinb.editing.vim.state import Failed
from tuinb.errors import NotebookSaveError, TuinbError, is_remote
from tuinb.files import atomic

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.commands.context import Context

_MOST = 10_000_000
"""Bytes of the longest file that is read into a cell."""
_NAME = re.compile(r"\\%|%")
"""The path of the notebook in a command, and `%` itself."""


class VimPrograms:
    """The programs and files of one pane. `changed` is called when a program begins."""

    def __init__(self, context: Context, changed: Callable[[], None]) -> None:
        self._context = context
        self._changed = changed
        self._task: asyncio.Task[object] | None = None
        """The work that runs a program now."""
        self._is_stopped = False
        """Whether the user ended it."""

    @property
    def is_running(self) -> bool:
        """Whether a program runs."""
        return self._task is not None

    def stop(self) -> bool:
        """Ends the program that runs. Returns False if there is none."""
        self._is_stopped = self._task is not None and self._task.cancel()
        return self._is_stopped

    def start(self, command: str, text: str, then: Callable[[str], None]) -> None:
        """Runs a command of the shell with a text as its input, then `then` with what it wrote, unless it failed."""
        self._context.system.run_later(self._run(command, text, then))

    async def _run(self, command: str, text: str, then: Callable[[str], None]) -> None:
        system, path = self._context.system, self._context.session.path
        name = shlex.quote(str(path))
        shown = _NAME.sub(lambda found: name if found[0] == "%" else "%", command)
        self._task, self._is_stopped = asyncio.current_task(), False
        self._changed()
        try:
            done = await text_filter.run(["/bin/sh", "-c", shown], text, system.environ, system.folder)
        except asyncio.CancelledError:
            if not self._is_stopped:
                raise
            self._context.dialogs.notify("Stopped the program. Nothing was changed.", "warning")
            return
        finally:
            self._task = None
        if done.code:
            why = next((line.strip() for line in done.err.splitlines() if line.strip()), f"exit code {done.code}")
            raise TuinbError(f"{why}. Nothing was changed", where=command)
        written = done.out.replace("\r\n", "\n")
        if "\0" in written:
            raise TuinbError("it wrote no text. Nothing was changed", where=command)
        then(written)

    def read(self, name: str) -> str:
        """Returns the text of a file. Raises Failed."""
        path = path_of(name, self._context.system.folder)
        try:
            if not path.is_file():
                raise Failed(f"{path.name}: there is no such file.")
            if path.stat().st_size > _MOST:
                raise Failed(f"{path.name}: a cell reads files of up to {_MOST // 1_000_000} MB.")
            return path.read_text(encoding="utf-8")
        except OSError as error:
            raise Failed(f"{path.name}: {error.strerror}.") from None
        except UnicodeDecodeError:
            raise Failed(f"{path.name}: that is no text in UTF-8.") from None

    def write(self, name: str, text: str, *, overwrites: bool) -> None:
        """Writes text to a file. Raises Failed."""
        path = path_of(name, self._context.system.folder)
        notebook = self._context.session.path

        def check() -> None:
            if path.exists():
                raise Failed(f"{path.name}: there is a file of that name already. :w! replaces it.")

        try:
            if not is_remote(notebook) and path.exists() and notebook.exists() and path.samefile(notebook):
                raise Failed("That is the notebook, which :w saves.")
            if path.exists() and not path.is_file():
                raise Failed(f"{path.name} is no regular file.")
            atomic.replace(path, text.encode(), check=None if overwrites else check)
        except NotebookSaveError as error:
            raise Failed(f"{path.name}: {error.what}.") from None
        except (OSError, UnicodeEncodeError) as error:
            raise Failed(f"{path.name}: {getattr(error, 'strerror', None) or 'the text is no Unicode'}.") from None
        count = text.count("\n")
        self._context.dialogs.notify(f"Wrote {count} line{'' if count == 1 else 's'} to {path.name}.")
