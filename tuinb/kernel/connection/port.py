"""What every way of reaching a kernel serves: a local process, a scripted one, later a server or another process.

A transport owns the process (where there is one) and the sockets. It hands events over in batches, on the event loop, in
the order of each socket; it never calls back from inside `send`. Requests are sent in order; one that is sent before the
kernel listens is kept and sent when it does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from tuinb.kernel.protocol.events import Event

if TYPE_CHECKING:
    from tuinb.kernel.protocol.lifecycle import InterruptMeans
    from tuinb.kernel.protocol.requests import Request

Sink: TypeAlias = Callable[[Sequence[Event]], None]


class Transport(Protocol):
    @property
    def name(self) -> str:
        """The kernelspec's name."""
        ...

    @property
    def display_name(self) -> str:
        """What to show for it: the kernelspec's display name."""
        ...

    @property
    def interpreter(self) -> str:
        """The program that runs it, as a path, or an empty string."""
        ...

    @property
    def log_path(self) -> str:
        """Where the process's own stdout and stderr go, or an empty string."""
        ...

    async def start(self, sink: Sink) -> None:
        """Spawn (unless that has happened) and connect. Raises KernelError; emits KernelStarting, then KernelConnected."""
        ...

    def send(self, request: Request) -> None: ...

    def interrupt_means(self) -> tuple[InterruptMeans, ...]:
        """What this kernel understands, the gentlest first; empty where only a restart is left."""
        ...

    def interrupt(self, means: InterruptMeans) -> None: ...

    async def restart(self) -> None:
        """End the process, gently first, and start it again. Raises KernelError."""
        ...

    async def close(self) -> None:
        """End the process and close the sockets. Never raises; safe to call twice."""
        ...
