"""The private names of Textual and rich that this room stands on: each fails here, by name, when it goes away."""

from __future__ import annotations

import inspect

import pytest
from rich import cells
from textual import _ansi_sequences, _compositor, _keyboard_protocol, _xterm_parser, app, driver, keys, messages
from textual import filter as line_filters


@pytest.mark.parametrize(
    ("owner", "name"),
    [
        (app.App, "_display"),
        (app.App, "_set_pointer_shape"),
        (app.App, "_context"),
        (app.App, "post_display_hook"),
        (app.App, "_build_driver"),
        (app.App, "_fatal_error"),
        (line_filters, "Monochrome"),
        (line_filters, "NoColor"),
        (driver.Driver, "suspend_application_mode"),
        (driver.Driver, "resume_application_mode"),
        (driver.Driver, "no_automatic_restart"),
        (driver.Driver, "process_message"),
        (driver.Driver, "send_message"),
        (_ansi_sequences, "ANSI_SEQUENCES_KEYS"),
        (_keyboard_protocol, "FUNCTIONAL_KEYS"),
        (_keyboard_protocol, "MODIFIER_FUNCTIONAL_KEYS"),
        (keys, "KEY_NAME_REPLACEMENTS"),
        (_xterm_parser.XTermParser, "parse_mouse_code"),
        (messages.InBandWindowResize, "from_setting_parameter"),
        (cells, "get_character_cell_size"),
    ],
)
def test_the_name_is_there(owner: object, name: str) -> None:
    assert hasattr(owner, name)


def test_textual_still_displays_through_the_method_that_is_overridden() -> None:
    assert list(inspect.signature(app.App._display).parameters) == ["self", "screen", "renderable"]


@pytest.mark.parametrize(
    ("function", "names"),
    [
        (app.App.__init__, ["_driver", "_sync_available", "_filters", "no_color"]),
        (inspect.getattr_static(app.App, "size").fget, ["_driver", "_size"]),
        (app.App._display, ["_batch_count", "_running", "_closed", "_driver"]),
        (driver.Driver.__init__, ["_loop", "_mouse", "_app", "_size", "_auto_restart"]),
    ],
)
def test_the_attributes_are_used_as_before(function: object, names: list[str]) -> None:
    code = getattr(function, "__code__")  # noqa: B009 - a plain access is not typed
    assert set(names) <= set(code.co_names)


def test_updates_carry_what_is_read_from_them() -> None:
    layout = inspect.signature(_compositor.LayoutUpdate.__init__).parameters
    chops = inspect.signature(_compositor.ChopsUpdate.__init__).parameters
    assert list(layout) == ["self", "strips", "region"]
    assert list(chops) == ["self", "chops", "spans", "chop_ends"]
