"""Commands on outputs: types, sideways, copying, saving, opening, paging, links, failed cells."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from tests.commands.conftest import CLIENT
from tuinb import pager
from tuinb.commands.host import Link
from tuinb.errors import NotebookSaveError, TuinbError
from tuinb.notebook.changes import KERNEL, AppendOutput, CellId, Transaction, UpdateDisplay
from tuinb.workspace.view_state import Look

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.commands.conftest import Desk

C0 = CellId("c0")
PNG = {"image/png": "aGVsbG8=", "text/plain": "words"}
HTML = {"text/html": "<b>x</b>", "text/plain": "x"}


def give(it: Desk, *bundles: dict[str, Any], cell: str = "c0") -> None:
    """Outputs that a kernel displayed."""
    for data in bundles:
        output = {"output_type": "display_data", "data": data, "metadata": {}}
        it.session.apply(Transaction((AppendOutput(CellId(cell), output),), CLIENT))


def fail(it: Desk, cell: str) -> None:
    error = {"output_type": "error", "ename": "E", "evalue": "", "traceback": []}
    it.session.apply(Transaction((AppendOutput(CellId(cell), error),), CLIENT))


def test_a_type_is_chosen_and_given_up_again(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    give(it, HTML)
    it.run("choose-output-type", 1)
    assert it.host.log[-1] == ("choose", "Show the output as", ["text/html (default)", "text/plain"])
    assert it.view.looks == {C0: Look("text/plain")}
    it.run("choose-output-type", None)
    assert it.view.looks == {C0: Look("text/plain")}
    it.run("choose-output-type", 0)
    assert it.host.log[-1] == ("choose", "Show the output as", ["text/html (default)", "text/plain ◂"])
    assert it.view.looks == {}


def test_types_of_several_outputs_are_offered_together(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    give(it, HTML, PNG)
    it.run("choose-output-type", 0)
    assert it.host.log[-1][2] == ["text/html (default)", "text/plain", "image/png (default)"]
    assert it.view.looks == {C0: Look("text/html")}


@pytest.mark.parametrize(("keys", "start"), [("> > > > >", 60), (">", 13), ("> > <", 13), ("<", 0), ("> < < >", 13)])
def test_sideways_as_far_as_there_is_something(desk: Callable[[str], Desk], keys: str, start: int) -> None:
    it = desk("a=1*")
    it.host.columns = (40, 100)
    it.press(keys)
    assert it.view.look(C0).start == start


def test_copying(desk: Callable[[str], Desk]) -> None:
    it = desk("a=1*")
    give(it, HTML)
    it.run("copy-output", 2)
    assert it.host.log[0] == ("choose", "Copy which output?", ["stdout: 1", "text/html: x", "all 2"])
    assert it.host.log[1:] == [("copy", "1\n<b>x</b>"), ("notify", "Copied 10 characters.", "information")]
    it.run("copy-output", 1)
    assert ("copy", "<b>x</b>") in it.host.log
    it.host.at_hand = 0
    it.run("copy-output")
    assert it.host.log[-2] == ("copy", "1")


def test_what_has_no_text_is_not_copied(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    give(it, {"image/png": ""})
    it.run("copy-output")
    assert it.said() == ["image/png has no text to copy. Shift+W saves it, t chooses another type."]


def test_many_outputs_are_offered_from_the_end(desk: Callable[[str], Desk]) -> None:
    it = desk("a*")
    give(it, *[{"text/plain": str(number)} for number in range(250)])
    it.run("copy-output", 99)
    options = it.host.log[0][2]
    assert (options[0], options[99:]) == ("151: text/plain: 150", ["250: text/plain: 249", "all 250"])
    assert it.host.log[1] == ("copy", "249")


def test_a_folder_that_is_not_there_is_asked_for_again(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a*")
    give(it, PNG)
    it.run("save-output", str(tmp_path / "none" / "one.png"), str(tmp_path / "one.png"))
    questions = [entry[1:] for entry in it.host.log if entry[0] == "ask"]
    assert questions[1] == ("The folder none does not exist. Save the output as:", str(tmp_path / "none" / "one.png"))
    assert (tmp_path / "one.png").read_bytes() == b"hello"


def test_saving_by_type_or_by_the_name(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a*")
    give(it, PNG)
    it.run("save-output", str(tmp_path / "one.png"))
    it.run("save-output", str(tmp_path / "one.txt"))
    it.run("save-output", str(tmp_path))
    assert (tmp_path / "one.png").read_bytes() == b"hello"
    assert (tmp_path / "one.txt").read_text(encoding="utf-8") == "words"
    assert (tmp_path / "analysis-cell-1.png").read_bytes() == b"hello"
    assert it.said()[0] == f"Saved image/png, 5 bytes, as {tmp_path / 'one.png'}."


def test_saving_never_overwrites_unasked(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a=text*")
    there = tmp_path / "there.txt"
    there.write_text("mine", encoding="utf-8")
    it.run("save-output", str(there), 0)
    it.run("save-output", str(there), 1, str(tmp_path / "other.txt"))
    assert there.read_text(encoding="utf-8") == "mine"
    assert (tmp_path / "other.txt").read_text(encoding="utf-8") == "text"
    it.run("save-output", str(there), 2)
    assert there.read_text(encoding="utf-8") == "text"


def test_saving_where_nothing_can_be_written(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a=text*")
    with pytest.raises(NotebookSaveError):
        it.run("save-output", str(tmp_path / ("x" * 300)))
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(TuinbError, match="not a regular file"):
        it.run("save-output", str(tmp_path / "link"))


def test_damage_is_said(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a*")
    give(it, {"image/png": "?"})
    with pytest.raises(TuinbError, match="damaged"):
        it.run("save-output", str(tmp_path / "x.png"))


def test_an_output_that_became_another_while_one_was_asked(
    desk: Callable[[str], Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = desk("a*")
    shown = AppendOutput(CellId("c0"), {"output_type": "display_data", "data": PNG, "metadata": {}}, "d")
    it.notebook.apply(Transaction((shown,), KERNEL))

    async def asked(question: str, initial: str = "") -> str:
        it.notebook.apply(Transaction((UpdateDisplay("d", {"text/plain": "words"}, {}),), KERNEL))
        return str(tmp_path / "x.png")

    monkeypatch.setattr(it.host, "ask", asked)
    with pytest.raises(TuinbError, match="has changed"):
        it.run("save-output")
    assert not (tmp_path / "x.png").exists()


def test_opening_outside(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a*")
    give(it, HTML, PNG)
    it.run("open-output", 0)
    assert it.host.log[-1] == ("open_file", "analysis-cell-1.html", b"<b>x</b>", True)
    it.run("open-output", 1)
    assert it.host.log[-1] == ("open_file", "analysis-cell-1.png", b"hello", False)
    it.host.cannot_open = "There is no display."
    it.run("open-output", 1, False)
    assert ("confirm", "There is no display.") in it.host.log
    it.run("open-output", 1, True, str(tmp_path / "saved.png"))
    assert (tmp_path / "saved.png").read_bytes() == b"hello"


def test_what_would_be_a_program_is_not_opened(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a*")
    give(it, {"application/x-sh": "aGVsbG8="})
    it.run("open-output", True, str(tmp_path / "saved"))
    assert ("confirm", "tuinb opens no program for application/x-sh.") in it.host.log
    assert "open_file" not in {entry[0] for entry in it.host.log}
    assert (tmp_path / "saved").read_bytes() == b"hello"


def test_paging_gives_all_outputs_to_the_pager(desk: Callable[[str], Desk], tmp_path: Path) -> None:
    it = desk("a=1*")
    give(it, HTML)
    it.host.environ = {**os.environ, "PAGER": f"cat > '{tmp_path}/paged'"}
    it.run("page-output")
    assert (tmp_path / "paged").read_text(encoding="utf-8") == "1<b>x</b>"
    it.host.at_hand = 1
    it.run("page-output")
    assert (tmp_path / "paged").read_text(encoding="utf-8") == "<b>x</b>"
    it.host.environ = {**os.environ, "PAGER": "exit 3"}
    it.run("page-output")
    assert it.said() == ["exit 3: the pager ended with exit code 3."]


def test_a_wide_table_is_not_broken_by_less(
    desk: Callable[[str], Desk], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    it = desk("a=1*")
    monkeypatch.delenv("LESS", raising=False)
    it.host.environ = {**os.environ, "PAGER": f"echo $LESS > '{tmp_path}/less'; cat > /dev/null"}
    for columns, options in ((0, "R"), (100, "RS")):
        it.host.columns = (40, columns)
        it.run("page-output")
        assert (tmp_path / "less").read_text().strip() == options


def test_a_pager_that_is_left_or_missing() -> None:
    endless = iter(lambda: "x" * 65_536, "")
    environ = {"PAGER": "true", "PATH": "/usr/bin:/bin"}
    assert pager.error_text(environ, pager.page(endless, environ)) == ""
    environ["PAGER"] = "/no/such"
    assert "can't be run" in pager.error_text(environ, pager.page(["x"], environ))


def test_an_interrupt_is_the_pagers(tmp_path: Path) -> None:
    def chunks() -> Iterator[str]:
        yield "x"
        raise KeyboardInterrupt

    environ = {"PAGER": f"cat > '{tmp_path}/paged'", "PATH": "/usr/bin:/bin"}
    assert pager.page(chunks(), environ) == 0
    assert (tmp_path / "paged").read_text(encoding="utf-8") == "x"


def test_links_are_followed_or_copied(desk: Callable[[str], Desk]) -> None:
    it = desk("m:a*")
    it.host.links = [Link("here", "https://example.org"), Link("", "https://example.com")]
    it.run("follow-link", 0)
    assert it.host.log == [
        ("choose", "Open which link?", ["here  https://example.org", "https://example.com"]),
        ("open_link", "https://example.org"),
    ]
    it.host.cannot_open = "No display."
    it.run("follow-link", 1)
    assert it.host.log[-2:] == [("copy", "https://example.com"), ("notify", "No display. The link was copied.", "warning")]
    it.run("follow-link", None)
    assert it.host.log[-1][0] == "choose"


@pytest.mark.parametrize(
    ("before", "keys", "after"),
    [
        ("a|b*|c|d", "F", "a|b|c|d*"),
        ("a|b*|c|d", "F F", "a*|b|c|d"),
        ("a*|b|c|d", "F", "a|b|c|d*"),
        ("a|b|c|d*", "F", "a*|b|c|d"),
    ],
)
def test_next_failed_cell(desk: Callable[[str], Desk], before: str, keys: str, after: str) -> None:
    it = desk(before)
    fail(it, "c0")
    fail(it, "c3")
    it.press(keys)
    assert str(it) == after


def test_the_only_failed_cell(desk: Callable[[str], Desk]) -> None:
    it = desk("a*|b")
    fail(it, "c0")
    it.press("F")
    assert it.said() == ["No other cell failed."]
    with pytest.raises(TuinbError, match="names no line"):
        it.press("f")
