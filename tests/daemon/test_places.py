"""The folder and the socket of a session: private, or refused."""

from __future__ import annotations

import os
import socket
import stat
from typing import TYPE_CHECKING

import pytest

from tuinb.daemon import places
from tuinb.daemon.places import Place
from tuinb.errors import SessionError

if TYPE_CHECKING:
    from pathlib import Path

NOBODY = 65534


def test_a_session_is_found_by_any_name_of_its_file(tmp_path: Path, sockets: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path)
    (tmp_path / "other.ipynb").symlink_to(tmp_path / "x.ipynb")
    place = Place.of(tmp_path / "x.ipynb")
    assert Place.of(tmp_path / "link" / "x.ipynb") == Place.of(tmp_path / "other.ipynb") == place
    assert Place.of(tmp_path / "y.ipynb") != place
    assert place.folder == sockets / f"tuinb-{os.geteuid()}"


def test_a_long_tmpdir_is_passed_over(sockets: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = sockets / ("x" * 80)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    assert str(places.folder()) == f"/tmp/tuinb-{os.geteuid()}"


def test_who_listens_is_reached_and_its_end_leaves_nothing(tmp_path: Path, sockets: Path) -> None:
    place = Place.of(tmp_path / "x.ipynb")
    assert place.connect() is None
    with place.locked(), place.listen() as listener:
        assert stat.S_IMODE(place.folder.stat().st_mode) == 0o700
        assert stat.S_IMODE(place.address.stat().st_mode) == 0o600
        daemon = place.connect()
        assert daemon is not None
        daemon.close()
        listener.accept()[0].close()
    assert place.connect() is None
    with place.locked(), place.listen():
        pass
    place.remove()
    assert not any(sockets.iterdir())


@pytest.mark.parametrize("mode", [0o755, 0o777, 0o701, 0o770])
def test_a_folder_that_others_can_use_is_refused(tmp_path: Path, sockets: Path, mode: int) -> None:
    place = Place.of(tmp_path / "x.ipynb")
    place.folder.mkdir()
    place.folder.chmod(mode)
    with pytest.raises(SessionError, match="other users can use"):
        place.connect()
    with pytest.raises(SessionError, match="other users can use"), place.locked():
        pass


def test_a_link_or_a_file_in_its_place_is_refused(tmp_path: Path, sockets: Path) -> None:
    place = Place.of(tmp_path / "x.ipynb")
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    place.folder.symlink_to(private)
    with pytest.raises(SessionError, match="not a folder"), place.locked():
        pass
    assert not any(private.iterdir())
    place.folder.unlink()
    place.folder.touch(mode=0o700)
    with pytest.raises(SessionError, match="not a folder"):
        place.connect()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_what_belongs_to_another_user_is_refused(tmp_path: Path, sockets: Path) -> None:
    place = Place.of(tmp_path / "x.ipynb")
    place.folder.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place.address))
        listener.listen()
        os.chown(place.address, NOBODY, NOBODY)
        with pytest.raises(SessionError, match="not a socket of yours"):
            place.connect()
        os.chown(place.folder, NOBODY, NOBODY)
        with pytest.raises(SessionError, match="belongs to another user"):
            place.connect()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can listen as another user")
def test_a_listener_of_another_user_is_refused_behind_a_socket_that_looks_right(tmp_path: Path, sockets: Path) -> None:
    place = Place.of(tmp_path / "x.ipynb")
    place.folder.mkdir(mode=0o700)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(place.address))
        os.seteuid(NOBODY)
        try:
            listener.listen()  # the system keeps who called it
        finally:
            os.seteuid(0)
        with pytest.raises(SessionError, match=f"belongs to user {NOBODY}"):
            place.connect()


def test_a_link_in_place_of_the_socket_is_refused(tmp_path: Path, sockets: Path) -> None:
    place = Place.of(tmp_path / "x.ipynb")
    place.folder.mkdir(mode=0o700)
    place.address.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(SessionError, match="not a socket of yours"):
        place.connect()


def test_a_peer_of_another_user_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    here, there = socket.socketpair()
    with here, there:
        places.check_peer(here)
        monkeypatch.setattr(os, "geteuid", lambda: NOBODY)
        with pytest.raises(SessionError, match="belongs to user"):
            places.check_peer(here)
