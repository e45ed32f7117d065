"""Widget models by id: state beside the content, which outputs refer to by id.

A kernel opens, updates and closes a model (see kernel.execution.comms), or the model is in the metadata of the saved notebook.
The outputs that an Output widget captured are kept like the outputs of a cell, by the same code. Invariants: a model's revision
is the table's revision at the model's last change, so the highest of several tells whether any of them changed; the number of
models and the bytes of their states are bounded. Models that were closed longest ago are dropped first, then models without a
kernel, then the oldest. A dropped model that was closed is still known as closed.
"""

from __future__ import annotations

import binascii
import sys
from collections import OrderedDict
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tuinb.mime import WIDGET_VIEW, joined
from tuinb.notebook.changes import ABSENT, CellId
from tuinb.notebook.nesting import without_deep_parts
from tuinb.notebook.outputs import Displays, Outputs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tuinb.notebook.changes import Absent, Json, OutputData
    from tuinb.notebook.document import Notebook

STATE = "application/vnd.jupyter.widget-state+json"
"""The key in a notebook's `metadata.widgets`; the format is that of the package @jupyter-widgets/schema, version 2."""
REFERENCE = "IPY_MODEL_"
"""Prefix of the id of another model in a state."""
MOST_MODELS = 20_000
MOST_BYTES = 64 << 20
_CAPTURES = "OutputModel"
_DEEPEST = 60
"""Maximum nesting of a value. A value that is nested deeper is replaced by null, since it could not be saved."""
_OVERHEAD = 64
"""Approximate bytes that each value takes."""


class Model:
    """One widget's state. Only the table changes it."""

    __slots__ = ("closed", "id", "live", "outputs", "revision", "size", "state")

    def __init__(self, model: str, *, live: bool) -> None:
        self.id = model
        self.state: dict[str, Json] = {}
        """Values by key, binary values as bytes. Without `outputs` if it captures outputs."""
        self.live = live
        """Whether the kernel that opened it is still running."""
        self.closed = False
        self.outputs: Outputs | None = None
        """The outputs that an Output widget captured. None for other widgets."""
        self.revision = 0
        self.size = 0

    def to_json(self) -> dict[str, Json]:
        """Returns the model in the format of the notebook's metadata."""
        state, buffers = without_buffers(self.state)
        if self.outputs is not None:
            state["outputs"] = list(map(without_deep_parts, self.outputs.to_json()))
        found = {
            "model_module": state.get("_model_module"),
            "model_module_version": state.get("_model_module_version"),
            "model_name": state.get("_model_name"),
            "state": state,
        }
        return {**found, "buffers": buffers} if buffers else found


