"""Modules that are imported after the package's files have changed."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = """
import pkgutil, shutil, sys, tempfile
from pathlib import Path
sys.dont_write_bytecode = True
import tuinb.imported
from tuinb import kept_package

if sys.argv[1] == "without a disk":
    def full(**options):
        raise OSError(28, "No space left on device")
    tempfile.TemporaryFile = full
kept_package.keep()
kept_package.keep()
if sys.argv[2] == "changed":
    for source in Path("tuinb").rglob("*.py"):
        source.write_text("raise RuntimeError('another version')")
else:
    shutil.rmtree("tuinb")

from tuinb import late
from tuinb.room import inner
print(late.NAME, inner.NAME, late.__file__ == str(Path("tuinb/late.py").resolve()))
print(sum(type(finder).__name__ == "KeptPackage" for finder in sys.meta_path))
print(pkgutil.get_data("tuinb.room", "data.txt"))
print(pkgutil.get_data("tuinb.room", "inner.py"))
print(sorted(path.name for path in Path("tuinb").rglob("*.pyc")))
try:
    import tuinb.added
except ImportError as error:
    print(error)
"""


@pytest.mark.parametrize("disk", ["with a disk", "without a disk"])
@pytest.mark.parametrize("bytecode", [False, True])
@pytest.mark.parametrize("files", ["changed", "gone"])
def test_they_are_those_of_the_version_that_runs(tmp_path: Path, disk: str, files: str, *, bytecode: bool) -> None:
    from tuinb import kept_package

    package = tmp_path / "tuinb"
    (package / "room").mkdir(parents=True)
    shutil.copy(kept_package.__file__, package)
    for name in ("__init__.py", "room/__init__.py", "imported.py"):
        (package / name).touch()
    for name in ("late.py", "room/inner.py"):
        (package / name).write_text(f"NAME = {name!r}\n")
    (package / "room" / "data.txt").write_text("data\n")
    if bytecode:
        subprocess.run([sys.executable, "-m", "compileall", "-q", "tuinb"], cwd=tmp_path, check=True)
    command = [sys.executable, "-c", PROGRAM, disk, files]
    done = subprocess.run(command, cwd=tmp_path, env={}, capture_output=True, text=True, check=True)
    first, finders, data, source, written, missing = done.stdout.splitlines()
    assert first == "late.py room/inner.py True"
    assert finders == "1"
    assert data == "b'data\\n'"
    assert "NAME = 'room/inner.py'" in source
    assert written == "[]" or (bytecode and files == "changed")
    assert missing == "No module named 'tuinb.added'"
