"""The phases of a kernel, the events of its process, which arrive in no message, and the ways to interrupt it."""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from tuinb.record import Record


class Phase(Enum):
    """Whether requests can be sent. The connection sets it. The executor derives its own from the connection's events."""

    ABSENT = "no kernel, or a dead one"
    STARTING = "not yet connected"
    LIVE = "connected"


class InterruptMeans(Enum):
    """Ways to interrupt a kernel, from the gentlest to the strongest. If the last one fails, only a restart helps."""

    MESSAGE = "interrupt_request on the control channel"
    SIGNAL = "SIGINT to the process"


class KernelStarting(Record):
    """The kernel's process starts, or has been spawned already. Requests to an earlier process get no reply any more."""

    restart: bool = False
    by_others: bool = False
    """Whether another program restarted a kernel that tuinb did not start."""


class KernelConnected(Record):
    """All channels are connected: the kernel receives requests, and its messages arrive on iopub."""

    shared: bool = False
    """Whether tuinb did not start the kernel, so that it may be busy with code of another client."""


class KernelSilent(Record):
    """Something listens at the addresses of a kernel that tuinb did not start, and has answered nothing for a while."""


class KernelDied(Record):
    """The process ended unasked, or did not start."""

    reason: str
    """One line: `killed by SIGKILL (out of memory?)`, `exited with code 3`."""
    stderr: str = ""
    """The last lines that the process wrote to its stdout and stderr."""
    at_start: bool = False
    """Whether the process ended before it answered."""


class HeartbeatLost(Record):
    """The heartbeat got no answer while the process lives. The kernel is busy in native code, or the network is down."""

    reason: str = ""
    """What is known of it, for the user."""


class HeartbeatBack(Record):
    """The heartbeat is answered again."""


class Reconnected(Record):
    """The connection to the kernel's server was lost, and is back. What was sent just before may not have arrived."""

    lost: bool
    """Whether messages of the kernel may be missing. Otherwise the server kept them, and sends them now."""


class OutputDropped(Record):
    """The server dropped messages of the kernel."""

    parent: str
    """The id of the request that they answer."""
    reason: str
    """Why, for the user."""


Lifecycle: TypeAlias = (
    KernelStarting | KernelConnected | KernelSilent | KernelDied | HeartbeatLost | HeartbeatBack | Reconnected | OutputDropped
)
