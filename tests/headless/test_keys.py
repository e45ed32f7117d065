"""`tuinb keys`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tuinb.headless import keys

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def settings(folder: Path, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "tuinb").mkdir()
    (folder / "tuinb" / "config.toml").write_text(text)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(folder))


def test_keys_of_the_chosen_set_with_the_users_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings(tmp_path, '[keys]\nset = "vim"\n[keys.normal]\n"f20" = "run-all"\n', monkeypatch)
    assert keys.main([]) == 0
    shown = capsys.readouterr().out
    assert "Keys of the set vim" in shown
    assert "F20 " in shown
    assert "vim: motions" in shown
    assert keys.main(["jupyter"]) == 0
    assert "F20 " not in capsys.readouterr().out


def test_wrong_settings_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    settings(tmp_path, '[keys]\nset = "emacz"\n[keys.command]\n"f5" = "run-al"\n', monkeypatch)
    assert keys.main([]) == 1
    out, err = capsys.readouterr()
    assert "Keys of the set jupyter" in out
    assert "keys.set = 'emacz' does not fit" in err
    assert "there is no command 'run-al'" in err
