"""Whether a session may write its notebook, while other processes have the notebook open.

States: it writes (`owner` is None, and its claim is held), or it looks on (`owner` is the process that writes). A session that
looks on can't be edited or run, and follows what the owner saves (other_writers.py). `take_over` asks the owner,
which then looks on. Changes of the state happen on the event loop, without a wait in between. What is done at each beat waits
for disks in threads.
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from tuinb.errors import NotebookFileError, NotebookSaveError, shown
from tuinb.files.claim import Claim, Owner
from tuinb.jobs import shared
from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

_BEAT: Final = 2.0
"""Seconds between looks at the claim."""
_ANSWER: Final = 5.0
"""Seconds in which an owner gives the notebook up."""
_TRY: Final = 0.1


class Host(Record):
    """What the access of a session uses of it."""

    begin_writing: Callable[[], None]
    """Starts to keep changes. The notebook has the content of the file."""
    end_writing: Callable[[], Awaitable[None]]
    """Leaves unsaved changes in the journal, for the process that writes from now on."""
    show: Callable[[], Awaitable[None]]
    """Changes the notebook to what its file has now. Raises NotebookFileError."""
    tell: Callable[[str], None]
    """Shows a message to the user."""


class Access:
    """The access of one session. Make it before the session, and call `start` after."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._claim = Claim(path)
        self._host: Host | None = None
        self._watching: asyncio.Task[None] | None = None
        self._giving_up: asyncio.Task[None] | None = None
        self._was_taken = False
        self.problem = ""
        """Why other processes can't be told of this one. Empty if they can."""
        self.owner: Owner | None = None
        """The process that writes the notebook. None if this one does."""
        try:
            self.owner = self._claim.take()
        except OSError as error:
            self.problem = error.strerror or str(error)

    @property
    def reason(self) -> str:
        """Why the session can't write. Empty if it can."""
        if self.owner is None:
            return ""
        return f"{self.owner.name} {'took it over' if self._was_taken else 'has it open'}"

    @property
    def is_owner_silent(self) -> bool:
        """Whether the owner runs on another host and may have ended."""
        return self.owner is not None and not self.owner.is_here and self._claim.is_silent

    def start(self, host: Host) -> None:
        """Begins to look for requests of other processes."""
        self._host = host
        self._watching = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Gives the notebook up. Never raises."""
        if self._watching is not None:
            self._watching.cancel()
        await self._given_up()
        self._claim.release()

    # ---- saving

    def claim_for(self, path: Path) -> Claim | None:
        """Returns the claim on a file that the session is about to be saved to. None for its own.

        Raises NotebookSaveError if another process has the file.
        """
        if os.path.realpath(path) == os.path.realpath(self._path):
            if self._claim.is_lost:
                self._give_up(self._claim.owner or Owner.of_this_process())
            if self.owner is not None:
                hint = ":take-over asks for it, or save under another name"
                raise NotebookSaveError(f"it is read-only: {self.reason}", where=shown(path), hint=hint)
            return None
        claim = Claim(path)
        try:
            owner = claim.take()
        except OSError:
            return claim
        if owner is not None:
            raise NotebookSaveError(f"{owner.name} has it open", where=shown(path), hint="save under another name")
        return claim

    def moved(self, path: Path, claim: Claim) -> None:
        """Notes that the notebook was saved to another file, which the session writes from now on."""
        self._claim.release()
        self._path, self._claim = path, claim
        if self.owner is not None:
            self._write()

    # ---- changes of the state

    async def take_over(self, *, unanswered: bool = False) -> bool:
        """Asks the owner for the notebook. Returns whether the session writes it now. `unanswered`: takes it without an answer.

        Shows what the file has. Raises NotebookFileError if it can't be read.
        """
        assert self._host is not None
        if self.owner is None:
            return True
        await self._given_up()
        try:
            if not await self._taken(unanswered=unanswered):
                return False
            await self._host.show()
        except OSError as error:
            raise NotebookFileError(f"it can't be taken over: {error}", where=shown(self._path)) from error
        except NotebookFileError:
            self._claim.release()
            raise
        self._write()
        return True

    async def _taken(self, *, unanswered: bool) -> bool:
        claim, jobs = self._claim, shared()
        if unanswered:
            return await jobs.run(claim.seize) is None
        await jobs.run(claim.ask)
        try:
            deadline = time.monotonic() + _ANSWER
            while await jobs.run(claim.take) is not None:
                if time.monotonic() > deadline:
                    return False
                await asyncio.sleep(_TRY)
        finally:
            await jobs.run(claim.stop_asking)
        return True

    def _write(self) -> None:
        assert self._host is not None
        self.owner, self._was_taken = None, False
        self._host.begin_writing()

    def _give_up(self, owner: Owner) -> None:
        """Looks on from now on."""
        assert self._host is not None
        self.owner, self._was_taken = owner, True
        self._host.tell(f"Read-only: {self.reason}. Unsaved changes went there. :take-over takes it back.")
        self._giving_up = asyncio.create_task(self._hand_over(self._host, self._claim))

    async def _hand_over(self, host: Host, claim: Claim) -> None:
        await host.end_writing()
        claim.release()

    async def _given_up(self) -> None:
        if self._giving_up is not None:
            await asyncio.wait({self._giving_up})

    # ---- other processes

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_BEAT)
            if self.owner is None:
                await self._answer()

    async def _answer(self) -> None:
        claim = self._claim
        asks = await shared().run(_look, claim)
        if claim is self._claim and claim.is_held and asks is not None:
            self._give_up(asks)


def _look(claim: Claim) -> Owner | None:
    """Renews a claim. Returns the process that asks for the notebook, or has taken it."""
    if not claim.is_held:
        return None
    if claim.is_lost:
        return claim.owner
    with suppress(OSError):  # the folder can't be written now
        claim.renew()
    return claim.asked_by()
