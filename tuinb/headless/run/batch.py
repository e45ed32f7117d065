"""The options, the list of notebooks and the signal handling that the commands that run notebooks share.

The first notebook is read and its kernel's process started before asyncio and the sockets are imported.
"""

from __future__ import annotations

import gc
import os
import signal
from argparse import ArgumentTypeError
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tuinb.errors import UsageError, is_remote, shown
from tuinb.files import disk, names
from tuinb.headless.arguments import Exit, add_kernel_options, given_path

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path
    from types import FrameType

    from tuinb.headless.run.job import Job, JobListener, Options

    _Handler = Callable[[int, FrameType | None], object] | int | signal.Handlers | None

_GC_YOUNG = 50_000
"""Threshold of the garbage collector: many outputs make many objects and little garbage."""
_SIGNALLED = 128
"""Added to a signal's number it is the exit code, as in a shell."""


_PARAMETER = ("-p", "--parameter")


def parse(options: argparse.ArgumentParser, argv: Sequence[str]) -> argparse.Namespace:
    """Parses the command line. Values of parameters may begin with a dash: argparse takes `-1e-5` for an option."""
    known = {word for action in options._actions for word in action.option_strings}  # argparse has no public way to ask
    words, found, at = list(argv), [], 0
    while at < len(words) - 2 and words[at] != "--":
        if words[at] in _PARAMETER and words[at + 2] not in known:
            found.append(words[at + 1 : at + 3])
            del words[at : at + 3]
        else:
            at += 1
    parsed = options.parse_args(words)
    parsed.parameter = [*parsed.parameter, *found]
    return parsed


def add_run_options(options: argparse.ArgumentParser) -> None:
    """Adds the options for notebooks, parameters and kernels."""
    options.add_argument("files", nargs="+", metavar="FILE", help="a notebook")
    options.add_argument(
        *_PARAMETER, nargs=2, action="append", default=[], metavar=("NAME", "VALUE"),
        help="set a parameter, in a cell below the one tagged `parameters`",
    )  # fmt: skip
    options.add_argument("--params", metavar="FILE", help="parameters from a JSON file (YAML where PyYAML is installed)")
    add_kernel_options(options)
    options.add_argument("--server", metavar="NAME", help="the Jupyter server that the notebooks are on, and are run by")
    options.add_argument("--cwd", metavar="DIR", help="the kernel's working directory, instead of the notebook's folder")
    options.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="interrupt a cell that takes longer: it fails")
    options.add_argument("-j", "--jobs", type=_count, default=1, metavar="N", help="run N notebooks in parallel")


