"""`tuinb config --show`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tuinb import config as settings
from tuinb.headless import config

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "tuinb").mkdir()
    return tmp_path / "tuinb" / "config.toml"


def test_every_setting_is_described() -> None:
    assert {name.partition(".")[0] for name in config.DOCS} == set(settings._SETTINGS)


def test_values_and_where_they_come_from(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text('theme = "nord"\n[keys.command]\n"g x" = "run-all"\n[format]\nr = ["air", "format"]\n')
    assert config.main(["--show"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert str(file) in lines[0]
    assert 'theme = "nord"  [config.toml]  the name of a theme' in lines
    assert 'keys.command."g x" = "run-all"  [config.toml]  the set of keys, and keys of your own by mode' in lines
    assert 'format.r = ["air", "format"]  [config.toml]  the program that formats each language' in lines
    assert "lint = true  [default]  mark problems of Python code while it is edited" in lines


def test_settings_of_a_table_are_shown_one_by_one(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text('[vim]\nescape = "jk"\n[vim.map.normal]\n"," = "Space"\n"x" = "Ctrl+nope"\n')
    assert config.main(["--show"]) == 1
    out, err = capsys.readouterr()
    assert 'vim.escape = "jk"  [config.toml]  two keys' in out
    assert 'vim.Y = "line"  [default]  what Y copies' in out
    assert 'vim.map.normal."," = "Space"  [config.toml, with an error]' in out
    assert "line 5: there is no key 'Ctrl+nope'" in err


def test_without_a_file(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert config.main(["--show"]) == 0
    assert f"{file} (it does not exist)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "shown", "said"),
    [
        ("lint = 3\nautosave = 5\n", "lint = 3  [config.toml, with an error]", "lint = 3 does not fit"),
        ("x = [", "lint = true  [default]", "not valid TOML"),
        ("vim = 1\n", 'vim.Y = "line"  [default]', "vim is not a table"),
        ("[format]\nr = 1\n", "format.r = 1  [config.toml, with an error]", "format.r = 1 does not fit"),
    ],
)
def test_wrong_settings(file: Path, capsys: pytest.CaptureFixture[str], text: str, shown: str, said: str) -> None:
    file.write_text(text)
    assert config.main(["--show"]) == 1
    out, err = capsys.readouterr()
    assert shown in out
    assert said in err
    assert ("autosave = 5  [config.toml]  " in out) == ("autosave" in text)


def test_it_needs_its_option() -> None:
    with pytest.raises(SystemExit):
        config.main([])


def test_all_that_the_screen_complains_of_is_listed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Symptom: the screen cut the last of several problems, and this command did not list those of keys and themes."""
    file.write_text('theme_dark = "dork"\nbogus = 1\n[keys.command]\n"g x" = "nope"\n"ctrl+nokey" = "run-all"\n')
    assert config.main(["--show"]) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 4
    for words in ("bogus", "line 4: keys 'g x'", "line 5: keys 'ctrl+nokey'", "dork"):
        assert any(words in line for line in said)
