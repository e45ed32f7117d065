"""The command in the foreground: hands its terminal to the daemon, and waits until it is told to go.

The daemon reads and paints the terminal itself. This process stays because the shell waits for it, and because only it gets the
terminal's signals: they become messages. It imports neither asyncio nor Textual, so that attaching is quick.
"""

from __future__ import annotations

import os
import select
import signal
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tuinb import __version__
from tuinb.daemon import frames
from tuinb.errors import SessionError
from tuinb.foreground import NO_COMMAND
from tuinb.terminal.terminal import RESET, Terminal

if TYPE_CHECKING:
    import socket
    import subprocess
    from collections.abc import Callable, Iterator

    from tuinb.daemon.frames import Message
    from tuinb.session.target import Arguments

_PATIENCE: Final = 10.0
"""Seconds after a signal to end in which the daemon may give the terminal back. After that, the command does so itself."""
ANSWERS_WITHIN: Final = 10.0
"""Seconds that a session which runs has to take a terminal."""
_LOST: Final = 1
"""Exit code if the daemon has ended without a word."""


def attend(daemon: socket.socket, arguments: Arguments, log: Path, within: float | None) -> int:
    """Shows the session on this terminal until the screen ends. Returns the exit code.

    Raises SessionError if the session refuses, or does not take the terminal `within` so many seconds. `log` is what the daemon
    writes to its stderr.
    """
    return _Client(daemon, Terminal(0, 1, dict(os.environ)), log, within).run(_hello(arguments))


def _hello(arguments: Arguments) -> Message:
    return {
        "t": "hello",
        "v": frames.PROTOCOL,
        "version": __version__,
        "pid": os.getpid(),
        "env": dict(os.environ),
        "cwd": _folder(),
        "theme": arguments.theme,
        "graphics": arguments.graphics,
        "kernel": arguments.kernel or arguments.python,
        "existing": arguments.existing,
    }


def _folder() -> str:
    """Returns the working folder; empty if it was deleted."""
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return ""


