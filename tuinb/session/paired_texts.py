"""The text files of a session's notebook, if it is one of jupytext's pairs: what is known of them, and how they are saved.

`known` of a text is what another version of it is compared with: the base of a merge. At the beginning that is the text as the
notebook's file would give it. So a text that is newer changes only what differs there.
"""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from tuinb.errors import ChangedOnDiskError, NotebookFileError, shown
from tuinb.files import disk, pairs, text_notebook
from tuinb.jobs import shared
from tuinb.notebook.difference import Content

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tuinb.files.disk import DiskState
    from tuinb.files.notebook_file import NotebookFile
    from tuinb.files.pairs import Member
    from tuinb.notebook.difference import Metadata
    from tuinb.notebook.document import Notebook


@dataclass(slots=True)
class PairedText:
    member: Member
    known: bytes | None = None
    """The text that the notebook was last compared with. None if there was no file."""
    state: DiskState | None = None
    """The state of the file with these bytes. None if the file has others, or there is none."""
    seen: DiskState | None = None
    """The state of the file that the user was told about."""
    failures: int = 0
    """How often this state could not be read."""

    @property
    def path(self) -> Path:
        return self.member.path

    def follow(self, data: bytes, state: DiskState | None) -> None:
        """Notes that the notebook has the inputs of this file."""
        self.known, self.state, self.seen, self.failures = data, state, None, 0


class PairedTexts:
    """Serves one session. `say` shows a warning."""

    def __init__(self, store: NotebookFile, say: Callable[[str], None]) -> None:
        self._store = store
        self._say = say
        self._path = store.path
        self._texts: list[PairedText] = []
        self._begun = False
        self._beginning = asyncio.Lock()

    def __iter__(self) -> Iterator[PairedText]:
        return iter(self._texts)

    def inputs_of(self, notebook: Notebook) -> Content | None:
        """Returns what `write` needs of the notebook as it is now. None if it is paired with no text."""
        return Content.of(notebook) if self._texts else None

    async def begin(self, metadata: Metadata, content: Callable[[], Content]) -> None:
        """Finds the texts of the pair and reads them, once. `content` returns, in a thread, what the notebook's file has."""
        async with self._beginning:
            if self._begun:
                return
            self._begun = True
            found = self._members(self._store.path, metadata)
            if found:
                self._texts, warnings = await shared().run(partial(_read, found, content, self._store.state))
                for warning in warnings:
                    self._say(warning)

    def _members(self, path: Path, metadata: Metadata) -> Sequence[Member]:
        """Returns the text files of the pair. Says why one is not followed."""
        found, others = pairs.members(path, metadata)
        if text_notebook.is_text(path):
            notebook = path.with_suffix(f".{pairs.NOTEBOOK}")
            if pairs.NOTEBOOK in pairs.formats(metadata) and notebook.exists():
                name = shown(notebook.name)
                self._say(f"{shown(path.name)} is paired with {name}. Open {name}: it keeps outputs, and saves both.")
            return ()
        if others:
            names = ", ".join(map(shown, others))
            self._say(f"jupytext's {names} is not kept in step: only text files beside the notebook, with its name, are.")
        if found and not pairs.is_available():
            name = shown(found[0].path.name)
            self._say(f"{name} is paired with this notebook, and is not kept in step: pip install 'tuinb[text]'.")
            return ()
        return found

    # ---- saving

    async def prepare(self, path: Path, metadata: Metadata, *, overwrite: bool) -> None:
        """Prepares for saving the notebook at `path`.

        Raises ChangedOnDiskError if that would overwrite what another program wrote to a text, unless `overwrite`.
        """
        async with self._beginning:
            if self._texts and path != self._path:
                self._path = path
                self._texts = [PairedText(member) for member in self._members(path, metadata)]
            for text in self._texts if not overwrite else ():
                await shared().run(_check, text)

    async def write(self, content: Content, *, overwrite: bool) -> tuple[str, ...]:
        """Writes the texts after the notebook was saved with this content. Returns notices, also on what was not written."""
        notices: list[str] = []
        async with self._store.lock:
            for text in self._texts:
                notices += await shared().run(partial(_write, text, content, overwrite=overwrite))
        return tuple(notices)


def _read(
    members: Sequence[Member], content: Callable[[], Content], notebook: DiskState | None
) -> tuple[list[PairedText], list[str]]:
    """Returns the texts, and warnings. `notebook` is the state of the notebook's file."""
    base, texts, warnings = content(), list(map(PairedText, members)), []
    for text in texts:
        try:
            if _is_outdated(text, base, notebook):
                name = shown(text.path.name)
                warnings.append(f"{name} is older than the notebook and has other inputs: saving replaces them.")
        except NotebookFileError as error:
            warnings.append(f"The notebook is paired with a text that can't be read: {error}")
    return texts, warnings


def _is_outdated(text: PairedText, base: Content, notebook: DiskState | None) -> bool:
    """Reads a text for the first time. Returns whether it is older than the notebook and has other inputs.

    One that is newer is left for the next look, which merges it.
    """
    try:
        data, state = disk.read(text.path)
    except FileNotFoundError:
        return False
    is_same = pairs.render(base, text.member, data) == data
    if is_same or (notebook is not None and state.modified <= notebook.modified):
        text.follow(data, state)
    else:
        text.known = pairs.render(base, text.member, data, anew=True)
    return not is_same and text.state is not None


def _check(text: PairedText) -> None:
    try:
        data, state = disk.read(text.path)
    except FileNotFoundError:
        return
    if data != text.known or text.state is None:
        name = shown(text.path.name)
        raise ChangedOnDiskError(f"another program changed {name}, which it is paired with", where=shown(text.path))
    text.state = state


def _write(text: PairedText, content: Content, *, overwrite: bool) -> Sequence[str]:
    from tuinb.files import atomic

    try:
        made = pairs.render(content, text.member, text.known)
        if made == text.known and text.path.exists() and not overwrite:
            os.utime(text.path)  # jupytext takes a text that is older than its notebook for outdated
            text.follow(made, disk.state(text.path))
            return ()
        state, notices = atomic.replace(text.path, made, check=None if overwrite else partial(_check, text))
    except (NotebookFileError, OSError) as error:
        return (f"{shown(text.path.name)}, which is paired with the notebook, was not saved: {error}",)
    text.follow(made, state)
    return notices
