"""The table of what particular kernels do differently."""

from __future__ import annotations

import pytest

from tuinb.kernel.launch.kernelspecs import KernelSpec
from tuinb.kernel.launch.quirks import interrupt_means, quirks, speaks_ipc
from tuinb.kernel.protocol.lifecycle import InterruptMeans


def test_means() -> None:
    message, both, signal_only = (InterruptMeans.MESSAGE,), tuple(InterruptMeans), (InterruptMeans.SIGNAL,)
    for argv, mode, means in (
        (("python", "-m", "ipykernel_launcher"), "signal", both),
        (("python", "-m", "bash_kernel"), "signal", both),
        (("R", "-e", "IRkernel::main()"), "signal", signal_only),
        (("tslab", "kernel"), "signal", signal_only),
        (("deno", "jupyter"), "signal", message),
        (("ark",), "message", message),
        (("xpython", "-f"), "signal", ()),
    ):
        assert interrupt_means(KernelSpec("k", "K", "x", argv, interrupt_mode=mode)) == means


@pytest.mark.parametrize(
    ("argv", "metadata", "ipc"),
    [
        (("/v/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"), {}, True),
        (("python3.12", "-m", "bash_kernel", "-f", "{connection_file}"), {}, True),
        (("R", "--slave", "-e", "IRkernel::main()", "--args", "{connection_file}"), {}, True),
        (("/c/bin/xpython", "-f", "{connection_file}"), {}, False),
        (("python", "-m", "xpython_launcher", "-f", "{connection_file}"), {}, False),
        (("python", "-m", "remote_ikernel", "--host", "far"), {}, False),
        (("python", "-m", "remote_ikernel", "--kernel_cmd", "R -e IRkernel::main()"), {}, False),
        (("ssh", "far", "ipykernel_launcher"), {}, False),
        (("deno", "jupyter", "--kernel", "--conn", "{connection_file}"), {}, False),
        (("julia", "kernel.jl", "{connection_file}"), {}, False),
        (("julia", "kernel.jl", "{connection_file}"), {"tuinb": {"transport": "ipc"}}, True),
        (("python", "-m", "ipykernel_launcher"), {"tuinb": {"transport": "tcp"}}, False),
    ],
)
def test_who_speaks_ipc(argv: tuple[str, ...], metadata: dict[str, object], *, ipc: bool) -> None:
    assert speaks_ipc(KernelSpec("k", "K", "x", argv, metadata=metadata)) is ipc


def test_only_ipykernel_drops_output_and_answers_on_control_while_busy() -> None:
    for argv, name in (
        (("python", "-m", "ipykernel_launcher"), "ipykernel"),
        (("python", "-m", "bash_kernel"), "bash_kernel"),
        (("python", "-m", "metakernel_of_mine"), "built on ipykernel"),
        (("julia", "kernel.jl"), "unknown"),
    ):
        row = quirks(KernelSpec("k", "K", "x", argv))
        assert (row.name, row.drops_output, row.control_while_busy) == (name, *(name == "ipykernel",) * 2)


def test_a_home_folder_called_like_a_kernel_is_no_kernel() -> None:
    spec = KernelSpec("k", "K", "x", ("/home/deno/xpython/bin/R", "--slave", "-e", "IRkernel::main()"))
    assert quirks(spec).name == "IRkernel"


def test_a_spec_without_a_program_has_no_quirks() -> None:
    spec = KernelSpec("k", "K", "x", ())
    assert (quirks(spec).name, speaks_ipc(spec)) == ("unknown", False)
