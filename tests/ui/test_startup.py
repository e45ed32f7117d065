"""What the first screen of a session says about the notebook that it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.support import write_notebook
from tuinb.config import Config
from tuinb.files import load
from tuinb.session.opening import StartOptions
from tuinb.ui.startup import Opening

if TYPE_CHECKING:
    from pathlib import Path


def notices(path: Path) -> tuple[str, ...]:
    return Opening.of(StartOptions(path, load.load(path), Config(), None, None)).notices


def test_a_rescue_file_of_the_first_version_is_named(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", "a = 1")
    assert notices(path) == ()
    old = write_notebook(tmp_path / "x.unsaved.ipynb", "a = 2").read_bytes()
    assert notices(path) == ("Unsaved changes of an earlier run, by tuinb 0.1, are in x.unsaved.ipynb.",)
    assert (tmp_path / "x.unsaved.ipynb").read_bytes() == old
