"""Settings are read, and wrong ones are explained."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb import config
from tuinb.config import LanguageServerSettings
from tuinb.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's file."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "tuinb").mkdir()
    return tmp_path / "tuinb" / "config.toml"


@pytest.mark.usefixtures("file")
def test_without_a_file_there_are_defaults() -> None:
    assert config.load() == config.Config()


def test_a_folder_that_may_not_be_looked_into_is_said(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(type(file), "read_text", refused)
    with pytest.raises(ConfigError, match=r"config.toml: Permission denied"):
        config.load()


def test_reads_every_setting(file: Path) -> None:
    file.write_text(
        'theme = "light"\ntheme_dark = "nord"\ntheme_light = "mine"\noutput_lines = 12\nkernel = "ir"\n'
        'line_numbers = "relative"\nsoft_wrap = false\nauto_close = false\nhanging_indent = true\nlint = false\n'
        "key_hints = false\ncontinue_lists = true\n"
        'picture_rows = 40\ndim_images = true\ntime_from = 1.5\nautosave = 120\nsession_idle = "12h"\n'
        'graphics = "sixel"\nnotify = "bell"\n[format]\nR = ["air", "format"]\n'
        '[lsp]\njulia = false\n[lsp.python]\ncommand = ["ty"]\nformat = true\n[lsp.python.settings]\nty.x = 1\n'
        '[[lsp.R]]\ncommand = ["~/a"]\n[[lsp.R]]\ncommand = ["/b", "--stdio"]\n'
        '[keys.command]\n"g g" = "first-cell"\n[keys.edit]\n"ctrl+k" = ""\n'
    )
    assert config.load() == config.Config(
        theme="light",
        theme_dark="nord",
        theme_light="mine",
        line_numbers=True,
        relative_numbers=True,
        soft_wrap=False,
        auto_close=False,
        hanging_indent=True,
        continue_lists=True,
        lint=False,
        key_hints=False,
        output_lines=12,
        picture_rows=40,
        dim_images=True,
        time_from=1.5,
        kernel="ir",
        graphics="sixel",
        session_idle=43_200.0,
        autosave=120,
        notify="bell",
        format={"r": ["air", "format"]},
        lsp={
            "julia": [],
            "python": [LanguageServerSettings(["ty"], {"ty": {"x": 1}}, format=True)],
            "r": [LanguageServerSettings(["~/a"], {}), LanguageServerSettings(["/b", "--stdio"], {})],
        },
        keys={"command": {"g g": "first-cell"}, "edit": {"ctrl+k": ""}},
    )


def test_a_relative_configuration_folder_is_ignored(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "relative")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config.config_folder() == tmp_path / ".config" / "tuinb"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("theme = ", "not valid TOML"),
        ("autosave = " + "9" * 5000, "it can't be read: "),
        ("theme = " + "[" * 5000, "it can't be read: "),
        ('them = "dark"', "did you mean theme"),
        ("zzz = 1", "settings are theme, theme_dark"),
        ("theme = 3", "theme = 3 does not fit (write the name of a theme"),
        ("line_numbers = 1", "write true or false"),
        ('line_numbers = "relativ"', "write true or false, or"),
        ("output_lines = true", "a number of lines"),
        ("output_lines = 1", "too small"),
        ("picture_rows = 0", "too small"),
        ("autosave = -1", "too small"),
        ("time_from = -1", "a number of seconds"),
        ("time_from = nan", "a number of seconds"),
        ("time_from = true", "a number of seconds"),
        ("session_idle = -1", "a number of days"),
        ("session_idle = nan", "a number of days"),
        ("session_idle = true", "a number of days"),
        ('session_idle = "7 weeks"', "a number of days"),
        ('graphics = "kitten"', "did you mean kitty"),
        ('graphics = "x"', "write one of auto, kitty"),
        ("graphics = true", "one of auto, kitty"),
        ("keys = 3", "keys is not a table"),
        ("format = 'ruff'", "format is not a table"),
        ("[format]\nr = 'air format'", "format.r = 'air format' does not fit"),
        ("[format]\nr = []", "format.r = [] does not fit"),
        ("lsp = 3", "lsp is not a table"),
        ("[lsp]\npython = 'ty'", "python = false below [lsp] for none"),
        ("[lsp.python]\ncomand = ['ty']", "did you mean command"),
        ("[lsp.python]\nformat = true", "lsp.python.command = None does not fit"),
        ("[lsp.python]\ncommand = ['bin/ty']", "has a relative path"),
        ("[lsp.python]\ncommand = ['ty']\nsettings = 1", "lsp.python.settings = 1 does not fit"),
        ("[lsp.python]\ncommand = ['ty']\nformat = 1", "lsp.python.format = 1 does not fit"),
        ("[keys]\ninsert = 'b'", "keys.insert is not a table"),
        ("[keys.command]\na = 3", "keys.command: a = 3 does not fit"),
    ],
)
def test_a_wrong_file_is_explained(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError) as error:
        config.load()
    assert said in str(error.value)
    assert str(file) in str(error.value)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0.0), ("2", 172_800.0), ("0.5", 43_200.0), ('"90 s"', 90.0), ('"5min"', 300.0), ('"7d"', 604_800.0)],
)
def test_spans_of_time(file: Path, value: str, seconds: float) -> None:
    file.write_text(f"session_idle = {value}")
    assert config.load().session_idle == seconds


@pytest.mark.parametrize("value", ['"off"', "false"])
def test_line_numbers_may_be_off(file: Path, value: str) -> None:
    file.write_text(f"line_numbers = {value}")
    assert config.load() == config.Config()


def test_the_rest_is_read_of_a_file_with_wrong_settings(file: Path) -> None:
    file.write_text(
        'zzz = 1\ntheme = 3\nline_numbers = true\noutput_lines = 1\ngraphics = "x"\n'
        '[keys.command]\na = 3\nq = "quit"\n[keys]\nx = 1\n'
    )
    found, problems = config.read()
    assert found == config.Config(line_numbers=True, keys={"command": {"q": "quit"}})
    said = ["unknown setting 'zzz'", "theme = 3", "output_lines = 1", "graphics = 'x'", "keys.command: a = 3", "keys.x is not"]
    assert [what in str(problem) for what, problem in zip(said, problems, strict=True)] == [True] * 6


def test_a_file_that_is_not_toml_gives_the_defaults_and_its_problem(file: Path) -> None:
    file.write_text("theme =")
    found, problems = config.read()
    assert found == config.Config()
    assert ["not valid TOML" in str(problem) for problem in problems] == [True]


def test_bytes_that_are_no_text(file: Path) -> None:
    file.write_bytes(b"theme = \xff")
    with pytest.raises(ConfigError, match="not UTF-8 at byte 8"):
        config.load()


def test_a_folder_instead_of_a_file(file: Path) -> None:
    file.mkdir()
    with pytest.raises(ConfigError, match="directory"):
        config.load()


def test_paths_are_written_as_people_write_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "ada"))
    assert config.home_relative(tmp_path / "ada" / "x.toml") == "~/x.toml"
    assert config.home_relative(tmp_path / "x.toml") == str(tmp_path / "x.toml")


@pytest.mark.parametrize(
    ("table", "key", "line"),
    [
        ("", "a", 0),
        ("keys", "set", 2),
        ("keys.command", "g g", 4),
        ("keys.command", "ctrl+\\", 5),
        ("keys.command", "b", 6),
        ("keys.edit", "b", 8),
        ("keys.edit", "ctrl+\\", 9),
        ("keys.edit", "c", 0),
    ],
)
def test_the_line_of_a_setting(tmp_path: Path, table: str, key: str, line: int) -> None:
    path = tmp_path / "config.toml"
    path.write_text(
        '[keys]\nset = "vim"\n[ keys . command ] # mine\n"g g" = "a"\n"ctrl+\\\\" = "b"\n b=""\n[keys.edit]\nb = "x"\n'
        "'ctrl+\\' = \"y\"\n[[other]]\nc = 1\n"
    )
    assert config.line_of(path, table, key) == line
    assert config.line_of(tmp_path / "none", table, key) == 0


def test_a_line_of_a_longer_text_is_no_setting(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[keys.edit]\na = '''\n\"\\q\" = 1\n'''\nq = \"save\"\n")
    assert config.line_of(path, "keys.edit", "q") == 5


def test_a_wrong_binding_names_its_line(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('theme = "dark"\n[keys.command]\nb = "save"\na = 3\n')
    _, problems = config.read(path)
    assert [problem.where for problem in problems] == [f"{path}, line 4"]


def test_settings_of_vims_keys(file: Path) -> None:
    file.write_text(
        '[vim]\nescape = "jk"\ntimeout = 300\nctrl_o = "cells"\nclipboard = "unnamedplus"\nY = "end"\n'
        '[vim.map.normal]\n"," = "Space"\n[vim.map.insert]\njj = "Esc"\n'
    )
    mappings = {"normal": {",": "Space"}, "insert": {"jj": "Esc"}}
    assert config.load().vim == config.VimSettings("jk", 300, "cells", "unnamedplus", "end", mappings)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("vim = 1", "vim is not a table"),
        ('[vim]\nescpe = "jk"', "unknown setting 'vim.escpe' (did you mean escape?)"),
        ('[vim]\nescape = "jkl"', "vim.escape = 'jkl' does not fit (write two keys"),
        ("[vim]\nescape = 5", "vim.escape = 5 does not fit"),
        ("[vim]\ntimeout = 0", "vim.timeout = 0 is too small"),
        ('[vim]\nclipboard = "unnamed"', "vim.clipboard = 'unnamed' does not fit (did you mean unnamedplus?)"),
        ('[vim]\nY = "word"', "vim.Y = 'word' does not fit (write one of line, end)"),
        ('[vim]\nmap = "x"', "vim.map is not a table"),
        ("[vim.map]\nnormal = 3", "vim.map.normal is not a table"),
        ('[vim.map.nromal]\n"," = "Space"', "vim.map.nromal is no mode (did you mean normal?)"),
        ('[vim.map.normal]\n"," = 3', "vim.map.normal: , = 3 does not fit"),
    ],
)
def test_wrong_settings_of_vims_keys_leave_the_others(file: Path, text: str, said: str) -> None:
    file.write_text(text + "\n")
    found, problems = config.read()
    assert found.vim == config.VimSettings()
    assert [said in str(problem) for problem in problems] == [True]
