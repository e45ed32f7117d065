"""Saving: foreign changes are not overwritten, the content is that of one instant, and the file is recognised afterwards."""

from __future__ import annotations

import asyncio
import errno
import gc
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import nbformat
import pytest

from tests.files.support import change, opened, rendered, splice, undo
from tuinb.errors import ChangedOnDiskError, NotebookSaveError
from tuinb.files import atomic
from tuinb.files.load import Loaded, load, new
from tuinb.jobs import Jobs
from tuinb.notebook.changes import InsertCell, SetKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tuinb.files.disk import DiskState

TEXT = json.dumps(
    {
        "cells": [{"cell_type": "raw", "id": name, "metadata": {}, "source": [name]} for name in ("a", "b")],
        "metadata": {},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
)


@pytest.fixture
def loaded(tmp_path: Path) -> Loaded:
    return opened(tmp_path, TEXT)


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    made = Jobs()
    yield made
    made.close(wait=True)


def somebody_writes(path: Path, text: str) -> None:
    """Writes the file like another program, with the same size and times."""
    times = path.stat()
    path.write_text(text, encoding="utf-8")
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def test_a_file_that_somebody_changed_is_not_overwritten_unasked(loaded: Loaded) -> None:
    other = TEXT.replace('["b"]', '["B"]')
    somebody_writes(loaded.file.path, other)
    splice(loaded, 0, 0, "", "x")
    with pytest.raises(ChangedOnDiskError, match="another program changed it"):
        loaded.file.save_now(loaded.notebook)
    assert loaded.file.path.read_text(encoding="utf-8") == other
    loaded.file.save_now(loaded.notebook, overwrite=True)
    assert json.loads(loaded.file.path.read_bytes())["cells"][0]["source"] == ["xa"]


def test_a_write_that_comes_while_saving_is_seen(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def race(number: int) -> None:
        fsync(number)
        somebody_writes(loaded.file.path, "{}")

    splice(loaded, 0, 0, "", "x")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", race)
        with pytest.raises(ChangedOnDiskError):
            loaded.file.save_now(loaded.notebook)
    assert loaded.file.path.read_text(encoding="utf-8") == "{}"


def test_the_same_content_written_again_is_no_change(loaded: Loaded) -> None:
    loaded.file.path.write_text(TEXT, encoding="utf-8")
    os.utime(loaded.file.path, ns=(1, 1))
    loaded.file.save_now(loaded.notebook)


def test_a_file_that_is_gone_is_made_again(loaded: Loaded) -> None:
    loaded.file.path.unlink()
    loaded.file.save_now(loaded.notebook)
    assert loaded.file.path.read_text(encoding="utf-8") == TEXT


def test_what_took_the_place_of_the_file_is_not_overwritten(loaded: Loaded) -> None:
    loaded.file.path.unlink()
    loaded.file.path.mkdir()
    with pytest.raises(NotebookSaveError, match="that is a folder"):
        loaded.file.save_now(loaded.notebook)
    loaded.file.path.rmdir()
    os.mkfifo(loaded.file.path)
    with pytest.raises(NotebookSaveError, match="not a regular file"):
        loaded.file.save_now(loaded.notebook)


def test_a_new_notebook_does_not_overwrite_what_appeared(tmp_path: Path) -> None:
    made = new(tmp_path / "a.ipynb")
    (tmp_path / "a.ipynb").write_text("mine", encoding="utf-8")
    with pytest.raises(ChangedOnDiskError, match="already"):
        made.file.save_now(made.notebook)
    assert (tmp_path / "a.ipynb").read_text(encoding="utf-8") == "mine"


def test_saving_under_another_name(loaded: Loaded, tmp_path: Path) -> None:
    first, other = loaded.file.path, tmp_path / "other.ipynb"
    other.write_text("mine", encoding="utf-8")
    splice(loaded, 1, 1, "", "!")
    with pytest.raises(ChangedOnDiskError, match="already"):
        loaded.file.save_now(loaded.notebook, other)
    assert loaded.file.path == first
    loaded.file.save_now(loaded.notebook, tmp_path / "third.ipynb")
    assert loaded.file.path == tmp_path / "third.ipynb"
    assert first.read_text(encoding="utf-8") == TEXT
    splice(loaded, 1, 2, "", "!")
    loaded.file.save_now(loaded.notebook)
    assert load(loaded.file.path).notebook.at(1).source == "b!!"


def test_after_a_failed_save_the_next_one_succeeds(loaded: Loaded, monkeypatch: pytest.MonkeyPatch) -> None:
    splice(loaded, 0, 0, "", "x")

    def full(*_args: object) -> None:
        raise OSError(28, "full")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(NotebookSaveError, match="full"):
            loaded.file.save_now(loaded.notebook)
    assert loaded.file.path.read_text(encoding="utf-8") == TEXT
    loaded.file.save_now(loaded.notebook)
    assert loaded.file.path.read_bytes() == rendered(loaded) == TEXT.replace('["a"]', '["xa"]').encode()


async def test_what_is_saved_is_the_content_of_one_instant(loaded: Loaded, jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    reached, go_on = threading.Event(), threading.Event()
    replace = atomic.replace

    def slow(path: Path, data: bytes, *, check: Callable[[], None] | None = None) -> tuple[DiskState, tuple[str, ...]]:
        reached.set()
        go_on.wait(20)
        return replace(path, data, check=check)

    monkeypatch.setattr(atomic, "replace", slow)
    splice(loaded, 0, 0, "", "1")
    saving = asyncio.ensure_future(loaded.file.save(loaded.notebook, jobs=jobs))
    await jobs.run(reached.wait, 20)
    splice(loaded, 0, 0, "", "2")
    second = asyncio.ensure_future(loaded.file.save(loaded.notebook, jobs=jobs))
    go_on.set()
    first = await saving
    assert json.loads(first.data)["cells"][0]["source"] == ["1a"]
    assert json.loads((await second).data)["cells"][0]["source"] == ["21a"]
    assert loaded.file.path.read_bytes() == rendered(loaded)


async def test_a_save_that_nobody_waits_for_any_more_is_still_known(
    loaded: Loaded, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on = threading.Event(), threading.Event()
    fsync = os.fsync

    def slow(number: int) -> None:
        reached.set()
        go_on.wait(20)
        fsync(number)

    monkeypatch.setattr(os, "fsync", slow)
    splice(loaded, 0, 0, "", "1")
    saving = asyncio.ensure_future(loaded.file.save(loaded.notebook, jobs=jobs))
    await jobs.run(reached.wait, 20)
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    go_on.set()
    splice(loaded, 0, 0, "", "2")
    await loaded.file.save(loaded.notebook, jobs=jobs)
    assert load(loaded.file.path).notebook.at(0).source == "21a"


async def test_a_save_that_fails_when_nobody_waits_any_more_is_told_once(
    loaded: Loaded, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, go_on, failed = threading.Event(), threading.Event(), asyncio.Event()

    def full(number: int) -> None:
        reached.set()
        go_on.wait(20)
        raise OSError(errno.ENOSPC, "No space left on device")

    printed: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: printed.append(context))
    monkeypatch.setattr(os, "fsync", full)
    splice(loaded, 0, 0, "", "1")
    saving = asyncio.ensure_future(loaded.file.save(loaded.notebook, on_failed=failed.set, jobs=jobs))
    await jobs.run(reached.wait, 20)
    saving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await saving
    go_on.set()
    await failed.wait()
    await asyncio.sleep(0)  # the task ends after it told
    gc.collect()
    assert printed == []


async def test_the_shared_pool_serves_where_none_is_given(loaded: Loaded) -> None:
    saved = await loaded.file.save(loaded.notebook)
    assert saved.path == loaded.file.path
    assert saved.before == saved.data == TEXT.encode()


def test_metadata_that_nests_too_deep_to_write(loaded: Loaded) -> None:
    from tuinb.notebook.changes import SetMetadata

    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    applied = change(loaded, SetMetadata(loaded.notebook.at(0).id, "deep", deep))
    with pytest.raises(NotebookSaveError, match="too deep"):
        loaded.file.save_now(loaded.notebook)
    assert applied.touched
    assert loaded.file.path.read_text(encoding="utf-8") == TEXT
    # Freed step by step, because Python's recursive deallocation would nest as deeply.
    while deep:
        deep = deep.pop()  # type: ignore[assignment]


def test_another_spelling_of_the_same_path_is_the_same_file(
    loaded: Loaded, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link.ipynb").symlink_to("a.ipynb")
    for name in ("a.ipynb", "link.ipynb"):
        splice(loaded, 0, 0, "", "x")
        assert loaded.file.save_now(loaded.notebook, Path(name)).path == Path(name)
    assert (tmp_path / "link.ipynb").is_symlink()
    assert load(tmp_path / "a.ipynb").notebook.at(0).source == "xxa"


# ---- what a kind of cells has no place for

_STREAM = {"name": "stdout", "output_type": "stream", "text": ["a\n"]}
_PICTURE = {"a.png": {"image/png": "AAAA"}}


def _with_results(kind: str, **keys: object) -> str:
    cell = {"cell_type": kind, "id": "a", "metadata": {}, "source": ["x"], **keys}
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def _validate(data: bytes) -> None:
    nbformat.validate(json.loads(data))


@pytest.mark.parametrize("kind", ["markdown", "raw"])
def test_outputs_of_cells_that_are_no_code_stay_until_the_kind_changes(tmp_path: Path, kind: str) -> None:
    text = _with_results(kind, attachments={}, outputs=[_STREAM], execution_count=3)
    loaded = opened(tmp_path, text)
    cell = loaded.notebook.at(0).id
    assert len(loaded.notebook.at(0).outputs) == 0
    splice(loaded, 0, 0, "", "#")
    assert rendered(loaded).decode() == text.replace('"x"', '"#x"')
    for other in {"code", "raw", "markdown"} - {kind}:
        loaded = opened(tmp_path, text)
        changed = change(loaded, SetKind(cell, other))
        _validate(rendered(loaded))
        undo(loaded, changed)
        assert rendered(loaded).decode() == text
        change(loaded, *changed.changes)
        _validate(loaded.file.save_now(loaded.notebook).data)
        undo(loaded, changed)
        loaded.file.save_now(loaded.notebook)
        assert load(loaded.file.path).notebook.at(0).kind == kind
        change(loaded, SetKind(cell, "code"))
        change(loaded, SetKind(cell, kind))
        _validate(rendered(loaded))


def test_attachments_are_not_written_for_code(tmp_path: Path) -> None:
    loaded = opened(tmp_path, text := _with_results("markdown", attachments=_PICTURE))
    cell = loaded.notebook.at(0)
    changed = change(loaded, SetKind(cell.id, "code"))
    for _ in range(2):
        saved = json.loads(loaded.file.save_now(loaded.notebook).data)
        _validate(json.dumps(saved).encode())
        assert "attachments" not in saved["cells"][0]
        splice(loaded, 0, 0, "", "#")
    copy = change(loaded, InsertCell(loaded.notebook.fresh(cell.data()), cell.id))
    _validate(rendered(loaded))
    undo(loaded, copy)
    undo(loaded, changed)
    splice(loaded, 0, 0, "##", "")
    assert json.loads(rendered(loaded)) == json.loads(text)


def test_attachments_of_code_that_are_none_are_not_written_for_markdown(tmp_path: Path) -> None:
    loaded = opened(tmp_path, _with_results("code", outputs=[], execution_count=None, attachments=3))
    change(loaded, SetKind(loaded.notebook.at(0).id, "markdown"))
    _validate(loaded.file.save_now(loaded.notebook).data)
    assert load(loaded.file.path).read_only == ""
