"""The Jupyter messaging protocol as frozen data (jupyter-client.readthedocs.io, "Messaging", protocol 5.x).

Events are what a kernel said or what happened to it; requests are what is to be said to it. `parse` never raises: a message
that it does not know is `Unknown`, one that it can't read is `Garbage`, and both are events like the others. What a cell
waits for (a reply's status, a count) is read generously, since a cell must not hang on a kernel's slip.

The module is long because it is one table: each type's record, its reader, its wire form.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, NewType, TypeAlias, assert_never

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
    id: MessageId = NOBODY
    """Its own id, which an `InputReply` names as its parent."""


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
    | InputRequest
    | Unknown
    | Garbage
    | KernelStarting
    | KernelConnected
    | KernelDied
    | HeartbeatLost
    | HeartbeatBack
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
    """The id of the `InputRequest` that it answers, for the parent header."""
    text: str


@dataclass(frozen=True, slots=True)
class CommClose:
    id: MessageId
    comm_id: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommSend:
    id: MessageId
    comm_id: str
    data: Mapping[str, Any]


Request: TypeAlias = Execute | Complete | Inspect | KernelInfo | InputReply | CommClose | CommSend
"""What is said for a notebook. To end and to interrupt its process is the transport's own business."""


# ---- from the wire


class _UnreadableError(Exception):
    """A field is not of the type that the protocol gives it; the text says which."""


Fields: TypeAlias = Mapping[str, Any]


def _text(content: Fields, key: str) -> str:
    value = content.get(key)
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "".join(value)
    raise _UnreadableError(f"{key} is {type(value).__name__}, not text")


def _texts(content: Fields, key: str) -> tuple[str, ...]:
    value = content.get(key)
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise _UnreadableError(f"{key} is {type(value).__name__}, not a list of texts")


def _bundle(content: Fields, key: str) -> Bundle:
    value = content.get(key)
    if isinstance(value, dict):
        return value
    if value is None:
        return {}
    raise _UnreadableError(f"{key} is {type(value).__name__}, not an object")


def _integer(content: Fields, key: str) -> int | None:
    """A number that an output should not be lost for: None where it is not one."""
    value = content.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _display_id(content: Fields) -> str | None:
    value = _bundle(content, "transient").get("display_id")
    return value if isinstance(value, str) else None


@dataclass(frozen=True, slots=True)
class _Wire:
    """What a message has beside its content."""

    channel: Channel
    id: MessageId
    parent: MessageId
    metadata: Bundle
    buffers: tuple[bytes, ...]


def _status(wire: _Wire, content: Fields) -> Event:
    return Status(wire.parent, _text(content, "execution_state"))


def _stream(wire: _Wire, content: Fields) -> Event:
    return Stream(wire.parent, _text(content, "name") or "stdout", _text(content, "text"))


def _display_data(wire: _Wire, content: Fields) -> Event:
    return DisplayData(wire.parent, _bundle(content, "data"), _bundle(content, "metadata"), _display_id(content))


def _update_display_data(wire: _Wire, content: Fields) -> Event:
    return UpdateDisplayData(wire.parent, _bundle(content, "data"), _bundle(content, "metadata"), _display_id(content))


def _execute_result(wire: _Wire, content: Fields) -> Event:
    count = _integer(content, "execution_count")
    return ExecuteResult(wire.parent, count, _bundle(content, "data"), _bundle(content, "metadata"), _display_id(content))


def _error(wire: _Wire, content: Fields) -> Event:
    return ErrorOutput(wire.parent, _text(content, "ename"), _text(content, "evalue"), _texts(content, "traceback"))


def _clear_output(wire: _Wire, content: Fields) -> Event:
    return ClearOutput(wire.parent, bool(content.get("wait")))


def _execute_input(wire: _Wire, content: Fields) -> Event:
    return ExecuteInput(wire.parent, _text(content, "code"), _integer(content, "execution_count"))


def _comm_open(wire: _Wire, content: Fields) -> Event:
    target, data = _text(content, "target_name"), _bundle(content, "data")
    return CommOpen(wire.parent, _text(content, "comm_id"), target, data, wire.metadata, wire.buffers)


def _comm_msg(wire: _Wire, content: Fields) -> Event:
    return CommMessage(wire.parent, _text(content, "comm_id"), _bundle(content, "data"), wire.metadata, wire.buffers)


def _comm_close(wire: _Wire, content: Fields) -> Event:
    return CommClosed(wire.parent, _text(content, "comm_id"))


