"""Messages that a client sends to a kernel: one frozen record for each message type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from tuinb.record import Record

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.kernel.protocol.events import Channel, MessageId


class Execute(Record):
    id: MessageId
    code: str
    silent: bool = False
    store_history: bool = True
    allow_stdin: bool = True
    stop_on_error: bool = True


class Route(Record):
    """Where the kernel answers a request. By default on shell, after what runs there."""

    channel: Channel = "shell"
    subshell: str = ""
    """Id of a subshell (JEP 91), which answers on shell while a cell runs."""


SHELL = Route()


class Complete(Record):
    id: MessageId
    code: str
    cursor: int
    """Offset in code points."""
    route: Route = SHELL


class Inspect(Record):
    id: MessageId
    code: str
    cursor: int
    detail: int = 0
    route: Route = SHELL


class CreateSubshell(Record):
    id: MessageId


class DeleteSubshell(Record):
    id: MessageId
    subshell: str


class Evaluate(Record):
    """A silent execute_request that leaves no trace: no output, no history, no count. It asks for one expression."""

    id: MessageId
    name: str
    """The key of the expression in the reply."""
    expression: str
    code: str = ""
    """Code that runs first."""
    route: Route = SHELL


class History(Record):
    """Asks for the latest inputs of all sessions of the kernel's language."""

    id: MessageId
    count: int


class KernelInfo(Record):
    id: MessageId
    channel: Channel = "shell"


class InputReply(Record):
    id: MessageId
    parent: MessageId
    """Id of the `InputRequest` that this message answers, for the parent header."""
    text: str


@dataclass(frozen=True, slots=True)
class CommClose:
    id: MessageId
    comm_id: str
    data: Mapping[str, Any] = field(default_factory=dict)


class CommSend(Record):
    id: MessageId
    comm_id: str
    data: Mapping[str, Any]


class Debug(Record):
    """A request of the Debug Adapter Protocol, for the debugger in the kernel."""

    id: MessageId
    command: str
    arguments: Mapping[str, Any]


Request: TypeAlias = (
    Execute
    | Evaluate
    | Complete
    | Inspect
    | History
    | KernelInfo
    | InputReply
    | CommClose
    | CommSend
    | CreateSubshell
    | DeleteSubshell
    | Debug
)
"""Requests on behalf of a notebook. The connection itself sends shutdown_request and interrupt_request."""