class _Client:
    """One terminal on one connection to the daemon."""

    def __init__(self, daemon: socket.socket, terminal: Terminal, log: Path, within: float | None) -> None:
        self._log = log
        self._daemon = daemon
        self._terminal = terminal
        self._settings = terminal.settings()
        self._decoder = frames.Decoder()
        self._descriptors: list[int] = []
        """Descriptors that came for programs to run."""
        self._program: subprocess.Popen[bytes] | None = None
        """The program that has the terminal."""
        self._exit_code = 0
        self._done = False
        self._left = False
        """Whether the daemon gave the terminal back, and only its end is waited for."""
        self._deadline = None if within is None else time.monotonic() + within
        """When to give up waiting for the daemon: to take the terminal, and after a signal to end or `bye`."""
        self._attached = False
        """Whether the daemon has taken the terminal."""
        self._told_to_end = False
        """Whether a signal to end has come."""

    def run(self, hello: Message) -> int:
        """Attaches, and obeys the daemon until the screen has ended. Returns the exit code."""
        with _signals() as signals:
            while self._terminal.in_background:  # as a shell starts a command with `&`
                os.kill(os.getpid(), signal.SIGSTOP)
            self._send(hello, (self._terminal.input_fd, self._terminal.output_fd))
            while not self._done:
                self._wait(signals)
        return self._exit_code

    def _wait(self, signals: int) -> None:
        left = None if self._deadline is None else max(0.0, self._deadline - time.monotonic())
        readable, _, _ = select.select([self._daemon.fileno(), signals], [], [], left)
        if signals in readable:
            # Of two signals that came at once, the handler of the later one runs first. A key that interrupted the program
            # came before its end.
            for number in sorted(os.read(signals, 1024), key=signal.SIGCHLD.__eq__):
                self._signal(signal.Signals(number))
        if self._daemon.fileno() in readable:
            self._read()
        elif not readable and self._attached:
            self._end("the session does not answer; it may go on")
        elif not readable:
            raise SessionError("its session does not answer", hint="`tuinb sessions` says what can be done")

    def _signal(self, number: signal.Signals) -> None:
        if number is signal.SIGCHLD:
            self._reap()
        elif number in (signal.SIGINT, signal.SIGQUIT) and self._program is not None:
            pass  # it is the program's, which got it, too
        elif number is signal.SIGTSTP and self._program is not None:
            os.kill(os.getpid(), signal.SIGSTOP)
        elif number in _WORDS:
            self._send({"t": _WORDS[number]})
        else:
            self._send({"t": "hup", "code": 128 + number})
            if not self._told_to_end:
                self._deadline = time.monotonic() + _PATIENCE
            self._told_to_end = True

    def _send(self, message: Message, descriptors: tuple[int, ...] = ()) -> None:
        # Where the daemon is gone, reading says so.
        with suppress(BrokenPipeError, ConnectionResetError):
            frames.send(self._daemon, message, descriptors)

    def _read(self) -> None:
        try:
            data, descriptors = frames.receive(self._daemon)
        except ConnectionResetError:
            data, descriptors = b"", []
        self._descriptors += descriptors
        if not data:
            self._end(f"the session ended unexpectedly; the next start offers unsaved changes{self._last_words()}")
            return
        for message in self._decoder.feed(data):
            if (obey := _ORDERS.get(message["t"])) is not None:
                obey(self, message)

    def _end(self, problem: str) -> None:
        """Ends. Without a `bye`, gives the terminal back, which the daemon did not do, and says why."""
        if not self._left:
            self._restore()
            print(f"tuinb: {problem}.", file=sys.stderr)
            self._exit_code = _LOST
        self._done = True

    def _restore(self) -> None:
        if self._settings is not None:
            self._terminal.restore(self._settings)
        with suppress(OSError):
            os.write(self._terminal.output_fd, RESET.encode())
        # What the terminal answered to questions of the daemon must not be typed into the shell.
        self._terminal.discard_input()

    def _last_words(self) -> str:
        """Returns where the traceback of a daemon is that failed; empty if it was killed."""
        try:
            return f" (its last words are in {self._log})" if self._log.stat().st_size else ""
        except FileNotFoundError:
            return ""

    # ---- orders of the daemon

    def attached(self, message: Message) -> None:
        self._attached = True
        if not self._told_to_end:
            self._deadline = None

    def bye(self, message: Message) -> None:
        code, say = message.get("code"), message.get("say")
        self._exit_code = code if isinstance(code, int) else 0
        self._left = True
        self._done = message.get("ends") is not True
        self._deadline = time.monotonic() + _PATIENCE
        if isinstance(say, str) and say:
            with suppress(OSError):  # the terminal is gone
                print(say, end="", file=sys.stderr, flush=True)

    def stop(self, message: Message) -> None:
        os.kill(os.getpid(), signal.SIGSTOP)

    def start_program(self, message: Message) -> None:
        """Runs a program on the terminal. Its end is said by `ran`."""
        import subprocess

        given, self._descriptors = self._descriptors, []
        argv, environ = [str(word) for word in message.get("argv", ())], dict(message.get("env", {}))
        try:
            self._program = subprocess.Popen(argv, stdin=given[0] if given else None, env={**os.environ, **environ})
        except OSError:
            self._send({"t": "ran", "code": NO_COMMAND})
        finally:
            for descriptor in given:
                os.close(descriptor)
        self._reap()

    def _reap(self) -> None:
        if self._program is not None and (code := self._program.poll()) is not None:
            self._program = None
            self._send({"t": "ran", "code": code})

    def refused(self, message: Message) -> None:
        raise SessionError(str(message.get("say")))


_ORDERS: dict[str, Callable[[_Client, Message], None]] = {
    "attached": _Client.attached,
    "bye": _Client.bye,
    "stop": _Client.stop,
    "run": _Client.start_program,
    "refused": _Client.refused,
}
_WORDS: Final = {signal.SIGWINCH: "winch", signal.SIGCONT: "cont", signal.SIGTSTP: "tstp"}
"""Signals that the daemon is told of by name. The others end the screen."""
_ENDING: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


@contextmanager
def _signals() -> Iterator[int]:
    """Returns a descriptor from which the numbers of signals are read, a byte each."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    before = {number: signal.signal(number, lambda number, frame: None) for number in (*_WORDS, *_ENDING, signal.SIGCHLD)}
    woken = signal.set_wakeup_fd(writer)
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reader)
        os.close(writer)
