"""Drives a full-screen program on a pseudo-terminal as a person at a terminal would: keys in, a screen out.

The screen is pyte's. What pyte does not know (strings of APC and DCS, private CSI sequences) is taken out on the way, and what
a terminal answers (device attributes, modes, sizes, colours) is answered. All bytes, and when they came, are kept, so that the
tests can look at them and the benchmark can count them.
"""

from __future__ import annotations

import functools
import os
import re
import select
import signal
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import pexpect
import psutil
import pyte

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from types import TracebackType

ENTER, ESCAPE, TAB = "\r", "\x1b", "\t"
UP, DOWN, PAGE_UP, PAGE_DOWN, CTRL_END = "\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~", "\x1b[1;5F"
CELL_PIXELS = (8, 16)

_MARK = "TUINB_TEST_TERMINAL"
"""A variable of the environment by which processes that left the program's family, such as a session, are found."""
_NOT_INHERITED = {"PYTHONDONTWRITEBYTECODE", "NO_COLOR", "TMUX", "COLUMNS", "LINES"}
_SEQUENCE = re.compile(
    rb"\x1b(?:"
    rb"\[(?P<csi>[0-?]*[ -/]*[@-~])"
    rb"|\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    rb"|[PX^_](?P<string>.*?)\x1b\\"
    rb"|[ -/]*[0-OQ-WYZ\\`-~]"
    rb")",
    re.DOTALL,
)
_PRIVATE_THAT_PYTE_KNOWS = re.compile(rb"\?[0-9;]*[hlJK]")
_PLAIN = re.compile(rb"[0-9;:]*[@-~]")


