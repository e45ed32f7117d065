"""Comms, and the widgets that live by them, as a table without I/O: comm messages in, changed models and answers out.

The protocol of widgets is the second version of ipywidgets' (packages/schema/messages.md there); notebook.widgets keeps the
states. While an Output widget's `msg_id` names a request, it takes that request's outputs instead of the cell; of several, the
one that asked last. The kernel is told what was captured, but not for each output, which would cost the square of their number:
once the capture ends, and before the next cell is sent. Invariant: whatever is said in whatever order, nothing is raised; a
message costs what its own size is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from tuinb.kernel.protocol import events as m
from tuinb.notebook.widgets import measure, with_buffers

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tuinb.kernel.protocol.events import MessageId
    from tuinb.notebook.widgets import Model, Widgets

Comm: TypeAlias = m.CommOpen | m.CommMessage | m.CommClosed
Captured: TypeAlias = m.CellOutput | m.Stream | m.ClearOutput

WIDGET_TARGET = "jupyter.widget"
_VERSION = "2"
"""The major version of the protocol that is spoken here."""
MOST_TOLD = 1 << 20
"""Bytes of captured outputs, about, that are told to the kernel: more would hold up the keys, and the kernel made them."""


class Comms:
    """What the kernel's comms do to the models of one notebook."""

    def __init__(self, widgets: Widgets) -> None:
        self._widgets = widgets
        self._captors: dict[MessageId, list[str]] = {}
        """The models that want the outputs of a request; the last one gets them."""
        self._wanted: dict[str, MessageId] = {}
        """The request that a model wants the outputs of."""
        self._pending: dict[str, None] = {}
        """Models whose captured outputs the kernel does not know."""

    def receive(self, event: Comm, *, own: bool) -> tuple[str, ...] | None:
        """Takes a message in; the models that changed, or None for a comm that is to be closed: nobody here speaks with it.

        `own`: whether the message answers one of ours, and may be the echo of what was told.
        """
        match event:
            case m.CommOpen():
                return self._open(event)
            case m.CommMessage():
                if own and event.data.get("method") == "echo_update":
                    return ()
                return self._update(event)
            case m.CommClosed():
                self._capture(event.comm_id, "")
                return (event.comm_id,) if self._widgets.close(event.comm_id) else ()

    def _open(self, event: m.CommOpen) -> tuple[str, ...] | None:
        version = event.metadata.get("version", _VERSION)
        if event.target != WIDGET_TARGET or not isinstance(version, str) or version.partition(".")[0] != _VERSION:
            return None
        self._capture(event.comm_id, "")
        state = _state(event.data, event.buffers)
        self._widgets.open(event.comm_id, state)
        self._follow(event.comm_id, state)
        return (event.comm_id,)

    def _update(self, event: m.CommMessage) -> tuple[str, ...]:
        if event.data.get("method") not in ("update", "echo_update"):
            return ()
        state = _state(event.data, event.buffers)
        if not state or not self._widgets.update(event.comm_id, state):
            return ()
        if "outputs" in state:
            self._pending.pop(event.comm_id, None)
        self._follow(event.comm_id, state)
        return (event.comm_id,)

    def on_kernel_lost(self) -> None:
        """Drops all captures and pending updates, since the kernel and its ends of the comms are gone."""
        self._captors.clear()
        self._wanted.clear()
        self._pending.clear()
        self._widgets.on_kernel_lost()

    def operate(self, model: str, state: Mapping[str, Any] | None) -> list[dict[str, Any]]:
        """Sets values of a live model, or presses it if `state` is None. Returns what the kernel is told.

        The kernel does not say that it refuses a value, or that it uses another one: so it is asked for the state.
        """
        found = self._widgets.live(model)
        if found is None:
            return []
        if state is None:
            return [{"method": "custom", "content": {"event": "click"}}]
        self._widgets.update(model, state)
        told: list[dict[str, Any]] = [{"method": "update", "state": dict(state), "buffer_paths": []}]
        if found.state.get("_model_name") == "TextModel":
            told.append({"method": "custom", "content": {"event": "submit"}})
        return [*told, {"method": "request_state"}]

    # ---- what Output widgets capture

    def _follow(self, model: str, state: Mapping[str, Any]) -> None:
        found = self._widgets.live(model)
        if "msg_id" in state and found is not None and found.outputs is not None:
            request = state["msg_id"]
            self._capture(model, request if isinstance(request, str) else "")

    def _capture(self, model: str, request: str) -> None:
        """Has a model take the outputs of a request, and of no other; with an empty id, of none."""
        former = self._wanted.pop(model, None)
        if former is not None:
            models = self._captors[former]
            models.remove(model)
            if not models:
                del self._captors[former]
        if request:
            wanted = self._wanted[model] = m.MessageId(request)
            self._captors.setdefault(wanted, []).append(model)

    def captor(self, parent: MessageId) -> Model | None:
        """The widget that takes the outputs of this request; None where they are the cell's."""
        while parent in self._captors:
            model = self._captors[parent][-1]
            found = self._widgets.live(model)
            if found is not None and found.outputs is not None:
                return found
            self._capture(model, "")
        return None

    def give(self, model: Model, event: Captured) -> None:
        """Gives an output to the widget that takes it."""
        assert model.outputs is not None
        match event:
            case m.Stream():
                model.outputs.append_stream(event.name, event.text)
            case m.ClearOutput():
                model.outputs.clear(wait=event.wait)
            case m.ErrorOutput():
                model.outputs.append(m.output_of(event), None)
            case _:
                model.outputs.append(m.output_of(event), event.display_id)
        self._widgets.touch(model)
        self._pending[model.id] = None

    def update_display(self, event: m.UpdateDisplayData) -> Iterable[str]:
        """An update of displays reaches captured ones, too; the models that changed."""
        if event.display_id is None:
            return ()
        models = self._widgets.update_display(event.display_id, event.data, event.metadata)
        self._pending.update(dict.fromkeys(models))
        return models

    def pending_updates(self, *, capturing: bool) -> list[tuple[str, dict[str, Any]]]:
        """Removes and returns the updates for the kernel: comm ids with data. Without `capturing`, only of ended captures."""
        if not self._pending:
            return []
        busy: Mapping[str, MessageId] = {} if capturing else self._wanted
        told: list[tuple[str, dict[str, Any]]] = []
        for model in [model for model in self._pending if model not in busy]:
            del self._pending[model]
            found = self._widgets.live(model)
            if found is None or found.outputs is None:
                continue
            outputs = list(found.outputs.to_json())
            if measure(outputs)[0] <= MOST_TOLD:
                told.append((model, {"method": "update", "state": {"outputs": outputs}, "buffer_paths": []}))
        return told


def _state(data: Mapping[str, Any], buffers: Iterable[bytes]) -> Mapping[str, Any]:
    """The state in a message, with its binary values at their places."""
    state, paths = data.get("state"), data.get("buffer_paths")
    if not isinstance(state, Mapping):
        return {}
    return with_buffers(state, zip(paths, buffers, strict=False)) if isinstance(paths, list) and paths else state
