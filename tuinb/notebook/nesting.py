"""Limits how deeply an output is nested in a saved file.

json reads values with a recursion of its own, and so do Jupyter's programs. A file with a deeper value could not be opened
again, so only that part of the output is left out.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tuinb.notebook.changes import Json

DEEPEST = 400
"""Maximum nesting of an output. nbformat uses two frames of Python's 1,000 for each level when it reads a file."""
_BUNDLES = ("display_data", "execute_result")


def is_deep(value: Json, limit: int = DEEPEST) -> bool:
    """Whether a JSON value has more than `limit` levels of lists and objects. Takes time in proportion to its size."""
    level = [value] if isinstance(value, Mapping | list) else []
    for _ in range(limit):
        if not level:
            return False
        items = (item for box in level for item in (box.values() if isinstance(box, Mapping) else box))
        level = [item for item in items if isinstance(item, Mapping | list)]
    return bool(level)


def without_deep_parts(output: Mapping[str, Json]) -> Mapping[str, Json]:
    """Returns the output itself, or one in which values that are nested too deeply are left out and named in a text."""
    if not is_deep(output):
        return output
    # The values are two levels below the output.
    limit = DEEPEST - 2
    data = output.get("data")
    bundle = data if isinstance(data, Mapping) and output.get("output_type") in _BUNDLES else {}
    left_out = [mime for mime, value in bundle.items() if is_deep(value, limit)]
    kept = {mime: value for mime, value in bundle.items() if mime not in left_out}
    if not kept.get("text/plain"):
        what = ", ".join(left_out) or f"this output ({output.get('output_type')})"
        kept["text/plain"] = f"{what} is nested more than {DEEPEST} levels deep and was not saved"
    if not bundle:
        return {"output_type": "display_data", "data": kept, "metadata": {}}
    others = {key: value for key, value in output.items() if not is_deep(value, limit)}
    return {**others, "data": kept, "metadata": others.get("metadata", {})}
