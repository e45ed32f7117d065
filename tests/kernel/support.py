"""What the tests against real kernels share: a client that keeps every event."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from tests.support import wait_for
from tuinb.kernel.protocol.events import Event, ExecuteReply, MessageId, Status, Stream
from tuinb.kernel.protocol.requests import Execute

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tuinb.kernel.connection.port import KernelConnection

E = TypeVar("E")


class Client:
    """A connection and all events that it emitted."""

    def __init__(self, kernel: KernelConnection) -> None:
        self.kernel = kernel
        self.events: list[Event] = []
        self.last = MessageId("")
        self._ids = 0

    def hear(self, events: Sequence[Event]) -> None:
        self.events.extend(events)

    def send(self, code: str) -> MessageId:
        self._ids += 1
        self.last = MessageId(f"request-{self._ids}")
        self.kernel.send(Execute(self.last, code))
        return self.last

    async def run(self, code: str) -> ExecuteReply:
        return await self.done(self.send(code))

    async def done(self, request: MessageId) -> ExecuteReply:
        """The reply, once the idle is there, too."""
        await self.wait(Status, lambda event: event.parent == request and event.state == "idle")
        return await self.wait(ExecuteReply, lambda event: event.parent == request)

    async def wait(self, kind: type[E], that: Callable[[E], bool] = lambda _: True) -> E:
        def found() -> bool:
            return any(isinstance(event, kind) and that(event) for event in self.events)

        await wait_for(found, what=kind.__name__)
        return next(event for event in self.events if isinstance(event, kind) and that(event))

    def text(self, name: str = "stdout") -> str:
        return "".join(event.text for event in self.events if isinstance(event, Stream) and event.name == name)
