"""The Protocols of this package: a connection to one kernel, and the channels of its messages.

A connection owns the kernel's process (if it started one) and its channels. It passes events to the sink in batches, on the
event loop. Within a channel their order is kept. It never calls the sink from inside `send`. It sends requests in order, and
keeps those that are made before the kernel is connected until then.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from tuinb.kernel.protocol.events import Channel, Event
from tuinb.record import Record

if TYPE_CHECKING:
    from tuinb.kernel.protocol.lifecycle import InterruptMeans
    from tuinb.kernel.protocol.requests import Request

Sink: TypeAlias = Callable[[Sequence[Event]], None]


class KernelDescription(Record):
    """The facts about a kernel that are known before it answers."""

    name: str
    """The kernelspec's name."""
    display_name: str
    """The kernelspec's display name."""
    language: str
    """The kernelspec's language, or an empty string."""
    interpreter: str
    """The path of the program that runs it, or an empty string."""
    adopted: bool = False
    """Whether an earlier tuinb started it. It may be busy with code of that one."""
    folder: str = ""
    """The private folder from which another tuinb can adopt it. Empty if it ends with this process."""
    connection_file: str = ""
    """The path of the file by which other clients connect. Empty if there is none yet."""
    foreign: bool = False
    """Whether tuinb did not start it. It goes on when the connection is closed, and can't be restarted here."""
    server: str = ""
    """The URL of the Jupyter server that runs it. Empty for other kernels."""

    @property
    def goes_on(self) -> bool:
        """Whether it goes on when the session ends, for others to use."""
        return self.foreign or bool(self.server)


class KernelConnection(Protocol):
    """One kernel: starts it, connects to it, passes requests and events, interrupts, restarts and ends it.

    One that tuinb did not start is never ended: `shut_down` only closes the channels.
    """

    def describe(self) -> KernelDescription:
        """Returns the description of the kernel."""
        ...

    @property
    def pid(self) -> int | None:
        """The number of its process. None if none runs on this machine."""
        ...

    async def open(self, sink: Sink) -> None:
        """Starts the kernel (if it does not run yet) and connects to it.

        Emits KernelStarting, then KernelConnected. If it fails, emits KernelDied and raises KernelError.
        """
        ...

    def send(self, request: Request) -> None:
        """Sends a request, or keeps it until the kernel is connected."""
        ...

    def interrupt_means(self) -> tuple[InterruptMeans, ...]:
        """Returns the ways to interrupt this kernel, the gentlest first. Empty if only a restart helps."""
        ...

    def interrupt(self, means: InterruptMeans) -> None:
        """Interrupts the kernel in one of its ways. Does nothing if it is not connected."""
        ...

    async def restart(self) -> None:
        """Ends the kernel, gently first, and starts it again. Emits events and raises errors as `open` does."""
        ...

    async def log(self) -> str:
        """Returns the last part of the kernel's own stdout and stderr. Raises KernelError if it can't be read."""
        ...

    async def shut_down(self) -> None:
        """Ends the kernel and closes the channels. Never raises. Safe to call twice."""
        ...

    async def leave(self) -> None:
        """Closes the channels, and ends a kernel that is of no use to anybody else. Never raises. Safe to call twice."""
        ...


class Channels(Protocol):
    """The channels of one run of a kernel: shell, control, stdin, iopub and the heartbeat."""

    welcome_topic: str
    """A topic that only this client subscribes to. Its iopub_welcome message shows that iopub is connected."""
    missed_beats: int
    """Number of pings since the last answer."""

    def send(
        self,
        channel: Channel,
        message_id: str,
        message_type: str,
        content: Mapping[str, Any],
        parent_header: Mapping[str, Any] | None = None,
        subshell: str = "",
    ) -> None:
        """Sends a message. `subshell` is the id of the subshell that answers, if any."""
        ...

    def ping(self) -> None:
        """Sends a ping to the heartbeat."""
        ...

    @property
    def quiet(self) -> bool:
        """Whether all messages that have arrived were read."""
        ...

    def close(self) -> None:
        """Closes the channels and drops messages that were not sent yet. Safe to call twice."""
        ...
