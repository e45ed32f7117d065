"""Writes to the terminal in order, and limits how much is on the way to it.

Frames are never queued: a frame is made only while `ready` is true, and `on_ready` is called when that becomes true again.
Everything else (modes, the bell, the clipboard) is sent in order and at any time. Small writes are made on the caller's thread
while they certainly don't block, because handing over to a thread costs milliseconds; else a thread writes.

A pipe to the terminal may hold megabytes (sshd's does). So after each kilobyte or so the terminal is asked for its device
attributes, which every terminal answers; what was sent before an answered question has arrived. The window of bytes on the way
grows while answers come promptly and shrinks when they queue behind output. After two questions in a row without an answer in
time no more are asked, until an answer comes.
"""

from __future__ import annotations

import os
import select
import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

QUESTION: Final = b"\x1b[c"
ASK_EVERY: Final = 1024
"""Bytes after which a question is sent."""
SMALLEST_WINDOW: Final = 2048
FIRST_WINDOW: Final = 4096
LARGEST_WINDOW: Final = 65536
PATIENCE: Final = 1.5
"""Seconds without an answer after which what was sent counts as arrived."""
MOST_TIMEOUTS: Final = 2
BURST_WINDOWS: Final = 8
"""Windows that a prompt line carries in a second."""
SLACK: Final = 0.1
"""Seconds beyond the quickest round trip in which an answer is still prompt."""
DIRECT_LIMIT: Final = 12 * 1024
"""Bytes on the way up to which a pseudo-terminal's buffer certainly has room."""


