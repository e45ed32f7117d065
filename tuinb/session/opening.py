"""Opens notebooks and gives them their kernels, with a screen or without: which kernelspec, which process, which connection.

A kernel takes longer to start than a screen, so its process is spawned first and connected to later. This module is imported
before that: whatever costs time (asyncio, the sockets, the session) is imported inside functions.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from tuinb import config, errors
from tuinb.errors import KernelError, KernelSpecError, NotebookFileError, NotebookFormatError, UntrustedEnvironmentError, shown
from tuinb.kernel.launch import environments
from tuinb.kernel.launch.environments import Consent
from tuinb.margin import MARGIN, SCROLLBAR
from tuinb.notebook.language import agreed_language, is_same, kernelspec_of, stated_language, substitute_language
from tuinb.record import Record
from tuinb.session.target import Target

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.config import Config
    from tuinb.files.load import Loaded
    from tuinb.kernel.connection.port import KernelConnection
    from tuinb.kernel.execution.runs import RunPolicy
    from tuinb.kernel.launch.connection_files import Running
    from tuinb.kernel.launch.kernelspecs import KernelSpec
    from tuinb.kernel.launch.spawn import Launched
    from tuinb.notebook.document import Notebook
    from tuinb.session.remote import ServerKernels
    from tuinb.session.session import KernelFactory, Session
    from tuinb.session.target import Arguments


_UNTIL_REAPED = 2.0
"""Seconds to wait for a killed process. Only a hanging system needs longer, and leaving must not hang with it."""


# ---- which kernel


class KernelWanted(Record):
    """The kernel that a notebook is to run on."""

    folder: Path
    """The notebook's folder. Python environments are searched there and above."""
    name: str | None = None
    """The kernelspec's name. None means the default for `language`."""
    language: str | None = None
    """The language of a kernelspec that may replace one that is not installed. None if the user chose the name, or if the
    notebook's metadata disagrees about the language.
    """
    python: str | None = None
    """The interpreter, or the environment's folder, that the user chose."""
    cwd: Path | None = None
    """The kernel's working directory, if not `folder`."""
    only_for: str = ""
    """The notebook's language, if `name` is the user's default kernel: it serves notebooks of its own language only."""
    agreed: str = ""
    """The language on which the notebook's metadata agrees, if `name` is the notebook's: a kernel of another one is refused."""
    consent: Consent = Consent.NEEDED
    """What the user said of Python environments in the folder and above it."""

    @classmethod
    def of(
        cls,
        notebook: Notebook | None,
        folder: Path,
        *,
        kernel: str | None = None,
        python: str | None = None,
        cwd: Path | None = None,
        trust_env: bool = False,
        settings: Config | None = None,
    ) -> KernelWanted:
        """Returns the kernel that the user, the notebook (None for a new one) or the configuration asks for, in this order.

        Raises ConfigError if the configuration has to be read for it.
        """
        named = kernel or (kernelspec_of(notebook.metadata) if notebook is not None else None)
        name = named or (settings or config.load()).kernel
        language = substitute_language(notebook.metadata) if notebook is not None and not kernel else None
        only_for = stated_language(notebook.metadata) if notebook is not None and not named else ""
        agreed = agreed_language(notebook.metadata) if notebook is not None and named and not kernel else ""
        return cls(folder, name, language, python, cwd, only_for, agreed, Consent.GIVEN if trust_env else Consent.NEEDED)

    def find(self) -> KernelSpec:
        """Returns the kernelspec, with the interpreter that it runs on. Raises KernelSpecError."""
        from tuinb.kernel.launch.kernelspecs import choose

        find = partial(choose, python=self.python, notebook_dir=self.folder, consent=self.consent)
        spec = find(self.name, language=self.language)
        if self.only_for and spec.language and not is_same(spec.language, self.only_for):
            return find(None, language=self.only_for)
        if self.agreed and spec.language and not is_same(spec.language, self.agreed):
            what = (
                f"the notebook's code is in {shown(self.agreed)}, and its kernel {shown(spec.name)} runs {shown(spec.language)}"
            )
            raise KernelSpecError(what, hint="choose a kernel: :switch-kernel, or --kernel NAME")
        return spec


