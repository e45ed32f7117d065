"""The Jupyter messaging protocol as frozen data (jupyter-client.readthedocs.io, "Messaging", protocol 5.x).

Events are what a kernel said or what happened to it; requests are what is to be said to it. `parse` never raises: a message
that it does not know is `Unknown`, one that it can't read is `Garbage`, and both are events like the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NewType, TypeAlias

MessageId = NewType("MessageId", str)
Channel: TypeAlias = Literal["shell", "iopub", "stdin", "control"]
Bundle: TypeAlias = Mapping[str, Any]
"""A MIME bundle: type → data."""

NOBODY = MessageId("")
"""The parent of a message that answers no request."""


# ---- iopub


@dataclass(frozen=True, slots=True)
class Status:
    parent: MessageId
    state: str
    """`busy`, `idle` or `starting`."""


@dataclass(frozen=True, slots=True)
class Stream:
    parent: MessageId
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class DisplayData:
    parent: MessageId
    data: Bundle
    metadata: Bundle
    display_id: str | None


@dataclass(frozen=True, slots=True)
class UpdateDisplayData:
    parent: MessageId
    data: Bundle
    metadata: Bundle
    display_id: str | None


@dataclass(frozen=True, slots=True)
class ExecuteResult:
    parent: MessageId
    count: int | None
    data: Bundle
    metadata: Bundle
    display_id: str | None


@dataclass(frozen=True, slots=True)
class ErrorOutput:
    parent: MessageId
    name: str
    value: str
    traceback: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClearOutput:
    parent: MessageId
    wait: bool


@dataclass(frozen=True, slots=True)
class ExecuteInput:
    parent: MessageId
    code: str
    count: int | None


@dataclass(frozen=True, slots=True)
class CommOpen:
    parent: MessageId
    comm_id: str
    target: str
    data: Bundle
    metadata: Bundle
    buffers: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class CommMessage:
    parent: MessageId
    comm_id: str
    data: Bundle
    metadata: Bundle
    buffers: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class CommClosed:
    parent: MessageId
    comm_id: str


# ---- replies on shell and control


@dataclass(frozen=True, slots=True)
class ExecuteReply:
    parent: MessageId
    status: str
    """`ok`, `error` or `aborted` (`abort`, as some kernels say, is read as `aborted`)."""
    count: int | None
    name: str = ""
    """The error's name, where status is `error`."""
    value: str = ""
    payload: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class CompleteReply:
    parent: MessageId
    matches: tuple[str, ...]
    start: int
    """First code point of the source that a match replaces."""
    end: int
    metadata: Bundle


@dataclass(frozen=True, slots=True)
class InspectReply:
    parent: MessageId
    found: bool
    data: Bundle


@dataclass(frozen=True, slots=True)
class KernelInfoReply:
    parent: MessageId
    channel: Channel
    protocol: str
    implementation: str
    banner: str
    language_info: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class InterruptReply:
    parent: MessageId
    status: str


@dataclass(frozen=True, slots=True)
class ShutdownReply:
    parent: MessageId
    restart: bool


# ---- stdin


@dataclass(frozen=True, slots=True)
class InputRequest:
    parent: MessageId
    prompt: str
    password: bool


# ---- unknown and unreadable


@dataclass(frozen=True, slots=True)
class Unknown:
    channel: Channel
    parent: MessageId
    type: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Garbage:
    channel: Channel
    reason: str


# ---- what happened to the process and the connection (from a transport, not from the wire)


@dataclass(frozen=True, slots=True)
class KernelStarting:
    """A process was or is being spawned; what an earlier one had in flight is gone."""

    restart: bool = False


@dataclass(frozen=True, slots=True)
class KernelConnected:
    """Shell, iopub, stdin and control are live: what is sent from now on is heard, and answers are received."""


@dataclass(frozen=True, slots=True)
class KernelDied:
    reason: str
    """One line: `killed by SIGKILL (out of memory?)`, `exited with code 3`."""
    stderr: str = ""
    """The last lines that it wrote to its standard error."""
    at_start: bool = False
    """Whether it ended before it ever answered."""


@dataclass(frozen=True, slots=True)
class HeartbeatLost:
    """The heartbeat is late while the process lives: busy in foreign code, or out of reach."""


@dataclass(frozen=True, slots=True)
class HeartbeatBack:
    """It beats again."""


Event: TypeAlias = (
    Status
    | Stream
    | DisplayData
    | UpdateDisplayData
    | ExecuteResult
    | ErrorOutput
    | ClearOutput
    | ExecuteInput
    | CommOpen
    | CommMessage
    | CommClosed
    | ExecuteReply
    | CompleteReply
    | InspectReply
    | KernelInfoReply
    | InterruptReply
    | ShutdownReply
    | InputRequest
    | Unknown
    | Garbage
    | KernelStarting
    | KernelConnected
    | KernelDied
    | HeartbeatLost
    | HeartbeatBack
)


# ---- requests


@dataclass(frozen=True, slots=True)
class Execute:
    id: MessageId
    code: str
    silent: bool = False
    store_history: bool = True
    allow_stdin: bool = True
    stop_on_error: bool = True


@dataclass(frozen=True, slots=True)
class Complete:
    id: MessageId
    code: str
    cursor: int
    """In code points."""


@dataclass(frozen=True, slots=True)
class Inspect:
    id: MessageId
    code: str
    cursor: int
    detail: int = 0


@dataclass(frozen=True, slots=True)
class KernelInfo:
    id: MessageId
    channel: Channel = "shell"


@dataclass(frozen=True, slots=True)
class InputReply:
    id: MessageId
    parent: MessageId
    text: str


@dataclass(frozen=True, slots=True)
class InterruptRequest:
    id: MessageId


@dataclass(frozen=True, slots=True)
class ShutdownRequest:
    id: MessageId
    restart: bool = False


@dataclass(frozen=True, slots=True)
class CommClose:
    id: MessageId
    comm_id: str
    data: Mapping[str, Any] = field(default_factory=dict)


Request: TypeAlias = Execute | Complete | Inspect | KernelInfo | InputReply | InterruptRequest | ShutdownRequest | CommClose
