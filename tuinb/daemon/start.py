"""Finds the session of a notebook, or begins one: the fork that makes the daemon.

The order matters. The socket listens before the fork, so that the command can connect at once. The fork comes before asyncio,
zmq, Textual and threads, none of which survives one, and before the file is read: what the command has in memory then, it keeps
while it waits, and the daemon copies each page of it that it writes to. The daemon reads the file, and sends an error to the
command, which raises it. Only what may ask a question is read before the fork. The kernel is spawned last, or that of a killed
session adopted (adopting.py).
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING, Final, NoReturn

from tuinb.daemon import asking, client
from tuinb.daemon.places import Place
from tuinb.daemon.tabs import ANSWERS_WITHIN, Tab, Tabs
from tuinb.errors import SessionError, TuinbError, is_remote, shown
from tuinb.files import disk
from tuinb.session.target import Target, settings, untitled

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from pathlib import Path

    from tuinb.headless.run.job import Job
    from tuinb.session.opening import StartOptions
    from tuinb.session.target import Arguments


_MOST_DESCRIPTORS: Final = 1 << 16
"""Number from which no descriptor is expected. Some systems name no limit."""
_READ: Final = b"read"
"""What the daemon answers the command once it has read the notebook. Another answer is an error."""
_OPEN: Final[list[object]] = []
"""Connections whose commands wait for the end of this process."""


def open_notebook(arguments: Arguments, target: Target) -> int:
    """Attaches this terminal to the notebook's session, which begins if there is none. Returns the exit code.

    Raises NotebookFileError and SessionError. In the daemon, raises SystemExit at its end.
    """
    if arguments.file is None:
        # A new notebook that nobody looks at is what its user comes back to; one on another terminal is not.
        from dataclasses import replace

        target = replace(target, path=untitled(target.path.parent, _is_shown))
    tabs = Tabs(Tab(target.path, arguments))
    for name in arguments.more:
        tab = Tab(disk.absolute_path(name), _for_file(arguments, name))
        if tabs.find(tab.place) is None:
            tabs.append(tab)
    return client.attend(tabs, begin_tab, picks=arguments.file is None)


def _for_file(arguments: Arguments, name: str) -> Arguments:
    from dataclasses import replace

    return replace(arguments, file=name, more=())


def begin_tab(tab: Tab, forked: Callable[[], None], attended: bool) -> socket.socket:
    """Begins the session of a tab. Returns a connection to it. `forked` is called in the process that is forked.

    `attended`: whether its user can be asked on the terminal. Raises NotebookFileError and SessionError. In the daemon, raises
    SystemExit at its end.
    """
    target = Target(tab.path, *settings(tab.arguments.graphics))
    return _begin(tab.place, _reader(tab.arguments, target, attended=attended), tab.arguments, None, forked, attended)


def _reader(arguments: Arguments, target: Target, *, attended: bool = True) -> Callable[[], StartOptions]:
    """Returns what reads the notebook. Reads it now if its user may be asked for a password or a consent."""

    def read() -> StartOptions:
        from tuinb.session.opening import prepare

        return prepare(arguments, target)

    if attended and (arguments.server or arguments.existing is not None or is_remote(target.path)):
        options = read()
        return lambda: options
    return read


def begin_run(job: Job, options: StartOptions, *, keep: bool) -> socket.socket:
    """Begins a session without a terminal, which runs a job that was read. Returns a connection to it. Raises SessionError.

    In the daemon, raises SystemExit at its end.
    """
    if job.target is not None and job.target != options.path:
        _require_none(Place.of(job.target), job.target)
    _require_none(Place.of(options.path), options.path)
    return _begin(Place.of(options.path), lambda: options, None, (job, keep))


def _require_none(place: Place, path: Path) -> None:
    """Raises SessionError if a session of the notebook runs."""
    daemon = place.connect()
    if daemon is not None:
        daemon.close()
        raise _running(path)


def _running(path: Path) -> SessionError:
    hint = "`tuinb do FILE run-all` runs it there, `tuinb sessions` says more"
    return SessionError("a session of it is running", where=shown(path), hint=hint)


def _is_shown(notebook: Path) -> bool:
    """Returns whether a terminal shows the notebook's session."""
    daemon = Place.of(notebook).connect()
    if daemon is None:
        return False
    with daemon:
        return bool(asking.ask(daemon, "status", ANSWERS_WITHIN).get("terminals"))


