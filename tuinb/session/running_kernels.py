"""The kernels that run already, for the list of a screen and for `tuinb kernels --running`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from tuinb.kernel.connection import survey as connection_survey
from tuinb.kernel.launch import connection_files, kernelspecs
from tuinb.session.state import RunningKernel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tuinb.kernel.launch.kernelspecs import KernelSpec


def survey() -> tuple[RunningKernel, ...]:
    """Returns the kernels of this user that run, the latest first. Takes at most half a second: call it in a thread."""
    found = connection_survey.ask(connection_files.running(os.environ))
    specs = kernelspecs.find_all() if any(not seen.language for seen in found) else {}
    return tuple(_described(seen, specs) for seen in found)


def _described(seen: connection_survey.Seen, specs: Mapping[str, KernelSpec]) -> RunningKernel:
    """Describes a kernel. The language of one that does not answer is that of the kernelspec of its name, if there is one."""
    file = seen.kernel.file
    spec = specs.get(file.kernel_name.lower())
    return RunningKernel(
        str(file.path),
        file.name,
        file.kernel_name,
        seen.language or (spec.language if spec is not None else ""),
        seen.activity.value,
        file.notebook,
        seen.kernel.pid,
        file.address,
        file.question,
        file.warnings,
    )
