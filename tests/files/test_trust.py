"""Signing keeps trust and never grants it. Signing and validating never make a save fail."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from tests.files.support import opened, splice
from tuinb.files import trust

if TYPE_CHECKING:
    from pathlib import Path

OUTPUT = {"output_type": "display_data", "data": {"text/html": ["<b>x</b>"]}, "metadata": {}}
CELL: dict[str, Any] = {
    "cell_type": "code",
    "execution_count": 1,
    "id": "a",
    "metadata": {},
    "outputs": [OUTPUT],
    "source": ["x\n", "y"],
}


def data_of(cell: object) -> bytes:
    return json.dumps({"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}).encode()


DATA = data_of(CELL)
ODD = {"output_type": "display_data", "data": {"text/plain": "x"}, "metadata": []}


@pytest.fixture(autouse=True)
def jupyter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sets a temporary Jupyter data folder."""
    folder = tmp_path / "jupyter"
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(folder))
    return folder


def test_what_nobody_trusted_is_not_signed(jupyter: Path) -> None:
    endorsed = trust.endorse(DATA, DATA, trusted=None, own_outputs=False)
    assert endorsed == trust.Endorsed(trusted=False, notices=())
    assert not jupyter.exists()


def test_what_was_trusted_stays_so() -> None:
    trust.sign(DATA)
    changed = DATA.replace(b'"y"', b'"z"')
    assert not trust.was_trusted(changed)
    assert trust.endorse(DATA, changed, trusted=None, own_outputs=False).trusted
    assert trust.was_trusted(changed)


def test_outputs_of_this_session_are_trusted() -> None:
    assert trust.endorse(None, DATA, trusted=None, own_outputs=True).trusted
    assert trust.was_trusted(DATA)


def test_once_untrusted_content_is_not_trusted_for_having_been_saved() -> None:
    trust.sign(data_of(CELL | {"source": "other"}))
    assert not trust.endorse(DATA, DATA, trusted=False, own_outputs=False).trusted


def test_a_failure_is_a_notice(jupyter: Path) -> None:
    jupyter.write_text("not a folder", encoding="utf-8")
    endorsed = trust.endorse(DATA, DATA, trusted=True, own_outputs=False)
    assert not endorsed.trusted
    assert endorsed.notices[0].startswith("saved, but not signed")


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ({key: value for key, value in CELL.items() if key != "id"}, "cell 1: 'id' is a required property"),
        (CELL | {"outputs": [ODD]}, "cell 1, metadata of output 1: [] is not of type 'object'"),
        (CELL | {"execution_count": "\x1b[2J" * 90}, "cell 1: '\\x1b[2J"),
    ],
)
def test_the_first_problem_is_told(cell: object, problem: str) -> None:
    (notice,) = trust.endorse(None, data_of(cell), trusted=False, own_outputs=False).notices
    assert notice.startswith(f"saved, but it violates the notebook format: {problem}")
    assert len(notice) < 260
    assert notice.isprintable()


def test_a_problem_of_the_metadata() -> None:
    data = DATA.replace(b'"metadata": {}, "nbformat"', b'"metadata": {"kernelspec": 3}, "nbformat"')
    assert trust.first_problem(data).startswith("metadata: ")


def test_what_can_not_be_checked_is_told() -> None:
    (notice,) = trust.endorse(None, b"{", trusted=False, own_outputs=False).notices
    assert "it could not be checked" in notice


async def test_a_notice_is_given_once(tmp_path: Path) -> None:
    loaded = opened(tmp_path, data_of({key: value for key, value in CELL.items() if key != "id"}))
    saved = await loaded.file.save(loaded.notebook)
    assert len(await loaded.file.endorse(saved)) == 1
    assert loaded.file.trusted is False
    splice(loaded, 0, 0, "", "1")
    assert await loaded.file.endorse(await loaded.file.save(loaded.notebook)) == ()


def test_another_process_answers_the_same() -> None:
    trust.sign(DATA)
    changed = data_of(CELL | {"id": "?"})
    apart = trust.endorse_in_subprocess(DATA, changed, trusted=None, own_outputs=False)
    assert apart.trusted
    assert trust.was_trusted(changed)
    assert apart == trust.endorse(DATA, changed, trusted=None, own_outputs=False)
    assert len(apart.notices) == 1


def test_a_module_beside_the_notebook_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "nbformat.py").write_text("raise SystemExit(3)", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert trust.endorse_in_subprocess(None, DATA, trusted=None, own_outputs=True) == trust.Endorsed(trusted=True, notices=())


def test_a_process_that_can_not_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    (notice,) = trust.endorse_in_subprocess(None, DATA, trusted=True, own_outputs=True).notices
    assert notice.startswith("saved, but neither signed nor checked")


def test_the_child_process_imports_no_slow_check_of_formats(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "rfc3987_syntax.py").write_text(
        f"open({str(tmp_path / 'imported')!r}, 'w')\ndef is_valid_syntax(*_): return True\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    endorsed = trust.endorse_in_subprocess(None, DATA, trusted=None, own_outputs=True)
    assert endorsed == trust.Endorsed(trusted=True, notices=())
    assert not (tmp_path / "imported").exists()
