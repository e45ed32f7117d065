"""Calls a user whose terminals have all lost the focus, on the one that was looked at last."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.support import write_notebook

if TYPE_CHECKING:
    from pathlib import Path

    from tests.daemon.conftest import Attach
    from tests.terminal_emulator import Terminal

pytestmark = pytest.mark.kernel

RUN, BLUR = "\x05", "\x1b[O"
CALL = b"\x07\x1b]9;tuinb: x.ipynb: The kernel waits for input.\x07"


def calls(terminal: Terminal) -> int:
    return bytes(terminal.raw).count(CALL)


CODE = """\
import os, time
for step in 'ab':
    while not os.path.exists(step):
        time.sleep(0.01)
    print('got ' + input('more? '))
"""


def test_a_prompt_calls_once(attach: Attach, tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "x.ipynb", CODE)
    one = attach(path, version="kitty(0.35.2)")
    one.wait_for(lambda: "idle" in one.status)
    two = attach(path, version="kitty(0.35.2)")
    two.wait_for(lambda: "idle" in two.status)
    two.send(BLUR)
    one.send(RUN)
    one.wait_for("[*]")
    (tmp_path / "a").touch()
    one.wait_for(lambda: "INPUT" in one.status)
    two.wait_for("more?")
    one.send("1\r")
    one.wait_for("got 1")
    one.send(BLUR)
    one.settle()  # nothing shows that it has lost the focus
    (tmp_path / "b").touch()
    one.wait_for(lambda: calls(one) == 1)
    two.wait_for(lambda: two.shows("got 1") and two.shows("more?"))
    one.settle()
    assert (calls(one), calls(two)) == (1, 0)
    one.send("2\r")
    one.wait_for("got 2")