class FlowControl:
    """Counts the bytes on the way to the terminal. Pure: times are passed in, in seconds."""

    def __init__(self) -> None:
        self._sent = 0
        self._arrived = 0
        self._asked_at = 0
        self._questions: deque[tuple[int, float]] = deque()
        self._window = FIRST_WINDOW
        self._quickest = float("inf")
        self._timeouts = 0

    @property
    def in_flight(self) -> int:
        """Bytes sent that the terminal has not answered for."""
        return self._sent - self._arrived

    @property
    def asks(self) -> bool:
        """Whether the terminal is worth asking."""
        return self._timeouts < MOST_TIMEOUTS

    @property
    def open(self) -> bool:
        """Whether a frame may be sent."""
        return not self.asks or not self._questions or self.in_flight < self._window

    @property
    def answers_due(self) -> int:
        """Questions that the terminal has not answered yet."""
        return len(self._questions)

    @property
    def burst(self) -> float:
        """Bytes that the line carries in about a second; infinite for a line that is not known to be slow."""
        prompt = not self.asks or self._window == LARGEST_WINDOW
        return float("inf") if prompt else BURST_WINDOWS * self._window

    @property
    def round_trip(self) -> float | None:
        """The quickest answer in seconds; None before the first."""
        return None if self._quickest == float("inf") else self._quickest

    def sent(self, count: int) -> bool:
        """Counts `count` bytes. Returns whether a question should follow them."""
        self._sent += count
        if not self.asks:
            self._arrived = self._sent
            return False
        return self._sent - max(self._asked_at, self._arrived) >= ASK_EVERY

    def asked(self, now: float) -> None:
        """Notes that a question was sent."""
        self._asked_at = self._sent
        self._questions.append((self._sent, now))

    def answered(self, now: float) -> None:
        """Notes an answer."""
        self._timeouts = 0
        if not self._questions:
            return
        mark, asked = self._questions.popleft()
        self._arrived = max(self._arrived, mark)
        took = now - asked
        self._quickest = min(self._quickest, took)
        if took <= self._quickest + SLACK:
            self._window = min(LARGEST_WINDOW, self._window * 2)
        elif took > self._quickest + 2 * SLACK:
            self._window = max(SMALLEST_WINDOW, self._window // 2)

    def deadline(self) -> float | None:
        """Returns the time at which the oldest open question is given up; None if none is open."""
        return self._questions[0][1] + PATIENCE if self._questions else None

    def expire(self, now: float) -> bool:
        """Gives up questions whose time is over. Returns whether there were any."""
        deadline = self.deadline()
        if deadline is None or now < deadline:
            return False
        self._questions.clear()
        self._arrived = self._sent
        self._timeouts += 1
        self._window = SMALLEST_WINDOW
        return True


class TerminalWriter:
    """Writes to a terminal's file descriptor; safe to use from any thread.

    The first write that might block starts a thread.
    """

    def __init__(
        self,
        fd: int,
        on_ready: Callable[[], None],
        on_gone: Callable[[], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fd = fd
        self._on_ready = on_ready
        self._on_gone = on_gone
        self._clock = clock
        self._changed = threading.Condition(threading.RLock())
        self._queue: deque[bytes] = deque()
        self._writing = False
        self._stopping = False
        self._thread: threading.Thread | None = None
        self._flow = FlowControl()

    @property
    def ready(self) -> bool:
        """Whether a frame would go out at once."""
        with self._changed:
            self._flow.expire(self._clock())
            return not self._busy and not self._stopping and self._flow.open

    @property
    def waits_until(self) -> float | None:
        """The time at which to check `ready` again if no answer comes; None if `on_ready` will be called."""
        with self._changed:
            return self._flow.deadline()

    @property
    def burst(self) -> float:
        """Bytes that may be sent at once without delaying what follows by more than about a second."""
        with self._changed:
            return self._flow.burst

    @property
    def _busy(self) -> bool:
        return self._writing or bool(self._queue)

    def write(self, text: str) -> None:
        """Sends a control sequence, in order."""
        with self._changed:
            if not self._stopping:
                data = text.encode("utf-8", "replace")
                self._flow.sent(len(data))
                self._send(data)

    def frame(self, text: str) -> None:
        """Sends a frame, made since `ready` was true."""
        data = text.encode("utf-8", "replace")
        with self._changed:
            if self._stopping:
                return
            if self._flow.sent(len(data)):
                data += QUESTION
                self._flow.asked(self._clock())
            self._send(data)

    def ask(self, text: str) -> int:
        """Sends questions and, after them, the one that every terminal answers. Returns how many of the latter are open."""
        data = text.encode("utf-8", "replace") + QUESTION
        with self._changed:
            if self._stopping:
                return 0
            self._flow.sent(len(data))
            if self._flow.asks:
                self._flow.asked(self._clock())
            self._send(data)
            return self._flow.answers_due

    def answered(self) -> None:
        """Notes that the terminal answered a question."""
        with self._changed:
            self._flow.answered(self._clock())
            self._changed.notify_all()
            ready = not self._busy and self._flow.open
        if ready:
            self._on_ready()

    def settle(self) -> None:
        """Waits for the answers that are due: one that comes later would be typed into the shell."""
        with self._changed:
            if not self._flow.asks or self._stopping:
                return
            self._flow.asked(self._clock())
            self._send(QUESTION)
            patience = min(1.0, max(0.3, 3 * (self._flow.round_trip or 0.0)))
            self._changed.wait_for(lambda: not self._flow.answers_due, patience)

    def stop(self) -> None:
        """Writes what is queued, then ends."""
        with self._changed:
            self._stopping = True
            self._changed.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _send(self, data: bytes) -> None:
        if not self._busy and self._flow.asks and self._flow.in_flight <= DIRECT_LIMIT and self._has_room():
            data = data[self._write_some(data) :]
        if not data:
            return
        self._queue.append(data)
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="terminal-output", daemon=True)
            self._thread.start()
        self._changed.notify_all()

    def _has_room(self, milliseconds: int | None = 0) -> bool:
        """Whether writing would not block. Waits `milliseconds` for that; without end if None."""
        poll = select.poll()
        poll.register(self._fd, select.POLLOUT)
        return any(event & select.POLLOUT for _, event in poll.poll(milliseconds))

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._stopping)
                if not self._queue:
                    return
                data = self._queue.popleft()
                self._writing = True
            while data:
                done = self._write_some(data)
                data = data[done:]
                if not done:
                    self._has_room(None)
            with self._changed:
                self._writing = False
                ready = not self._queue and not self._stopping and self._flow.open
            if ready:
                self._on_ready()

    def _write_some(self, data: bytes) -> int:
        """Writes once. Returns the number of bytes that are done with: all of them if the terminal is gone."""
        try:
            return os.write(self._fd, data)
        except BlockingIOError:  # a program on the same terminal set it non-blocking
            return 0
        except OSError:
            with self._changed:
                self._stopping = True
            self._on_gone()
            return len(data)