def _execute_reply(wire: _Wire, content: Fields) -> Event:
    """Never unreadable: a cell waits for it."""
    said = content.get("status")
    status = {"ok": "ok", "abort": "aborted", "aborted": "aborted"}.get(said if isinstance(said, str) else "", "error")
    name, value, payload = content.get("ename"), content.get("evalue"), content.get("payload")
    return ExecuteReply(
        wire.parent,
        status,
        _integer(content, "execution_count"),
        name if isinstance(name, str) else "",
        value if isinstance(value, str) else "",
        tuple(item for item in payload if isinstance(item, dict)) if isinstance(payload, list) else (),
    )


def _complete_reply(wire: _Wire, content: Fields) -> Event:
    start, end = _integer(content, "cursor_start"), _integer(content, "cursor_end")
    matches = _texts(content, "matches")
    if matches and (start is None or end is None or not 0 <= start <= end):
        raise _UnreadableError("cursor_start and cursor_end are not a range")
    return CompleteReply(wire.parent, matches, start or 0, end or 0, _bundle(content, "metadata"))


def _inspect_reply(wire: _Wire, content: Fields) -> Event:
    return InspectReply(wire.parent, content.get("found") is True, _bundle(content, "data"))


def _kernel_info_reply(wire: _Wire, content: Fields) -> Event:
    protocol, implementation = _text(content, "protocol_version"), _text(content, "implementation")
    language_info = _bundle(content, "language_info")
    return KernelInfoReply(wire.parent, wire.channel, protocol, implementation, _text(content, "banner"), language_info)


def _input_request(wire: _Wire, content: Fields) -> Event:
    return InputRequest(wire.parent, _text(content, "prompt"), bool(content.get("password")), wire.id)


_READERS: Mapping[str, Callable[[_Wire, Fields], Event]] = {
    "status": _status,
    "stream": _stream,
    "display_data": _display_data,
    "update_display_data": _update_display_data,
    "execute_result": _execute_result,
    "error": _error,
    "clear_output": _clear_output,
    "execute_input": _execute_input,
    "comm_open": _comm_open,
    "comm_msg": _comm_msg,
    "comm_close": _comm_close,
    "execute_reply": _execute_reply,
    "complete_reply": _complete_reply,
    "inspect_reply": _inspect_reply,
    "kernel_info_reply": _kernel_info_reply,
    "input_request": _input_request,
}


def _id(header: object) -> MessageId:
    """The id in a header; NOBODY where the header is null, empty, or no header at all."""
    said = header.get("msg_id") if isinstance(header, dict) else None
    return MessageId(said) if isinstance(said, str) else NOBODY


def parse(
    channel: Channel,
    header: object,
    parent_header: object,
    metadata: object,
    content: object,
    buffers: Sequence[bytes | bytearray | memoryview] = (),
) -> Event:
    """The event that the parts of a message stand for, each as json read it. Never raises."""
    kind = header.get("msg_type") if isinstance(header, dict) else None
    if not isinstance(kind, str):
        return Garbage(channel, "a header without msg_type")
    if not isinstance(content, dict):
        return Garbage(channel, f"{kind}: content is {type(content).__name__}, not an object")
    parent = _id(parent_header)
    reader = _READERS.get(kind)
    if reader is None:
        return Unknown(channel, parent, kind, content)
    try:
        said = metadata if isinstance(metadata, dict) else {}
        wire = _Wire(channel, _id(header), parent, said, tuple(bytes(buffer) for buffer in buffers) if buffers else ())
        return reader(wire, content)
    except _UnreadableError as error:
        return Garbage(channel, f"{kind}: {error}")


# ---- to the wire


def to_wire(request: Request) -> tuple[Channel, str, dict[str, Any]]:
    """Channel, message type and content. The header's msg_id is to be `request.id`, an InputReply's parent `request.parent`."""
    match request:
        case Execute():
            content = {
                "code": request.code,
                "silent": request.silent,
                "store_history": request.store_history,
                "user_expressions": {},
                "allow_stdin": request.allow_stdin,
                "stop_on_error": request.stop_on_error,
            }
            return "shell", "execute_request", content
        case Complete():
            return "shell", "complete_request", {"code": request.code, "cursor_pos": request.cursor}
        case Inspect():
            content = {"code": request.code, "cursor_pos": request.cursor, "detail_level": request.detail}
            return "shell", "inspect_request", content
        case KernelInfo():
            return request.channel, "kernel_info_request", {}
        case InputReply():
            return "stdin", "input_reply", {"value": request.text}
        case CommClose():
            return "shell", "comm_close", {"comm_id": request.comm_id, "data": dict(request.data)}
        case CommSend():
            return "shell", "comm_msg", {"comm_id": request.comm_id, "data": dict(request.data)}
        case _:
            assert_never(request)
