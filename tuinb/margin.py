"""The columns of a row that are not content. Outputs are rendered and printed for the width that is left.

bar | prompt `[123] ` | space | content | scrollbar
"""

from __future__ import annotations

from typing import Final

PROMPT: Final = 6
"""Columns of a prompt: `[123] `, right-aligned."""
MARGIN: Final = 1 + PROMPT + 1
"""Columns left of the content: the bar, the prompt, a space."""
SCROLLBAR: Final = 1
