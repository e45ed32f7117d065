"""Hostile notebooks and kernels through the real program: on the wire is only what tuinb itself writes.

Nothing shown makes it touch the network, or a file but images below the notebook's folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.e2e.hostile import ELSEWHERE, GOOD, NASTY, Source, dumps, notebook
from tests.e2e.watched import events
from tests.support import ROOT, write_notebook
from tests.terminal_emulator import ENTER, ESCAPE, PAGE_DOWN, TAB, Terminal
from tests.wire_grammar import foreign

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME = "no\x1b]0;owned\x07\n\u202e\x9b31m.ipynb"
WATCHED = [sys.executable, "-m", "tests.e2e.watched"]
PLACES: Mapping[str, Mapping[str, str]] = {
    "kitty": {},
    "sixel": {"COLORTERM": ""},
    "iterm": {"TERM_PROGRAM": "iTerm.app"},
    "none": {"TERM": "xterm", "COLORTERM": "", "LANG": "en_GB.ISO-8859-1", "LC_ALL": "en_GB.ISO-8859-1"},
}
"""How images are shown, in true colours, in 256, and in sixteen and ASCII → what the environment says."""
IMAGES = {"kitty": b"\x1b_Ga=T", "sixel": b"\x1bP0;1;0q", "iterm": b"\x1b]1337;File="}
KEYS = (
    "?", ESCAPE, ":theme\r", "jjj", ESCAPE, "l", "jjG", ESCAPE, "t", "j", ESCAPE, "O", "\x06", "a\r", ESCAPE, "F", "<>", "gg",
    ENTER, "\x1b[200~\x1b]0;pasted\x07\x1b[201~", ESCAPE, "dd", "z", "Y", "\x13", ESCAPE,
)  # fmt: skip
"""What is pressed in every notebook: help, themes, a viewer, types, find, editing, a paste, undo, copying, saving."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A notebook's folder with a good image, and with baits beside and below it."""
    folder = tmp_path / "nb"
    folder.mkdir()
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret.png").write_bytes(GOOD)
    (folder / "good.png").write_bytes(GOOD)
    (folder / "link.png").symlink_to("../outside/secret.png")
    os.mkfifo(folder / "pipe.png")
    return folder


_PAGES, _MOST_PAGES, _ROUND = 6, 64, 16


def drive(terminal: Terminal, image: bytes = b"") -> None:
    """Looks at the pages of a notebook, and opens what can be opened.

    `image` is what an image begins with: more pages are looked at until it was seen.
    """
    terminal.wait_for(lambda: "COMMAND" in terminal.status)
    terminal.settle(0.3, within=5)
    for page in range(_MOST_PAGES):
        if page >= _PAGES and image in terminal.raw:
            break
        # A busy machine may decode an image only after its page was left: all pages are looked at again, and longer, since a
        # sixel is laid only once all is still.
        terminal.send("gg" if page and page % _ROUND == 0 else PAGE_DOWN)
        terminal.settle(0.1 if page < _ROUND else 1, within=3)
        if image not in terminal.raw and terminal.shows("▀"):
            with suppress(AssertionError):  # where it is cut by the screen's edge it stays blocks
                terminal.wait_for(lambda: image in terminal.raw, within=5)
    for keys in KEYS:
        terminal.send(keys)
        terminal.settle(0.05, within=2)
    terminal.resize(20, 50)
    terminal.settle(0.2, within=3)
    terminal.kill(signal.SIGTERM)
    assert terminal.exit_code() == 128 + signal.SIGTERM, "it ended by itself:\n" + bytes(terminal.raw[-8000:]).decode(
        errors="replace"
    )


