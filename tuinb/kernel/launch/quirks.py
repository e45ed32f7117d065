"""What particular kernels do differently: one row for each."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.kernel.launch.kernelspecs import KernelSpec
from tuinb.kernel.protocol.lifecycle import (
    InterruptMeans,
)

if TYPE_CHECKING:
    from tuinb.kernel.launch.kernelspecs import KernelSpec


KEEP_OUTPUT = (
    "(lambda t: t.schedule(lambda: t.socket.set(__import__('zmq').SNDHWM, 0)) if hasattr(t, 'schedule') else None)"
    "(getattr(get_ipython().kernel, 'iopub_thread', None))"
)
"""Run silently in ipykernel, before anything else: its iopub socket would drop output that waits behind 1,000 messages."""


def interrupt_means(spec: KernelSpec) -> tuple[InterruptMeans, ...]:
    """What `spec`'s kernel is known to understand, which is not always what its kernel.json says.

    ipykernel and what is built upon it answer the message though they ask for the signal. xeus-python answers it and does
    nothing, and the signal kills it; Deno, too, is killed by the signal.
    """
    words = " ".join(spec.argv).lower()
    if "xeus-python" in words or "xpython" in words:
        return ()
    if "deno" in words or spec.interrupt_mode == "message":
        return (InterruptMeans.MESSAGE,)
    if spec.is_ipykernel or "bash_kernel" in words:
        return (InterruptMeans.MESSAGE, InterruptMeans.SIGNAL)
    return (InterruptMeans.SIGNAL,)


_TCP_ONLY = ("xeus", "xpython", "remote", "ssh")
"""Python modules that aren't kernels of ipykernel's kind: they crash on ipc, or forward TCP ports to elsewhere."""


def speaks_ipc(spec: KernelSpec) -> bool:
    """Whether it understands `transport: ipc` the way that IPython writes it, as `<ip>-<port>`.

    Most kernels put a colon there whatever the transport, and never answer. So only those known to do it right: what is
    built on ipykernel, and IRkernel. A kernelspec may say so itself: `"metadata": {"tuinb": {"transport": "tcp"}}`.
    """
    said = spec.metadata.get("tuinb")
    if isinstance(said, Mapping) and said.get("transport") in {"ipc", "tcp"}:
        return bool(said["transport"] == "ipc")
    words = " ".join(spec.argv[1:]).lower()
    if Path(spec.argv[0]).name.startswith("python") and "-m" in spec.argv:
        return not any(word in words for word in _TCP_ONLY)
    return "irkernel" in words
