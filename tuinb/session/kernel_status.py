"""The kernel's state as a table: which state follows from which event.

`step` folds one event after the other into a KernelStatus. Whether a cell runs is asserted after each batch of events
(`Working`), so that a state is right again after it was hidden by another one, as by a lost heartbeat.
"""

from __future__ import annotations

from dataclasses import replace
from enum import Enum, auto
from typing import TYPE_CHECKING, TypeAlias, assert_never

from tuinb.errors import KernelSpecError, UntrustedEnvironmentError
from tuinb.kernel.execution.effects import KernelStopped, StartFailed
from tuinb.kernel.protocol.events import KernelInfoReply
from tuinb.kernel.protocol.lifecycle import (
    HeartbeatBack,
    HeartbeatLost,
    KernelConnected,
    KernelDied,
    KernelSilent,
    KernelStarting,
    OutputDropped,
    Reconnected,
)
from tuinb.record import Record
from tuinb.session.state import KernelState, KernelStatus

if TYPE_CHECKING:
    from collections.abc import Mapping


class Working(Record):
    """Whether a cell is in flight, or another client's code runs."""

    busy: bool


TableEvent: TypeAlias = (
    KernelStarting
    | KernelConnected
    | KernelDied
    | KernelStopped
    | StartFailed
    | HeartbeatLost
    | HeartbeatBack
    | Reconnected
    | Working
)
StatusEvent: TypeAlias = TableEvent | KernelInfoReply | KernelSilent | OutputDropped

_SILENT = "The kernel has not answered yet. It is busy, or the key in its connection file is not its own."


class Kind(Enum):
    """The events that the table tells apart."""

    START = auto()
    RESTART = auto()
    CONNECT = auto()
    DIE = auto()
    """The process ended unasked, or did not start."""
    STOP = auto()
    """It was ended on request."""
    NO_SPEC = auto()
    """There was no kernelspec to start."""
    HEART_LOST = auto()
    HEART_BACK = auto()
    BUSY = auto()
    IDLE = auto()


_N, _S, _I, _B = KernelState.NONE, KernelState.STARTING, KernelState.IDLE, KernelState.BUSY
_R, _D, _U = KernelState.RESTARTING, KernelState.DEAD, KernelState.UNREACHABLE

COLUMNS = (_N, _S, _I, _B, _R, _D, _U)
TABLE: Mapping[Kind, tuple[KernelState, ...]] = {
    # in the state:  _N  _S  _I  _B  _R  _D  _U
    Kind.START:      (_S, _S, _S, _S, _S, _S, _S),
    Kind.RESTART:    (_R, _R, _R, _R, _R, _R, _R),
    Kind.CONNECT:    (_I, _I, _I, _I, _I, _I, _I),
    Kind.DIE:        (_D, _D, _D, _D, _D, _D, _D),
    Kind.STOP:       (_N, _N, _N, _N, _N, _N, _N),
    Kind.NO_SPEC:    (_N, _N, _N, _N, _N, _N, _N),
    Kind.HEART_LOST: (_N, _S, _U, _U, _R, _D, _U),
    Kind.HEART_BACK: (_N, _S, _I, _B, _R, _D, _I),
    Kind.BUSY:       (_N, _S, _B, _B, _R, _D, _U),
    Kind.IDLE:       (_N, _S, _I, _I, _R, _D, _U),
}  # fmt: skip
"""The state that follows from a kind of event, for each state in the order of COLUMNS."""


def step(status: KernelStatus, event: StatusEvent) -> KernelStatus:
    """Returns the status after the event."""
    if isinstance(event, KernelInfoReply):
        return replace(status, language=str(event.language_info.get("name", "")))
    if isinstance(event, KernelSilent):
        return replace(status, detail=_SILENT)
    if isinstance(event, OutputDropped):
        return status
    kind = kind_of(event)
    status = replace(status, state=TABLE[kind][COLUMNS.index(status.state)])
    match event:
        case KernelStarting(restart):
            language = status.language if restart else ""
            return replace(status, detail="", explanation="", untrusted="", language=language)
        case KernelStopped():
            return replace(status, detail="", explanation="", untrusted="", foreign=False)
        case KernelConnected() | HeartbeatBack() | Reconnected():
            return replace(status, detail="")
        case HeartbeatLost(reason):
            return replace(status, detail=reason)
        case KernelDied(reason, stderr):
            return replace(status, detail=f"{reason}\n{stderr}".strip())
        case StartFailed(error):
            untrusted = error.description if isinstance(error, UntrustedEnvironmentError) else ""
            return replace(status, detail=f"{error}\n{error.stderr}".strip(), explanation="", untrusted=untrusted)
        case _:
            return status


def kind_of(event: TableEvent) -> Kind:
    """Returns the row of the table for an event."""
    match event:
        case KernelStarting(restart):
            return Kind.RESTART if restart else Kind.START
        case KernelConnected():
            return Kind.CONNECT
        case KernelDied():
            return Kind.DIE
        case KernelStopped():
            return Kind.STOP
        case StartFailed(error):
            return Kind.NO_SPEC if isinstance(error, KernelSpecError) else Kind.DIE
        case HeartbeatLost():
            return Kind.HEART_LOST
        case HeartbeatBack() | Reconnected():
            return Kind.HEART_BACK
        case Working(busy):
            return Kind.BUSY if busy else Kind.IDLE
        case _:
            assert_never(event)