class Widgets:
    """The widget models of one notebook."""

    def __init__(self, notebook: Notebook) -> None:
        self.revision = 0
        """A number that grows when any model changes."""
        self._notebook = notebook
        self._models: OrderedDict[str, Model] = OrderedDict()
        self._dead: OrderedDict[str, None] = OrderedDict()
        self._closed: OrderedDict[str, None] = OrderedDict()
        self._gone: OrderedDict[str, Model] = OrderedDict()
        """Models that were closed, and dropped since."""
        self._bytes = 0
        self._saved: dict[str, Model | None] = {}
        self._saved_in: object = None
        """The metadata that `_saved` was read from."""
        self._displays = Displays()

    # ---- reading

    def find(self, model: str) -> Model | None:
        """Returns a model that a kernel opened, or one in the notebook's metadata. None if there is neither."""
        return self._models.get(model) or self._gone.get(model) or self._find_saved(model)

    def revision_of(self, models: Iterable[str]) -> int:
        """Returns the highest revision of these models. Unknown models count as 0."""
        opened = self._models
        return max((found.revision for model in models if (found := opened.get(model) or self._gone.get(model))), default=0)

    def live(self, model: str) -> Model | None:
        """Returns a model that can still change: its kernel is running, and it is not closed."""
        found = self._models.get(model)
        return found if found is not None and found.live and not found.closed else None

    def _find_saved(self, model: str) -> Model | None:
        metadata = self._notebook.metadata
        if metadata is not self._saved_in:
            self._saved_in = metadata
            self._saved.clear()
        if model not in self._saved:
            self._saved[model] = self._load(model)
        return self._saved[model]

    def _load(self, model: str) -> Model | None:
        entry = _saved_entries(self._notebook.metadata).get(model)
        state = entry.get("state") if isinstance(entry, Mapping) else None
        if not isinstance(entry, Mapping) or not isinstance(state, Mapping):
            return None
        names = ("model_name", "model_module", "model_module_version")
        state = {**{f"_{name}": entry[name] for name in names if name in entry}, **state}
        found = Model(model, live=False)
        self._set(found, _with_saved_buffers(state, entry.get("buffers")), Displays())
        return found

    # ---- messages from a kernel

    def open(self, model: str, state: Mapping[str, Json]) -> None:
        """Opens a model, or replaces the state of an existing one."""
        self._forget(model)
        self._gone.pop(model, None)
        found = self._models[model] = Model(model, live=True)
        self._merge(found, state)

    def update(self, model: str, state: Mapping[str, Json]) -> bool:
        """Sets some keys of a live model's state. Returns whether there is such a model."""
        found = self.live(model)
        if found is not None:
            self._merge(found, state)
        return found is not None

    def close(self, model: str) -> bool:
        """Closes a live model, which is not shown any more. Returns whether there was such a model."""
        found = self.live(model)
        if found is None:
            return False
        found.closed = True
        self._closed[model] = None
        self.touch(found)
        return True

    def on_kernel_lost(self) -> None:
        """Marks all models as without a kernel: they are still shown, and do not change any more."""
        for model, found in self._models.items():
            if found.live and not found.closed:
                self._dead[model] = None
            found.live = False

    def touch(self, model: Model) -> None:
        """Marks a model as changed."""
        self.revision += 1
        model.revision = self.revision

    def update_display(self, display_id: str, data: Mapping[str, Json], metadata: Mapping[str, Json]) -> list[str]:
        """Replaces the data of captured outputs with this display id. Returns the models that have such outputs."""
        models: dict[str, None] = {}
        for output, _ in self._displays.update(display_id, data, metadata):
            model = self._models.get(output.cell)
            if model is not None and model.outputs is not None:
                model.outputs.revision += 1
                self.touch(model)
                models[model.id] = None
        return list(models)

    def _merge(self, model: Model, state: Mapping[str, Json]) -> None:
        size = self._set(model, state, self._displays)
        model.size += size
        self._bytes += size
        self.touch(model)
        while self._models and (len(self._models) > MOST_MODELS or self._bytes > MOST_BYTES):
            self._drop()

    def _set(self, model: Model, state: Mapping[str, Json], displays: Displays) -> int:
        """Sets keys of a model's state. Returns by how many bytes it grew."""
        if model.outputs is None and state.get("_model_name") == _CAPTURES:
            model.outputs = Outputs(CellId(model.id), displays)
        grown = 0
        for key, value in state.items():
            if key == "outputs" and model.outputs is not None:
                _replay(model.outputs, value)
                continue
            size, depth = measure(value)
            if key in model.state:
                grown -= measure(model.state[key])[0] + len(key)
            # Thousands of models have the same keys, which json makes anew for each message.
            model.state[sys.intern(key)] = value if depth <= _DEEPEST else None
            grown += len(key) + (size if depth <= _DEEPEST else _OVERHEAD)
        return grown

    def _drop(self) -> None:
        for order in (self._closed, self._dead, self._models):
            if order:
                self._forget(next(iter(order)))
                return

    def _forget(self, model: str) -> None:
        found = self._models.pop(model, None)
        if found is None:
            return
        self._closed.pop(model, None)
        self._dead.pop(model, None)
        self._bytes -= found.size
        found.size = 0
        if found.outputs is not None:
            found.outputs.clear(wait=False)
        found.outputs, found.state = None, {}
        if found.closed:
            self._gone[model] = found
            if len(self._gone) > MOST_MODELS:
                self._gone.popitem(last=False)

    # ---- saving

    def to_json(self) -> dict[str, Json] | None:
        """Returns the value of `metadata.widgets` for this notebook. None if no kernel opened a model.

        Saved models that an output still shows are kept.
        """
        if not self._models:
            return None
        shown = (output.data for cell in self._notebook for output in cell.outputs)
        wanted = [model for model in _models_in(shown) if model not in self._models]
        state = _reachable(_saved_entries(self._notebook.metadata), wanted)
        state |= {model: found.to_json() for model, found in self._models.items()}
        return {STATE: {"state": state, "version_major": 2, "version_minor": 0}}


def saved_state_for(outputs: Iterable[OutputData], metadata: Mapping[str, Json]) -> Json | Absent:
    """Returns the value of `metadata.widgets` with only those models that the outputs show. ABSENT if there are none."""
    bundles = (output.raw.get("data") for output in outputs)
    models = _models_in(bundle for bundle in bundles if isinstance(bundle, Mapping))
    saved = _saved_entries(metadata)
    state = _reachable(saved, list(models))
    if not state:
        return ABSENT
    kept = {model: entry for model, entry in saved.items() if model in state}
    return {STATE: {**metadata["widgets"][STATE], "state": kept}}


def _models_in(bundles: Iterable[Mapping[str, Json]]) -> Iterator[str]:
    for bundle in bundles:
        if (model := model_of(bundle.get(WIDGET_VIEW))) is not None:
            yield model


def _reachable(saved: Mapping[str, Json], wanted: list[str]) -> dict[str, Json]:
    """Returns the wanted models of those that are saved, and the models that these refer to."""
    state: dict[str, Json] = {}
    while wanted:
        model = wanted.pop()
        if model in saved and model not in state:
            state[model] = saved[model]
            wanted += references(saved[model])
    return state