# ---- from a kernelspec to a connection


class LocalKernels(Record, frozen=False):
    """Makes connections to kernels of this machine, for one notebook.

    The process that `spawn` started is used for the first connection. Later kernels, after a switch or a death, are started
    by their connection.
    """

    wanted: KernelWanted
    spec: KernelSpec | None = None
    """The kernelspec that `wanted` was found to be."""
    launched: Launched | None = None
    """The process that `spawn` started."""
    existing: Running | None = None
    """The kernel that runs already, for the first connection. It is never ended from here."""
    kept: bool = False
    """Whether the kernels outlive this process if it is killed."""
    notebook: str = ""
    """The path of the notebook, which connection files tell other programs."""
    problem: KernelError | None = None
    """Why no process could be started early. The first start reports it."""
    _claimed: bool = False
    """Whether a connection uses `launched`."""
    _untrusted: UntrustedEnvironmentError | None = None
    """The refused environment that the user is asked about."""

    def find(self) -> None:
        """Sets `spec`, or `problem` if there is no such kernelspec."""
        try:
            self.spec = self.wanted.find()
        except KernelError as error:
            self.problem = error

    def spawn_early(self) -> None:
        """Starts the process of `spec`. With one processor the screen starts it, once it has painted. For the main thread."""
        if self.spec is None or self.launched is not None or self.existing is not None or processors() < 2:
            return
        try:
            self.spawn()
        except KernelError as error:
            self.problem = error

    def spawn(self) -> None:
        """Starts the process of `spec`, if no provisioner has to do that. For the main thread. Raises KernelStartError."""
        from tuinb.kernel.launch.spawn import launch_early

        if self.spec is not None:
            self.launched = launch_early(self.spec, self._cwd, kept=self.kept, notebook=self.notebook)

    def adopt(self, launched: Launched) -> None:
        """Uses a process that an earlier tuinb spawned for the first connection."""
        self.launched, self.spec, self.problem = launched, launched.spec, None

    def __call__(self, name: str | None) -> KernelConnection:
        """Returns a connection to the kernelspec `name`, or to the wanted one. Raises KernelError."""
        from tuinb.kernel.connection.connection import attach, connect

        existing, self.existing = self.existing, None
        if existing is not None and name is None:
            return attach(existing)
        launched = self.launched
        if launched is not None and not self._claimed and name in (None, launched.spec.name):
            self._claimed = True
            return connect(launched.spec, self._cwd, launched=launched, kept=self.kept, notebook=self.notebook)
        problem, self.problem = self.problem, None
        wanted = self.wanted if name is None else KernelWanted(self.wanted.folder, name, consent=self.wanted.consent)
        try:
            if problem is not None and name is None:
                raise problem
            return connect(wanted.find(), self._cwd, kept=self.kept, notebook=self.notebook)
        except UntrustedEnvironmentError as error:
            self._untrusted = error
            raise

    def answer(self, *, trust: bool) -> None:
        """Takes the user's answer on the environment that was refused last: to trust it from now on, or to pass over such ones.

        Raises KernelError if the answer can't be remembered.
        """
        refused, self.problem = self._untrusted, None
        if not trust:
            self.wanted = replace(self.wanted, consent=Consent.DENIED)
        elif refused is not None and refused.identity is not None:
            try:
                environments.remember(environments.Identity(*refused.identity), os.environ)
            except OSError as error:
                raise KernelError(
                    f"it can't be remembered that you trust it: {error}", where=refused.where, hint="--trust-env uses it once"
                ) from error

    def abandon(self) -> None:
        """Kills the process that `spawn` started and removes its files. Does nothing if it has ended. Safe to call twice."""
        launched, self.launched = self.launched, None
        if launched is None:
            return
        from subprocess import TimeoutExpired

        from tuinb.kernel.launch.process import signal_group
        from tuinb.kernel.launch.spawn import discard

        signal_group(launched.process, signal.SIGKILL)
        with suppress(TimeoutExpired):
            launched.process.wait(_UNTIL_REAPED)
        discard(launched)

    @property
    def _cwd(self) -> Path:
        return self.wanted.cwd or self.wanted.folder


