"""The command in the foreground: hands its terminal to a daemon, and waits until it is told to go.

The daemon reads and paints the terminal itself. This process stays because the shell waits for it, and because only it gets the
terminal's signals: they become messages. It imports neither asyncio nor Textual, so that attaching is quick, and so that the
daemon of another tab can be forked from it.

To go to another tab, the command first sees to it that the session there runs and answers, while the screen goes on. Then it
asks the screen to leave the terminal as it is, on the alternate screen and with raw keys, and hands it to the other session. So
nothing flickers, and what can't be opened is said on the screen that stays.
"""

from __future__ import annotations

import os
import select
import signal
import socket
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from tuinb import __version__
from tuinb.daemon import asking, frames
from tuinb.daemon.tabs import ANSWERS_WITHIN, Tab
from tuinb.errors import SessionError, TuinbError
from tuinb.foreground import NO_COMMAND
from tuinb.session.target import Arguments
from tuinb.terminal.terminal import RESET, Terminal

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator

    from tuinb.daemon.frames import Message
    from tuinb.daemon.tabs import Tabs
    from tuinb.terminal.terminal import Settings

_PATIENCE: Final = 10.0
"""Seconds after a signal to end in which the daemon may give the terminal back. After that, the command does so itself."""
_SAVES_WITHIN: Final = 30.0
"""Seconds that a session has to save its notebook."""
_ALL_TABS: Final = ("tabs", "saved", "discarded")
"""The scopes of commands.host in which all tabs are left."""
_LOST: Final = 1
"""Exit code if the daemon has ended without a word."""


class Begin(Protocol):
    """Begins the session of a tab and returns a connection to it. Raises TuinbError.

    `forked` has to be called in the process that is forked. `attended`: whether the user can be asked on the terminal.
    """

    def __call__(self, tab: Tab, forked: Callable[[], None], attended: bool) -> socket.socket: ...


def attend(tabs: Tabs, begin: Begin, *, picks: bool = False) -> int:
    """Shows the current tab on this terminal, and others as the user goes to them, until all are left. Returns the exit code.

    `picks`: whether to offer other notebooks at once. Raises TuinbError if the first one can't be shown.
    """
    return _Client(tabs, begin, Terminal(0, 1, dict(os.environ)), picks=picks).run()


def _folder() -> str:
    """Returns the working folder; empty if it was deleted."""
    try:
        return str(Path.cwd())
    except FileNotFoundError:
        return ""


class _Ending:
    """The connection to a session that was left, and has a last word to say."""

    def __init__(self, daemon: socket.socket, decoder: frames.Decoder) -> None:
        self.daemon = daemon
        self._decoder = decoder
        self.done = False

    def read(self) -> str:
        """Reads what came. Returns what the user should know."""
        try:
            data, _ = frames.receive(self.daemon)
            messages = self._decoder.feed(data)
        except (OSError, SessionError):
            data, messages = b"", []
        self.done = not data
        return _said(messages)


def _said(messages: list[Message]) -> str:
    """Returns what a session that was left says for the user."""
    return "".join(str(message.get("say") or "") for message in messages if message["t"] == "bye")