def model_of(view: Json) -> str | None:
    """Returns the id of the model in a value of the MIME type WIDGET_VIEW. None if there is none."""
    found = view.get("model_id") if isinstance(view, Mapping) else None
    return found if isinstance(found, str) else None


def references(value: Json) -> list[str]:
    """Returns the ids of models in a state, at any depth."""
    left, found = [value], []
    while left:
        value = left.pop()
        if isinstance(value, str) and value.startswith(REFERENCE):
            found.append(value.removeprefix(REFERENCE))
        elif isinstance(value, Mapping):
            left += value.values()
        elif isinstance(value, list):
            left += value
    return found


def measure(value: Json) -> tuple[int, int]:
    """Returns the approximate bytes of a JSON value, and its depth. Takes time in proportion to its size."""
    left, total, deepest = [(value, 0)], 0, 0
    while left:
        value, depth = left.pop()
        total += _OVERHEAD
        deepest = max(deepest, depth)
        if isinstance(value, str | bytes):
            total += len(value)
        elif isinstance(value, Mapping):
            left += [(item, depth + 1) for item in value.values()]
            total += _OVERHEAD * len(value) + sum(map(len, value))
        elif isinstance(value, list):
            left += [(item, depth + 1) for item in value]
    return total, deepest


def _replay(outputs: Outputs, given: Json) -> None:
    """Replaces the captured outputs, merged as if they had arrived one by one."""
    outputs.clear(wait=False)
    for output in given if isinstance(given, list) else ():
        if not isinstance(output, Mapping):
            continue
        if output.get("output_type") == "stream":
            name = output.get("name")
            outputs.append_stream(name if isinstance(name, str) else "stdout", joined(output.get("text")))
        else:
            outputs.append(output, None)


# ---- binary values


def with_buffers(state: Mapping[str, Json], placed: Iterable[tuple[Json, bytes]]) -> dict[str, Json]:
    """Returns the state with binary values at their paths: lists of keys and indices.

    A path that does not exist is skipped. The state itself is not changed: each container on a path is copied once.
    """
    whole: dict[str, Json] = dict(state)
    copied: set[int] = set()
    for path, buffer in placed:
        if not isinstance(path, list) or not path:
            continue
        here: Any = whole
        for key in path[:-1]:
            here = _own_child(here, key, copied)
        last = path[-1]
        if (isinstance(here, dict) and isinstance(last, str)) or _is_index(here, last):
            here[last] = buffer
    return whole


def _own_child(parent: Any, key: Json, copied: set[int]) -> Any:  # noqa: ANN401
    """Returns the value at a key, copied if it was not yet. None if there is none."""
    if not (isinstance(parent, dict) and isinstance(key, str) and key in parent) and not _is_index(parent, key):
        return None
    child = parent[key]
    if isinstance(child, dict | list) and id(child) not in copied:
        child = parent[key] = child.copy()
        # The parent keeps a reference, so that the id is not reused.
        copied.add(id(child))
    return child


def _is_index(value: object, key: object) -> bool:
    return isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value)


def without_buffers(state: Mapping[str, Json]) -> tuple[dict[str, Json], list[Json]]:
    """Returns the state without binary values, and these in base64 with their paths. In lists, null takes their place."""
    buffers: list[Json] = []

    def strip(value: Json, path: list[Json]) -> Json:
        if isinstance(value, Mapping):
            return {key: strip(item, [*path, key]) for key, item in value.items() if not taken(item, [*path, key])}
        if isinstance(value, list):
            return [None if taken(item, [*path, at]) else strip(item, [*path, at]) for at, item in enumerate(value)]
        return value

    def taken(value: Json, path: list[Json]) -> bool:
        if isinstance(value, bytes):
            buffers.append({"data": binascii.b2a_base64(value, newline=False).decode(), "encoding": "base64", "path": path})
        return isinstance(value, bytes)

    return {key: strip(value, [key]) for key, value in state.items() if not taken(value, [key])}, buffers


_DECODERS: Mapping[Json, Callable[[str], bytes]] = {"base64": binascii.a2b_base64, "hex": bytes.fromhex}


def _with_saved_buffers(state: Mapping[str, Json], buffers: Json) -> dict[str, Json]:
    placed = []
    for buffer in buffers if isinstance(buffers, list) else ():
        match buffer:
            case {"path": path, "data": str(data), "encoding": str(encoding)} if encoding in _DECODERS:
                try:
                    placed.append((path, _DECODERS[encoding](data)))
                except ValueError:
                    continue
            case _:
                continue
    return with_buffers(state, placed)


def _saved_entries(metadata: Mapping[str, Json]) -> Mapping[str, Json]:
    match metadata:
        case {"widgets": {**sections}}:
            section = sections.get(STATE)
            entries = section.get("state") if isinstance(section, Mapping) else None
            return entries if isinstance(entries, Mapping) else {}
        case _:
            return {}
