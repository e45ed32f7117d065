"""The kernels that run already, for the list of a screen and for `tuinb kernels --running`."""

from __future__ import annotations

import os

from tuinb.kernel.connection import survey as connection_survey
from tuinb.kernel.launch import connection_files
from tuinb.session.state import RunningKernel


def survey() -> tuple[RunningKernel, ...]:
    """Returns the kernels of this user that run, the latest first. Takes at most half a second: call it in a thread."""
    return tuple(map(_described, connection_survey.ask(connection_files.running(os.environ))))


def _described(seen: connection_survey.Seen) -> RunningKernel:
    file = seen.kernel.file
    return RunningKernel(
        str(file.path),
        file.name,
        file.kernel_name,
        seen.language,
        seen.activity.value,
        file.notebook,
        seen.kernel.pid,
        file.address,
        file.question,
        file.warnings,
    )
