"""`tuinb run`: runs notebooks on a fresh kernel, from top to bottom, without a screen."""

from __future__ import annotations

import os
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from tuinb.errors import TuinbError, UsageError, is_remote, shown
from tuinb.files import disk
from tuinb.headless.arguments import Exit, exit_code, given_path, parser, refuse_other_kind
from tuinb.headless.console import complain
from tuinb.headless.run import batch

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from tuinb.headless.run.job import Job
    from tuinb.headless.run.report import Report


def _no_session(job: Job, parsed: argparse.Namespace) -> int:
    raise UsageError("only the command line begins sessions", where=str(job.path))


def main(argv: Sequence[str], detach: Callable[[Job, argparse.Namespace], int] = _no_session) -> int:
    """Runs the command and returns its exit code. `detach` runs a notebook in a session."""
    parsed = batch.parse(arguments(), argv)
    try:
        _check_detached(parsed)
        jobs = _jobs(parsed)
        if parsed.detach:
            return detach(jobs[0], parsed)
    except TuinbError as error:
        complain(error)
        return exit_code(error) if parsed.detach else Exit.USAGE
    at_a_time = min(parsed.jobs, len(jobs))
    with batch.started(jobs) as signals, closing(_report(parsed, jobs, at_a_time)) as report:
        code = batch.run_jobs(jobs, at_a_time, report, signals)
    return Exit.USAGE if report.lost else code


def arguments() -> argparse.ArgumentParser:
    """Returns the command's parser."""
    options = parser(
        "run",
        "Run notebooks on a fresh kernel. Without -o and --in-place, outputs go to stdout and nothing is saved. "
        "Exit: 0 all ran; 1 a cell failed; 2 the command line or a file; 3 the kernel; 130 interrupted.",
        "tuinb run analysis.ipynb -o done.ipynb -p alpha 0.1",
        "tuinb run --in-place -j 4 chapters/*.ipynb",
        "tuinb run analysis.ipynb --json --allow-errors",
        "tuinb run --detach analysis.ipynb -o done.ipynb",
    )
    batch.add_run_options(options)
    where = options.add_mutually_exclusive_group()
    where.add_argument("-o", "--output", metavar="OUT", help="save as OUT; with several files, into the folder OUT")
    where.add_argument("--in-place", action="store_true", help="save to FILE itself")
    options.add_argument("--allow-errors", action="store_true", help="go on after errors, and exit 0")
    options.add_argument("--from", dest="first", metavar="CELL", help="begin at this cell: its number (from 1) or id")
    options.add_argument("--to", dest="last", metavar="CELL", help="end after this cell")
    options.add_argument(
        "--detach", action="store_true", help="run in a session that outlives this terminal; opening FILE shows the run"
    )
    options.add_argument("--wait", action="store_true", help="with --detach: wait for the end of the run, for its exit code")
    options.add_argument(
        "--keep", action="store_true", help="with --detach: keep the session and its kernel after the run (without -o: always)"
    )
    options.add_argument("--stream", action="store_true", help="print outputs line by line as they come")
    report = options.add_mutually_exclusive_group()
    report.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    report.add_argument("--json", action="store_true", help="a JSON object for each notebook: cells, status, seconds, error")
    return options


def _check_detached(parsed: argparse.Namespace) -> None:
    """Raises UsageError for options that do not go with --detach, or only go with it."""
    if not parsed.detach:
        for name in ("wait", "keep"):
            if getattr(parsed, name):
                raise UsageError(f"--{name} is for runs in sessions", hint="give --detach, too")
        return
    if len(parsed.files) > 1 or parsed.jobs > 1:
        raise UsageError("--detach runs one notebook: a session has one", hint="begin a run for each notebook")
    for name in ("stream", "json"):
        if getattr(parsed, name):
            raise UsageError(
                f"--{name} prints what a run in a session leaves to the notebook",
                hint="leave it out; `tuinb do FILE watch` prints what happens",
            )


def _jobs(parsed: argparse.Namespace) -> list[Job]:
    """Returns a job for each notebook, with the file to save to. Raises UsageError."""
    from tuinb.headless.run.job import Job

    if parsed.stream and (parsed.quiet or parsed.json):
        raise UsageError("--stream prints outputs, which --quiet and --json leave out", hint="give one or the other")
    if parsed.stream and parsed.jobs > 1:
        raise UsageError("--stream would mix the outputs of several notebooks", hint="leave out -j")
    options = batch.run_options(parsed, allow_errors=parsed.allow_errors, first=parsed.first, last=parsed.last)
    paths = batch.notebooks(parsed)
    return [Job(path, target, options) for path, target in zip(paths, _targets(paths, parsed), strict=True)]


def _targets(paths: Sequence[Path], parsed: argparse.Namespace) -> Sequence[Path | None]:
    if parsed.in_place:
        return paths
    if parsed.output is None:
        return [None] * len(paths)
    if parsed.output == "-":
        raise UsageError("a notebook is not saved to standard output", where="-o -", hint="name a file, or ./-")
    out = given_path(parsed.output)
    if is_remote(out):
        return _remote_targets(paths, out)
    if len(paths) == 1 and not disk.is_folder(out) and not parsed.output.endswith(os.sep):
        if not disk.is_folder(out.parent):
            raise UsageError("there is no such folder", where=str(out.parent), hint="make it, or check the name")
        refuse_other_kind(out, paths)
        return [out]
    if not disk.is_folder(out):
        raise UsageError("it is no folder", where=str(out), hint="make a folder for several notebooks, or save --in-place")
    targets = [out / path.name for path in paths]
    for target in targets:
        if targets.count(target) > 1:
            raise UsageError("two notebooks would be saved under this name", where=str(target), hint="run them one by one")
    return targets


def _remote_targets(paths: Sequence[Path], out: Path) -> Sequence[Path]:
    if len(paths) > 1:
        raise UsageError("several notebooks are not saved as one", where=shown(out), hint="save --in-place, or one by one")
    return [out]


def _report(parsed: argparse.Namespace, jobs: Sequence[Job], at_a_time: int) -> Report:
    from tuinb.headless.run.report import Report, ReportOptions

    silent = parsed.quiet or parsed.json
    saves = parsed.in_place or parsed.output is not None
    options = ReportOptions(parsed.quiet, parsed.json, outputs=not silent and not saves, stream=parsed.stream)
    return Report(options, len(jobs), at_a_time, stdout_closed=partial(batch.kill_unsaved_jobs, jobs))
