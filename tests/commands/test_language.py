"""Commands that ask a language server. The servers are no real ones: session/test_languages.py has those."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tuinb.commands.keymap.sets import SETS
from tuinb.config import LanguageServerSettings
from tuinb.errors import LanguageServerError, TuinbError
from tuinb.lsp.answers import Location
from tuinb.notebook.changes import CellId, ClientId, SpliceSource, Transaction
from tuinb.session.languages import Action

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.commands.conftest import Desk

    Make = Callable[[str], Desk]

C0, C1, C2 = CellId("c0"), CellId("c1"), CellId("c2")
RENAMED = [SpliceSource(C0, 0, "val", "new"), SpliceSource(C1, 6, "val", "new")]


def asked(it: Desk, **answers: object) -> Desk:
    it.session.languages.answers = answers
    return it


# ---- definition and references


def test_a_definition_in_another_cell(desk: Make) -> None:
    it = asked(desk("x|val|print(va^l)"), definition=[Location(C1, 0)])
    it.press("f12")
    assert it.session.languages.asked == [("definition", C2, 6)]
    assert it.host.log == [("edit_from", C1, 0)]
    it.press("alt+left")
    assert it.host.log[-1] == ("edit_from", C2, 8)


@pytest.mark.parametrize("answer", [[], [Location(C1, 6)], LanguageServerError("it hangs")])
def test_without_a_definition_tuinb_looks_itself(desk: Make, answer: Any) -> None:  # noqa: ANN401
    it = asked(desk("import val|print(v^al)"), definition=answer)
    it.press("f12")
    assert it.host.log == [("edit_at", C0, 0)]


def test_a_definition_in_the_function_around_the_name(desk: Make) -> None:
    it = asked(desk("val = 1|def f(val): return va^l"), definition=[])
    it.press("f12")
    assert it.host.log == [("edit_from", C1, 6)]
    it = asked(desk("val = 1|def f(val): return a.va^l"), definition=[])
    it.press("f12")  # an attribute
    assert ("edit_from", C1, 6) not in it.host.log
    it = asked(desk("val = 1|def f(va^l): return val"), definition=[])
    it.press("f12")
    assert it.said() == ["val is set here."]


def test_a_definition_of_a_method(desk: Make) -> None:
    it = asked(desk("class a:/    def val(self): pass|a().va^l()"), definition=[])
    it.press("f12")
    assert it.host.log == [("edit_at", C0, 1)]


def test_a_definition_in_a_file(desk: Make, tmp_path: Path) -> None:
    file = tmp_path / "module.py"
    file.write_bytes(b"import os\ndef work():\n    \xff\n")
    it = asked(desk("wor^k"), definition=[Location(None, path=str(file), line=1)])
    it.press("f12")
    assert it.host.log == [("page", f"{file}, from line 2", "def work():\n    �\n")]
    file.unlink()
    with pytest.raises(TuinbError, match="it is no file"):
        it.press("f12")


def test_a_definition_of_a_cell_that_was_left(desk: Make) -> None:
    it = desk("va^l|b")

    async def slow(cell: CellId, offset: int) -> list[Location]:
        it.view.activate(C1)
        return [Location(C1, 0)]

    it.session.languages.definition = slow  # type: ignore[method-assign]
    it.press("f12")
    assert it.host.log == []


def test_references_are_listed_in_order(desk: Make) -> None:
    places = [Location(None, path="/lib.py", line=3), Location(C1, 6), Location(C0, 0)]
    it = asked(desk("val|print(va^l)"), references=places)
    it.host.answers.append("cell 1, line 1: val")
    it.press("shift+f12")
    (_, title, options), went = it.host.log
    assert title == "val is used in 3 places"
    assert options == ["cell 1, line 1: val", "cell 2, line 1: print(val)", "/lib.py:4"]
    assert it.host.marked_first == [options[1]]
    assert went == ("edit_from", C0, 0)


@pytest.mark.parametrize("command", ["go-to-definition", "find-references", "rename-symbol"])
def test_without_a_name(desk: Make, command: str) -> None:
    it = desk("a  ^  b")
    it.run(command)
    assert it.said() == ["There is no name at the cursor."]
    it = desk("a*")
    it.run(command)
    assert it.said() == ["No cell is being edited. Enter edits one."]


def test_no_references(desk: Make) -> None:
    it = asked(desk("va^l"))
    it.press("shift+f12")
    assert it.said() == ["No other place uses val."]


def test_many_references(desk: Make) -> None:
    it = asked(desk("va^l"), references=[Location(None, path="/lib.py", line=line) for line in range(600)])
    it.run("find-references", None)
    ((_, title, options),) = it.host.log
    assert title == "val is used in 600 places; the first 500 are"
    assert len(options) == 500


# ---- rename


def test_a_rename_is_one_step_over_cells(desk: Make) -> None:
    it = asked(desk("val|print(va^l)"), rename=RENAMED)
    it.host.answers.append(" new ")
    it.press("alt+r")
    assert it.host.log == [("ask", "Rename val to:", "val"), ("notify", "Renamed val in 2 cells.", "information")]
    assert it.session.languages.asked == [("check_rename", C1, 6), ("rename", C1, 6, "new")]
    assert str(it) == "new|print(new)^"
    it.run("undo-typing")
    assert str(it) == "val|print(val)^"
    it.run("redo-typing")
    assert str(it) == "new|print(new)^"
    it.run("undo")
    assert str(it) == "val|print(val)*"


@pytest.mark.parametrize("answer", [None, "", "val"])
def test_a_rename_that_is_left(desk: Make, answer: str | None) -> None:
    it = desk("va^l")
    it.run("rename-symbol", answer)
    assert it.session.languages.asked == [("check_rename", C0, 0)]
    assert it.said() == []


def test_a_rename_that_can_not_be(desk: Make) -> None:
    it = desk("va^l")
    with pytest.raises(TuinbError, match="a b is no name"):
        it.run("rename-symbol", "a b")
    it = asked(desk("va^l"), check_rename=LanguageServerError("this can't be renamed"))
    with pytest.raises(LanguageServerError, match="can't be renamed"):
        it.run("rename-symbol")
    it = asked(desk("va^l"))
    it.run("rename-symbol", "new")
    assert it.said() == ["Nothing was renamed: val is set nowhere here."]


def test_a_rename_of_a_cell_that_was_edited_meanwhile(desk: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    it = asked(desk("va^l"), rename=RENAMED)

    async def ask(_question: str, _initial: str) -> str:
        it.notebook.apply(Transaction((SpliceSource(C0, 0, "", "x"),), ClientId("x")))
        return "new"

    monkeypatch.setattr(it.host, "ask", ask)
    with pytest.raises(LanguageServerError, match="edited meanwhile"):
        it.run("rename-symbol")


@pytest.mark.parametrize("command", ["rename-symbol", "fix-all", "organize-imports", "code-actions"])
def test_read_only(desk: Make, command: str) -> None:
    it = desk("va^l")
    it.session.read_only = "it is locked"
    with pytest.raises(TuinbError, match="Read-only: it is locked"):
        it.run(command)


# ---- fixes


def test_fixes(desk: Make) -> None:
    it = asked(desk("val*|print(val)"), **{"source.fixAll": RENAMED})
    it.run("fix-all")
    it.run("organize-imports")
    assert it.said() == ["Fixed 2 cells.", "The imports are in order."]
    assert str(it) == "new*|print(new)"


def test_what_a_magic_uses_is_not_taken_away(desk: Make) -> None:
    removal, other = SpliceSource(C0, 0, "import os/", ""), SpliceSource(C1, 0, "import sys/", "")
    changes = [SpliceSource(each.cell, each.at, each.removed.replace("/", "\n"), "") for each in (removal, other)]
    it = asked(desk("import os/a*|import sys/b|%time os.getcwd()"), **{"source.fixAll": changes})
    it.run("fix-all")
    assert str(it) == "import os/a*|b|%time os.getcwd()"
    assert it.said() == ["Fixed a cell."]


def test_a_change_that_is_chosen(desk: Make) -> None:
    actions = [Action(title, None, {}, 0) for title in ("Fix one", "Fix two")]  # type: ignore[arg-type]
    it = asked(desk("val^|print(val)"), actions=actions, edit_of=RENAMED)
    it.run("code-actions", "Fix two")
    assert it.session.languages.asked == [("actions", C0, 3, 3), ("edit_of", "Fix two")]
    assert it.said() == ["Changed 2 cells."]
    it = asked(desk("val^"), actions=[])
    it.run("code-actions")
    assert it.said() == ["No change is proposed here."]
    it = desk("val*")
    it.run("code-actions")
    assert it.said() == ["No cell is being edited. Enter edits one."]


# ---- servers


def test_the_state_of_the_servers(desk: Make) -> None:
    it = desk("a*")
    it.run("show-language-servers")
    ((_, title, text),) = it.host.log
    assert title == "Language servers"
    assert text.startswith("No language server reads this notebook.")
    it.run("restart-language-servers")
    assert it.session.languages.asked == [("restart",)]


def test_a_server_formats_if_the_settings_say_so(desk: Make) -> None:
    it = asked(desk("a  +b*|%%bash/ls|c"), formatter="server", format=[SpliceSource(C0, 1, "  ", " ")])
    object.__setattr__(it.context, "language_servers", {"python": [LanguageServerSettings(["server"], {}, format=True)]})
    it.press("f6")
    assert str(it) == "a +b*|%%bash/ls|c"
    it.session.languages.answers["format"] = LanguageServerError("it hangs", where="server")
    it.press("f6")
    assert it.said() == ["Formatted a cell.", "Cell 1: server: it hangs."]


def test_keys_of_vim() -> None:
    keys = SETS["vim"]["normal"]
    assert [keys[key] for key in ("space d", "space D", "space N", "space a")] == [
        "go-to-definition",
        "find-references",
        "rename-symbol",
        "code-actions",
    ]
