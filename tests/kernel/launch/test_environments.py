"""Environments of a notebook's folder: which may run, and what is remembered of them."""

from __future__ import annotations

import json
import os
import shutil
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from tests.environments import unpack
from tuinb.errors import UntrustedEnvironmentError
from tuinb.kernel.launch import environments
from tuinb.kernel.launch.environments import Consent, Identity
from tuinb.kernel.launch.interpreters import choose_interpreter, has_ipykernel

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The folder of a notebook, with an environment."""
    folder = tmp_path / "project"
    folder.mkdir()
    unpack(folder)
    return folder


def chosen(folder: Path, environ: dict[str, str], *, consent: Consent = Consent.NEEDED, program: str = "python") -> str:
    return choose_interpreter(program, None, folder, environ, consent).program


def refused(folder: Path, environ: dict[str, str], *, consent: Consent = Consent.NEEDED) -> UntrustedEnvironmentError:
    with pytest.raises(UntrustedEnvironmentError) as caught:
        choose_interpreter("python", None, folder, environ, consent)
    return caught.value


def trust(prefix: Path, environ: dict[str, str]) -> None:
    environments.remember(Identity.of(prefix), environ)


# ---- the user's word


def test_an_environment_runs_once_its_user_said_so(folder: Path, environ: dict[str, str]) -> None:
    error = refused(folder, environ)
    assert error.identity == Identity.of(folder / ".venv")
    assert f"`tuinb trust {folder}`" in error.hint
    trust(folder / ".venv", environ)
    assert chosen(folder, environ) == str(folder / ".venv/bin/python")
    (folder / "deep").mkdir()
    assert chosen(folder / "deep", environ) == str(folder / ".venv/bin/python")
    assert environments.forget(str(folder / ".venv"), environ)
    assert not environments.forget(str(folder / ".venv"), environ)
    refused(folder / "deep", environ)


def test_consent_for_one_run(folder: Path, environ: dict[str, str]) -> None:
    assert chosen(folder, environ, consent=Consent.GIVEN) == str(folder / ".venv/bin/python")
    refused(folder, environ)
    assert chosen(folder, environ, consent=Consent.DENIED) == sys.executable
    why = choose_interpreter("python", None, folder, environ, Consent.DENIED).passed_over
    assert why == (f"{folder}/.venv is not trusted and not used",)


def test_what_needs_no_question(folder: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    own = str(folder / ".venv/bin/python")
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        assert chosen(folder, environ | {name: str(folder / ".venv")}) == own
    assert choose_interpreter("python", own, folder, environ).program == own
    assert chosen(folder, environ, program=own) == own
    monkeypatch.setattr(sys, "prefix", str(folder / ".venv"))
    assert chosen(folder, environ) == own


def test_a_relative_environment_is_not_the_active_one(
    folder: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    refused(folder, environ | {"VIRTUAL_ENV": ".venv"})


def test_one_that_was_made_anew_is_another_one(folder: Path, environ: dict[str, str]) -> None:
    trust(folder / ".venv", environ)
    (folder / ".venv").rename(folder / "old")
    unpack(folder)
    refused(folder, environ)
    shutil.rmtree(folder / ".venv")
    (folder / "old").rename(folder / ".venv")
    assert chosen(folder, environ) == str(folder / ".venv/bin/python")


def test_a_link_is_trusted_as_what_it_leads_to(folder: Path, environ: dict[str, str], tmp_path: Path) -> None:
    trust(folder / ".venv", environ)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "venv").symlink_to(folder / ".venv")
    assert chosen(tmp_path / "other", environ) == str(tmp_path / "other/venv/bin/python")


def test_the_nearest_one_is_asked_for_though_one_above_is_trusted(
    folder: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    unpack(tmp_path)
    trust(tmp_path / ".venv", environ)
    assert refused(folder, environ).where == str(folder / ".venv")


def test_one_without_ipykernel_needs_no_answer(folder: Path, environ: dict[str, str]) -> None:
    shutil.rmtree(folder / ".venv/lib")
    assert chosen(folder, environ) == sys.executable


def test_the_question_says_what_it_is_and_whose(folder: Path, environ: dict[str, str]) -> None:
    description = refused(folder, environ).description
    assert description == f"{folder}/.venv\nPython 3.11, owned by you; its bin/python is a program of its own."
    (folder / ".venv/bin/python").unlink()
    (folder / ".venv/bin/python").symlink_to("/bin/sh")
    assert f"its bin/python is a link to {os.path.realpath('/bin/sh')}." in refused(folder, environ).description


# ---- other users


@pytest.mark.parametrize("part", [".venv", ".venv/bin", ".venv/lib", ".venv/bin/python"])
@pytest.mark.parametrize(("bits", "who"), [(stat.S_IWOTH, "everybody can write"), (stat.S_IWGRP, "its group can write")])
def test_one_that_others_can_write_to_is_refused_whatever_was_said(
    part: str, bits: int, who: str, folder: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(folder / ".venv", environ)
    (folder / part).chmod((folder / part).stat().st_mode | bits)
    monkeypatch.setattr(environments, "_is_private_group", lambda *_: False)
    for consent in (Consent.NEEDED, Consent.GIVEN):
        error = refused(folder, environ, consent=consent)
        assert who in error.what
        assert (error.description, error.identity) == ("", None)
    assert chosen(folder, environ, consent=Consent.DENIED) == sys.executable


def test_a_group_of_its_owner_alone_is_nobody_else(
    folder: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    trust(folder / ".venv", environ)
    (folder / ".venv").chmod(0o775)
    monkeypatch.setattr(environments, "_is_private_group", lambda *_: True)
    assert chosen(folder, environ) == str(folder / ".venv/bin/python")


def test_private_groups() -> None:
    class Entry:
        gr_name = pw_name = "ann"
        gr_mem: tuple[str, ...] = ()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("grp.getgrgid", lambda _: Entry)
        patch.setattr("pwd.getpwuid", lambda _: Entry)
        assert environments._is_private_group(1, 1)
        patch.setattr(Entry, "gr_mem", ("ann", "bob"))
        assert not environments._is_private_group(1, 1)
    assert not environments._is_private_group(2**31 - 5, os.geteuid())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("part", [".venv", "link", ".venv/bin", ".venv/bin/python"])
def test_one_of_another_user_is_refused_whatever_was_said(part: str, folder: Path, environ: dict[str, str]) -> None:
    trust(folder / ".venv", environ)
    if part == "link":
        (folder / ".venv").rename(folder / "real")
        (folder / ".venv").symlink_to("real")
        trust(folder / "real", environ)
        os.chown(folder / ".venv", 12345, -1, follow_symlinks=False)
    else:
        os.chown(folder / part, 12345, -1)
    if part in {".venv", "link"}:
        # Anybody may put one above a notebook in /tmp: it must not keep the notebook from running.
        assert chosen(folder, environ, consent=Consent.GIVEN) == sys.executable
    else:
        assert "belongs to user 12345" in refused(folder, environ, consent=Consent.GIVEN).what


# ---- what is remembered


def test_what_is_remembered_is_private(folder: Path, environ: dict[str, str], tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        trust(folder / ".venv", environ)
    finally:
        os.umask(before)
    made = list((tmp_path / "home").rglob("*"))
    assert {oct(path.stat().st_mode & 0o777) for path in made} == {oct(0o700), oct(0o600)}
    assert [path.name for path in made if path.is_file()] == [environments._file(str(folder / ".venv"), environ).name]


def test_all_that_are_remembered(folder: Path, environ: dict[str, str], tmp_path: Path) -> None:
    assert environments.remembered(environ) == []
    unpack(tmp_path, name="venv")
    for prefix in (folder / ".venv", tmp_path / "venv", folder / ".venv"):
        trust(prefix, environ)
    assert environments.remembered(environ) == [Identity.of(folder / ".venv"), Identity.of(tmp_path / "venv")]


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"path": 1}', '{"path": "/", "owner": "x", "inode": 1}', "[" * 9999])
def test_a_damaged_file_trusts_nothing(content: str, folder: Path, environ: dict[str, str]) -> None:
    trust(folder / ".venv", environ)
    environments._file(str(folder / ".venv"), environ).write_text(content)
    refused(folder, environ)
    assert environments.remembered(environ) == []


def test_a_file_that_others_can_write_to_trusts_nothing(folder: Path, environ: dict[str, str]) -> None:
    trust(folder / ".venv", environ)
    file = environments._file(str(folder / ".venv"), environ)
    file.chmod(0o622)
    refused(folder, environ)
    file.chmod(0o600)
    file.rename(file.with_name("real"))
    file.symlink_to("real")
    refused(folder, environ)
    file.unlink()
    os.mkfifo(file)
    refused(folder, environ)


def test_a_file_for_another_environment_trusts_nothing(folder: Path, environ: dict[str, str]) -> None:
    trust(folder / ".venv", environ)
    file = environments._file(str(folder / ".venv"), environ)
    file.write_text(json.dumps({**Identity.of(folder / ".venv")._asdict(), "inode": 1}))
    refused(folder, environ)


# ---- packages


def test_environments_that_name_each_other_as_their_base(tmp_path: Path) -> None:
    for name, other in (("a", "b"), ("b", "a")):
        (tmp_path / name).mkdir()
        settings = f"home = {tmp_path / other}/bin\ninclude-system-site-packages = true\n"
        (tmp_path / name / "pyvenv.cfg").write_text(settings)
    assert not has_ipykernel(tmp_path / "a")
