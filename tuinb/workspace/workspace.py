"""State that one client shares between its open notebooks."""

from __future__ import annotations

import json
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from tuinb.editing.kill_ring import KillRing
from tuinb.record import Record, field

if TYPE_CHECKING:
    from tuinb.editing.vim.state import Shared
    from tuinb.notebook.changes import CellData
    from tuinb.workspace.cell_file import CellFile


MOST_CARRIED: Final = 1 << 18
"""Characters of the texts that go along to a notebook of another session, as JSON."""


class CellClipboard(Record, frozen=False):
    """The cells that were last cut or copied, and the texts. All open notebooks share it."""

    cells: tuple[CellData, ...] = ()
    """Snapshots with the original ids. Pasting gives them new ids."""
    text: str = ""
    """The text that was last cut or copied. tuinb never reads the terminal's clipboard."""
    kills: KillRing = field(default_factory=KillRing)
    """Texts that were cut from cells."""
    vim: Shared | None = None
    """Registers, the last search and the rest that vim's keys share between texts. None before vim's keys are used."""
    file: CellFile | None = None
    """What shares them with other programs. None if nothing does."""

    def newest(self) -> tuple[CellData, ...]:
        """Returns the cells that this or another program cut or copied last."""
        found = self.file.read_new() if self.file is not None else None
        if found is not None:
            self.cells = found
        return self.cells

    def carried(self) -> dict[str, object]:
        """Returns the texts as JSON, for the clipboard of another session. Those that are too long are left out."""
        room = MOST_CARRIED

        def fits(text: str) -> bool:
            nonlocal room
            size = len(json.dumps(text))
            if size > room:
                return False
            room -= size
            return True

        return {
            "text": self.text if fits(self.text) else "",
            "registers": self.vim.registers.to_json(fits) if self.vim is not None else None,
            "kills": list(takewhile(fits, self.kills.texts)),
        }

    def take(self, carried: object) -> None:
        """Takes the texts of another session's clipboard in place of its own. What is not in its form is left out."""
        match carried:
            case {"text": str(text), "kills": [*kills], "registers": registers}:
                self.text = text
                self.kills.texts = [kill for kill in kills if isinstance(kill, str)]
                if registers is not None:
                    from tuinb.editing.vim.state import Shared

                    self.vim = self.vim or Shared()
                    self.vim.registers.take_json(registers)