def touched(log: Path, folder: Path, terminal: str) -> list[tuple[str, str]]:
    """What was opened, connected to or started that showing a notebook does not need. SVG is drawn by a Python of its own."""
    homes = [
        os.environ[name]
        for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME", "XDG_DATA_HOME", "JUPYTER_DATA_DIR")
    ]
    mine: list[str | Path] = [
        sys.prefix,
        sys.base_prefix,
        ROOT,
        folder,
        "/dev/null",
        "/dev/tty",
        "/dev/shm",
        "/proc",
        "/usr/lib",
        "/usr/share",
        *homes,
    ]
    allowed = [str(Path(place).resolve()) for place in mine]
    return [
        (event, first)
        for event, first in events(log)
        if (event, first) not in (("subprocess.Popen", sys.executable), ("open", terminal))
        and not (
            event == "open"
            and (first.isdecimal() or any(str((folder / first).resolve()).startswith(place) for place in allowed))
        )
    ]


@pytest.mark.parametrize("seed", range(len(PLACES)), ids=PLACES)
def test_a_hostile_notebook(folder: Path, seed: int) -> None:
    graphics = list(PLACES)[seed]
    path = folder / NAME
    path.write_text(dumps(notebook(seed)))
    log = folder.parent / "log"
    env = {"PYTHONPATH": str(ROOT), "BROWSER": "false", "HOME": str(folder.parent), "TMPDIR": str(folder), **PLACES[graphics]}
    with Terminal(
        [*WATCHED, str(log), str(path), "--no-kernel", "--no-session", "--graphics", graphics],
        rows=120,
        columns=100,
        env=env,
        cwd=folder,
    ) as terminal:
        name = str(Path(f"/proc/{terminal.pid}/fd/0").readlink())
        drive(terminal, IMAGES.get(graphics, b""))
        raw = bytes(terminal.raw)
    assert len(raw) > 20_000
    assert raw.count(b"\x1b[?1049l") == 1
    assert b"can't be drawn (" not in raw, "a renderer failed"
    assert [name for name, start in IMAGES.items() if start in raw] == [name for name in IMAGES if name == graphics]
    assert foreign(raw, copies=True, images=graphics in IMAGES) == []
    assert not [copied for copied in terminal.clipboard if b"cHduZWQ" in copied]
    assert touched(log, folder, name) == []


def test_links_of_a_hostile_notebook_are_followed_as_one_address_each(folder: Path) -> None:
    browser, log = folder / "browser", folder / "followed"
    browser.write_text(f"#!/bin/sh\nprintf '%s\\n' $# \"$@\" >> '{log}'\n")
    browser.chmod(0o700)
    (folder / "x.ipynb").write_text(dumps(notebook(3)))
    env = {"PYTHONPATH": str(ROOT), "BROWSER": f"{browser} %s"}
    with Terminal(
        [sys.executable, "-m", "tuinb", "x.ipynb", "--no-kernel"], rows=60, columns=100, env=env, cwd=folder
    ) as terminal:
        terminal.wait_for(lambda: "COMMAND" in terminal.status)
        for cell in (1, 3, 6, 9):  # prose, what was printed, HTML, Markdown
            terminal.send(f":{cell}\r")
            terminal.settle(0.1, within=3)
            for step in range(3):
                terminal.send("L")
                terminal.settle(0.1, within=3)
                terminal.send("j" * step + ENTER)
                terminal.settle(0.2, within=3)
                terminal.send(ESCAPE)
                terminal.settle(0.1, within=3)
        raw = bytes(terminal.raw)
    assert foreign(raw, copies=True) == []
    lines = log.read_text().splitlines()
    assert len(lines) > 6
    assert set(lines[::2]) == {"1"}, "each is one argument, whatever is in it"
    assert [url for url in lines[1::2] if not re.fullmatch(r"https?://[!-~]+", url)] == []


@pytest.mark.skipif(shutil.which("strace") is None, reason="strace is not installed")
def test_no_library_speaks_to_the_network(folder: Path) -> None:
    (folder / "x.ipynb").write_text(dumps(notebook(7)))
    log = folder.parent / "strace"
    trace = ["strace", "-f", "-qq", "-e", "trace=socket,connect", "-o", str(log)]
    probe = subprocess.run([*trace, "true"], check=False, capture_output=True)
    if probe.returncode:
        pytest.skip("this machine does not allow tracing")
    command = [*trace, sys.executable, "-m", "tuinb", "x.ipynb", "--no-kernel", "--no-session"]
    with Terminal(command, rows=200, columns=100, env={"PYTHONPATH": str(ROOT)}, cwd=folder) as terminal:
        terminal.wait_for(lambda: "COMMAND" in terminal.status)
        for _ in range(8):
            terminal.send(PAGE_DOWN)
            terminal.settle(0.2, within=3)
    assert [line for line in log.read_text().splitlines() if "AF_INET" in line] == []


