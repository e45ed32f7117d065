"""The text files of a session's notebook, if it is one of jupytext's pairs: what is known of them, and how they are saved.

`known` of a text is what another version of it is compared with: the base of a merge. At the beginning that is the text as the
notebook's file would give it. So a text that is newer changes only what differs there.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tuinb.errors import ChangedOnDiskError, NotebookFileError, shown
from tuinb.files import disk, pairs, text_notebook
from tuinb.files.pairs import PairedText
from tuinb.jobs import shared
from tuinb.notebook.conflicts import Side, settled
from tuinb.notebook.difference import Content, difference
from tuinb.record import Record
from tuinb.session.incoming import Known, Taken, incoming

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from tuinb.files.disk import DiskState
    from tuinb.files.load import Loaded
    from tuinb.files.notebook_file import NotebookFile
    from tuinb.files.pairs import Member
    from tuinb.notebook.changes import Change
    from tuinb.notebook.difference import Metadata
    from tuinb.notebook.document import Notebook
    from tuinb.session.incoming import Incoming


class NewerInputs(Record):
    """What the newer texts of a pair change in a notebook."""

    changes: tuple[Change, ...] = ()
    texts: Sequence[PairedText] = ()
    """The texts of the pair. None has other inputs than the notebook then, but for older ones."""
    notices: tuple[str, ...] = ()


class PairedTexts:
    """Serves one session. `say` shows a warning."""

    def __init__(self, store: NotebookFile, say: Callable[[str], None]) -> None:
        self._store = store
        self._say = say
        self._path = store.path
        self._texts: Sequence[PairedText] = []
        self._begun = False
        self._beginning = asyncio.Lock()
        self._leaves_changed = False

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
                self._texts, warnings = await shared().run(partial(_read, found, content, self._store.disk_state))
                for warning in warnings:
                    self._say(warning)

    def follow(self, texts: Sequence[PairedText]) -> None:
        """Takes texts whose inputs the notebook has. Saving writes them, but for one that another program changes later."""
        self._texts, self._begun, self._leaves_changed = texts, True, True

    def _members(self, path: Path, metadata: Metadata) -> Sequence[Member]:
        found, notices = _members(path, metadata)
        for notice in notices:
            self._say(notice)
        return found

    # ---- reading all of it again

    def with_newer(self, found: Incoming) -> Incoming:
        """Returns a version of the notebook's file with the inputs of texts that are newer. For a thread."""
        members, content = [text.member for text in self._texts], found.merge.theirs
        content, texts, notices = _with_newer(members, content, found.loaded.file.disk_state)
        return replace(found, with_texts=content, texts=texts, notices=notices)

    def taken(self, found: Incoming) -> None:
        """Notes that the notebook is as the files of the pair."""
        if found.texts:
            self._texts = found.texts
            for notice in found.notices:
                self._say(notice)

    # ---- saving

    async def prepare(self, path: Path, metadata: Metadata, *, overwrite: bool) -> None:
        """Prepares for saving the notebook at `path`.

        Raises ChangedOnDiskError if that would overwrite what another program wrote to a text, unless `overwrite`.
        """
        async with self._beginning:
            if self._texts and path != self._path:
                self._path = path
                self._texts = [PairedText(member) for member in self._members(path, metadata)]
            for text in self._texts if not overwrite and not self._leaves_changed else ():
                await shared().run(_check, text)

    async def write(self, content: Content, *, overwrite: bool) -> tuple[str, ...]:
        """Writes the texts after the notebook was saved with this content. Returns notices, also on what was not written."""
        notices: list[str] = []
        async with self._store.lock:
            for text in self._texts:
                notices += await shared().run(partial(_write, text, content, overwrite=overwrite))
        return tuple(notices)


def newer_inputs(loaded: Loaded) -> NewerInputs:
    """Returns what newer texts of its pair change in a notebook. For commands without a screen.

    Without jupytext, a notice says so if there is such a text.
    """
    file, metadata = loaded.file, loaded.notebook.metadata
    if loaded.read_only or text_notebook.is_text(file.path):
        return NewerInputs()
    found, notices = _members(file.path, metadata)
    if not found:
        there = any(member.path.exists() for member in pairs.members(file.path, metadata)[0])
        return NewerInputs(notices=tuple(notices) if there else ())
    before = Content.of(loaded.notebook)
    content, texts, warnings = _with_newer(found, before, file.disk_state)
    changes = difference(before, content).changes
    return NewerInputs(changes, texts, warnings)


def _members(path: Path, metadata: Metadata) -> tuple[Sequence[Member], list[str]]:
    """Returns the text files of a pair, and why others are not followed."""
    found, others = pairs.members(path, metadata)
    notices: list[str] = []
    if text_notebook.is_text(path):
        notebook = path.with_suffix(f".{pairs.NOTEBOOK}")
        if pairs.NOTEBOOK in pairs.formats(metadata) and notebook.exists():
            name = shown(notebook.name)
            notices.append(f"{shown(path.name)} is paired with {name}. Open {name}: it keeps outputs, and saves both.")
        return (), notices
    if others:
        names = ", ".join(map(shown, others))
        notices.append(f"jupytext's {names} is not kept in step: only text files beside the notebook, with its name, are.")
    if found and not pairs.is_available():
        name = shown(found[0].path.name)
        notices.append(f"{name} is paired with this notebook, and is not kept in step: pip install 'tuinb[text]'.")
        return (), notices
    return found, notices


def _with_newer(
    members: Sequence[Member], content: Content, notebook: DiskState | None
) -> tuple[Content, Sequence[PairedText], tuple[str, ...]]:
    """Returns a content with the inputs of texts that are newer than the notebook's file, the texts, and notices."""
    texts, notices = _read(members, lambda: content, notebook)
    for text in texts:
        if text.known is None or text.state is not None:
            continue
        try:
            data, state = disk.read(text.path)
            content = _merged(content, text, data, state)
        except (NotebookFileError, FileNotFoundError) as error:
            notices.append(f"The notebook is paired with a text that can't be read: {error}")
        else:
            text.follow(data, state)
            notices.append(f"The inputs are those of {shown(text.path.name)}, which is newer.")
    return content, texts, tuple(notices)


def _merged(content: Content, text: PairedText, data: bytes, state: DiskState) -> Content:
    """Returns a content with what a text has that is not in `known`. Raises NotebookFileError."""
    taken = Taken(content, 0, {}, is_modified=False, running=frozenset())
    merge = incoming(taken, Known(text.path, text.known, b"", (), is_pair=True), data, state).merge
    # What jupytext reads is not always what it was made of: there may be conflicts although nobody changed the notebook.
    return settled(merge.content, merge.conflicts, Side.THEIRS)


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
        if not overwrite:
            _check(text)
        made = pairs.render(content, text.member, text.known)
        if made == text.known and text.path.exists() and not overwrite:
            os.utime(text.path)  # jupytext takes a text that is older than its notebook for outdated
            text.follow(made, disk.state(text.path))
            return ()
        state, notices = atomic.replace(text.path, made, check=None if overwrite else partial(_check, text))
    except ChangedOnDiskError:
        with suppress(OSError):
            os.utime(text.path)  # newer than the notebook, so that its inputs count on the next opening
        return (f"another program changed {shown(text.path.name)}, which is paired with the notebook: it stays as it is",)
    except (NotebookFileError, OSError) as error:
        return (f"{shown(text.path.name)}, which is paired with the notebook, was not saved: {error}",)
    text.follow(made, state)
    return notices