class Terminal:
    """A program and its terminal. Use it as a context manager: leaving it ends the program and all its children."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        rows: int = 24,
        columns: int = 80,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        version: str = "emulator(1)",
        kitty: bool = False,
        sixel: bool = False,
        background: bytes = b"1010/1010/1010",
    ) -> None:
        """`version`, `kitty`, `sixel` and `background` are what it says of itself when it is asked."""
        self._version, self._kitty, self._background = version.encode(), kitty, background
        self._attributes = b"[?62;4;22c" if sixel else b"[?62;22c"
        environ = {name: value for name, value in os.environ.items() if name not in _NOT_INHERITED}
        environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}
        self._mark = f"{_MARK}={uuid4()}"
        environ |= dict([self._mark.split("=")]) | dict(env or {})
        self.screen = pyte.Screen(columns, rows)
        self._stream = pyte.ByteStream(self.screen)
        self._rest = b""
        self.raw = bytearray()
        """All that the program wrote."""
        self.arrivals: list[tuple[float, int]] = []
        """When something came (`perf_counter`), and how many bytes there were in all by then."""
        self.clipboard: list[bytes] = []
        """What was put on the clipboard by OSC 52, as it came."""
        self.strings: list[bytes] = []
        """Strings of APC and DCS, as they came: images among them."""
        self.started = time.perf_counter()
        self._child = pexpect.spawn(
            command[0],
            list(command[1:]),
            dimensions=(rows, columns),
            env=environ,
            cwd=str(cwd) if cwd else None,
            echo=False,
            preexec_fn=_heed_interrupts,
        )
        self._child.delaybeforesend = None
        assert self._child.pid is not None
        self.pid: int = self._child.pid
        self._family: list[psutil.Process] = []

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    # ---- keys and screen

    def send(self, keys: str | bytes) -> None:
        """Types. What the program paints meanwhile is taken in, so that neither waits for the other."""
        data = keys.encode() if isinstance(keys, str) else keys
        while data:
            _, writable, _ = select.select([], [self._child.fileno()], [], 0.01)
            if writable:
                data = data[os.write(self._child.fileno(), data[:1024]) :]
            if data:
                self.pump(0)

    def pump(self, seconds: float) -> int:
        """Waits at most so long for something to come, and takes it in; how many bytes that was."""
        descriptor = self._child.fileno()
        if descriptor < 0 or self._child.closed or not select.select([descriptor], [], [], seconds)[0]:
            return 0
        try:
            data = os.read(descriptor, 1 << 20)
        except OSError:  # Linux says EIO where the last holder of the other end is gone
            return 0
        if data:
            self.raw += data
            self.arrivals.append((time.perf_counter(), len(self.raw)))
            self._take(data)
        return len(data)

    @property
    def text(self) -> str:
        """The screen, a line for each row."""
        return "\n".join(map(self._row, range(self.screen.lines)))

    @property
    def status(self) -> str:
        """The last row."""
        return self._row(self.screen.lines - 1)

    def _row(self, number: int) -> str:
        # pyte's `display` fails where half of a wide character was overwritten.
        row = self.screen.buffer[number]
        return "".join(row[column].data for column in range(self.screen.columns))

    def shows(self, text: str) -> bool:
        """Whether the text is on the screen now."""
        return text in self.text

    def wait_for(self, condition: str | Callable[[], bool], *, within: float = 30.0) -> float:
        """Seconds until the text was on the screen, or the condition held, right after something came.

        Raises AssertionError, with the screen, where that does not happen.
        """
        holds: Callable[[], bool] = functools.partial(self.shows, condition) if isinstance(condition, str) else condition
        began = time.perf_counter()
        while not holds():
            if time.perf_counter() - began > within:
                raise AssertionError(f"not within {within:g} s: {condition!r}. The screen:\n{self.text}")
            if not self.pump(0.05) and not self._child.isalive() and not holds() and not self.pump(0.05):
                raise AssertionError(f"the program ended: {condition!r} did not happen. The screen:\n{self.text}")
        return max(0.0, self.arrivals[-1][0] - began) if self.arrivals else 0.0

    def settle(self, quiet: float = 0.3, *, within: float = 30.0) -> bool:
        """Takes in what comes until nothing has come for `quiet` seconds; whether that happened.

        On a busy machine more may come after that: what must have happened is to be waited for.
        """
        began = last = time.perf_counter()
        while time.perf_counter() - last < quiet:
            if time.perf_counter() - began > within:
                return False
            if self.pump(quiet / 10):
                last = time.perf_counter()
        return True

    def watch(self, seconds: float) -> None:
        """Takes in what comes for so long."""
        end = time.perf_counter() + seconds
        while (left := end - time.perf_counter()) > 0:
            self.pump(min(0.02, left))

    def resize(self, rows: int, columns: int) -> None:
        self.screen.resize(rows, columns)
        self._child.setwinsize(rows, columns)

    # ---- processes

    def family(self) -> list[psutil.Process]:
        """The program and all that descends from it, the session that it began included."""
        try:
            program = psutil.Process(self.pid)
            related = [program, *program.children(recursive=True)]
        except psutil.NoSuchProcess:
            related = []
        self._family = list(dict.fromkeys((*related, *self._marked())))
        return self._family

    def _marked(self) -> Iterator[psutil.Process]:
        """The processes whose environment has this terminal's mark."""
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                if self._mark.encode() in Path(f"/proc/{process.pid}/environ").read_bytes():
                    yield process

    def kernels(self) -> list[psutil.Process]:
        """The kernels that it started, and that are alive."""
        return [process for process in self.family() if is_kernel(process)]

    def kill(self, number: signal.Signals) -> None:
        """Sends the program a signal."""
        os.kill(self.pid, number)

    @property
    def descriptor(self) -> int:
        """The terminal's side of the pseudo-terminal."""
        return self._child.fileno()

    def hang_up(self) -> None:
        """Closes the terminal, as a connection that drops does."""
        self.family()
        self._child.close(force=False)

    @property
    def has_ended(self) -> bool:
        """Whether the program has ended."""
        return not self._child.isalive()

    def exit_code(self, *, within: float = 60.0) -> int:
        """Waits for the program to end; its exit code, or minus the signal that ended it."""
        deadline = time.perf_counter() + within
        while self._child.isalive():
            self.pump(0.02)
            if time.perf_counter() > deadline:
                raise AssertionError(f"still running after {within:g} s. The screen:\n{self.text}")
        while self.pump(0.02):
            pass
        return self._child.exitstatus if self._child.exitstatus is not None else -(self._child.signalstatus or 0)

    def close(self) -> None:
        """Ends the program and its children at once."""
        for process in {*self._family, *self.family()}:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._child.close(force=True)

    # ---- the terminal's side

    def _take(self, data: bytes) -> None:
        data = self._rest + data
        clean, at = bytearray(), 0
        while (start := data.find(b"\x1b", at)) >= 0:
            clean += data[at:start]
            found = _SEQUENCE.match(data, start)
            if found is None and len(data) - start < 1 << 20:
                self._rest = data[start:]
                break
            if found is None:
                raise AssertionError(f"not a sequence that terminals know: {data[start : start + 40]!r}")
            clean += self._known(found)
            at = found.end()
        else:
            self._rest = b""
            clean += data[at:]
        self._stream.feed(bytes(clean))

    def _known(self, found: re.Match[bytes]) -> bytes:
        """The sequence, where pyte knows it."""
        if (csi := found["csi"]) is not None:
            self._answer(csi)
            return found[0] if _PLAIN.fullmatch(csi) or _PRIVATE_THAT_PYTE_KNOWS.fullmatch(csi) else b""
        if (osc := found["osc"]) is not None:
            self._system_command(osc)
            return b""
        if found["string"] is None:
            return found[0]
        self.strings.append(found[0])
        if self._kitty and found["string"].startswith(b"G") and b",a=q," in found["string"]:
            self._reply(b"\x1b_Gi=31;OK\x1b\\")
        return b""

    def _answer(self, csi: bytes) -> None:
        rows, columns = self.screen.lines, self.screen.columns
        width, height = CELL_PIXELS
        fixed = {
            b"c": self._attributes,
            b"0c": self._attributes,
            b">c": b"[>1;4000;0c",
            b">0c": b"[>1;4000;0c",
            b">q": b"P>|%s\x1b\\" % self._version,
            b">0q": b"P>|%s\x1b\\" % self._version,
            b"5n": b"[0n",
            b"6n": b"[%d;%dR" % (self.screen.cursor.y + 1, self.screen.cursor.x + 1),
            b"14t": b"[4;%d;%dt" % (rows * height, columns * width),
            b"16t": b"[6;%d;%dt" % (height, width),
            b"18t": b"[8;%d;%dt" % (rows, columns),
            b"?u": b"[?0u",
        }
        if csi in fixed:
            self._reply(b"\x1b" + fixed[csi])
        elif mode := re.fullmatch(rb"\?([0-9]+)\$p", csi):
            self._reply(b"\x1b[?%s;%d$y" % (mode[1], 2 if mode[1] == b"2026" else 0))

    def _system_command(self, osc: bytes) -> None:
        if osc.startswith(b"52;"):
            self.clipboard.append(osc)
        elif osc in {b"10;?", b"11;?"}:
            colour = b"dddd/dddd/dddd" if osc == b"10;?" else self._background
            self._reply(b"\x1b]%s;rgb:%s\x1b\\" % (osc[:2], colour))

    def _reply(self, answer: bytes) -> None:
        with suppress(OSError):
            os.write(self._child.fileno(), answer)


def _heed_interrupts() -> None:
    """Makes SIGINT end the program, also where whatever runs the tests ignores it, as a job in the background does."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def is_kernel(process: psutil.Process) -> bool:
    """Whether it is a kernel that is alive."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and any("ipykernel" in word for word in process.cmdline())
    except psutil.NoSuchProcess:
        return False