def _seconds(text: str) -> float:
    """Converts an argument. argparse completes the message of the error."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < float("inf"):
        raise ArgumentTypeError(f"{text!r} is no number of seconds above 0")
    return value


def _count(text: str) -> int:
    if not text.isdecimal() or int(text[:9]) < 1:
        raise ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text[:9])


def run_options(parsed: argparse.Namespace, **more: object) -> Options:
    """Returns the options for every notebook. `more` are fields that only one command sets. Raises UsageError."""
    from tuinb.headless.run.job import Options

    found: dict[str, object] = {}
    if parsed.params is not None or parsed.parameter:
        from tuinb.headless.run import parameters

        if parsed.params is not None:
            found |= parameters.read_file(given_path(parsed.params))
        found |= {name: parameters.typed(value) for name, value in parsed.parameter}
    cwd = None if parsed.cwd is None else given_path(parsed.cwd)
    if cwd is not None and not disk.is_folder(cwd):
        raise UsageError("there is no such folder", where=str(cwd), hint="--cwd takes the folder for the kernel to work in")
    if cwd is not None and not os.access(cwd, os.X_OK):
        raise UsageError("no permission to work in this folder", where=str(cwd), hint="give --cwd another one")
    return Options(found, parsed.kernel, parsed.python, parsed.trust_env, cwd, parsed.timeout, **more)  # type: ignore[arg-type]


def notebooks(parsed: argparse.Namespace) -> list[Path]:
    """Returns the files. Raises UsageError if one does not exist or is named twice."""
    if "-" in parsed.files:
        raise UsageError("a notebook is not read from standard input", where="-", hint="name a file, or ./-")
    if parsed.server is not None:
        from tuinb.server import names as servers

        parsed.files = [servers.url_of(parsed.server, name) for name in parsed.files]
    paths = [given_path(name) for name in parsed.files]
    real = [os.path.realpath(path) for path in paths]
    for path, name in zip(paths, real, strict=True):
        if real.count(name) > 1:
            raise UsageError("it is named twice", where=shown(path))
        if is_remote(path):
            continue  # reading it tells
        try:
            path.lstat()
        except (FileNotFoundError, NotADirectoryError) as error:
            raise UsageError(names.missing(path), where=str(path), hint=names.offer(path, "check the name")) from error
        except OSError:
            # Reading it gives the error.
            continue
    return paths


@contextmanager
def started(jobs: Sequence[Job]) -> Iterator[Signals]:
    """Reads the first notebook and starts its kernel. On exit ends the kernels that are left. For the main thread."""
    signals = Signals(jobs)
    before = signals.queue()
    try:
        jobs[0].open()
        yield signals
    finally:
        for job in jobs:
            job.abandon()
        for number, handler in before.items():
            signal.signal(number, handler)


def run_jobs(jobs: Sequence[Job], at_a_time: int, listener: JobListener, signals: Signals) -> int:
    """Runs the jobs. Returns the highest exit code."""
    gc.set_threshold(_GC_YOUNG, 20, 50)
    import asyncio

    return asyncio.run(_run(jobs, at_a_time, listener, signals))


async def _run(jobs: Sequence[Job], at_a_time: int, listener: JobListener, signals: Signals) -> int:
    from tuinb.headless.run.job import run_all

    signals.install()
    outcomes = await run_all(jobs, at_a_time, listener)
    return signals.ended_by or max(outcome.exit for outcome in outcomes)


class Signals:
    """Handles signals: the first Ctrl+C interrupts the running cells and ends the run; a second one, SIGTERM or SIGHUP kills.

    Signals that arrive while the first kernel starts are queued until the event loop runs, which can clean up after it.
    """

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._queued: list[int] = []
        self._interrupted = False
        self.ended_by = 0
        """The exit code for the signal that ended the run. 0 if none did."""

    def queue(self) -> Mapping[int, _Handler]:
        """Installs handlers that queue signals until the loop runs. Returns the old ones.

        A signal that is ignored stays ignored, as under nohup.
        """
        ending = (signal.SIGTERM, signal.SIGHUP)
        numbers = (signal.SIGINT, *(number for number in ending if signal.getsignal(number) is not signal.SIG_IGN))
        return {number: signal.signal(number, self._on_early_signal) for number in numbers}

    def _on_early_signal(self, number: int, _frame: object) -> None:
        if number == signal.SIGINT and number in self._queued:
            raise KeyboardInterrupt
        self._queued.append(number)

    def install(self) -> None:
        """Handles signals in the running loop from now on, beginning with the queued ones."""
        import asyncio

        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                loop.add_signal_handler(number, self._handle, number)
        for queued in self._queued:
            self._handle(queued)

    def _handle(self, number: int) -> None:
        if number == signal.SIGINT:
            self._interrupt()
        else:
            self._end(_SIGNALLED + number)

    def _interrupt(self) -> None:
        if self._interrupted:
            self._end(Exit.INTERRUPTED)
            return
        self._interrupted = True
        for job in self._jobs:
            job.interrupt()

    def _end(self, code: int) -> None:
        self.ended_by = code
        for job in self._jobs:
            job.kill()


def kill_unsaved_jobs(jobs: Sequence[Job]) -> None:
    """Kills the jobs that save nothing, once stdout is closed."""
    for job in jobs:
        if job.target is None:
            job.kill()
