"""A thin line: runs a program on a pseudo-terminal of its own, and passes what it writes on late and slowly.

    python -m tests.bench.slow_line ROUND_TRIP RATE PROGRAM …      seconds, bytes a second

Each direction is late by half the round trip. Down the line go RATE bytes a second, and no more is read from the program than
fits: what it writes too much of waits in its terminal, as it would with sshd.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import sys
import termios
import time
import tty

import pexpect

_PIECE = 512
"""Bytes that are on the line at once, at most."""


async def relay(round_trip: float, rate: float, command: list[str]) -> int:
    """Runs the command behind the line until it ends; its exit code."""
    loop = asyncio.get_running_loop()
    size = fcntl.ioctl(0, termios.TIOCGWINSZ, bytes(8))
    rows, columns = int.from_bytes(size[0:2], sys.byteorder), int.from_bytes(size[2:4], sys.byteorder)
    child = pexpect.spawn(command[0], command[1:], dimensions=(rows, columns), echo=False)
    inner = child.fileno()

    def up() -> None:
        data = os.read(0, 65536)
        loop.call_later(round_trip / 2, os.write, inner, data)

    loop.add_reader(0, up)
    free = time.monotonic()
    while True:
        readable = asyncio.Event()
        loop.add_reader(inner, readable.set)
        await readable.wait()
        loop.remove_reader(inner)
        try:
            data = os.read(inner, _PIECE)
        except OSError:
            break
        free = max(free, time.monotonic()) + len(data) / rate
        await asyncio.sleep(free - time.monotonic())
        loop.call_later(round_trip / 2, os.write, 1, data)
    await asyncio.sleep(round_trip)
    child.close()
    return child.exitstatus or 0


def main() -> int:
    before = termios.tcgetattr(0)
    tty.setraw(0)
    try:
        return asyncio.run(relay(float(sys.argv[1]), float(sys.argv[2]), sys.argv[3:]))
    finally:
        termios.tcsetattr(0, termios.TCSANOW, before)


if __name__ == "__main__":
    sys.exit(main())
