"""Messages that a kernel sends: one frozen record for each message type, plus Unknown and Malformed.

`codec.parse` makes them. A message of an unknown type becomes `Unknown`, and one that can't be read becomes `Malformed`. Both
are events like the others. Events without a message are in lifecycle.py. The field `parent` is the id of the request that a
message answers.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Literal, NewType, TypeAlias, assert_never

from tuinb.kernel.protocol.lifecycle import Lifecycle
from tuinb.record import Record

MessageId = NewType("MessageId", str)
Channel: TypeAlias = Literal["shell", "iopub", "stdin", "control"]
Bundle: TypeAlias = Mapping[str, Any]
"""A MIME bundle: MIME type → data."""

NO_VALUES: Mapping[str, Any] = MappingProxyType({})

NO_PARENT = MessageId("")
"""Parent of a message that answers no request."""


# ---- iopub


class Status(Record):
    parent: MessageId
    state: str
    """`busy`, `idle` or `starting`."""


class Stream(Record):
    parent: MessageId
    name: str
    text: str


class DisplayData(Record):
    parent: MessageId
    data: Bundle
    metadata: Bundle
    display_id: str | None


class UpdateDisplayData(Record):
    parent: MessageId
    data: Bundle
    metadata: Bundle
    display_id: str | None


class ExecuteResult(Record):
    parent: MessageId
    count: int | None
    data: Bundle
    metadata: Bundle
    display_id: str | None


class ErrorOutput(Record):
    parent: MessageId
    name: str
    value: str
    traceback: tuple[str, ...]


class ClearOutput(Record):
    parent: MessageId
    wait: bool
    """Whether the outputs stay until the next output arrives."""


class ExecuteInput(Record):
    """The code that the kernel is about to run, sent to all clients."""

    parent: MessageId
    code: str
    count: int | None


class CommOpen(Record):
    parent: MessageId
    comm_id: str
    target: str
    data: Bundle
    metadata: Bundle
    """The message's metadata. Widgets put the version of their protocol there."""
    buffers: tuple[bytes, ...] = ()


class CommMessage(Record):
    parent: MessageId
    comm_id: str
    data: Bundle
    metadata: Bundle
    buffers: tuple[bytes, ...] = ()


class CommClosed(Record):
    parent: MessageId
    comm_id: str


class DebugEvent(Record):
    """An event of the Debug Adapter Protocol. The parent is the latest debug_request, not the cell."""

    parent: MessageId
    event: str
    body: Mapping[str, Any]


# ---- replies on shell and control


class ExecuteReply(Record):
    parent: MessageId
    status: str
    """`ok`, `error` or `aborted`. Some kernels send `abort`, which is read as `aborted`."""
    count: int | None
    name: str = ""
    """The name of the error if `status` is `error`."""
    value: str = ""
    """The message of the error."""
    payload: tuple[Mapping[str, Any], ...] = ()
    expressions: Mapping[str, Any] = NO_VALUES
    """The values of `user_expressions`, by name."""


class CompleteReply(Record):
    parent: MessageId
    matches: tuple[str, ...]
    start: int
    """Offset of the first code point that a match replaces."""
    end: int
    """Offset behind the last code point that a match replaces."""
    metadata: Bundle


class InspectReply(Record):
    parent: MessageId
    found: bool
    data: Bundle


class KernelInfoReply(Record):
    parent: MessageId
    channel: Channel
    protocol: str
    implementation: str
    banner: str
    language_info: Mapping[str, Any]
    features: tuple[str, ...] = ()
    """Optional parts of the protocol that the kernel has, such as `kernel subshells`."""


class HistoryReply(Record):
    parent: MessageId
    inputs: tuple[str, ...]
    """The latest inputs, the oldest first."""


class SubshellReply(Record):
    """A subshell was created or deleted."""

    parent: MessageId
    subshell: str
    """Id of the subshell that was created. Empty after a deletion, or if none could be created."""


class DebugReply(Record):
    """The answer to a request of the Debug Adapter Protocol."""

    parent: MessageId
    success: bool
    message: str
    """Why it failed."""
    body: Mapping[str, Any]


# ---- stdin


class InputRequest(Record):
    parent: MessageId
    prompt: str
    password: bool
    id: MessageId = NO_PARENT
    """The message's own id, which an `InputReply` has as its parent."""


# ---- of other clients


class FromOther(Record):
    """A message on iopub that answers a request of another client of the kernel."""

    session: str
    """The session id of that client."""
    request: str
    """The message type of the request. Empty if it is unknown."""
    parent: MessageId
    """The id of the request."""
    event: Event
    """The message, as if it were our own."""


# ---- unknown and unreadable


class Unknown(Record):
    """A message of a type that is not in this module."""

    channel: Channel
    parent: MessageId
    type: str
    content: Mapping[str, Any]


class Malformed(Record):
    """A message that can't be read: its frames, its signature or a field is wrong."""

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
    | HistoryReply
    | SubshellReply
    | DebugReply
    | DebugEvent
    | InputRequest
    | FromOther
    | Unknown
    | Malformed
    | Lifecycle
)


CellOutput: TypeAlias = DisplayData | ExecuteResult | ErrorOutput


def output_of(event: CellOutput) -> dict[str, Any]:
    """Returns an event as an output of nbformat 4."""
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