class _Client:
    """One terminal, on a connection to one daemon at a time."""

    def __init__(self, tabs: Tabs, begin: Begin, terminal: Terminal, *, picks: bool) -> None:
        self._tabs = tabs
        self._begin = begin
        self._terminal = terminal
        self._picks = picks
        self._settings = terminal.settings()
        self._daemon = socket.socket(socket.AF_UNIX)
        """The connection to the session that has the terminal."""
        self._decoder = frames.Decoder()
        self._descriptors: list[int] = []
        """Descriptors that came for programs to run."""
        self._program: subprocess.Popen[bytes] | None = None
        """The program that has the terminal."""
        self._exit_code = 0
        self._done = False
        self._left = False
        """Whether the daemon gave the terminal back, and only its end is waited for."""
        self._deadline: float | None = None
        """When to give up waiting for the daemon: to take the terminal, and after a signal to end or `bye`."""
        self._attached = False
        """Whether the daemon has taken the terminal."""
        self._told_to_end = False
        """Whether a signal to end has come."""
        self._shows = False
        """Whether a screen has had the terminal."""
        self._held = False
        """Whether the terminal is between two screens: raw, and on the alternate screen."""
        self._carried: object = None
        """The texts that were cut or copied, as the screen of the last tab left them."""
        self._next: Tab | None = None
        """The tab that the user goes to, from when its session was asked until it is shown."""
        self._next_is_new = False
        self._next_deadline: float | None = None
        self._endings: list[_Ending] = []
        self._signals_forgotten: Callable[[], None] = lambda: None

    def run(self) -> int:
        """Attaches, and obeys the daemons until the screen has ended. Returns the exit code."""
        daemon, within = self._connect(self._tabs.current)
        with _signals() as (signals, self._signals_forgotten):
            while self._terminal.in_background:  # as a shell starts a command with `&`
                os.kill(os.getpid(), signal.SIGSTOP)
            self._show(daemon, within)
            while not self._done:
                self._wait(signals)
            if not self._told_to_end:
                self._hear_endings()
        return self._exit_code

    # ---- connections

    def _connect(self, tab: Tab) -> tuple[socket.socket, float | None]:
        """Returns a connection to the session of a tab, which begins if there is none, and how long it may take to answer.

        Raises TuinbError.
        """
        daemon = tab.place.connect(ANSWERS_WITHIN)
        if daemon is not None:
            return daemon, ANSWERS_WITHIN
        # One that begins may take its time. While a screen has the terminal, no question can be asked there.
        return self._begin(tab, self._forget, not self._shows), None

    def _forget(self) -> None:
        """Makes a forked process one that has nothing of the terminal. Its descriptors were closed."""
        self._signals_forgotten()
        self._tabs.detach()
        self._daemon.detach()
        for ending in self._endings:
            ending.daemon.detach()

    def _show(
        self, daemon: socket.socket, within: float | None, *, say: str = "", leaving: str = "", typed: object = None
    ) -> None:
        """Hands the terminal to the current tab's session. `leaving`: how the user leaves all tabs. `typed`: keys for it."""
        self._daemon, self._decoder, self._descriptors = daemon, frames.Decoder(), []
        self._attached = self._left = False
        self._next = self._next_deadline = None
        self._deadline = None if within is None else time.monotonic() + within
        hello = self._hello(self._tabs.current.arguments)
        hello |= {"say": say, "leaving": leaving, "picks": self._picks and within is None, **self._tabs.described()}
        if typed:
            hello["typed"] = typed
        if self._carried is not None:
            hello["carried"] = self._carried
        if self._held:
            hello["held"] = _packed(self._settings)
        self._picks = False
        self._send(hello, (self._terminal.input_fd, self._terminal.output_fd))
        self._tabs.watch()

    def _hello(self, arguments: Arguments) -> Message:
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

    # ---- what comes

    def _wait(self, signals: int) -> None:
        watched = {fd: tab for tab in self._tabs if (fd := tab.watch_fd) is not None}
        endings = {ending.daemon.fileno(): ending for ending in self._endings}
        daemon = self._daemon
        readable, _, _ = select.select([daemon.fileno(), signals, *watched, *endings], [], [], self._time_left())
        if signals in readable:
            for number in os.read(signals, 1024):
                self._signal(signal.Signals(number))
        for fd in readable:
            if fd in watched:
                self._hear(watched[fd])
            elif fd in endings:
                self._hear_ending(endings[fd])
        if daemon.fileno() in readable:
            self._read()
        elif self._time_left() == 0.0:
            self._give_up()

    def _time_left(self) -> float | None:
        deadlines = [deadline for deadline in (self._deadline, self._next_deadline) if deadline is not None]
        return max(0.0, min(deadlines) - time.monotonic()) if deadlines else None

    def _give_up(self) -> None:
        """Gives up waiting for what a deadline was set for."""
        if self._next_deadline is not None and self._next_deadline <= time.monotonic():
            self._stay("its session does not answer; `tuinb sessions` says what can be done")
        elif self._attached:
            self._end("the session does not answer; it may go on")
        else:
            self._fall_back(SessionError("its session does not answer", hint="`tuinb sessions` says what can be done"))

    def _hear(self, tab: Tab) -> None:
        """Takes what the session of a tab says of itself. The user goes there once it has said something."""
        runs = tab.read()
        if tab is self._next and (not runs or tab.state is not None):
            if runs:
                self._next_deadline = None
                self._send({"t": "release"})
            else:
                self._stay(f"its session ended unexpectedly{_last_words(tab)}")
        elif not self._left:
            self._send({"t": "tabs", **self._tabs.described()})

    def _hear_ending(self, ending: _Ending) -> None:
        self._pass_on(ending.read())
        if ending.done:
            ending.daemon.close()
            self._endings.remove(ending)

    def _pass_on(self, said: str) -> None:
        """Says on the screen what a session said that was left."""
        if said:
            self._send({"t": "notice", "say": said.strip()})

    def _hear_endings(self) -> None:
        """Waits until the sessions that were ended have, as a command that ends one does."""
        deadline = time.monotonic() + _PATIENCE
        for ending in self._endings:
            while not ending.done:
                readable, _, _ = select.select([ending.daemon.fileno()], [], [], max(0.0, deadline - time.monotonic()))
                if not readable:
                    return
                _print(ending.read())

    def _signal(self, number: signal.Signals) -> None:
        if number is signal.SIGCHLD:
            self._reap()
        elif number in (signal.SIGINT, signal.SIGQUIT) and self._attached:
            self._send({"t": "key", "code": 128 + number})
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
        daemon = self._daemon
        try:
            data, descriptors = frames.receive(daemon)
        except ConnectionResetError:
            data, descriptors = b"", []
        self._descriptors += descriptors
        if not data:
            self._lose()
            return
        messages = self._decoder.feed(data)
        while messages:
            message = messages.pop(0)
            if (obey := _ORDERS.get(message["t"])) is not None:
                obey(self, message)
            if self._daemon is not daemon:
                self._pass_on(_said(messages))
                return

    # ---- the end of a screen

    def _lose(self) -> None:
        """Goes on after the daemon closed the connection: without a `bye`, it has ended unexpectedly."""
        lost = self._tabs.current
        words = f"the session ended unexpectedly; the next start offers unsaved changes{_last_words(lost)}"
        if self._left or self._told_to_end or len(self._tabs) == 1:
            self._end(words)
            return
        self._restore()
        self._daemon.close()
        lost.forget()
        at = list(self._tabs).index(lost)
        self._tabs.current = self._tabs[at - 1 if at else 1]
        self._show_any(f"{lost.path.name}: {words}.")

    def _end(self, problem: str) -> None:
        """Ends. Without a `bye`, gives the terminal back, which the daemon did not do, and says why."""
        if not self._left:
            self._restore()
            print(f"tuinb: {problem}.", file=sys.stderr)
            self._exit_code = _LOST
        self._done = True

    def _restore(self) -> None:
        self._held = False
        if self._settings is not None:
            self._terminal.restore(self._settings)
        with suppress(OSError):
            os.write(self._terminal.output_fd, RESET.encode())
        # What the terminal answered to questions of the daemon must not be typed into the shell.
        self._terminal.discard_input()

    def _fall_back(self, error: TuinbError) -> None:
        """Shows another tab, since the current one can't be shown. Raises the error if there is no other."""
        problem = f"{self._tabs.current.path.name}: {error}"
        self._daemon.close()
        if len(self._tabs) == 1 or self._told_to_end:
            self._restore()
            raise error
        self._tabs.remove(self._tabs.current)
        self._show_any(problem)

    def _show_any(self, say: str = "", *, leaving: str = "", typed: object = None) -> None:
        """Shows the current tab. Tabs that can't be shown are removed; if none can, ends and says why.

        `typed` is what was typed for the current tab, and for no other.
        """
        while True:
            tab = self._tabs.current
            try:
                daemon, within = self._connect(tab)
            except TuinbError as error:
                say, typed = f"{say}\n{tab.path.name}: {error}".strip(), None
                if len(self._tabs) == 1:
                    self._restore()
                    _print(f"tuinb: {say}\n")
                    self._exit_code, self._done = _LOST, True
                    return
                self._tabs.remove(tab)
            else:
                self._show(daemon, within, say=say, leaving=leaving, typed=typed)
                return

    def _stay(self, problem: str) -> None:
        """Says on the screen why the user can't go to a tab."""
        tab, self._next, self._next_deadline = self._next, None, None
        if tab is not None:
            tab.forget()
            if self._next_is_new:
                self._tabs.remove(tab)
            self._send({"t": "tabs", **self._tabs.described()})
            self._send({"t": "stay"})
            self._send({"t": "notice", "say": f"{tab.path.name}: {problem}.", "severity": "error"})

    # ---- orders of the daemon

    def attached(self, message: Message) -> None:
        self._attached = self._shows = True
        if not self._told_to_end:
            self._deadline = None

    def go(self, message: Message) -> None:
        """Begins to go to a tab: by its index, or with the path of a notebook, which becomes a tab if it is none."""
        index, path = message.get("tab"), message.get("path")
        if self._told_to_end:
            return
        if self._next is not None:
            self._send({"t": "notice", "say": f"{self._next.path.name} is being opened."})
            return
        if isinstance(path, str):
            before = self._tabs.current.arguments
            arguments = Arguments(path, no_kernel=before.no_kernel, theme=before.theme, graphics=before.graphics)
            new = Tab(Path(path), arguments)
            tab = self._tabs.find(new.place) or new
        elif isinstance(index, int) and 0 <= index < len(self._tabs):
            tab = self._tabs[index]
        else:
            tab = self._tabs.current
        if tab is self._tabs.current:
            self._send({"t": "stay"})
        else:
            self._ask_next(tab)

    def _ask_next(self, tab: Tab) -> None:
        """Sees to it that the session of a tab runs, and waits for its answer."""
        try:
            daemon, within = self._connect(tab)
            daemon.close()
            tab.forget()  # an answer of now is wanted
            tab.watch()
            if tab.watch_fd is None:
                raise SessionError("its session has ended")
        except TuinbError as error:
            self._send({"t": "stay"})
            self._send({"t": "notice", "say": str(error), "severity": "error"})
            return
        self._next_is_new = tab not in self._tabs
        if self._next_is_new:
            self._tabs.add(tab)
        self._next = tab
        self._next_deadline = None if within is None else time.monotonic() + within

    def left(self, message: Message) -> None:
        """Takes the terminal back as it is, and hands it to another tab."""
        self._held, self._carried = True, message.get("carried")
        before, then = self._tabs.current, message.get("then")
        ends = message.get("ends") is True
        if message.get("ended") is True:
            self._tabs.remove_ended()
        to_come = self._next if self._next is not None and self._next in self._tabs else None
        if self._told_to_end or (to_come is None and len(self._tabs) == 1):
            self._restore()
            self._left = True
            return
        self._endings.append(_Ending(self._daemon, self._decoder))
        self._daemon = socket.socket(socket.AF_UNIX)
        if to_come is not None:
            self._tabs.current = to_come
            if ends:
                self._tabs.remove(before)
            self._show_any(typed=message.get("typed"))
        else:
            self._tabs.remove(before)
            self._show_rest(str(then) if then in _ALL_TABS else "")

    def _show_rest(self, leaving: str) -> None:
        """Shows the current tab after another one was closed. If the user is `leaving` all, leaves those that need no word."""
        while leaving:
            tab = self._tabs.current
            if not self._ends_quietly(tab):
                break
            if len(self._tabs) == 1:
                self._restore()
                self._left = self._done = True
                return
            self._tabs.remove(tab)
        self._show_any(leaving=leaving)

    def _ends_quietly(self, tab: Tab) -> bool:
        """Ends the session of a tab, if one runs and its user needs not be asked. Returns whether the tab can be closed."""
        try:
            daemon = tab.place.connect(ANSWERS_WITHIN)
        except SessionError:
            return False  # who is shown it is told why
        if daemon is None:
            return True
        try:
            answer = asking.ask(daemon, "leave", ANSWERS_WITHIN)
        except SessionError:
            answer = {}
        if answer.get("ends") is True:
            daemon.setblocking(True)
            self._endings.append(_Ending(daemon, frames.Decoder()))
            return True
        daemon.close()
        return answer.get("asks") is False

    def save(self, message: Message) -> None:
        """Saves the notebooks of the other tabs that have unsaved changes."""
        saved, problems = [], []
        entries = self._tabs.described()["tabs"]
        for tab, entry in zip(self._tabs, entries, strict=True):
            if tab is self._tabs.current or not entry["modified"]:
                continue
            try:
                _save(tab)
            except SessionError as error:
                problems.append(f"{entry['name']} was not saved: {error}.")
            else:
                saved.append(str(entry["name"]))
        said = [f"Saved {', '.join(saved)}, too."] if saved else []
        self._send({"t": "notice", "say": " ".join([*problems, *said]), "severity": "error" if problems else "information"})

    def bye(self, message: Message) -> None:
        code, say = message.get("code"), message.get("say")
        self._exit_code = code if isinstance(code, int) else 0
        self._left = True
        self._done = message.get("ends") is not True
        self._deadline = time.monotonic() + _PATIENCE
        if isinstance(say, str):
            _print(say)

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
        self._fall_back(SessionError(str(message.get("say"))))


