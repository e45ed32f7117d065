"""The Protocols of this room: a connection to one kernel, and the channels that its messages pass through.

A connection owns the kernel's process (if it started one) and its channels. It passes events on in batches, on the event
loop, in the order of each channel. It never calls the sink from inside `send`. Requests are sent in order; a request made
before the kernel listens is kept and sent once it does.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from tuinb.kernel.protocol.events import Channel, Event

if TYPE_CHECKING:
    from tuinb.kernel.protocol.lifecycle import InterruptMeans
    from tuinb.kernel.protocol.requests import Request

Sink: TypeAlias = Callable[[Sequence[Event]], None]


@dataclass(frozen=True, slots=True)
class KernelDescription:
    """What is known of a kernel before it answers."""

    name: str
    """The kernelspec's name."""
    display_name: str
    """The kernelspec's display name."""
    language: str
    """The kernelspec's language, or an empty string."""
    interpreter: str
    """The path of the program that runs it, or an empty string."""


class KernelConnection(Protocol):
    """One kernel: starts it, connects to it, passes requests and events, interrupts, restarts and ends it."""

    def describe(self) -> KernelDescription: ...

    async def open(self, sink: Sink) -> None:
        """Starts the kernel (if it does not run yet) and connects to it.

        Emits KernelStarting, then KernelConnected. Raises KernelError; then KernelDied is emitted, too.
        """
        ...

    def send(self, request: Request) -> None: ...

    def interrupt_means(self) -> tuple[InterruptMeans, ...]:
        """Returns what this kernel understands, the gentlest first. Empty if only a restart helps."""
        ...

    def interrupt(self, means: InterruptMeans) -> None: ...

    async def restart(self) -> None:
        """Ends the kernel, gently first, and starts it again. Raises KernelError."""
        ...

    async def log(self) -> str:
        """Returns the end of what the kernel wrote to its own stdout and stderr. Raises KernelError if it can't be read."""
        ...

    async def shut_down(self) -> None:
        """Ends the kernel and closes the channels. Never raises. Safe to call twice."""
        ...


class Channels(Protocol):
    """The channels of one run of a kernel: shell, control, stdin, iopub and the heartbeat."""

    welcome_topic: str
    """The subscription whose iopub_welcome message proves that iopub reaches this client."""
    missed_beats: int
    """Pings since the last one that was answered."""

    def send(
        self,
        channel: Channel,
        message_id: str,
        message_type: str,
        content: Mapping[str, Any],
        parent_header: Mapping[str, Any] | None = None,
    ) -> None: ...

    def ping(self) -> None:
        """Sends a heartbeat."""
        ...

    @property
    def quiet(self) -> bool:
        """Whether nothing is left to read now."""
        ...

    def close(self) -> None:
        """Closes the channels and drops what was not sent yet. Safe to call twice."""
        ...
