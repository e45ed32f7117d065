"""A table of kernels that behave differently from their kernel.json.

A row is found by words in argv, and the first row that fits is used. Only the file name of the program counts, because the path
of a home folder may contain any word.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.kernel.protocol.lifecycle import InterruptMeans
from tuinb.record import Record

if TYPE_CHECKING:
    from tuinb.kernel.launch.kernelspecs import KernelSpec

_MESSAGE, _SIGNAL = (InterruptMeans.MESSAGE,), (InterruptMeans.SIGNAL,)

KEEP_OUTPUT = (
    "(lambda t: t.schedule(lambda: t.socket.set(__import__('zmq').SNDHWM, 0)) if hasattr(t, 'schedule') else None)"
    "(getattr(get_ipython().kernel, 'iopub_thread', None))"
)
"""Code that removes the limit of 1,000 messages from ipykernel's iopub socket. Kernels with `drops_output` run it first."""

START_NOTES = (
    r"NOTE: When using the `ipython kernel` entry point, Ctrl-C will not work\.(?s:.*?)issues/2049\s*"
    r"|To connect another client to this kernel, use:\s*--existing .*\s*"
)
"""Pattern of what each ipykernel writes to its stdout at the start. It says nothing about how the kernel ended."""


class Quirks(Record):
    """One row of the table."""

    name: str
    words: tuple[str, ...]
    """The row fits if argv in lower case contains one of them."""
    ipc: bool = False
    """Whether the kernel writes the address of an ipc socket as IPython does, `<ip>-<port>`.

    Most kernels write `<ip>:<port>` for every transport, and never answer over ipc. xeus-python and Deno crash.
    """
    interrupts: tuple[InterruptMeans, ...] = _SIGNAL
    """The ways to interrupt the kernel, the gentlest first."""
    drops_output: bool = False
    """Whether the kernel drops output once 1,000 messages are queued, unless KEEP_OUTPUT was run."""
    control_while_busy: bool = False
    """Whether the kernel answers on control while a cell runs."""


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
"""The row of any other `python -m …`."""
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
    """Returns the ways to interrupt the kernel, the gentlest first. Empty if only a restart helps."""
    means = quirks(spec).interrupts
    return _MESSAGE if means and spec.interrupt_mode == "message" else means


def interrupt_means_of_foreign(spec: KernelSpec, *, signals: bool) -> tuple[InterruptMeans, ...]:
    """Returns the same for a kernel that tuinb did not start. `signals`: whether its process is known.

    A `spec` without argv is of an unknown kernel. It is tried to interrupt such a one by message first.
    """
    means = interrupt_means(spec) if spec.argv else _MESSAGE + _SIGNAL
    return tuple(each for each in means if signals or each is not InterruptMeans.SIGNAL)


def speaks_ipc(spec: KernelSpec) -> bool:
    """Returns whether the kernel can be reached over ipc sockets.

    A kernelspec may choose the transport: `"metadata": {"tuinb": {"transport": "tcp"}}`.
    """
    own = spec.metadata.get("tuinb")
    if isinstance(own, Mapping) and own.get("transport") in {"ipc", "tcp"}:
        return bool(own["transport"] == "ipc")
    row = quirks(spec)
    # If another program starts a Python kernel, the kernel may be on another machine.
    return row.ipc and (_is_python_module(spec) or row.name == "IRkernel")


def _is_python_module(spec: KernelSpec) -> bool:
    return bool(spec.argv) and Path(spec.argv[0]).name.startswith("python") and "-m" in spec.argv
