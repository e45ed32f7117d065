"""The state of a session as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class KernelState(StrEnum):
    NONE = "no kernel"
    STARTING = "starting"
    IDLE = "idle"
    BUSY = "busy"
    RESTARTING = "restarting"
    DEAD = "dead"
    UNREACHABLE = "not answering"


@dataclass(frozen=True, slots=True)
class KernelStatus:
    state: KernelState
    name: str = ""
    """The kernelspec's name."""
    display_name: str = ""
    interpreter: str = ""
    language: str = ""
    detail: str = ""
    """Why it died or did not start, for people; with the last lines of its stderr."""
    strays: int = 0
    """Messages that belonged to no cell."""


NO_KERNEL = KernelStatus(KernelState.NONE)


@dataclass(frozen=True, slots=True)
class KernelChoice:
    """One kernel that the notebook could run on."""

    name: str
    display_name: str
    language: str
    interpreter: str = ""
