"""Which process may write a notebook: what a second one finds, on this host and on another."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support import ROOT
from tuinb.files import claim as claims
from tuinb.files.claim import SILENT, Claim, Owner


@pytest.fixture
def notebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "a.ipynb"


def file_of(claim: Claim) -> Path:
    return claim._file


def test_one_at_a_time(notebook: Path, tmp_path: Path) -> None:
    first, second = Claim(notebook), Claim(notebook)
    assert first.take() is None
    owner = second.take()
    assert owner is not None
    assert (owner.pid, owner.is_here, owner.is_running) == (os.getpid(), True, True)
    assert f"process {os.getpid()}" in owner.name
    assert not second.is_held
    link = tmp_path / "link.ipynb"
    link.symlink_to(notebook)
    assert Claim(link).take() == owner
    assert Claim(tmp_path / "b.ipynb").take() is None
    first.release()
    assert second.take() is None
    second.release()
    assert not file_of(second).exists()


def test_what_a_killed_process_left_is_free(notebook: Path) -> None:
    code = f"""
import os
from pathlib import Path
from tuinb.files.claim import Claim
claim = Claim(Path({str(notebook)!r}))
claim.take()
os.kill(os.getpid(), 9)
"""
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False)
    claim = Claim(notebook)
    assert file_of(claim).exists()
    assert claim.take() is None
    claim.release()


def left_by(notebook: Path, owner: Owner, age: float) -> Claim:
    """A claim on a notebook whose file names an owner, written some seconds ago."""
    claim = Claim(notebook)
    file_of(claim).parent.mkdir(parents=True, exist_ok=True)
    file_of(claim).write_bytes(owner.pack())
    os.utime(file_of(claim), (time.time() - age,) * 2)
    return claim


def test_an_owner_on_another_host_counts_by_age_and_is_never_passed_over_unasked(notebook: Path) -> None:
    other = replace(Owner.of_this_process(), host="elsewhere")
    claim = left_by(notebook, other, 1.0)
    assert claim.take() == other
    assert not claim.is_silent
    claim = left_by(notebook, other, SILENT + 1)
    assert claim.is_silent
    assert claim.take() == other
    claim.seize()
    assert claim.is_held
    claim.release()


def test_without_locks_the_process_is_looked_up(notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "lock", lambda _: None)
    me = replace(Owner.of_this_process(), locked=False)
    assert left_by(notebook, me, 0.0).take() == me
    gone = replace(me, started="0")
    claim = left_by(notebook, gone, 0.0)
    assert claim.take() is None
    found = Owner.parse(file_of(claim).read_bytes())
    assert found is not None
    assert not found.locked
    claim.release()


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"{", b'{"host": 1}', b'{"host":1,"boot":"","pid":1,"started":"","since":1}', b"[" * 10**5]
)
def test_a_file_with_nonsense_in_it_names_nobody(notebook: Path, data: bytes) -> None:
    assert Owner.parse(data) is None
    claim = left_by(notebook, Owner.of_this_process(), 0.0)
    file_of(claim).write_bytes(data)
    assert claim.take() is None
    claim.release()


def test_a_request_is_seen_and_that_of_an_ended_process_is_removed(notebook: Path) -> None:
    owner, other = Claim(notebook), Claim(notebook)
    owner.take()
    assert owner.asked_by() is None
    other.ask()
    asker = owner.asked_by()
    assert asker is not None
    assert asker.pid == os.getpid()
    other.stop_asking()
    assert owner.asked_by() is None
    other._request.write_bytes(replace(Owner.of_this_process(), started="0").pack())
    assert owner.asked_by() is None
    assert not other._request.exists()
    owner.release()


def test_a_notebook_that_is_seized_is_lost_for_its_owner(notebook: Path) -> None:
    owner, other = Claim(notebook), Claim(notebook)
    owner.take()
    before = owner.is_lost
    other.seize()
    assert other.is_held
    assert (before, owner.is_lost) == (False, True)
    owner.release()
    assert file_of(other).exists()
    other.release()


def test_another_process_may_seize_a_notebook_faster(notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owner, other, third = Claim(notebook), Claim(notebook), Claim(notebook)
    owner.take()
    unlink = Path.unlink

    def slow(path: Path, missing_ok: bool = False) -> None:
        unlink(path, missing_ok)
        third.take()

    monkeypatch.setattr(Path, "unlink", slow)
    assert other.seize() == third.owner
    assert (other.is_held, third.is_held, third.is_lost) == (False, True, False)
    monkeypatch.setattr(Path, "unlink", unlink)
    third.release()
    owner.release()


def test_the_owner_renews_its_file(notebook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = Claim(notebook)
    claim.take()
    os.utime(file_of(claim), (0, 0))
    claim.renew()
    assert file_of(claim).stat().st_mtime == 0
    monkeypatch.setattr(claims, "_RENEWED", -1.0)
    claim.renew()
    assert not claim.is_silent
    claim.release()
    assert claim.owner is None
    assert claim.is_silent
