"""Messages that a client sends to a kernel: one frozen record for each message type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.kernel.protocol.events import Channel, MessageId


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
    """Offset in code points."""


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
    """Id of the `InputRequest` that this message answers, for the parent header."""
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
"""Requests on behalf of a notebook. The connection itself sends shutdown_request and interrupt_request."""
