"""Opens a notebook on a local kernel: the one place where a file, a Session and kernelspecs meet, with a screen or without.

A kernel's process that was spawned while the program was still starting is used for the first connection; later ones, after
a switch or a death, are spawned here.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tuinb.session.session import Session
from tuinb.start import kernel_name

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.errors import KernelError
    from tuinb.files.load import Loaded
    from tuinb.kernel.connection.port import Transport
    from tuinb.kernel.execution.runs import RunPolicy
    from tuinb.kernel.launch.spawn import Launched
    from tuinb.notebook.document import Notebook
    from tuinb.session.session import TransportFactory


@dataclass(slots=True)
class LocalKernels:
    """Makes transports to kernels of this machine, for one notebook."""

    notebook: Notebook
    folder: Path
    """The notebook's: kernels work there, and environments are looked for there and above."""
    name: str | None = None
    """The kernelspec to run first, as the command line, the notebook or the configuration has it."""
    asked: bool = False
    """Whether the command line named it: then no other of its language will do."""
    python: str | None = None
    """The interpreter that was asked for."""
    launched: Launched | None = None
    """A process that runs already."""
    problem: KernelError | None = None
    """Why none does, where one was wanted."""

    def __call__(self, name: str | None) -> Transport:
        """A transport to the kernelspec `name`, or to the notebook's own. Raises KernelError."""
        from tuinb.kernel.connection.local import LocalKernel
        from tuinb.kernel.launch.kernelspecs import choose

        launched, self.launched = self.launched, None
        if launched is not None and name in (None, launched.spec.name):
            return LocalKernel(launched.spec, self.folder, launched=launched)
        if launched is not None:
            self.launched = launched
        problem, self.problem = self.problem, None
        if problem is not None and name is None:
            raise problem
        wanted = name or self.name or kernel_name(self.notebook)
        python = self.python if name is None else None
        language = None if name or (self.asked and self.name) else self.notebook.language
        spec = choose(wanted, language=language, python=python, notebook_dir=self.folder, environ=os.environ)
        return LocalKernel(spec, self.folder)


def open_session(loaded: Loaded, kernels: TransportFactory | None, policy: RunPolicy | None = None) -> Session:
    """A session on a file that was read, with kernels of this machine, or with none."""
    return Session(loaded.notebook, transport_factory=kernels, store=loaded.file, policy=policy)
