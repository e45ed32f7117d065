"""The status line, and the message line above it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import pytest

from tests.support import write_notebook
from tests.ui.harness import running
from tuinb.kernel.execution.runs import CellRun, RunState
from tuinb.notebook.changes import CellData, CellId
from tuinb.notebook.document import Notebook
from tuinb.session.events import Prompt
from tuinb.session.state import NO_KERNEL, Frame, KernelState, KernelStatus, Stop
from tuinb.ui.status import Status, status_of
from tuinb.workspace.view_state import Mode, ViewState

if TYPE_CHECKING:
    from tuinb.session.port import SessionPort


@dataclass
class Shown:
    """What the status line reads of a session."""

    kernel: KernelStatus = NO_KERNEL
    progress: tuple[int, int] = (0, 0)
    modified: bool = False
    read_only: str = ""
    stale_count: int = 0
    prompt: Prompt | None = None
    stop: Stop | None = None
    path: Path = Path("/folder/a.ipynb")
    waiting: tuple[CellId, ...] = ()
    state: RunState = RunState.NEVER
    notebook: Notebook = field(default_factory=lambda: Notebook([CellData(CellId(name), "code", "") for name in "abc"]))

    def queue(self) -> tuple[CellId, ...]:
        return self.waiting

    def run_of(self, _cell: CellId) -> CellRun:
        return CellRun(self.state)


IN_CELL, IN_FILE = Frame(1, "f", CellId("b"), 3, "/1.py"), Frame(2, "g", None, 7, "/else.py")


@pytest.mark.parametrize(
    ("frames", "text"),
    [
        ((IN_CELL,), "● stopped at cell 2, line 4"),
        ((IN_FILE, IN_CELL), "● stopped at cell 2, line 4"),
        ((IN_FILE,), "● stopped at g, line 8"),
        ((), "● stopped at a breakpoint"),
    ],
)
def test_a_kernel_that_is_stopped(frames: tuple[Frame, ...], text: str) -> None:
    shown = status(Shown(kernel=KernelStatus(KernelState.BUSY), stop=Stop(1, "step", frames)))
    assert (shown.kernel, shown.kernel_short, shown.kernel_role) == (text, "● stopped", "warning")


def status(
    session: Shown | None = None,
    *,
    mode: Mode = Mode.COMMAND,
    active: str | None = "a",
    pending: tuple[str, ...] = (),
    prompt_has_keys: bool = False,
) -> Status:
    state = ViewState(mode=mode, active=CellId(active) if active is not None else None)
    shown = cast("SessionPort", session or Shown())
    return status_of(shown, state, pending, prompt_has_keys=prompt_has_keys)


@pytest.mark.parametrize(
    ("mode", "prompt_has_keys", "badge"),
    [
        (Mode.COMMAND, False, ("COMMAND", "active")),
        (Mode.EDIT, False, ("EDIT", "editing")),
        (Mode.COMMAND, True, ("INPUT", "running")),
    ],
)
def test_the_mode_names_what_has_the_keys(mode: Mode, prompt_has_keys: bool, badge: tuple[str, str]) -> None:
    shown = status(mode=mode, prompt_has_keys=prompt_has_keys)
    assert (shown.mode, shown.mode_role) == badge


@pytest.mark.parametrize(
    ("queue", "state", "short"),
    [
        ((), RunState.NEVER, "● another client runs"),
        ((CellId("a"), CellId("b")), RunState.QUEUED, "● another client runs, 2 wait"),
        ((CellId("a"),), RunState.RUNNING, "● busy"),
    ],
)
def test_code_of_another_client_is_told(queue: tuple[CellId, ...], state: RunState, short: str) -> None:
    kernel = KernelStatus(KernelState.BUSY, "python3", "Python 3", others_run=True)
    shown = status(Shown(kernel=kernel, waiting=queue, state=state))
    assert (shown.kernel_short, shown.kernel) == (short, f"{short} Python 3")


@pytest.mark.parametrize(("active", "place"), [("a", "1/3"), ("c", "3/3"), (None, "0/3"), ("gone", "0/3")])
def test_the_place_is_counted_from_one(active: str | None, place: str) -> None:
    assert status(active=active).place == place


def test_the_file_is_named_with_what_is_so_of_it() -> None:
    shown = status(Shown(modified=True, read_only="it is a directory"))
    assert (shown.file, shown.modified, shown.read_only) == ("a.ipynb", True, True)


@pytest.mark.parametrize(
    ("kernel", "text", "short", "role"),
    [
        (NO_KERNEL, "no kernel", "no kernel", "muted"),
        (KernelStatus(KernelState.STARTING, "python3"), "● starting python3", "● starting", "warning"),
        (KernelStatus(KernelState.IDLE, "python3", "Python 3"), "● idle Python 3", "● idle", "success"),
        (KernelStatus(KernelState.BUSY, "p", "P", "/home/me/.venv/bin/python"), "● busy P (.venv)", "● busy", "running"),
        (KernelStatus(KernelState.DEAD, "p", "P", "/usr/bin/python3"), "● dead P (python3)", "● dead", "error"),
        (KernelStatus(KernelState.UNREACHABLE, "p", "P", "R"), "● not answering P (R)", "● not answering", "error"),
    ],
)
def test_the_kernel_is_named_with_its_state_and_environment(kernel: KernelStatus, text: str, short: str, role: str) -> None:
    shown = status(Shown(kernel))
    assert (shown.kernel, shown.kernel_short, shown.kernel_role) == (text, short, role)


def asking(text: str) -> Shown:
    return Shown(KernelStatus(KernelState.BUSY, "p", "P"), prompt=Prompt(CellId("b"), text, password=False))


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize(
    ("text", "kernel", "short"),
    [
        ("name? ", "● waits for input (^G): name?", "● waits (^G): name?"),
        ("Which?\n  \x1b[1myes\x1b[0m or no? \n", "● waits for input (^G): yes or no?", "● waits (^G): yes or no?"),
        ("x" * 5000, f"● waits for input (^G): {'x' * 23}…", f"● waits (^G): {'x' * 9}…"),
        ("\x07", "● waits for input (^G): ␇", "● waits (^G): ␇"),
        ("", "● waits for input (^G)", "● waits (^G)"),
    ],
)
def test_a_kernel_that_waits_for_input_is_shown_with_its_prompt(mode: Mode, text: str, kernel: str, short: str) -> None:
    shown = status(asking(text), mode=mode)
    assert (shown.kernel, shown.kernel_short, shown.kernel_role) == (kernel, short, "warning")


def test_a_prompt_that_has_the_keys_leaves_the_kernel_in_the_status_line() -> None:
    assert status(asking("name? "), prompt_has_keys=True).kernel == "● busy P"


@pytest.mark.parametrize(("progress", "short"), [((1, 1), "● busy"), ((41, 149), "● busy 41 of 149")])
def test_the_progress_of_several_cells(progress: tuple[int, int], short: str) -> None:
    shown = status(Shown(KernelStatus(KernelState.BUSY, "p", "P"), progress))
    assert (shown.kernel, shown.kernel_short) == (f"{short} P", short)
    assert status(Shown(KernelStatus(KernelState.IDLE, "p"), (1, 2))).kernel_short == "● idle"


ASKING = asking("name? ")
BUSY, DEAD = Shown(KernelStatus(KernelState.BUSY)), Shown(KernelStatus(KernelState.DEAD))


@pytest.mark.parametrize(
    ("session", "options", "hint"),
    [
        (None, {}, "Enter edits"),
        (BUSY, {}, "^C interrupts"),
        (DEAD, {}, "00 restarts the kernel"),
        (ASKING, {}, "^G answers"),
        (ASKING, {"mode": Mode.EDIT}, "Esc leaves"),
        (ASKING, {"mode": Mode.EDIT, "prompt_has_keys": True}, "Enter answers"),
        (ASKING, {"pending": ("d",), "prompt_has_keys": True}, "d…"),
    ],
)
def test_the_hint_is_the_next_useful_key(session: Shown | None, options: dict[str, Any], hint: str) -> None:
    hints = status(session, **options).hints
    assert hints[0].startswith(hint)
    assert list(hints) == sorted(hints, key=len, reverse=True), "the first that fits is shown"


async def test_a_message_does_not_hide_what_is_written(tmp_path: Path) -> None:
    path = write_notebook(tmp_path / "m.ipynb", *("x = 1\ny = 2" for _ in range(6)))
    async with running(path, size=(60, 12)) as t:
        await t.press("G", "enter")
        await t.type("here")
        t.app.dialogs.notify("one\ntwo\nthree")
        await t.pilot.pause()
        assert "here" in t.text()
        assert "three" in t.text()


async def test_a_message_that_is_too_long_ends_in_a_mark(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "m.ipynb", "x"), size=(60, 24)) as t:
        for lines, last in ((6, "line 5"), (7, "line 5…")):
            t.app.dialogs.notify("\n".join(f"line {number}" for number in range(lines)))
            await t.pilot.pause()
            assert t.rows()[-2] == f" {last}"


async def test_the_kernel_is_named_in_short_where_its_name_would_hide_the_keys_of_a_dialog(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "a_long_name.ipynb", "x"), size=(68, 24)) as t:
        assert "Python 3 (scripted)" in t.rows()[-1]
        await t.press("colon")
        await t.until(lambda: "Esc cancels" in t.rows()[-1])
        assert "a_long_name.ipynb  ● idle " in t.rows()[-1]
        assert "Python 3" not in t.rows()[-1]


async def test_the_second_hint_comes_before_the_name_of_the_kernel(tmp_path: Path) -> None:
    async with running(write_notebook(tmp_path / "SpellingBee.ipynb", "x"), size=(80, 24)) as t:
        assert "Python 3 (scripted)" in t.rows()[-1]
        choice = asyncio.ensure_future(t.app.dialogs.choose("Which?", ["one", "two"]))
        await t.until(lambda: "Enter chooses  Esc cancels" in t.rows()[-1])
        await t.press("enter")
        assert await choice == 0
