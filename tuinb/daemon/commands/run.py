"""`tuinb run`, with `--detach`: a run in a session that outlives the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.headless.run import command

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from tuinb.headless.run.job import Job

arguments = command.arguments


def main(argv: Sequence[str]) -> int:
    """Runs the command and returns its exit code. In a daemon, raises SystemExit at its end."""
    return command.main(argv, _detach)


def _detach(job: Job, parsed: argparse.Namespace) -> int:
    """Begins the run. Waits for its end if asked to. Returns the exit code. Raises TuinbError."""
    import os
    import shlex

    from tuinb.daemon import logout
    from tuinb.daemon.commands.do import print_parts
    from tuinb.daemon.commands.running import Running
    from tuinb.daemon.start import begin_run
    from tuinb.headless.arguments import Exit
    from tuinb.headless.console import complain, tell
    from tuinb.session.opening import StartOptions
    from tuinb.session.target import settings
    from tuinb.terminal.textual_environ import prepare_textual

    loaded = job.loaded = job.read()
    config, problems = settings(None)
    options = StartOptions(job.path, loaded, config, config.theme, job.kernels, config_problems=problems)
    prepare_textual(os.environ)
    session = Running(str(job.path), begin_run(job, options, keep=parsed.keep or job.target is None))
    name = shlex.quote(parsed.files[0])
    with session:
        if not parsed.quiet and (said := logout.warning()):
            complain(said)
        if not parsed.wait:
            if not parsed.quiet:
                tell(f"{parsed.files[0]} runs in a session: `tuinb {name}` shows it, `tuinb sessions` lists it")
            return Exit.OK
        try:
            return print_parts(session.stream("wait"), quiet=parsed.quiet)
        except KeyboardInterrupt:
            complain(f"the run goes on; `tuinb sessions interrupt {name}` interrupts it")
            return Exit.INTERRUPTED
