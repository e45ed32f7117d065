"""Temporary files beside the files that they replace: what a killed process left goes away, and what is in use stays."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from tuinb.files import locks, temporary

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "a.ipynb"


def names(target: Path) -> set[Path]:
    return set(target.parent.iterdir())


def test_what_was_left_is_removed_by_the_next_one(target: Path) -> None:
    left, number = temporary.create(target, 0o600)
    os.close(number)
    assert names(target) == {left}
    again, number = temporary.create(target, 0o600)
    assert names(target) == {again}
    assert os.fstat(number).st_size == 0
    os.close(number)


def test_what_was_left_is_removed_at_the_start(target: Path) -> None:
    os.close(temporary.create(target, 0o600)[1])
    temporary.remove_left(target)
    assert names(target) == set()


def test_a_save_that_goes_on_keeps_its_file(target: Path) -> None:
    found = [temporary.create(target, 0o600) for _ in range(10)]
    temporary.remove_left(target)
    assert names(target) == {path for path, _ in found}
    assert len(names(target)) == 10
    for _, number in found:
        os.close(number)


def test_another_name_has_another_file(target: Path) -> None:
    path, number = temporary.create(target, 0o600)
    os.close(number)
    temporary.remove_left(target.with_name("b.ipynb"))
    assert names(target) == {path}


def test_a_planted_link_is_not_followed(target: Path, tmp_path: Path) -> None:
    path, number = temporary.create(target, 0o600)
    os.close(number)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")
    other, number = temporary.create(target, 0o600)
    os.close(number)
    assert other != path
    assert path.is_symlink()
    assert not (tmp_path / "elsewhere").exists()


def test_without_locks_only_old_ones_are_removed(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(temporary, "lock", lambda _: None)
    path, number = temporary.create(target, 0o600)
    os.close(number)
    temporary.remove_left(target)
    assert names(target) == {path}
    os.utime(path, (time.time() - 7200,) * 2)
    temporary.remove_left(target)
    assert names(target) == set()


def test_a_file_that_another_process_removed_first_is_made_again(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    removed: list[Path] = []

    def is_at(path: Path, descriptor: int) -> bool:
        if not removed:
            removed.append(path)
            path.unlink()
        return locks.is_at(path, descriptor)

    monkeypatch.setattr(temporary, "is_at", is_at)
    path, number = temporary.create(target, 0o600)
    os.close(number)
    assert names(target) == {path}
