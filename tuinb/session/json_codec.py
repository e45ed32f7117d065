"""The events of a session and plain transactions, as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tuinb.kernel.execution import effects
from tuinb.kernel.protocol import lifecycle
from tuinb.notebook import changes as c
from tuinb.notebook.json_codec import JsonCodec
from tuinb.session import events, state

_NAMES = {**vars(c), **vars(state), **vars(lifecycle), **vars(effects), **vars(events), "Mapping": Mapping, "Path": Path}

RECORDS: JsonCodec[events.SessionEvent | c.Transaction] = JsonCodec(
    events.SessionEvent | c.Transaction, _NAMES, without=(c.RestoreCell, c.RestoreOutputs)
)
