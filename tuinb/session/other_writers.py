"""Follows the file of a session while other programs write it: git, JupyterLab, a synchronising tool.

A thread looks at the file's state (times, size, inode) once a second, on a server less often. Unlike inotify, this works on
network file systems, for changes by other machines. A new state is looked at again after PAUSE. It is read only if it stays the
same, as a program may still be writing. What can be merged is applied as one step of undo. Conflicts are reported once, and
wait for the user.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

from tuinb.errors import ChangedOnDiskError, ChangeError, NotebookFileError, shown
from tuinb.files import disk
from tuinb.jobs import shared
from tuinb.notebook.changes import ClientId, Step, Transaction
from tuinb.session.events import UNDOES, CellsChanged, Message
from tuinb.session.incoming import Incoming, Known, Taken, content_of, incoming
from tuinb.session.paired_texts import PairedTexts

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.files.notebook_file import NotebookFile
    from tuinb.files.pairs import PairedText
    from tuinb.files.storage import FileState
    from tuinb.notebook.changes import Applied, CellId
    from tuinb.notebook.difference import Content
    from tuinb.notebook.document import Notebook
    from tuinb.session.events import SessionEvent

EVERY: Final = 1.0
"""Least seconds between two looks at the file."""
PAUSE: Final = 0.25
"""Seconds that a new state of the file must stay the same."""
UNREADABLE: Final = 3
"""Looks at the same state that can't be read until the user is told so."""
DISK: Final = ClientId("disk")
LABEL: Final = "changes on disk"
"""What undo calls the step."""
_TRIES: Final = 5
"""How often changes are merged again because the notebook has changed meanwhile."""


class Host(Protocol):
    """The session, as far as it is needed here."""

    @property
    def notebook(self) -> Notebook: ...

    @property
    def modified(self) -> bool: ...

    @property
    def read_only(self) -> str: ...

    def queue(self) -> tuple[CellId, ...]: ...

    def apply_file(self, transaction: Transaction) -> Applied: ...


