"""Asks the kernel for completions, documentation and signatures while the user types on. No key waits for an answer.

An answer that comes late is shown if it still fits what was typed since, else dropped. Where the kernel can't answer, or knows
nothing, a language server is asked; then names of the notebook are offered, and the list says so.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from tuinb.editing.completion import Candidate, Offer, call_around, names_in, word_start
from tuinb.editing.syntax import surroundings
from tuinb.errors import LanguageServerError
from tuinb.margin import MARGIN
from tuinb.ui.editor.documentation import (
    Note,
    arguments_of,
    columns_for,
    lay_out,
    signature_of,
    summary_of,
    text_of,
)
from tuinb.ui.floating import BORDER

if TYPE_CHECKING:
    from collections.abc import Callable

    from tuinb.kernel.protocol.events import CompleteReply
    from tuinb.notebook.changes import CellId
    from tuinb.session.port import SessionPort
    from tuinb.ui.editor.cell_editor import CellEditor
    from tuinb.ui.editor.completion import CompletionList
    from tuinb.ui.shell import Shell
    from tuinb.ui.view.notebook_view import NotebookView

_PATIENCE = 1.0
"""Seconds without an answer of the kernel after which names of the notebook are offered."""
_OPEN_AFTER = 0.08
"""Seconds after a dot until the list is asked for by itself."""
_DOCUMENT_AFTER = 0.15
"""Seconds that a candidate is marked until its documentation is asked for."""
_SIGN_AFTER = 0.15
"""Seconds after a bracket or a comma until the signature is asked for."""
_BESIDE = 30
"""Columns beside the list from which on the documentation is shown there."""
_MOST_COLUMNS, _MOST_ROWS, _LEAST_ROWS = 76, 14, 4
"""The largest documentation, and the fewest rows that say something, with the border."""
_LETTERS = 2
"""Letters of a name after which the list opens by itself, if the user wants that."""


class Completer:
    """What completes, documents and signs, for one pane. `automatic`: one of config.COMPLETION."""

    def __init__(
        self,
        shell: Shell,
        session: SessionPort,
        editor: CellEditor,
        view: NotebookView,
        completion: CompletionList,
        automatic: str,
    ) -> None:
        self._shell = shell
        self._session = session
        self._editor = editor
        self._view = view
        self._list = completion
        self._automatic = automatic
        self.documentation = Note(lambda name: view.painter.role(name))
        self.signature = Note(lambda name: view.painter.role(name), plain=True)
        completion.chosen = self._candidate_marked
        self._question = 0
        """Number of the latest question. Answers to earlier ones are dropped."""
        self._opening: asyncio.TimerHandle | None = None
        self._documenting: asyncio.TimerHandle | None = None
        self._signing: asyncio.TimerHandle | None = None
        self._documents = 0
        self._call: tuple[CellId, int, str] | None = None
        """The cell, the bracket and the signature of the call whose signature is known."""

    # ---- completion

    def ask(self) -> None:
        """Asks for completions at the cursor because the user wants them."""
        self._cancel(self._opening)
        self._opening = None
        self._ask(asked=True)

    def edited(self, *, text_changed: bool, typed: str) -> None:
        """Follows a change of the text or of the cursor. `typed` is the character that a key typed, if that was the change."""
        was_open, was_opening = self._list.is_open, self._opening is not None
        goes_on = self._list.typed()
        self._cancel(self._opening)
        self._opening = None
        on_word = typed.isalnum() or typed == "_"
        # A list that is about to open waits for the end of a fast word; one that has nothing left asks anew.
        if typed and (self._wants_list(typed) or (on_word and (was_opening or (was_open and not goes_on)))):
            self._opening = self._later(_OPEN_AFTER, self._open)
        self._follow_call(asks=text_changed and typed in ("(", ","))

    def _wants_list(self, typed: str) -> bool:
        """Returns whether the list opens by itself after a character."""
        editor = self._editor.widget
        if self._list.is_open or self._automatic == "off" or self._kind() != "code":
            return False
        text, cursor = editor.text, editor.cursor
        if typed == ".":
            before = text[max(0, cursor - 2) : cursor - 1]
            return bool(before) and (before.isalnum() or before in "_)]\"'") and not before.isdigit()
        return self._automatic == "all" and cursor - word_start(text, cursor) == _LETTERS

    def _kind(self) -> str:
        cell = self._editor.cell
        return "" if cell is None else self._session.notebook[cell].kind

    def _open(self) -> None:
        self._opening = None
        self._ask(asked=False)

    def _ask(self, *, asked: bool) -> None:
        """Asks for completions at the cursor. What is typed from now on may arrive before the question is sent."""
        editor = self._editor.widget
        if self._editor.is_open and (asked or not surroundings(editor.text, editor.cursor, editor.state.language).inside):
            self._question += 1
            self._shell.system.run_aside(self._complete(self._question, editor.text, editor.cursor, asked=asked))

    async def _complete(self, question: int, text: str, cursor: int, *, asked: bool) -> None:
        cell, editor = self._editor.cell, self._editor.widget
        reply = asyncio.ensure_future(self._session.complete(text, cursor))

        def is_current() -> bool:
            return question == self._question and self._editor.cell == cell

        await asyncio.wait({reply}, timeout=_PATIENCE if asked else None)
        if not reply.done() and is_current():
            why = "the kernel has not answered yet"
            if not await self._offer_of_server(text, cursor, why, asked=asked, is_final=False):
                await self._offer_names(text, cursor, f"Names of the notebook; {why}.", is_final=False)
        answer = await reply
        if not is_current() or not self._list.is_untouched:
            return
        if answer is not None and answer.matches and self._list.offer(_offer(answer, text, cursor), asked=asked):
            return
        why = "the kernel knows nothing here" if answer is not None else self._why_not()
        if await self._offer_of_server(text, cursor, why, asked=asked):
            return
        if asked and is_current():
            note = "Names of the notebook." if answer is not None else f"Names of the notebook; {self._why_not()}."
            offered = await self._offer_names(text, cursor, note)
            if not offered and is_current() and editor.text == text:
                why = "No completions here." if answer is not None else f"No completions: {self._why_not()}."
                self._shell.dialogs.notify(why)

    def _why_not(self) -> str:
        kernel = self._session.kernel
        if not kernel.has_process:
            return "no kernel runs"
        return "the kernel is busy" if self._session.queue() or kernel.others_run else "the kernel does not answer"

    async def _offer_of_server(self, text: str, cursor: int, why: str, *, asked: bool, is_final: bool = True) -> bool:
        """Offers what a language server that runs would put here. Returns whether there is something."""
        cell, servers = self._editor.cell, self._session.languages_in_use
        if cell is None or self._kind() != "code" or servers is None:
            return False
        try:
            start, candidates, name = await servers.complete(cell, cursor)
        except LanguageServerError:
            return False  # It is asked in vain: nothing is lost.
        if self._editor.cell != cell or not candidates:
            return False
        offer = Offer(text, cursor, start, cursor, candidates, f"From {name}; {why}.")
        return self._list.offer(offer, asked=asked, inserts=is_final)

    async def _offer_names(self, text: str, cursor: int, note: str, *, is_final: bool = True) -> bool:
        """Offers the names in all cells of code. Returns whether there is one. A single one is inserted if it `is_final`."""
        start = word_start(text, cursor)
        typed = text[start:cursor]
        if not typed or text[start - 1 : start] == ".":
            return False
        sources = [cell.source for cell in self._session.notebook if cell.kind == "code"]
        names = await asyncio.to_thread(names_in, sources, typed)
        return self._list.offer(Offer(text, cursor, start, cursor, names, note), asked=True, inserts=is_final)

    # ---- documentation of a candidate

    def _candidate_marked(self) -> None:
        self._documents += 1
        self._cancel(self._documenting)
        if not self._list.is_open:
            self.documentation.hide()
            return
        self._editor.widget.drop_suggestion()
        self._documenting = self._later(_DOCUMENT_AFTER, lambda: self._shell.system.run_aside(self._document()))

    async def _document(self) -> None:
        """Shows what the kernel knows of the marked candidate."""
        number, marked = self._documents, self._list.with_candidate()
        if marked is None:
            return
        reply = await self._session.inspect(*marked)
        if number != self._documents or not self._list.is_open:
            return
        text = summary_of(text_of(reply)) if reply is not None and reply.found else ""
        if text:
            self._place_documentation(text)
        else:
            self.documentation.hide()

    def _place_documentation(self, text: str) -> None:
        """Shows it beside the list, else below or above it, where there is room."""
        x, y = (int(part.value) for part in (self._list.styles.offset.x, self._list.styles.offset.y))
        columns, rows = self._list.outer_size
        screen, more = self._view.size, self._shell.in_keys("{inspect-or-dedent|inspect} shows all")
        beside = screen.width - x - columns - 1
        if beside >= _BESIDE:
            lines = lay_out(text, min(beside, _MOST_COLUMNS), min(_MOST_ROWS, screen.height), more)
            top = max(0, min(y, screen.height - len(lines) - BORDER))
            self.documentation.show(lines, x + columns, top, columns_for(lines, min(beside, _MOST_COLUMNS)))
            return
        cursor = int(self._editor.widget.styles.offset.y.value) + self._editor.widget.offset_of(self._editor.widget.cursor).y
        under = y + rows if y > cursor else cursor + 1
        room = screen.height - under
        above = cursor if y > cursor else y
        most = max(room, above)
        if most < _LEAST_ROWS:
            self.documentation.hide()
            return
        lines = lay_out(text, min(screen.width, _MOST_COLUMNS), min(_MOST_ROWS, most), more)
        width = columns_for(lines, min(screen.width, _MOST_COLUMNS))
        left = max(0, min(x, screen.width - width))
        self.documentation.show(lines, left, under if room >= len(lines) + BORDER else above - len(lines) - BORDER, width)

    # ---- the signature of a call

    def _follow_call(self, *, asks: bool) -> None:
        """Shows the signature of the call that the cursor is in, if it is known; asks for it after a bracket or a comma."""
        if self._call is None and not asks:
            return
        self._cancel(self._signing)
        found = self._call_at_cursor()
        if found is None:
            self._call = None
            self.signature.hide()
            return
        cell, opener, argument = found
        if self._call is not None and self._call[:2] == (cell, opener):
            self._show_signature(self._call[2], argument)
            return
        self._call = None
        self.signature.hide()
        self._signing = self._later(_SIGN_AFTER, lambda: self._shell.system.run_aside(self._sign(cell, opener)))

    def _call_at_cursor(self) -> tuple[CellId, int, int] | None:
        cell, editor = self._editor.cell, self._editor.widget
        if cell is None or self._kind() != "code" or not editor.state.selection.is_empty:
            return None
        around = surroundings(editor.text, editor.cursor, editor.state.language)
        call = call_around(editor.text, editor.cursor, around.brackets)
        return None if call is None else (cell, *call)

    async def _sign(self, cell: CellId, opener: int) -> None:
        if self._editor.cell != cell:
            return
        text = self._editor.widget.text
        reply = await self._session.inspect(text, opener)
        signature = signature_of(text_of(reply)) if reply is not None and reply.found else ""
        if not signature:
            signature = await self._signature_of_server(cell, opener)
        found = self._call_at_cursor() if self._editor.is_open else None
        if found is None or found[:2] != (cell, opener) or self._editor.widget.text[: opener + 1] != text[: opener + 1]:
            return
        if signature:
            self._call = cell, opener, signature
            self._show_signature(signature, found[2])

    async def _signature_of_server(self, cell: CellId, opener: int) -> str:
        """Returns what a language server that runs knows of a call's parameters, behind the name that is called."""
        source, servers = self._session.notebook[cell].source, self._session.languages_in_use
        if servers is None:
            return ""
        try:
            label = await servers.signature(cell, opener + 1)
        except LanguageServerError:
            return ""
        return f"{source[word_start(source, opener) : opener]}{label}" if label.startswith("(") else label

    def _show_signature(self, signature: str, argument: int) -> None:
        editor = self._editor.widget
        row = int(editor.styles.offset.y.value) + editor.offset_of(editor.cursor).y
        if self._call is None or row < 1:
            self.signature.hide()
            return
        places = arguments_of(signature)
        bold = places[min(argument, len(places) - 1)] if places else (0, 0)
        room = self._view.size.width - MARGIN
        cut = max(0, min(bold[0] - room // 2, len(signature) - room + 2)) if len(signature) + 2 > room else 0
        shown = signature[cut:]
        column = editor.offset_of(self._call[1]).x if editor.offset_of(self._call[1]).y >= 0 else 0
        columns = min(room, len(shown) + 2)
        x = max(0, min(MARGIN + column - 1, self._view.size.width - columns))
        self.signature.show([shown], x, row - 1, columns, (bold[0] - cut, bold[1] - cut))

    # ---- end

    def hide(self) -> bool:
        """Hides the signature. Returns whether it was shown."""
        shown = bool(self.signature.display)
        self._call = None
        self._cancel(self._signing)
        self.signature.hide()
        return shown

    def close(self) -> None:
        """Hides everything, and drops answers that have not come."""
        self._question += 1
        for timer in (self._opening, self._documenting):
            self._cancel(timer)
        self._opening = None
        self._list.close()
        self.hide()

    def stop(self) -> None:
        """Drops answers that have not come, at the end of the app."""
        self._question += 1
        self._documents += 1
        for timer in (self._opening, self._documenting, self._signing):
            self._cancel(timer)

    def _later(self, seconds: float, act: Callable[[], None]) -> asyncio.TimerHandle:
        return asyncio.get_running_loop().call_later(seconds, act)

    def _cancel(self, timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()


def _offer(reply: CompleteReply, text: str, cursor: int) -> Offer:
    """Returns a kernel's answer as an offer, with the kinds that IPython tells."""
    types = reply.metadata.get("_jupyter_types_experimental")
    known = {}
    for each in types if isinstance(types, list) else ():
        if isinstance(each, dict) and isinstance(each.get("text"), str):
            kind, signature = each.get("type"), each.get("signature")
            known[each["text"]] = (
                kind if isinstance(kind, str) else "",
                signature if isinstance(signature, str) else "",
            )
    candidates = tuple(Candidate(match, *known.get(match, ("", ""))) for match in dict.fromkeys(reply.matches))
    return Offer(text, cursor, min(reply.start, len(text)), min(reply.end, len(text)), candidates)
