"""Servers that misbehave: each costs a sentence."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.lsp.support import command, served
from tests.support import ROOT, wait_for
from tuinb.errors import LanguageServerError
from tuinb.lsp import client as client_module
from tuinb.lsp import process as process_module
from tuinb.notebook.changes import CellId

C0 = CellId("c0")


@pytest.fixture(autouse=True)
def _in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_PAUSES", (0.01, 0.01))
    monkeypatch.setattr(process_module, "_END_SECONDS", 0.3)


@pytest.mark.parametrize(
    ("way", "why"),
    [
        ("garbage", "it writes what is no message of the protocol"),
        ("huge", "it writes a message of 99,999,999,999 bytes"),
        ("die-at-once", "it ended with exit code 3: out of luck"),
    ],
)
async def test_one_that_ends_each_time_is_left_alone(way: str, why: str) -> None:
    async with served("a = 1", arguments=(way,)) as it:
        await wait_for(lambda: bool(it.said))
        (said,) = it.said
        assert said.endswith(f": {why}. It is not started again; `:restart-language-servers` does")
        assert "It is not started again" in it.servers.report()
        with pytest.raises(LanguageServerError, match=r"not started again"):
            await it.servers.references(C0, 0)


async def test_one_that_writes_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "_MOST_MESSAGES", 5_000)
    async with served("a = 1", arguments=("flood",)) as it:
        await wait_for(lambda: bool(it.said))
        assert "it writes without end" in it.said[0]


async def test_one_that_never_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "_START_SECONDS", 0.05)
    async with served("a = 1", arguments=("mute",)) as it:
        await wait_for(lambda: bool(it.said))
        assert "it did not answer within 0.05 seconds" in it.said[0]


async def test_one_that_dies_is_started_again() -> None:
    async with served("old = BAD", arguments=("die-on-rename",)) as it:
        first = it.servers._clients[0].pid
        await wait_for(lambda: bool(dict(it.servers.problems)))
        with pytest.raises(LanguageServerError, match=r"it ended with exit code 3"):
            await it.servers.rename(C0, 0, "new")
        assert "is started again soon" in it.servers.report()
        assert not dict(it.servers.problems)
        await it.until_ready()
        assert it.servers._clients[0].pid != first
        await wait_for(lambda: bool(dict(it.servers.problems)))
        assert it.said == []
        assert len(await it.servers.references(C0, 0)) == 1


async def test_one_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.session.languages._LONG", 0.05)
    async with served("old = 1", arguments=("hang-on-rename",)) as it:
        pid = it.servers._clients[0].pid
        for seconds in (20, 0.01):
            monkeypatch.setattr(client_module, "_HANG_SECONDS", seconds)
            assert it.servers.offers("renameProvider")
            with pytest.raises(LanguageServerError, match=r"it did not answer within 0.05 seconds"):
                await it.servers.rename(C0, 0, "new")
        assert "it does not answer any more" in it.servers.report()
        await it.until_ready()
        assert it.servers._clients[0].pid != pid


async def test_late_answers_and_those_to_nobody_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.session.languages._LONG", 0.1)
    async with served("old = 1", arguments=("late",)) as it:
        with pytest.raises(LanguageServerError, match="did not answer"):
            await it.servers.references(C0, 0)
        monkeypatch.setattr("tuinb.session.languages._LONG", 5)
        assert len(await it.servers.references(C0, 0)) == 1


async def test_an_error_is_told() -> None:
    async with served("old = 1", arguments=("errors",)) as it:
        with pytest.raises(LanguageServerError, match="cannot do that"):
            await it.servers.references(C0, 0)


async def test_no_server_at_all() -> None:
    async with served("a", arguments=()) as it:
        it.servers._configured = {"python": []}
        await it.servers.restart()
        with pytest.raises(LanguageServerError, match=r"there is no language server that renames \(`pip install ty`\)"):
            await it.servers.rename(C0, 0, "new")


@pytest.mark.parametrize("way", ["", "stays"])
async def test_the_process_ends_with_the_session(way: str) -> None:
    async with served("a", arguments=(way,)) as it:
        pid = it.servers._clients[0].pid
        assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_a_server_that_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process_module, "_MOST_WAITING", 1_000_000)
    ended: list[str] = []
    process = process_module.ServerProcess(
        [sys.executable, "-c", "import time; time.sleep(60)"], {}, lambda _messages: None, lambda why, _log: ended.append(why)
    )
    process.send(b"x" * 2_000_000)
    await wait_for(lambda: bool(ended))
    assert ended == ["it does not read what it is told"]


async def test_a_program_that_can_not_be_run(tmp_path: Path) -> None:
    program = tmp_path / "server"
    program.write_text("#!/nowhere\n")
    program.chmod(0o700)
    with pytest.raises(LanguageServerError, match="it can't be run: No such file"):
        process_module.ServerProcess([str(program)], {}, lambda _messages: None, lambda _why, _log: None)


KILLED = """
import asyncio, os, signal, sys
from tuinb.lsp.process import ServerProcess

async def main():
    process = ServerProcess(sys.argv[1:], {}, lambda messages: None, lambda why, log: None)
    print(process.pid, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


@pytest.mark.parametrize(
    "way", ["", pytest.param("stays", marks=pytest.mark.skipif(sys.platform != "linux", reason="PDEATHSIG"))]
)
def test_no_server_outlives_a_kill(way: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, *command(way)], cwd=ROOT, capture_output=True, text=True, check=False)
    pid = int(done.stdout)
    until = time.monotonic() + 10
    while time.monotonic() < until:
        try:
            state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return
        if state == "Z":  # Its parent is gone; whoever it is given to reaps it.
            return
        time.sleep(0.01)
    raise AssertionError("it still runs")


async def test_nothing_waits_for_a_server_that_is_slow_to_read() -> None:
    async with served("a", arguments=("hang-on-rename",)) as it:
        asking = asyncio.ensure_future(it.servers.rename(C0, 0, "b"))
        await asyncio.sleep(0.05)
        began = time.process_time()
        for number in range(200):
            it.splice("c0", 1, "", str(number % 10))
            it.servers._sync()
        assert time.process_time() - began < 2
        asking.cancel()
