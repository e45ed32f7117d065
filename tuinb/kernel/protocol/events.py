"""What a kernel says: one frozen record for each message type, plus Unknown and Malformed.

`codec.parse` makes them from messages, and never raises: a message of an unknown type is `Unknown`, an unreadable one is
`Malformed`, and both are events like the others. Events that no message carries are in lifecycle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NewType, TypeAlias, assert_never

from tuinb.kernel.protocol.lifecycle import Lifecycle

MessageId = NewType("MessageId", str)
Channel: TypeAlias = Literal["shell", "iopub", "stdin", "control"]
Bundle: TypeAlias = Mapping[str, Any]
"""A MIME bundle: type → data."""

NO_PARENT = MessageId("")
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
    """Of the message, not of its content: widgets have the version of their protocol there."""
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


# ---- stdin


@dataclass(frozen=True, slots=True)
class InputRequest:
    parent: MessageId
    prompt: str
    password: bool
    id: MessageId = NO_PARENT
    """Its own id, which an `InputReply` names as its parent."""


# ---- unknown and unreadable


@dataclass(frozen=True, slots=True)
class Unknown:
    channel: Channel
    parent: MessageId
    type: str
    content: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Malformed:
    channel: Channel
    reason: str


# ---- any event

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
    | InputRequest
    | Unknown
    | Malformed
    | Lifecycle
)


CellOutput: TypeAlias = DisplayData | ExecuteResult | ErrorOutput


def output_of(event: CellOutput) -> dict[str, Any]:
    """The nbformat 4 output that an event stands for."""
    match event:
        case DisplayData():
            return {"data": event.data, "metadata": event.metadata, "output_type": "display_data"}
        case ExecuteResult():
            return {
                "data": event.data,
                "execution_count": event.count,
                "metadata": event.metadata,
                "output_type": "execute_result",
            }
        case ErrorOutput():
            traceback = list(event.traceback)
            return {"ename": event.name, "evalue": event.value, "output_type": "error", "traceback": traceback}
        case _:
            assert_never(event)
