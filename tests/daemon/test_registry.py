"""The registry of sessions: what is listed, what is removed, and what is found by a name."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Event, Timer
from typing import TYPE_CHECKING

import pytest

from tuinb import processes
from tuinb.daemon import registry
from tuinb.daemon.places import Place
from tuinb.daemon.registration import Registration
from tuinb.errors import SessionError

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return registry.folder()


def entry(name: str = "x.ipynb", identity: str = "1", since: float = 1.0) -> registry.Entry:
    """Returns an entry of this process."""
    notebook = Path("/work") / name
    return registry.Entry.of(identity, notebook, Place.of(notebook), since, (None, ""))


@pytest.fixture
def ended() -> int:
    """Returns the number of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


@pytest.fixture
def kernel() -> Iterator[int]:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.kill()


def test_an_entry_is_private_and_comes_back(state: Path) -> None:
    assert registry.read() == registry.Listing()
    registry.write(entry())
    assert registry.read().entries == [entry()]
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    assert stat.S_IMODE((state / "1.json").stat().st_mode) == 0o600
    registry.remove(entry())
    assert not any(state.iterdir())


def test_a_later_entry_replaces_an_earlier_one_and_the_latest_session_comes_first() -> None:
    registry.write(entry("a.ipynb", "1", 1.0))
    registry.write(entry("b.ipynb", "2", 2.0))
    registry.write(entry("c.ipynb", "1", 1.0))
    assert [found.notebook for found in registry.read().entries] == ["/work/b.ipynb", "/work/c.ipynb"]


def test_entries_of_ended_processes_are_removed(state: Path, ended: int) -> None:
    registry.write(replace(entry(), pid=ended))
    registry.write(replace(entry(identity="2"), started="1"))
    registry.write(replace(entry(identity="3"), boot="another"))
    assert registry.read() == registry.Listing()
    assert not any(state.iterdir())


def test_a_session_that_left_its_kernel_stays_listed(ended: int, kernel: int) -> None:
    left = replace(entry(), pid=ended, kernel_pid=kernel, kernel_started=processes.start_of(kernel))
    registry.write(left)
    assert registry.read().entries == [left]
    assert left.left_kernel == kernel
    assert entry().left_kernel is None


def test_another_host_judges_its_own_entries() -> None:
    there = replace(entry(), host="elsewhere", boot="another", pid=1)
    registry.write(there)
    assert registry.read().entries == [there]
    assert not there.is_here
    assert not there.is_running
    assert there.left_kernel is None


FIELDS = json.dumps({"notebook": "/x", "socket": "/s", "host": "h", "boot": "b", "pid": 1, "started": "1", "since": 1e300})


@pytest.mark.parametrize("data", [b"", b"nonsense", b"[]", b"{}", b"\xff", b"[" * 100_000, FIELDS.encode(), b"1" * 100_000])
def test_garbage_is_named_and_stays(state: Path, data: bytes) -> None:
    registry.write(entry())
    (state / "2.json").write_bytes(data)
    found = registry.read()
    assert found.entries == [entry()]
    assert len(found.problems) == 1
    assert "2.json" in found.problems[0]
    assert (state / "2.json").exists()


def test_a_field_of_another_type_is_garbage(state: Path) -> None:
    registry.write(entry())
    fields = json.loads((state / "1.json").read_text())
    for name, value in (
        ("pid", "1"),
        ("pid", True),
        ("notebook", None),
        ("socket", "a\0b"),
        ("since", "now"),
        ("since", 10**400),
    ):
        (state / "1.json").write_text(json.dumps({**fields, name: value}))
        assert len(registry.read().problems) == 1
    (state / "1.json").write_text(json.dumps({**fields, "since": 1, "new": "a later version's"}))
    assert registry.read().entries == [entry()]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_no_session(state: Path) -> None:
    registry.write(entry())
    os.chown(state / "1.json", NOBODY, NOBODY)
    assert registry.read().entries == []
    assert "another user" in registry.read().problems[0]


def test_links_and_devices_are_no_sessions(state: Path, tmp_path: Path) -> None:
    registry.write(entry())
    (state / "1.json").rename(tmp_path / "1.json")
    (state / "1.json").symlink_to(tmp_path / "1.json")
    os.mkfifo(state / "2.json")
    (state / "3.json").mkdir()
    found = registry.read()
    assert (found.entries, len(found.problems)) == ([], 3)


def test_names() -> None:
    entries = [entry("a/data.ipynb", "1"), entry("b/data.ipynb", "2"), entry("b/model.ipynb", "3")]
    assert registry.choose(entries, "model") is entries[2]
    assert registry.choose(entries, "model.ipynb") is entries[2]
    assert registry.choose(entries, "/work/a/data.ipynb") is entries[0]
    assert registry.choose(entries, "a/data") is entries[0]
    assert registry.choose(entries, "2") is entries[1]
    assert registry.choose(entries, "el") is entries[2]
    assert registry.choose([*entries, entry("model/x.ipynb", "4")], "mod") is entries[2]
    with pytest.raises(SessionError, match=r"2 sessions are called so.*/work/a/data\.ipynb, /work/b/data\.ipynb"):
        registry.choose(entries, "data")
    for name in ("none", ""):
        with pytest.raises(SessionError, match=r"no session is called so.*model\.ipynb"):
            registry.choose(entries, name)
    with pytest.raises(SessionError, match="there is none"):
        registry.choose([], "x")


def test_a_path_without_links_names_a_session(tmp_path: Path) -> None:
    (tmp_path / "link.ipynb").symlink_to(tmp_path / "real.ipynb")
    found = registry.Entry.of("1", tmp_path / "real.ipynb", Place.of(tmp_path / "real.ipynb"), 1.0, (None, ""))
    assert registry.choose([found, entry(identity="2")], str(tmp_path / "link.ipynb")) is found
    assert found.place == Place.of(tmp_path / "real.ipynb")
    assert found.host == socket.gethostname()


def test_a_session_that_moves_is_found_where_it_listens_now(sockets: Path) -> None:
    before, now = entry("old.ipynb"), entry("new.ipynb")
    registry.write(before)
    with now.place.locked(), now.place.listen():
        writer = Timer(0.05, registry.write, [now])
        writer.start()
        found, connection = registry.connect(before, within=1)
        writer.join()
        assert found == now
        assert connection is not None
        connection.close()


def test_a_session_that_has_ended_is_not_waited_for(sockets: Path) -> None:
    gone = entry()  # its process runs, but it is not listed
    assert registry.connect(gone, within=1) == (gone, None)


async def test_an_answer_comes_after_the_entry(monkeypatch: pytest.MonkeyPatch) -> None:
    written, may_write = list[registry.Entry](), Event()

    def write(found: registry.Entry) -> None:
        may_write.wait()
        written.append(found)

    monkeypatch.setattr(registry, "write", write)
    registration = Registration(1.0, lambda lines: None)
    registration.update(Path("/work/new.ipynb"), entry().place, (None, ""), None)
    waiting = asyncio.create_task(registration.settle())
    await asyncio.sleep(0)
    assert not waiting.done()
    may_write.set()
    await waiting
    assert [found.notebook for found in written] == ["/work/new.ipynb"]
