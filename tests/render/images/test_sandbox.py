"""Limits of child processes that draw, and their end."""

from __future__ import annotations

import resource
import threading

import pytest

from tests.support import wait_for
from tuinb.render.images import sandbox

MEMORY = 1 << 30


def test_a_program_gives_back_what_it_makes_of_its_input() -> None:
    program = "give(sys.stdin.buffer.read() + sys.argv[1].encode())"
    assert sandbox.run(program, ["b"], b"a", 10, MEMORY) == b"ab"


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("sys.exit('no')", "it can't be drawn: no"),
        ("sys.exit('at x\\nError: wrong\\nat y')", "it can't be drawn: wrong"),
        ("sys.exit(1)", "it can't be drawn"),
        ("import os; os.abort()", "it can't be drawn"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGXCPU)", "it takes too long to draw"),
        ("give(bytes(2 << 20))", "it can't be drawn: its result is too large"),
        ("bytearray(2 << 30)", "it can't be drawn: MemoryError"),
        ("open('made', 'wb', 0).write(b'x')", "it can't be drawn"),
    ],
)
def test_why_nothing_is_drawn(program: str, why: str, monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.chdir(str(tmp_path))
    monkeypatch.setattr(sandbox, "LONGEST", 1 << 20)
    with pytest.raises(ValueError, match=f"^{why}"):
        sandbox.run(program, [], b"", 10, MEMORY)


def test_what_is_used_is_limited_where_more_is_set_aside() -> None:
    aside = "import mmap; mmap.mmap(-1, 8 << 30, prot=0, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS); give(b'x')"
    assert sandbox.run(aside, [], b"", 10, MEMORY, limit_data=True) == b"x"
    with pytest.raises(ValueError, match="MemoryError"):
        sandbox.run("bytearray(2 << 30)", [], b"", 10, MEMORY, limit_data=True)


def test_one_that_takes_too_long_is_ended() -> None:
    with pytest.raises(ValueError, match="too long"):
        sandbox.run("sys.stdin.read()\nwhile True: pass", [], b"", 0, MEMORY)


def test_the_time_is_that_of_the_processor() -> None:
    told = sandbox.run("give(repr(resource.getrlimit(resource.RLIMIT_CPU)).encode())", [], b"", 10, MEMORY)
    assert told == b"(10, 11)"


def test_a_limit_that_the_system_does_not_have(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "_LIMITS", sandbox._LIMITS.replace("setrlimit(kind", "setrlimit(-kind - 1"))
    assert sandbox.run("give(b'x')", [], b"", 10, MEMORY) == b"x"


async def test_all_end_with_the_program() -> None:
    ended: list[str] = []

    def draw() -> None:
        try:
            sandbox.run("while True: pass", [], b"", 60, MEMORY)
        except ValueError as error:
            ended.append(str(error))

    thread = threading.Thread(target=draw)
    thread.start()
    await wait_for(lambda: bool(sandbox._running))
    sandbox.kill_all()
    thread.join()
    assert ended == ["it can't be drawn"]
    assert not sandbox._running


def test_the_limits_are_those_of_the_child_alone() -> None:
    sandbox.run("pass", [], b"", 10, MEMORY)
    assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] != 0