def _save(tab: Tab) -> None:
    """Saves the notebook of a tab. Raises SessionError with what its session says, if that fails."""
    daemon = tab.place.connect(ANSWERS_WITHIN)
    if daemon is None:
        raise SessionError("its session has ended")
    said: str = ""
    code: object = None
    request = {"version": __version__, "line": "save", "folder": str(tab.path.parent)}
    for part in asking.stream(daemon, "do", _SAVES_WITHIN, **request):
        said += str(part.get("say") or "")
        code = part.get("code", code)
    if code is None:
        raise SessionError("its session ended before it was done")
    if code:
        raise SessionError(said.strip().rstrip("."))


_ORDERS: dict[str, Callable[[_Client, Message], None]] = {
    "attached": _Client.attached,
    "bye": _Client.bye,
    "go": _Client.go,
    "save": _Client.save,
    "left": _Client.left,
    "stop": _Client.stop,
    "run": _Client.start_program,
    "refused": _Client.refused,
}
_WORDS: Final = {signal.SIGWINCH: "winch", signal.SIGCONT: "cont", signal.SIGTSTP: "tstp"}
"""Signals that the daemon is told of by name. The others end the screen."""
_ENDING: Final = (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGQUIT)


def _packed(settings: Settings | None) -> object:
    """Returns the settings of a terminal as JSON."""
    if settings is None:
        return None
    return [*settings[:-1], [value if isinstance(value, int) else value[0] for value in settings[-1]]]


def _last_words(tab: Tab) -> str:
    """Returns where the traceback of a daemon is that failed; empty if it was killed."""
    log = tab.place.log
    try:
        return f" (its last words are in {log})" if log.stat().st_size else ""
    except FileNotFoundError:
        return ""


def _print(text: str) -> None:
    if text:
        with suppress(OSError):  # the terminal is gone
            print(text, end="", file=sys.stderr, flush=True)


@contextmanager
def _signals() -> Iterator[tuple[int, Callable[[], None]]]:
    """Returns a descriptor from which the numbers of signals are read, a byte each, and what makes a fork forget it."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    os.set_blocking(writer, False)
    before = {number: signal.signal(number, lambda number, frame: None) for number in (*_WORDS, *_ENDING, signal.SIGCHLD)}
    woken = signal.set_wakeup_fd(writer)
    forgotten = False

    def forget() -> None:
        nonlocal forgotten
        forgotten = True
        signal.set_wakeup_fd(woken)
        for number, handler in before.items():
            signal.signal(number, handler)

    try:
        yield reader, forget
    finally:
        if not forgotten:
            forget()
            os.close(reader)
            os.close(writer)