OWN_TOO = ("\x1b[c", "\x1b[2J\x1b[H", "\x1b[1;1r", "\x1b[?1049l")
"""Of NASTY, what tuinb writes itself, too."""
KERNEL = """
import json, sys
from IPython.display import display, publish_display_data
nasty = json.loads({nasty!r})
shell = get_ipython()
ok = {{"status": "ok", "metadata": {{}}}}
shell.kernel.do_complete = lambda code, at: {{"matches": nasty, "cursor_start": at, "cursor_end": at, **ok}}
shell.kernel.do_inspect = lambda *a, **k: {{"found": True, "data": {{"text/plain": "".join(nasty)}}, **ok}}
for text in nasty:
    sys.stdout.write(text); sys.stdout.flush()
    sys.stderr.write(text); sys.stderr.flush()
publish_display_data({{"text/plain": "".join(nasty), "text/html": "".join(nasty)}}, {{nasty[0]: nasty[1]}})
print("all" + "said")
"""
RAISES = """
class Odd(Exception): pass
Odd.__name__ = Odd.__qualname__ = nasty[2]
shell.set_next_input("# " + "".join(nasty))
input("".join(nasty[:40]))
raise Odd("".join(nasty))
"""


@pytest.mark.kernel
def test_a_hostile_kernel(tmp_path: Path) -> None:
    sendable = [text for text in NASTY if not any("\ud800" <= char <= "\udfff" for char in text)]
    path = write_notebook(tmp_path / "x.ipynb", KERNEL.format(nasty=json.dumps(sendable)), RAISES, "x.")
    with Terminal(
        [sys.executable, "-m", "tuinb", str(path)], rows=200, columns=100, env={"PYTHONPATH": str(ROOT)}, cwd=tmp_path
    ) as terminal:
        terminal.wait_for(lambda: "idle" in terminal.status)
        terminal.send("O\x12")
        terminal.wait_for("allsaid")
        terminal.send("\x12")
        terminal.wait_for(lambda: "INPUT" in terminal.status)
        terminal.send("x\r")
        terminal.wait_for(lambda: "idle" in terminal.status and "INPUT" not in terminal.status)
        terminal.send(ENTER)
        terminal.wait_for(lambda: "EDIT" in terminal.status)
        for keys in ("\x05", TAB, "\x1b[B", "\x1b[B", ENTER, "a.", "\x1b[Z", ESCAPE, "?", ESCAPE, PAGE_DOWN, "gg", PAGE_DOWN):
            terminal.send(keys)
            terminal.settle(0.15, within=3)
        terminal.kill(signal.SIGTERM)
        terminal.exit_code()
        raw = bytes(terminal.raw)
    assert foreign(raw) == []


def test_the_grammar_knows_what_is_foreign() -> None:
    for text in NASTY:
        if text.isascii() and "\x1b" in text and text not in OWN_TOO:
            assert foreign(text.encode()), text
    source = Source(1)
    assert any(foreign(source.text().encode(errors="replace")) for _ in range(20))
    own = "\x1b[1;38;5;9;48;2;1;2;3mhé\x1b[m\x1b]8;;https://x.org/a\x1b\\x\x1b]8;;\x1b\\\r\n\x1b[3;4H\x1b[K\x1b[?25l"
    assert foreign(own.encode()) == []
    assert foreign(b"\xff")
    assert foreign(b"\x1b]52;c;eA==\x07")
    assert foreign(b"\x1b]52;c;eA==\x07", copies=True) == []
    assert ELSEWHERE not in own
