"""Opens notebooks of Jupyter servers, and gives them their kernels, as opening.py does for this machine."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tuinb.errors import KernelError, NotebookFileError, is_remote, shown
from tuinb.notebook.language import kernelspec_of, substitute_language
from tuinb.server import kernels as rest_kernels
from tuinb.server import known
from tuinb.server.address import file_of
from tuinb.server.kernels import RemoteKernel
from tuinb.server.rest import ServerError
from tuinb.session.state import KernelChoice

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.files.load import Loaded
    from tuinb.kernel.connection.port import KernelConnection
    from tuinb.kernel.launch.kernelspecs import KernelSpec
    from tuinb.kernel.launch.spawn import Launched
    from tuinb.notebook.document import Notebook
    from tuinb.server.rest import Server


# ---- the notebook


def read(path: Path) -> Loaded:
    """Reads a notebook of a server, or makes a new one in an existing folder. Raises TuinbError."""
    from tuinb.files import load, names
    from tuinb.files.remote import RemoteFiles

    files = RemoteFiles(known.server(file_of(path)[0]))
    if files.state(path) is not None:
        return load.load(path, files)
    if not files.has_folder(path):
        raise NotebookFileError("there is no such folder", where=shown(path.parent), hint="make it there, or check the path")
    if not names.is_notebook_name(path):
        hint = "check the path; the name of a new notebook ends in .ipynb"
        raise NotebookFileError("there is no such file", where=shown(path), hint=hint)
    return load.new(path, storage=files)


# ---- its kernel

_FOR_KERNELS: Final = "KERNEL_"
"""How the names of variables begin that a gateway gives to kernels."""


@dataclass(slots=True)
class ServerKernels:
    """Makes connections to the kernel of one notebook on a server. Has what LocalKernels has."""

    server: Server
    file: str = ""
    """The notebook's path on the server. Empty for a kernel that nobody else finds by a notebook."""
    folder: str = ""
    """The path on the server in whose folder such a kernel works."""
    wanted: str = ""
    """The kernelspec that the user or the notebook names. Empty for the server's default."""
    language: str | None = None
    """The language of a kernelspec that may replace one that the server lacks. None if the user chose it."""
    problem: KernelError | None = None
    spec: KernelSpec | None = None
    launched: Launched | None = None
    existing: None = None
    kept: bool = False
    _begun: RemoteKernel | None = None
    """The kernel that `spawn_early` has begun to start, until there is a connection to it."""

    def __call__(self, name: str | None) -> KernelConnection:
        """Returns a connection to a kernel of the kernelspec `name`, or to the wanted one."""
        from tuinb.kernel.connection.server import ServerConnection

        begun = None
        if name is None:
            begun, self._begun = self._begun, None
        return ServerConnection(begun or self._kernel(name))

    def _kernel(self, name: str | None) -> RemoteKernel:
        language = None if name else self.language
        environ = {} if self.file else {key: value for key, value in os.environ.items() if key.startswith(_FOR_KERNELS)}
        return RemoteKernel(self.server, self.file, name or self.wanted, language, self.folder, environ)

    def follow(self, path: Path) -> None:
        """Has the kernel go on as that of the file that the notebook was saved to. Blocks. Raises ServerError.

        A kernel that is nobody else's, and one whose notebook went to another machine, stay as they are.
        """
        base, file = file_of(path) if is_remote(path) else ("", "")
        if self.file and base == self.server.base:
            old, self.file = self.file, file
            rest_kernels.move_sessions(self.server, old, file)

    def choices(self) -> tuple[KernelChoice, ...]:
        """Returns the kernelspecs of the server. Blocks. Raises KernelError."""
        try:
            found, _ = rest_kernels.specs(self.server)
        except ServerError as error:
            raise KernelError(error.what, where=error.where, hint=error.hint) from None
        return tuple(KernelChoice(spec.name, spec.display_name, spec.language) for spec in found)

    def spawn_early(self) -> None:
        """Has the server start the kernel for the first connection, while the screen starts. Does not block."""
        if self._begun is None:
            self._begun = self._kernel(None)
            self._begun.begin()

    def spawn(self) -> None:
        """See `spawn_early`."""
        self.spawn_early()

    def abandon(self) -> None:
        """Ends the kernel that no connection was made to. Waits for a few seconds at most."""
        begun, self._begun = self._begun, None
        if begun is not None:
            begun.abandon()


def fresh_kernels(path: Path, notebook: Notebook, kernel: str | None) -> ServerKernels:
    """Returns what starts a kernel for one run of a notebook on a server, apart from the notebook's own kernel there.

    Raises TuinbError.
    """
    base, file = file_of(path)
    wanted, language = wanted_kernel(notebook, kernel)
    return ServerKernels(known.server(base), wanted=wanted, language=language, folder=file)


def wanted_kernel(notebook: Notebook, kernel: str | None) -> tuple[str, str | None]:
    """Returns the kernelspec that the user, or else the notebook, names, and the language of one that may replace it."""
    return kernel or kernelspec_of(notebook.metadata) or "", None if kernel else substitute_language(notebook.metadata) or ""