def _begin(
    place: Place,
    read: Callable[[], StartOptions],
    arguments: Arguments | None,
    run: tuple[Job, bool] | None = None,
    forked: Callable[[], None] = lambda: None,
    attended: bool = True,
) -> socket.socket:
    """Begins the session in a process of its own. Returns a connection to it. Raises what `read` raises, and SessionError.

    `run`: a job, and whether to stay after it. Without `arguments`, no kernel is adopted. `forked` is called in the new
    process. `attended`: see begin_tab.
    """
    with place.locked():
        daemon = place.connect()
        if daemon is not None:  # it was begun meanwhile
            if run is not None:
                daemon.close()
                raise _running(run[0].path)
            return daemon
        listener = place.listen()
        answer, answering = os.pipe()
        child = os.fork()
        if child:
            listener.close()
            os.close(answering)
            _await_begin(place, child, answer)
            daemon = place.connect()
    if not child:
        forked()
        _become_daemon(place, listener, answering, read, arguments, run, attended)
    assert daemon is not None, "the socket listens since before the fork"
    return daemon


def _await_begin(place: Place, child: int, answer: int) -> None:
    """Waits until the daemon has read the notebook. Raises the error that it met."""
    try:
        with open(answer, "rb") as answers:
            os.waitpid(child, 0)
            said = answers.read()
        if said != _READ:
            raise _error(said)
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(child, signal.SIGKILL)  # the daemon is in the group of the child that forked it
        place.abandon()
        raise


def _error(said: bytes) -> TuinbError:
    """Returns the error that the daemon met. The traceback of an unexpected one is on the terminal."""
    if not said:
        return SessionError("its session ended before it began")
    import pickle

    error = pickle.loads(said)
    assert isinstance(error, TuinbError)
    return error


def _become_daemon(
    place: Place,
    listener: socket.socket,
    answering: int,
    read: Callable[[], StartOptions],
    arguments: Arguments | None,
    run: tuple[Job, bool] | None,
    attended: bool,
) -> NoReturn:
    """Leaves the terminal's session and all files but the socket, runs the daemon, and ends the process.

    `attended`: the terminal is free for what goes wrong while the notebook is read.
    """
    os.setsid()
    if os.fork():
        os._exit(0)
    low, high = sorted((listener.fileno(), answering))
    os.closerange(3, low)
    os.closerange(low + 1, high)
    os.closerange(high + 1, _MOST_DESCRIPTORS)
    if not attended:
        _leave_terminal(place)
    options = _read(answering, read)
    if attended:
        _leave_terminal(place)
    try:
        _serve(place, listener, options, arguments, run)
    except Exception:
        # Not above: there is the command that was forked, which has handlers of its own.
        traceback.print_exc()
        sys.exit(1)
    sys.exit()


def _leave_terminal(place: Place) -> None:
    """Opens the log and /dev/null in place of the terminal."""
    null = os.open(os.devnull, os.O_RDWR)
    log = os.open(place.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_NOFOLLOW, 0o600)
    for number, source in enumerate((null, null, log)):
        os.dup2(source, number)
    os.close(null)
    os.close(log)


def _read(answering: int, read: Callable[[], StartOptions]) -> StartOptions:
    """Reads the notebook, and tells the command so. Ends the process after an error, or if the command has ended."""
    try:
        options = read()
    except TuinbError as error:
        import pickle

        os.write(answering, pickle.dumps(error))
        os._exit(1)
    try:
        os.write(answering, _READ)
    except BrokenPipeError:  # the command was killed
        os._exit(1)
    os.close(answering)
    return options


def _serve(
    place: Place, listener: socket.socket, options: StartOptions, arguments: Arguments | None, run: tuple[Job, bool] | None
) -> None:
    from tuinb.daemon import environment
    from tuinb.daemon.adopting import adopt_kernel

    environment.follow(dict(os.environ), place.agent)
    adopted = None
    if arguments is not None:
        options, adopted = adopt_kernel(options, arguments)
    kernels = options.kernels
    try:
        if kernels is not None:
            kernels.kept = True
            kernels.spawn_early()
        # Only now: these import asyncio and Textual.
        import asyncio

        from tuinb.daemon.server import serve

        batch = None
        if run is not None:
            from tuinb.daemon.batch_run import BatchRun

            batch = BatchRun(*run)
        _OPEN.append(asyncio.run(serve(options, place, listener, batch, adopted)))
    finally:
        if kernels is not None:
            kernels.abandon()
    place.remove_rest()
