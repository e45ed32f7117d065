"""Takes over the kernel of a session that was killed, for the next session of the same notebook."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from tuinb.daemon import registry
from tuinb.errors import KernelError
from tuinb.kernel.launch import spawn

if TYPE_CHECKING:
    from tuinb.daemon.registry import Entry
    from tuinb.kernel.launch.kernelspecs import KernelSpec
    from tuinb.session.opening import StartOptions
    from tuinb.session.target import Arguments


def adopt_kernel(options: StartOptions, arguments: Arguments) -> tuple[StartOptions, Entry | None]:
    """Makes the first kernel that of a killed session of the notebook, if there is one and the user asks for no other one.

    Returns the options with a notice that says so, or why not, and the entry whose kernel was adopted.
    """
    entry = registry.left_kernel_of(options.path)
    if entry is None:
        return options, None
    from tuinb.session.recovery import shown_time

    try:
        refused = _adopt(options, arguments, entry)
    except KernelError as error:
        refused = f"it can't be taken over: {error}"
    kernel = f"kernel (process {entry.kernel_pid}) of the session that began {shown_time(entry.since)} and was killed"
    if refused:
        notice = f"The {kernel} still runs ({refused}). `tuinb sessions end {entry.id}` ends it."
    else:
        notice = f"Reconnected to the {kernel}. What its cells printed since then is missing."
    notice = f"{options.kernel_notice} {notice}".strip()
    return replace(options, kernel_notice=notice), None if refused else entry


def _adopt(options: StartOptions, arguments: Arguments, entry: Entry) -> str:
    """Returns why the kernel is not adopted, or an empty string. Raises KernelError."""
    from tuinb.session.opening import LocalKernels

    kernels = options.kernels
    if not isinstance(kernels, LocalKernels):
        return "this session has no kernel of this machine"
    if kernels.existing is not None:
        return "another kernel was asked for"
    launched = spawn.adopt(Path(entry.kernel_folder), entry.kernel_pid, entry.kernel_started)
    if (arguments.kernel or arguments.python) and not _is_same(kernels.spec, launched.spec):
        os.close(launched.lock)
        return "another kernel was asked for"
    kernels.adopt(launched)
    return ""


def _is_same(wanted: KernelSpec | None, running: KernelSpec) -> bool:
    return wanted is not None and (wanted.name, wanted.interpreter) == (running.name, running.interpreter)
