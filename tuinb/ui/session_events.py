"""Shows the events of a session other than changes: the kernel's state, prompts, pages and messages."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from tuinb.mime import joined
from tuinb.render.safe import clean
from tuinb.session.state import KernelState, KernelStatus
from tuinb.ui.hints import prompt_key
from tuinb.ui.status import place_of
from tuinb.workspace.view_state import Mode

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tuinb.commands.command import Command
    from tuinb.kernel.protocol.lifecycle import InterruptMeans
    from tuinb.notebook.changes import CellId
    from tuinb.session.events import Prompt, Saved, SessionEvent
    from tuinb.session.port import SessionPort
    from tuinb.session.state import Stop
    from tuinb.ui.editor.cell_editor import CellEditor
    from tuinb.ui.editor.stdin_prompt import Answer, StdinPrompt
    from tuinb.ui.shell import Shell
    from tuinb.ui.view.notebook_view import NotebookView
    from tuinb.workspace.view_state import ViewState

_STOPPED = (
    "{debug-next} next line, {debug-step-in} into, {debug-step-out} out, {debug-continue} continues, {show-stop} variables."
)
"""What can be done where the kernel stopped."""


class SessionEvents:
    """Shows the events of one session in one pane. The last three are methods of the pane."""

    def __init__(
        self,
        shell: Shell,
        session: SessionPort,
        state: ViewState,
        view: NotebookView,
        editor: CellEditor,
        prompt: StdinPrompt,
        keeping: Callable[[], AbstractContextManager[None]],
        run_command: Callable[[Command], None],
        call_user: Callable[[str], None],
    ) -> None:
        self._shell = shell
        self._session = session
        self._state = state
        self._view = view
        self._editor = editor
        self._prompt = prompt
        self._keeping = keeping
        self._run_command = run_command
        self._call_user = call_user
        self._waiting_pages: list[str] = []
        """Pages of the kernel that arrived in edit mode."""
        self._stop = session.stop
        """The stop of the kernel that was shown."""
        self._shown_notices: set[str] = set()
        """Notices of saves. One that is automatic shows each of them once."""

    def show(self, event: SessionEvent) -> None:
        """Shows one event."""
        from tuinb.session import events as e

        match event:
            case e.KernelChanged(status):
                self._explain(status)
            case e.PromptOpened(prompt):
                self._open_prompt(prompt)
                self._call_user("The kernel waits for input.")  # the prompt's text may be private
            case e.PromptClosed():
                with self._keeping():
                    self._prompt.close()
            case e.Page(data):
                self._page(joined(data.get("text/plain")))
            case e.InterruptTimedOut(stronger):
                self._offer_stronger(stronger)
            case e.Saved():
                self._saved(event)
            case e.Message(text, severity, hint):
                self._notify(text, severity, hint)
            case e.DebugChanged(stop):
                self._stopped(stop)
            case e.CellsChanged() | e.WidgetsChanged():
                pass  # the repainter paints these
            case _:
                assert_never(event)
        self._editor.follow_access()
        self._shell.show_status()

    def _stopped(self, stop: Stop | None) -> None:
        """Shows where the kernel stopped, or that it goes on."""
        self._view.repaint()
        if stop is not None and stop != self._stop:
            place = place_of(stop, self._session.notebook)
            if stop.error:
                hint = "{show-stop} variables, {debug-continue} goes on."
                self._notify(f"Stopped at {place}: {clean(stop.error)}.", "error", hint)
                self._call_user("The kernel stopped at an error.")
            elif stop.reason != "step":
                self._notify(f"Stopped at {place}:", hint=_STOPPED)
                self._call_user("The kernel stopped at a breakpoint.")
        self._stop = stop

    def _saved(self, event: Saved) -> None:
        if not event.automatic:
            from tuinb.commands.staleness import advice

            hints = " ".join(advice(self._session))
            self._notify(f"Saved {event.path.name}. {hints}".rstrip())
        for text in event.notices:
            if not event.automatic or text not in self._shown_notices:
                self._notify(text, "warning")
        self._shown_notices.update(event.notices)

    def show_open_prompt(self, answer: Answer | None, *, keys_wait: bool) -> None:
        """Opens the prompt if the kernel requested input before this pane listened.

        It gets the keys if `answer`, which was being typed on the last screen, is for it, or if its own cell is active: whoever
        comes back comes to answer. Keys that were typed before the user saw it (`keys_wait`) are only for such an answer.
        """
        prompt = self._session.prompt
        if prompt is None or self._prompt.is_open:
            return
        is_own = prompt.cell in (None, self._state.active) and not self._shell.dialogs.is_open
        if answer is not None and answer.prompt is prompt:
            self._open_prompt(prompt, answer.text)
        elif is_own and not keys_wait:
            self._open_prompt(prompt, "")
        else:
            self._open_prompt(prompt, is_typing=keys_wait)
        self._shell.show_status()

    def show_waiting_page(self) -> None:
        """Opens the next page that arrived in edit mode, once the mode has ended."""
        if self._waiting_pages and self._state.mode is Mode.COMMAND:
            self._shell.dialogs.page("From the kernel", self._waiting_pages.pop(0))

    def _notify(self, text: str, severity: str = "information", hint: str = "") -> None:
        self._shell.dialogs.notify(text, severity, hint=hint)

    def _page(self, text: str) -> None:
        if self._state.mode is Mode.EDIT:
            self._waiting_pages.append(text)
            self._notify("The kernel sent a page:", hint="{leave-edit-mode} shows it.")
        else:
            self._shell.dialogs.page("From the kernel", text)

    def _offer_stronger(self, stronger: InterruptMeans | None) -> None:
        if stronger is not None:
            self._notify("The interrupt has had no effect for 5 s.", "warning", "{interrupt} interrupts with a signal.")
        elif self._session.kernel.foreign:
            self._notify("The interrupt has had no effect. Only who started the kernel can restart it.", "warning")
        elif self._state.mode is Mode.EDIT:
            self._notify("The interrupt has had no effect.", "warning", "{restart} restarts the kernel.")
        else:
            self._shell.system.run_later(self._offer_restart())

    async def _offer_restart(self) -> None:
        question = "The interrupt has had no effect. Restart the kernel? Its variables will be lost."
        if await self._shell.dialogs.choose(question, ["Wait", "Restart"]) == 1:
            await self._session.restart()
        else:
            self._notify("The kernel was not restarted.")

    def _explain(self, status: KernelStatus) -> None:
        if status.untrusted:
            from tuinb.commands.registry import COMMANDS

            self._run_command(COMMANDS["trust-environment"])
        elif text := status.explanation or status.detail:
            self._notify(text, "error" if status.state is KernelState.DEAD else "warning")

    def _open_prompt(self, prompt: Prompt, answer: str | None = None, *, is_typing: bool = False) -> None:
        """Opens the prompt. With `answer`, which may be empty, it gets the keys; else if the user is not typing and sees it.

        Where cells are always edited, one that was not changed since it was run is not being typed into.
        """
        known = prompt.cell is not None and prompt.cell in self._session.notebook
        cell = prompt.cell if known else self._state.active
        if cell is None:
            return
        # An empty editor, such as that of a new cell below the running one, does not keep the focus from the prompt.
        was_run = self._state.keeps_editing and cell == self._editor.cell and not self._session.is_edited(cell)
        typing = is_typing or (self._editor.has_text and not was_run) or self._shell.dialogs.is_open
        with self._keeping():
            self._prompt.open(prompt, cell, answer or "")
        if answer is not None:
            self._prompt.enter()
        elif typing:
            key = prompt_key(self._shell.key_of)
            self._notify("The kernel waits for input." + (f" {key} goes to its prompt." if key else ""), "warning")
        elif self._prompt.in_view or self._is_looked_at(cell):
            self._prompt.enter()

    def _is_looked_at(self, cell: CellId) -> bool:
        """Returns whether a cell is active and in view. Its prompt may be scrolled into view."""
        return cell == self._state.active and self._view.viewport.visible(cell)