class OtherWriters:
    """Serves one session. `followed` is called when the known file is another one, with whether the notebook equals it."""

    def __init__(
        self,
        session: Host,
        store: NotebookFile,
        followed: Callable[[bool], None],
        notify: Callable[[Applied | SessionEvent], None],
    ) -> None:
        self._session = session
        self._store = store
        self._followed = followed
        self._notify = notify
        self._task: asyncio.Task[None] | None = None
        self._seen: FileState | None = store.state
        """The state of the file that was looked at last, and is no news any more."""
        self._unreadable: list[FileState] = []
        """The same state for each time that it could not be read."""
        self._gone = False
        """Whether the file is gone, and the user knows it."""
        self.paired = PairedTexts(store, self._say)
        """The text files that the notebook is paired with."""

    # ---- watching

    def start(self) -> None:
        """Begins to watch the file. Does nothing if it is watched already."""
        if self._task is None:
            self._task = asyncio.create_task(self._watch())

    def stop(self) -> None:
        """Ends watching."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _watch(self) -> None:
        with suppress(NotebookFileError):  # what the file has can't be read any more: there is nothing to compare with
            await self.begin()
        while True:
            with suppress(NotebookFileError):  # a folder that can't be searched now: the next look may succeed
                await self.look()
            await asyncio.sleep(max(EVERY, self._store.storage.pause))

    async def begin(self) -> None:
        """Reads the texts that the notebook is paired with."""
        await self.paired.begin(self._session.notebook.metadata, partial(content_of, self._taken(), self._known()))

    async def look(self) -> None:
        """Looks at the files once, and follows what another program wrote. Raises NotebookFileError."""
        await self._look_at_file()
        for text in self.paired:
            await self._look_at_text(text)

    async def _look_at_file(self) -> None:
        state = await self._new_state()
        if state is None:
            return
        try:
            if self._session.read_only:  # another process writes the notebook
                await self.show()
                return
            found = await self.incoming()
        except NotebookFileError as error:
            self._unreadable = [*(old for old in self._unreadable if old == state), state]
            if len(self._unreadable) == UNREADABLE:
                self._seen = state
                self._say(f"{self._name} changed on disk, and can't be read: {error.what}. Nothing changes here.")
            return
        if found is None or found.is_pair:
            return
        if found.merge.conflicts:
            self._seen = found.loaded.file.state
            self._say(f"{self._name} changed on disk. {self._conflicts(found)}")
        else:
            await self._follow(found)

    async def _look_at_text(self, text: PairedText) -> None:
        """Looks at a text that the notebook is paired with."""
        if self._session.read_only or self._store.lock.locked():
            return
        state = await shared().run(disk.state, text.path)
        if state in (None, text.state, text.seen):
            return
        await asyncio.sleep(PAUSE)
        if await shared().run(disk.state, text.path) != state:
            return
        try:
            found = await self._incoming_text(text)
        except NotebookFileError as error:
            text.failures += 1
            if text.failures == UNREADABLE:
                text.seen, text.failures = state, 0
                self._say(f"{shown(text.path.name)} changed on disk, and can't be read: {error.what}. Nothing changes here.")
            return
        if found is not None and found.merge.conflicts:
            text.seen = state
            self._say(f"{found.name} changed on disk. {self._conflicts(found)}")
        elif found is not None:
            await self._follow(found)

    async def _new_state(self) -> FileState | None:
        """Returns the state of the file if it is new and does not change any more."""
        if self._store.lock.locked():
            return None
        state = await self._state()
        if state in (self._store.state, self._seen) and not (state is None and self._store.exists):
            self._gone = False
            return None
        await asyncio.sleep(PAUSE)
        if await self._state() != state or self._store.lock.locked():
            return None
        if state is None and not self._gone and self._store.exists:
            self._gone, self._seen = True, None
            said = f"{self._name} is gone from the disk: another program removed or renamed it. Nothing is lost here"
            self._say(f"{said}; saving makes it anew, after asking.")
        elif state is not None:
            self._gone = False
        return state

    async def _state(self) -> FileState | None:
        return await shared().run(self._store.storage.state, self._store.path)

    async def is_gone(self) -> bool:
        """Whether there was a file that does not exist any more."""
        return self._store.exists and await self._state() is None

    # ---- what is new

    async def incoming(self, *, anew: bool = False) -> Incoming | None:
        """Returns what another program wrote, merged with the notebook. None if it wrote nothing, unless `anew`.

        What it wrote to the notebook's file comes first, then a text that it is paired with. Raises NotebookFileError if a
        file can't be read now.
        """
        found = await self._incoming_file(anew=anew)
        for text in self.paired:
            found = found or await self._incoming_text(text)
        return found

    async def _incoming_file(self, *, anew: bool) -> Incoming | None:
        async with self._store.lock:
            path = self._store.path
            try:
                data, state = await shared().run(self._store.storage.read, path)
            except FileNotFoundError as error:
                hint = "save it to make it anew"
                raise ChangedOnDiskError("it is gone from the disk", where=shown(path), hint=hint) from error
            if await self._state() != state:
                raise NotebookFileError("another program is writing it", where=shown(path), hint="try again")
            if data == self._store.data and not anew:
                self._store.touched(state)
                return None
            known = self._known()
        found = await shared().run(incoming, self._taken(), known, data, state)
        return await shared().run(self.paired.with_newer, found) if anew else found

    async def _incoming_text(self, text: PairedText) -> Incoming | None:
        async with self._store.lock:
            try:
                data, state = await shared().run(disk.read, text.path)
            except FileNotFoundError:
                return None  # saving makes it anew
            if data == text.known:
                text.follow(data, state)
                return None
            known = Known(text.path, text.known, b"", (), is_pair=True)
        return await shared().run(incoming, self._taken(), known, data, state)

    def _known(self) -> Known:
        return Known(self._store.path, self._store.data, self._store.ipynb, self._store.order)

    def _taken(self) -> Taken:
        session = self._session
        return Taken.of(session.notebook, session.queue(), is_modified=session.modified)

    async def show(self) -> None:
        """Changes the notebook to what the file has now. Raises NotebookFileError."""
        for _ in range(_TRIES):
            found = await self.incoming(anew=True)
            if found is None or await self.take(found, found.on_disk, DISK):
                return

    async def _follow(self, found: Incoming) -> None:
        """Applies changes without conflicts, also if the notebook has changed while they were merged."""
        for _ in range(_TRIES):
            was_modified = found.taken.is_modified
            if await self.take(found, found.merge.content, DISK):
                self.report(found, "Merged" if was_modified else "Reloaded")
                return
            again = await self.incoming()
            if again is None or again.merge.conflicts:
                return
            found = again

    async def take(self, found: Incoming, content: Content, origin: ClientId) -> bool:
        """Changes the notebook into a content that was made of `found`, as one step, and follows that file from now on.

        Returns False, and does nothing, if the notebook or what is known of the file has changed since.
        """
        notebook, store = self._session.notebook, self._store
        plan = await shared().run(found.plan, content)
        async with store.lock:
            if self._known_to(found) != found.known or not found.fits(plan.changes, notebook):
                return False
            equal, outputs = (found.unchanged(cells, notebook) for cells in (plan.equal, plan.same_outputs))
            is_whole = plan.is_whole and found.taken.revision == notebook.revision
            try:
                if plan.changes:
                    self._session.apply_file(Transaction(plan.changes, origin, Step.EDIT, LABEL))
            except ChangeError:
                if found.taken.revision == notebook.revision:
                    raise  # nothing has happened that could be the reason
                return False
            if found.is_pair:
                self._follow_text(found)
            else:
                self._follow_file(found, equal, outputs, is_whole=is_whole)
                self.paired.taken(found)
            return True

    def _text(self, found: Incoming) -> PairedText | None:
        return next((text for text in self.paired if text.path == found.loaded.file.path), None)

    def _known_to(self, found: Incoming) -> bytes | None:
        """Returns the bytes that are known of the file that another program wrote."""
        text = self._text(found) if found.is_pair else None
        return text.known if text is not None else self._store.data

    def _follow_text(self, found: Incoming) -> None:
        text, data = self._text(found), found.loaded.file.data
        if text is not None and data is not None:
            text.follow(data, found.loaded.file.state)

    def _follow_file(self, found: Incoming, equal: set[CellId], outputs: set[CellId], *, is_whole: bool) -> None:
        from tuinb.files.ipynb.follow import following

        notebook, file = self._session.notebook, found.loaded.file
        notebook.follow_format(found.loaded.notebook)
        source_map = following(file.source_map, notebook, found.order, equal=equal, same_outputs=outputs, is_whole=is_whole)
        self._store.follow(file, source_map, is_whole=is_whole)
        self._seen, self._gone = file.state, False
        self._followed(is_whole)
        self._notify(CellsChanged(()))  # the status line shows whether the notebook is modified

    # ---- what is said

    @property
    def _name(self) -> str:
        return shown(self._store.path.name)

    def _say(self, text: str) -> None:
        self._notify(Message(text, "warning"))

    def _conflicts(self, found: Incoming) -> str:
        count = len(found.merge.conflicts)
        conflicts = f"{count} conflict{'s' * (count > 1)} with unsaved changes"
        return f"{conflicts}: :resolve shows them. Until then nothing changes here."

    def report(self, found: Incoming, how: str) -> None:
        """Tells listeners what was taken over. Says nothing if there was nothing."""
        if found.merge.difference.changes:
            what = found.merge.difference.extent
            where = f"in {found.name}" if found.is_pair else "on disk"
            self._notify(Message(f"{how}: {what} changed {where} by another program.", hint=UNDOES))