def open_session(
    loaded: Loaded,
    kernels: KernelFactory | None,
    policy: RunPolicy | None = None,
    *,
    journal: bool = False,
    claims: bool = False,
    target: Path | None = None,
) -> Session:
    """Returns a session on a file that was read. Without `kernels` nothing can be run. `journal`: see Session.

    With `claims`, one process at a time writes the notebook: if another one has it open, this session only looks on.
    `target` is the file that it will be saved to, if that is another one.
    """
    from tuinb.files import temporary
    from tuinb.notebook.changes import ClientId, Step, Transaction
    from tuinb.session.session import Session

    access = None
    if journal and not loaded.read_only:
        temporary.remove_left(loaded.file.path)
    if claims and not loaded.read_only:
        from tuinb.session.access import Access

        access = Access(target or loaded.file.path)
    session = Session(
        loaded.notebook,
        kernels=kernels,
        answer=kernels.answer if isinstance(kernels, LocalKernels) else None,
        choices=getattr(kernels, "choices", None),
        follow=getattr(kernels, "follow", None),
        store=loaded.file,
        policy=policy,
        journal=journal,
        access=access,
    )
    if loaded.changes and not session.read_only:
        session.apply(Transaction(loaded.changes, ClientId("open"), Step.EDIT, loaded.label))
    return session


# ---- before there is a screen


class StartOptions(Record):
    """The notebook, kernel and settings that a session starts with."""

    path: Path
    """Absolute, with symbolic links as they were given."""
    loaded: Loaded
    config: Config
    theme: str | None
    """The theme that the user chose. None leaves the choice to what the terminal can show."""
    kernels: LocalKernels | ServerKernels | None
    """None if the notebook is opened without a kernel."""
    kernel_notice: str = ""
    """What the user should know about the kernel: what happened to that of an earlier session, or what is unsafe about it."""
    config_problems: tuple[str, ...] = ()
    """Problems in the settings, for the user. What has one keeps its default."""


def prepare(arguments: Arguments, target: Target | None = None) -> StartOptions:
    """Reads the notebook and finds its kernelspec; `kernels.spawn_early` starts it. Raises NotebookFileError.

    A kernel that can't be found or started does not prevent opening: the screen shows `kernels.problem`. Raises KernelError for
    one that is to run already.
    """
    target = target or Target.of(arguments)
    path = target.path
    if errors.is_remote(path) or arguments.server:
        return _prepare_remote(arguments, target)
    _export_columns()
    loaded = _read(path)
    notebook = loaded.notebook if loaded is not None else None
    wanted = KernelWanted.of(
        notebook,
        path.parent,
        kernel=arguments.kernel,
        python=arguments.python,
        trust_env=arguments.trust_env,
        settings=target.config,
    )
    kernels = None if arguments.no_kernel else LocalKernels(wanted, notebook=str(path))
    notice, spec = "", None
    if kernels is not None and arguments.existing is not None:
        kernels.existing = _existing(arguments.existing, path)
        spec, notice = _known_spec(kernels.existing), " ".join(kernels.existing.file.warnings)
    elif kernels is not None:
        kernels.find()
        spec = kernels.spec
    return StartOptions(
        path=path,
        loaded=loaded or _new(path, spec, named=arguments.file is not None),
        config=target.config,
        theme=arguments.theme or target.config.theme,
        kernels=kernels,
        kernel_notice=notice,
        config_problems=target.config_problems,
    )


