"""The names of star imports."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

from tuinb.analysis.star_names import star_names

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("module", "name"), [("math", "sin"), ("typing", "List"), ("os.path", "join"), ("collections", "Counter"), ("sys", "argv")]
)
def test_a_module_of_python(module: str, name: str) -> None:
    names = star_names(module)
    assert names is not None
    assert name in names
    assert not any(other.startswith("__") for other in names)


@pytest.mark.parametrize("module", ["numpy", "", "antigravity", "this", "math.nothing", "test.support", "nothing_of_this_name"])
def test_other_modules_are_not_imported(module: str) -> None:
    assert star_names(module) is None


def test_a_file_of_that_name_is_not_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "chunk.py").write_text("raise SystemExit")
    (tmp_path / "sndhdr.py").write_text("raise SystemExit")
    (tmp_path / "wave.py").write_text("raise SystemExit")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "wave", raising=False)
    assert star_names("wave") is None


def test_a_module_that_does_not_say_where_it_is_from(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cgitb", ModuleType("cgitb"))
    assert star_names("cgitb") is None


def test_a_module_that_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tuinb.analysis.star_names.find_spec", lambda _: None)
    assert star_names("tabnanny") is None
