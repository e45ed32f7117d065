"""What happens before a screen is imported, in the order that shows something soonest.

The notebook is read, the kernelspec is found, and the kernel's process is spawned: a kernel takes longer to start than a
screen, so it goes first; but with one processor they would only hold each other up, and the screen spawns it once it has
painted. A kernel that can't be had is no reason not to open a notebook: the screen says what is wrong.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from tuinb import config
from tuinb.errors import KernelError, NotebookFileError
from tuinb.files import disk

if TYPE_CHECKING:
    from pathlib import Path

    from tuinb.config import Config
    from tuinb.files.load import Loaded
    from tuinb.kernel.launch.kernelspecs import KernelSpec
    from tuinb.kernel.launch.spawn import Launched
    from tuinb.notebook.document import Notebook


BESIDE_OUTPUTS = 9
"""Columns of the screen that outputs leave free: the margin and the scrollbar."""


@dataclass(frozen=True, slots=True)
class Arguments:
    """What the command line said."""

    file: str | None = None
    kernel: str | None = None
    python: str | None = None
    no_kernel: bool = False
    theme: str | None = None
    graphics: str | None = None


@dataclass(frozen=True, slots=True)
class StartOptions:
    """All that a screen needs to begin."""

    path: Path
    """Absolute, with symbolic links as they were given."""
    loaded: Loaded
    config: Config
    theme: str | None
    """What was asked for; None leaves the choice to what the terminal can show."""
    kernel_name: str | None
    """The kernelspec to run: the command line's, the notebook's or the configuration's."""
    kernel_asked: bool
    """Whether the command line named it."""
    python: str | None
    """The interpreter, or an environment's folder, that was asked for."""
    no_kernel: bool
    launched: Launched | None = None
    """The process, where it was spawned already; whoever has the options ends it."""
    kernel_problem: KernelError | None = None
    """Why there is no kernel, where there should be one."""


def prepare(arguments: Arguments) -> StartOptions:
    """Reads the notebook and starts its kernel. Call it from the main thread. Raises NotebookFileError and ConfigError."""
    settings = config.load()
    _tell_columns()
    path = disk.absolute_path(arguments.file) if arguments.file else untitled(disk.absolute_path(os.curdir))
    loaded = _read(path)
    name = arguments.kernel or (kernel_name(loaded.notebook) if loaded else None) or settings.kernel
    spec, launched, problem = None, None, None
    if not arguments.no_kernel:
        from tuinb.kernel.launch.kernelspecs import choose
        from tuinb.kernel.launch.spawn import launch

        # The name of a kernelspec that was asked for stands; what a notebook says may give way to one of its language.
        language = loaded.notebook.language if loaded and not arguments.kernel else None
        try:
            spec = choose(name, language=language, python=arguments.python, notebook_dir=path.parent)
            launched = launch(spec, path.parent) if processors() > 1 else None
        except KernelError as error:
            problem = error
    return StartOptions(
        path=path,
        loaded=loaded or _new(path, spec),
        config=replace(settings, graphics=arguments.graphics or settings.graphics),
        theme=arguments.theme or settings.theme,
        kernel_name=name,
        kernel_asked=arguments.kernel is not None,
        python=arguments.python,
        no_kernel=arguments.no_kernel,
        launched=launched,
        kernel_problem=problem,
    )


def _tell_columns() -> None:
    """For what prints tables and bars as wide as there is room (rich): every kernel inherits it."""
    with suppress(OSError):  # no terminal, as in tests
        columns = os.get_terminal_size(1).columns - BESIDE_OUTPUTS
        os.environ.setdefault("JUPYTER_COLUMNS", str(max(20, columns)))


def _read(path: Path) -> Loaded | None:
    """The notebook, or None where there is no such file yet in a folder that there is."""
    from tuinb.files import load

    try:
        path.stat()
    except FileNotFoundError:
        if path.parent.is_dir():
            return None
        raise NotebookFileError("there is no such folder", where=str(path.parent), hint="make it, or check the name") from None
    except OSError:
        pass  # Reading it says why in words.
    return load.load(path)


def _new(path: Path, spec: KernelSpec | None) -> Loaded:
    from tuinb.files import load

    if spec is None:
        return load.new(path)
    return load.new(path, {"display_name": spec.display_name, "language": spec.language, "name": spec.name})


def abandon(launched: Launched | None) -> None:
    """Ends a kernel that was spawned, where nobody else has done so: a screen may not have come up at all."""
    from tuinb.kernel.launch.process import signal_group
    from tuinb.kernel.launch.spawn import discard

    if launched is None:
        return
    signal_group(launched.process, signal.SIGKILL)
    launched.process.wait()
    discard(launched)


def untitled(folder: Path) -> Path:
    """The first of Untitled.ipynb, Untitled1.ipynb … that is not in the folder."""
    number = 0
    while os.path.lexists(path := folder / f"Untitled{number or ''}.ipynb"):
        number += 1
    return path


def kernel_name(notebook: Notebook) -> str | None:
    """The kernelspec that the notebook names."""
    spec = notebook.metadata.get("kernelspec")
    name = spec.get("name") if isinstance(spec, dict) else None
    return name if isinstance(name, str) and name else None


def processors() -> int:
    """How many of them this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