def _prepare_remote(arguments: Arguments, target: Target) -> StartOptions:
    """Logs in to the server and reads the notebook, which may be one of this machine. Raises TuinbError."""
    from tuinb.server import known
    from tuinb.server.address import file_of
    from tuinb.session import remote

    path = target.path
    if errors.is_remote(path):
        base, file = file_of(path)
        loaded = remote.read(path)
    else:
        base, file = arguments.server, ""
        known.server(base)
        loaded = _read(path) or _new(path, None, named=True)
    kernels = None
    if not arguments.no_kernel:
        wanted, language = remote.wanted_kernel(loaded.notebook, arguments.kernel)
        kernels = remote.ServerKernels(known.server(base), file, wanted=wanted, language=language)
    theme = arguments.theme or target.config.theme
    return StartOptions(path, loaded, target.config, theme, kernels, config_problems=target.config_problems)


def _existing(word: str, notebook: Path) -> Running:
    """Returns the running kernel that `--existing` names. Asks the user if it is on another machine. Raises KernelError."""
    from tuinb.kernel.launch import connection_files

    found = connection_files.find(word, notebook, os.environ)
    if found.file.question:
        try:
            answer = input(f"{found.file.question} [y/N] ")
        except EOFError:
            answer = ""
        if answer.strip().lower() not in {"y", "yes"}:
            raise KernelError("it was not connected to", where=errors.shown(found.file.path))
    return found


def _known_spec(kernel: Running) -> KernelSpec | None:
    """Returns the kernelspec of a running kernel. None if its connection file does not name one."""
    from tuinb.kernel.launch.existing import spec_of

    return spec_of(kernel.file) if kernel.file.kernel_name else None


def _export_columns() -> None:
    """Sets JUPYTER_COLUMNS, which kernels inherit: rich prints tables and bars of that width."""
    with suppress(OSError):  # no terminal, as in tests
        columns = os.get_terminal_size(1).columns - MARGIN - SCROLLBAR
        os.environ.setdefault("JUPYTER_COLUMNS", str(max(20, columns)))


def _read(path: Path) -> Loaded | None:
    """Returns the notebook, or None if the file does not exist in an existing folder.

    Raises NotebookFileError for a name that no notebook has, unless there is a file with content.
    """
    from tuinb.files import names

    try:
        if not path.stat().st_size and path.is_file():
            _require_notebook_name(path, "the file is empty")
    except FileNotFoundError:
        if path.parent.is_dir():
            _require_notebook_name(path, names.missing(path))
            return None
        raise NotebookFileError("there is no such folder", where=str(path.parent), hint="make it, or check the name") from None
    except OSError:
        pass  # Reading it says why in words.
    return _load(path)


def _load(path: Path) -> Loaded:
    """Reads a notebook. One with git's conflict markers is merged by cells, if both sides are notebooks."""
    from tuinb.files import load

    try:
        loaded = load.load(path)
        if not loaded.read_only:
            return loaded
    except NotebookFormatError:
        if (merged := _unmerged(path)) is None:
            raise
        return merged
    return _unmerged(path) or loaded


def _unmerged(path: Path) -> Loaded | None:
    from tuinb.files import unmerged

    return unmerged.opened(path)


def _require_notebook_name(path: Path, problem: str) -> None:
    """Raises NotebookFileError if a new notebook would be saved under a name that no notebook has."""
    from tuinb.files import names

    if names.is_notebook_name(path):
        return
    new = f"{path.name.partition('.ipynb')[0].rstrip('.') or 'NAME'}.ipynb"
    near = names.similar(path)
    hint = f"did you mean {near}?" if near else f"to make a new notebook, name it {new}"
    if near not in {"", new}:
        hint += f" To make a new notebook, name it {new}"
    raise NotebookFileError(f"{problem}, and the name of a new notebook ends in .ipynb", where=errors.shown(path), hint=hint)


def _new(path: Path, spec: KernelSpec | None, *, named: bool) -> Loaded:
    from tuinb.files import load, names

    metadata = None if spec is None else {"display_name": spec.display_name, "language": spec.language, "name": spec.name}
    new = load.new(path, metadata)
    near = names.similar(path) if named else ""
    asks = (f"This is a new notebook. Did you mean {near}?",) if near else ()
    target = names.target(path)
    links = (f"The name is a link to {target}, which does not exist. Saving creates it.",) if target else ()
    return replace(new, notices=(*new.notices, *asks, *links))


def processors() -> int:
    """Returns the number of processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
