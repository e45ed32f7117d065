"""A kernel's phases, the lifecycle events that no message carries, and the means to interrupt it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Phase(Enum):
    """Whether requests can be sent. The connection changes it, and the executor follows the connection's events."""

    ABSENT = "no kernel, or a dead one"
    STARTING = "not yet connected"
    LIVE = "connected"


class InterruptMeans(Enum):
    """How to interrupt, from the gentlest to the strongest; a restart comes after the last."""

    MESSAGE = "interrupt_request on the control channel"
    SIGNAL = "SIGINT to the process"


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


Lifecycle: TypeAlias = KernelStarting | KernelConnected | KernelDied | HeartbeatLost | HeartbeatBack
