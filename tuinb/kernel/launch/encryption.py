"""Makes the keys of an encrypted TCP connection (CURVE), where the kernel, pyzmq and jupyter_client know such keys.

The file of an ipc socket is private, but every user of the machine can connect to a port. Other programs of the user connect
by jupyter_client. One that does not know such keys would wait for ever, so its version counts, too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuinb.kernel.launch.kernelspecs import KernelSpec

_FIRST = (8, 9)
"""The first version of jupyter_client that reads the keys of a connection file."""


def curve_keys(spec: KernelSpec) -> dict[str, str]:
    """Returns a new key pair, as a connection file has it. Empty if the connection can't be encrypted."""
    if not _declares_curve(spec) or not _clients_know_curve():
        return {}
    import zmq  # late: few kernels use TCP, and the others start without it

    if not zmq.has("curve"):
        return {}
    public, secret = zmq.curve_keypair()
    return {"curve_publickey": public.decode(), "curve_secretkey": secret.decode()}


def _declares_curve(spec: KernelSpec) -> bool:
    """Returns whether the kernel says so in `metadata.supported_encryption`, a word or a list, as jupyter_client reads it.

    A kernel that is run by another interpreter may be older than its kernelspec. It would listen without encryption.
    """
    declared = spec.metadata.get("supported_encryption")
    words = [declared] if isinstance(declared, str) else declared if isinstance(declared, list) else []
    return not spec.other_interpreter and any(str(word).strip().lower() == "curve" for word in words)


def _clients_know_curve() -> bool:
    from importlib.metadata import PackageNotFoundError, version  # late: it takes 1 MB

    try:
        found = version("jupyter_client").split(".")[:2]
        return tuple(map(int, found)) >= _FIRST
    except (PackageNotFoundError, ValueError):
        return False
