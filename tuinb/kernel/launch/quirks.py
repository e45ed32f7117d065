"""What particular kernels do differently from what their kernel.json says: a table with one row for each.

A row is found by words in argv; the first row that fits holds. Of the program only its file name is looked at, because a home
folder may be called anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.kernel.protocol.lifecycle import InterruptMeans

if TYPE_CHECKING:
    from tuinb.kernel.launch.kernelspecs import KernelSpec

_MESSAGE, _SIGNAL = (InterruptMeans.MESSAGE,), (InterruptMeans.SIGNAL,)

KEEP_OUTPUT = (
    "(lambda t: t.schedule(lambda: t.socket.set(__import__('zmq').SNDHWM, 0)) if hasattr(t, 'schedule') else None)"
    "(getattr(get_ipython().kernel, 'iopub_thread', None))"
)
"""Run silently before anything else in kernels with `drops_output`: lifts the limit of 1,000 messages on their iopub socket."""


@dataclass(frozen=True, slots=True)
class Quirks:
    """One kernel's row."""

    name: str
    words: tuple[str, ...]
    """The row fits if one of them is in argv, in lower case."""
    ipc: bool = False
    """Whether it writes the address of an ipc socket the way that IPython does, as `<ip>-<port>`.

    Most kernels put a colon there whatever the transport, and never answer. xeus-python and Deno crash.
    """
    interrupts: tuple[InterruptMeans, ...] = _SIGNAL
    """What interrupts it, the gentlest first."""
    drops_output: bool = False
    """Whether it drops output that waits behind 1,000 messages, unless KEEP_OUTPUT was run."""
    control_while_busy: bool = False
    """Whether it answers on control while a cell runs."""


IPYKERNEL = Quirks(
    "ipykernel", (), ipc=True, interrupts=_MESSAGE + _SIGNAL, drops_output=True, control_while_busy=True
)  # It answers interrupt_request though its kernelspec asks for the signal.
_ROWS = (
    # xeus-python answers interrupt_request and does nothing; the signal kills it.
    Quirks("xeus-python", ("xeus-python", "xpython"), interrupts=()),
    # The signal kills Deno.
    Quirks("Deno", ("deno",), interrupts=_MESSAGE),
    # Programs that forward TCP ports to any kernel elsewhere, and the other kernels of the xeus family.
    Quirks("forwarders", ("remote", "ssh", "xeus")),
    Quirks("bash_kernel", ("bash_kernel",), ipc=True, interrupts=_MESSAGE + _SIGNAL),
    Quirks("IRkernel", ("irkernel",), ipc=True),
)
_PYTHON_MODULE = Quirks("built on ipykernel", (), ipc=True)
"""Any other `python -m …`."""
_OTHER = Quirks("unknown", ())


def quirks(spec: KernelSpec) -> Quirks:
    """Returns the row of the kernel that `spec` runs."""
    if spec.is_ipykernel:
        return IPYKERNEL
    words = " ".join((Path(spec.argv[0]).name, *spec.argv[1:])).lower() if spec.argv else ""
    for row in _ROWS:
        if any(word in words for word in row.words):
            return row
    return _PYTHON_MODULE if _is_python_module(spec) else _OTHER


def interrupt_means(spec: KernelSpec) -> tuple[InterruptMeans, ...]:
    """Returns what interrupts the kernel, the gentlest first. Empty if only a restart helps."""
    means = quirks(spec).interrupts
    return _MESSAGE if means and spec.interrupt_mode == "message" else means


def speaks_ipc(spec: KernelSpec) -> bool:
    """Returns whether the kernel can be reached over ipc sockets.

    A kernelspec may say so itself: `"metadata": {"tuinb": {"transport": "tcp"}}`.
    """
    own = spec.metadata.get("tuinb")
    if isinstance(own, Mapping) and own.get("transport") in {"ipc", "tcp"}:
        return bool(own["transport"] == "ipc")
    row = quirks(spec)
    # A Python kernel that is run by another program may run anywhere.
    return row.ipc and (_is_python_module(spec) or row.name == "IRkernel")


def _is_python_module(spec: KernelSpec) -> bool:
    return bool(spec.argv) and Path(spec.argv[0]).name.startswith("python") and "-m" in spec.argv
