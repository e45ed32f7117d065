"""Converts messages to events and requests to messages. A table has one reader for each message type.

`parse` never raises. A message with a field of the wrong type becomes `Malformed`. An execute_reply never does, because a cell
that waits for it would hang: wrong fields get default values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias, assert_never

from tuinb.kernel.protocol.events import (
    NO_PARENT,
    Bundle,
    Channel,
    ClearOutput,
    CommClosed,
    CommMessage,
    CommOpen,
    CompleteReply,
    DebugEvent,
    DebugReply,
    DisplayData,
    ErrorOutput,
    Event,
    ExecuteInput,
    ExecuteReply,
    ExecuteResult,
    HistoryReply,
    InputRequest,
    InspectReply,
    KernelInfoReply,
    Malformed,
    MessageId,
    Status,
    Stream,
    SubshellReply,
    Unknown,
    UpdateDisplayData,
)
from tuinb.kernel.protocol.requests import (
    CommClose,
    CommSend,
    Complete,
    CreateSubshell,
    Debug,
    DeleteSubshell,
    Evaluate,
    Execute,
    History,
    InputReply,
    Inspect,
    KernelInfo,
    Request,
)
from tuinb.record import Record


class _FieldError(Exception):
    """A field has another type than the protocol gives it. The text names the field."""


Fields: TypeAlias = Mapping[str, Any]


def _text(content: Fields, key: str) -> str:
    value = content.get(key)
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return "".join(value)
    raise _FieldError(f"{key} is {type(value).__name__}, not text")


def _texts(content: Fields, key: str) -> tuple[str, ...]:
    value = content.get(key)
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    raise _FieldError(f"{key} is {type(value).__name__}, not a list of texts")


def _bundle(content: Fields, key: str) -> Bundle:
    value = content.get(key)
    if isinstance(value, dict):
        return value
    if value is None:
        return {}
    raise _FieldError(f"{key} is {type(value).__name__}, not an object")


def _integer(content: Fields, key: str) -> int | None:
    """Returns an integer, or None for any other value: an output must not be lost because of its count."""
    value = content.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _display_id(content: Fields) -> str | None:
    value = _bundle(content, "transient").get("display_id")
    return value if isinstance(value, str) else None


class _Wire(Record):
    """The parts of a message other than its content."""

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
    """Reads a reply. Never raises, because a cell waits for it. An unknown status counts as `error`."""
    raw = content.get("status")
    status = {"ok": "ok", "abort": "aborted", "aborted": "aborted"}.get(raw if isinstance(raw, str) else "", "error")
    name, value, payload = content.get("ename"), content.get("evalue"), content.get("payload")
    expressions = content.get("user_expressions")
    return ExecuteReply(
        wire.parent,
        status,
        _integer(content, "execution_count"),
        name if isinstance(name, str) else "",
        value if isinstance(value, str) else "",
        tuple(item for item in payload if isinstance(item, dict)) if isinstance(payload, list) else (),
        expressions if isinstance(expressions, dict) else {},
    )


def _complete_reply(wire: _Wire, content: Fields) -> Event:
    start, end = _integer(content, "cursor_start"), _integer(content, "cursor_end")
    matches = _texts(content, "matches")
    if matches and (start is None or end is None or not 0 <= start <= end):
        raise _FieldError("cursor_start and cursor_end are not a range")
    return CompleteReply(wire.parent, matches, start or 0, end or 0, _bundle(content, "metadata"))


def _inspect_reply(wire: _Wire, content: Fields) -> Event:
    return InspectReply(wire.parent, content.get("found") is True, _bundle(content, "data"))


def _kernel_info_reply(wire: _Wire, content: Fields) -> Event:
    protocol, implementation = _text(content, "protocol_version"), _text(content, "implementation")
    language_info = _bundle(content, "language_info")
    banner, features = _text(content, "banner"), _texts(content, "supported_features")
    return KernelInfoReply(wire.parent, wire.channel, protocol, implementation, banner, language_info, features)


def _history_reply(wire: _Wire, content: Fields) -> Event:
    """Reads `(session, line, input)`. Without output, an input is a text."""
    items = content.get("history")
    entries = items if isinstance(items, list) else ()
    inputs = (entry[2] for entry in entries if isinstance(entry, list) and len(entry) > 2)
    return HistoryReply(wire.parent, tuple(text for text in inputs if isinstance(text, str)))


def _subshell_reply(wire: _Wire, content: Fields) -> Event:
    return SubshellReply(wire.parent, _text(content, "subshell_id"))


def _input_request(wire: _Wire, content: Fields) -> Event:
    return InputRequest(wire.parent, _text(content, "prompt"), bool(content.get("password")), wire.id)


def _debug_reply(wire: _Wire, content: Fields) -> Event:
    return DebugReply(wire.parent, content.get("success") is True, _text(content, "message"), _bundle(content, "body"))


def _debug_event(wire: _Wire, content: Fields) -> Event:
    return DebugEvent(wire.parent, _text(content, "event"), _bundle(content, "body"))


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
    "history_reply": _history_reply,
    "create_subshell_reply": _subshell_reply,
    "delete_subshell_reply": _subshell_reply,
    "input_request": _input_request,
    "debug_reply": _debug_reply,
    "debug_event": _debug_event,
}


def _id(header: object) -> MessageId:
    """Returns the message id in a header. Returns NO_PARENT if there is none, or if the header is no object."""
    value = header.get("msg_id") if isinstance(header, dict) else None
    return MessageId(value) if isinstance(value, str) else NO_PARENT


def parse(
    channel: Channel,
    header: object,
    parent_header: object,
    metadata: object,
    content: object,
    buffers: Sequence[bytes | bytearray | memoryview] = (),
) -> Event:
    """Returns the event for a message, whose parts are decoded JSON. Never raises.

    Returns Unknown for an unknown message type, and Malformed for a message that can't be read.
    """
    kind = header.get("msg_type") if isinstance(header, dict) else None
    if not isinstance(kind, str):
        return Malformed(channel, "a header without msg_type")
    if not isinstance(content, dict):
        return Malformed(channel, f"{kind}: content is {type(content).__name__}, not an object")
    parent = _id(parent_header)
    reader = _READERS.get(kind)
    if reader is None:
        return Unknown(channel, parent, kind, content)
    try:
        fields = metadata if isinstance(metadata, dict) else {}
        wire = _Wire(channel, _id(header), parent, fields, tuple(bytes(buffer) for buffer in buffers) if buffers else ())
        return reader(wire, content)
    except _FieldError as error:
        return Malformed(channel, f"{kind}: {error}")


def _on_control(request: CreateSubshell | DeleteSubshell | Debug) -> tuple[str, dict[str, Any]]:
    """Returns the message type and the content of a request that is sent on control."""
    match request:
        case CreateSubshell():
            return "create_subshell_request", {}
        case DeleteSubshell():
            return "delete_subshell_request", {"subshell_id": request.subshell}
        case Debug():
            content = {"type": "request", "seq": 1, "command": request.command, "arguments": dict(request.arguments)}
            return "debug_request", content


def to_wire(request: Request) -> tuple[Channel, str, dict[str, Any]]:
    """Returns the channel, the message type and the content of a request.

    The caller makes the header, with `request.id` as its msg_id and the subshell of `request.route`, if it has one. For an
    InputReply it also sets the parent header.
    """
    match request:
        case Execute() | Evaluate():
            return "shell", "execute_request", _execution(request)
        case Complete():
            return request.route.channel, "complete_request", {"code": request.code, "cursor_pos": request.cursor}
        case Inspect():
            content = {"code": request.code, "cursor_pos": request.cursor, "detail_level": request.detail}
            return request.route.channel, "inspect_request", content
        case History():
            content = {"hist_access_type": "tail", "n": request.count, "output": False, "raw": True}
            return "shell", "history_request", content
        case KernelInfo():
            return request.channel, "kernel_info_request", {}
        case InputReply():
            return "stdin", "input_reply", {"value": request.text}
        case CreateSubshell() | DeleteSubshell() | Debug():
            return ("control", *_on_control(request))
        case CommClose() | CommSend():
            kind = "comm_close" if isinstance(request, CommClose) else "comm_msg"
            return "shell", kind, {"comm_id": request.comm_id, "data": dict(request.data)}
        case _:
            assert_never(request)


def _execution(request: Execute | Evaluate) -> dict[str, Any]:
    if isinstance(request, Evaluate):
        # ipykernel keeps allow_stdin for the whole kernel: without it, a cell that runs meanwhile could not ask for input.
        silent, store_history, allow_stdin, stop_on_error = True, False, True, False
        expressions = {request.name: request.expression}
    else:
        silent, store_history = request.silent, request.store_history
        allow_stdin, stop_on_error, expressions = request.allow_stdin, request.stop_on_error, {}
    return {
        "code": request.code,
        "silent": silent,
        "store_history": store_history,
        "user_expressions": expressions,
        "allow_stdin": allow_stdin,
        "stop_on_error": stop_on_error,
    }
