"""`tuinb run`: notebooks run on a fresh kernel, from the top to the bottom, with nobody at the screen.

The first notebook is read and its kernel spawned before asyncio and the sockets are imported: the kernel starts meanwhile.
"""

from __future__ import annotations

import gc
import os
import signal
from argparse import ArgumentTypeError
from typing import TYPE_CHECKING

from tuinb.errors import TuinbError, UsageError
from tuinb.headless import parameters
from tuinb.headless.arguments import Exit, add_kernel_options, complain, given_path, parser

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence
    from pathlib import Path

    from tuinb.headless.job import Job, Options

_GC_YOUNG = 50_000
"""A flood of outputs makes many objects and little garbage."""


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parsed = _parser().parse_args(argv)
    try:
        jobs = _jobs(parsed)
    except TuinbError as error:
        complain(error)
        return Exit.USAGE
    gc.set_threshold(_GC_YOUNG, 20, 50)
    at_a_time = min(parsed.jobs, len(jobs))
    jobs[0].open()

    import asyncio

    return asyncio.run(_run(jobs, at_a_time, parsed))


def _parser() -> argparse.ArgumentParser:
    options = parser(
        "run",
        "Run notebooks on a fresh kernel. Without -o and --in-place, outputs go to stdout and nothing is saved. "
        "Exit: 0 all ran; 1 a cell failed; 2 the command line or a file; 3 the kernel; 130 interrupted.",
        "tuinb run analysis.ipynb -o done.ipynb -p alpha 0.1",
        "tuinb run --in-place -j 4 chapters/*.ipynb",
        "tuinb run analysis.ipynb --json --allow-errors",
    )
    options.add_argument("files", nargs="+", metavar="FILE", help="a notebook")
    where = options.add_mutually_exclusive_group()
    where.add_argument("-o", "--output", metavar="OUT", help="save as OUT; with several files, into the folder OUT")
    where.add_argument("--in-place", action="store_true", help="save to FILE itself")
    options.add_argument(
        "-p", "--parameter", nargs=2, action="append", default=[], metavar=("NAME", "VALUE"),
        help="set a parameter, in a cell below the one tagged `parameters`",
    )  # fmt: skip
    options.add_argument("--params", metavar="FILE", help="parameters from a JSON file (YAML where PyYAML is installed)")
    add_kernel_options(options)
    options.add_argument("--cwd", metavar="DIR", help="the kernel's working directory, instead of the notebook's folder")
    options.add_argument("--timeout", type=_seconds, metavar="SECONDS", help="interrupt a cell that takes longer: it fails")
    options.add_argument("--allow-errors", action="store_true", help="go on after errors, and exit 0")
    options.add_argument("--from", dest="first", metavar="CELL", help="begin at this cell: its number (from 1) or id")
    options.add_argument("--to", dest="last", metavar="CELL", help="end after this cell")
    options.add_argument("-j", "--jobs", type=_count, default=1, metavar="N", help="so many notebooks at a time")
    options.add_argument("--stream", action="store_true", help="print outputs line by line as they come")
    told = options.add_mutually_exclusive_group()
    told.add_argument("-q", "--quiet", action="store_true", help="say nothing but what is wrong")
    told.add_argument("--json", action="store_true", help="a JSON object for each notebook: cells, status, seconds, error")
    return options


def _seconds(text: str) -> float:
    """For argparse, which says the rest of the sentence."""
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


def _jobs(parsed: argparse.Namespace) -> list[Job]:
    """The notebooks, with where each is saved. Raises UsageError."""
    from tuinb.headless.job import Job

    if parsed.stream and (parsed.quiet or parsed.json):
        raise UsageError("--stream prints outputs, which --quiet and --json leave out", hint="give one or the other")
    if parsed.stream and parsed.jobs > 1:
        raise UsageError("--stream would mix the outputs of several notebooks", hint="leave out -j")
    options = _options(parsed)
    paths = [given_path(name) for name in parsed.files]
    real = [os.path.realpath(path) for path in paths]
    for path, name in zip(paths, real, strict=True):
        if real.count(name) > 1:
            raise UsageError("it is named twice", where=str(path))
        if not os.path.lexists(path):
            raise UsageError("there is no such file", where=str(path), hint="check the name")
    return [Job(path, target, options) for path, target in zip(paths, _targets(paths, parsed), strict=True)]


def _targets(paths: Sequence[Path], parsed: argparse.Namespace) -> Sequence[Path | None]:
    if parsed.in_place:
        return paths
    if parsed.output is None:
        return [None] * len(paths)
    out = given_path(parsed.output)
    if len(paths) == 1 and not out.is_dir() and not parsed.output.endswith(os.sep):
        if not out.parent.is_dir():
            raise UsageError("there is no such folder", where=str(out.parent), hint="make it, or check the name")
        return [out]
    if not out.is_dir():
        raise UsageError("it is no folder", where=str(out), hint="make a folder for several notebooks, or save --in-place")
    targets = [out / path.name for path in paths]
    for target in targets:
        if targets.count(target) > 1:
            raise UsageError("two notebooks would be saved under this name", where=str(target), hint="run them one by one")
    return targets


def _options(parsed: argparse.Namespace) -> Options:
    from tuinb.headless.job import Options

    found: dict[str, object] = {}
    if parsed.params is not None:
        found |= parameters.read_file(given_path(parsed.params))
    found |= {name: parameters.typed(value) for name, value in parsed.parameter}
    cwd = None if parsed.cwd is None else given_path(parsed.cwd)
    if cwd is not None and not cwd.is_dir():
        raise UsageError("there is no such folder", where=str(cwd), hint="--cwd takes the folder for the kernel to work in")
    return Options(found, parsed.kernel, parsed.python, cwd, parsed.timeout, parsed.allow_errors, parsed.first, parsed.last)


async def _run(jobs: Sequence[Job], at_a_time: int, parsed: argparse.Namespace) -> int:
    from tuinb.headless.job import run_all
    from tuinb.headless.report import Report, Voice

    silent = parsed.quiet or parsed.json
    saves = parsed.in_place or parsed.output is not None
    voice = Voice(parsed.quiet, parsed.json, outputs=not silent and not saves, stream=parsed.stream)
    report = Report(voice, len(jobs), at_a_time)
    _Signals(jobs).install()
    try:
        outcomes = await run_all(jobs, at_a_time, report)
    finally:
        report.close()
    return max(outcome.exit for outcome in outcomes)


class _Signals:
    """Ctrl+C interrupts what runs and ends the run; a second one, or a request to end, waits for nothing."""

    def __init__(self, jobs: Sequence[Job]) -> None:
        self._jobs = jobs
        self._interrupted = False

    def install(self) -> None:
        import asyncio

        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._interrupt)
        for number in (signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, self._kill)

    def _interrupt(self) -> None:
        if self._interrupted:
            self._kill()
            return
        self._interrupted = True
        for job in self._jobs:
            job.interrupt()

    def _kill(self) -> None:
        for job in self._jobs:
            job.kill()
