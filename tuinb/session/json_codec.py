"""What a session tells its listeners, as JSON: events and plain transactions."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tuinb.notebook import changes as c
from tuinb.notebook.json_codec import JsonCodec
from tuinb.session import events, state

_NAMES = {**vars(c), **vars(state), **vars(events), "Mapping": Mapping, "Path": Path}

RECORDS: JsonCodec[events.Notice | c.Transaction] = JsonCodec(
    events.Notice | c.Transaction, _NAMES, without=(c.RestoreCell, c.RestoreOutputs)
)
