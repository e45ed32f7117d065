"""The subshell of one kernel (JEP 91): a thread of the kernel that answers requests while a cell runs.

There is at most one for each process of the kernel, created at its first use. Requests get its id in their `Route`, which the
connection writes into the header. Only ipykernel's own announcement is believed: kernels that are derived from it inherit the
announcement, but not what it takes. Older ones of ipykernel answer on control.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tuinb.kernel.protocol.events import SubshellReply
from tuinb.kernel.protocol.requests import CreateSubshell, DeleteSubshell, Route

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from tuinb.kernel.protocol.events import Event, KernelInfoReply, MessageId
    from tuinb.kernel.protocol.requests import Request

_FEATURE = "kernel subshells"


class Subshell:
    """Creates the subshell of a kernel and deletes it. `request` sends a request and returns its reply, or None without one."""

    def __init__(self, request: Callable[[Callable[[MessageId], Request]], Awaitable[Event | None]]) -> None:
        self._request = request
        self._info: KernelInfoReply | None = None
        self._id = ""
        self._creating = asyncio.Lock()

    def follow(self, info: KernelInfoReply) -> None:
        """Notes what the kernel can do."""
        self._info = info

    def forget(self) -> None:
        """Forgets the subshell with its process."""
        self._info = None
        self._id = ""

    async def route(self) -> Route | None:
        """Returns the route by which the kernel answers while a cell runs. Returns None if it answers after the cell only."""
        info = self._info
        if info is None or info.implementation != "ipython":
            return None
        if _FEATURE not in info.features:
            return Route("control")
        async with self._creating:
            if not self._id:
                reply = await self._request(CreateSubshell)
                if info is self._info and isinstance(reply, SubshellReply):
                    self._id = reply.subshell
            return Route("shell", self._id) if self._id else None

    async def delete(self) -> None:
        """Deletes the subshell, if there is one, in a kernel that goes on."""
        subshell, self._id = self._id, ""
        if subshell:
            await self._request(lambda request: DeleteSubshell(request, subshell))
