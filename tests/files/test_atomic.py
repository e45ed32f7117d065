"""After a failed save, the file is unchanged and no other file is left in the folder."""

from __future__ import annotations

import errno
import os
import stat
import struct
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tuinb.errors import NotebookSaveError
from tuinb.files import atomic
from tuinb.files.disk import DiskState

if TYPE_CHECKING:
    from collections.abc import Callable

AS_ROOT = os.geteuid() == 0
OLD, NEW = b"old", b"new content"


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "a.ipynb"
    path.write_bytes(OLD)
    return path


def untouched(target: Path) -> bool:
    return target.read_bytes() == OLD and [path.name for path in target.parent.iterdir()] == [target.name]


def test_replaces_and_says_the_new_state(target: Path) -> None:
    state, notices = atomic.replace(target, NEW)
    assert target.read_bytes() == NEW
    assert [path.name for path in target.parent.iterdir()] == ["a.ipynb"]
    assert state == DiskState.of(target.stat())
    assert notices == ()


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664, 0o755, 0o4755])
def test_keeps_the_mode(target: Path, mode: int) -> None:
    target.chmod(mode)
    atomic.replace(target, NEW)
    assert stat.S_IMODE(target.stat().st_mode) == mode


def test_a_new_file_has_the_mode_that_the_umask_gives(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        atomic.replace(tmp_path / "a.ipynb", NEW)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a.ipynb").stat().st_mode) == 0o640


def test_keeps_symbolic_links(tmp_path: Path, target: Path) -> None:
    folder = tmp_path / "links"
    folder.mkdir()
    (folder / "one.ipynb").symlink_to(Path("..") / "a.ipynb")
    (folder / "two.ipynb").symlink_to("one.ipynb")
    atomic.replace(folder / "two.ipynb", NEW)
    assert target.read_bytes() == NEW
    assert (folder / "two.ipynb").is_symlink()
    assert sorted(path.name for path in folder.iterdir()) == ["one.ipynb", "two.ipynb"]


def test_a_link_to_nothing_makes_its_target(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("target")
    atomic.replace(tmp_path / "link", NEW)
    assert (tmp_path / "target").read_bytes() == NEW
    assert (tmp_path / "link").is_symlink()


def test_links_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(NotebookSaveError, match="circle"):
        atomic.replace(tmp_path / "a", NEW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_says_what_becomes_of_hard_links(tmp_path: Path, target: Path) -> None:
    (tmp_path / "other").hardlink_to(target)
    _, notices = atomic.replace(target, NEW)
    assert notices == ("other hard links to this file keep the old content",)
    assert (tmp_path / "other").read_bytes() == OLD


def test_keeps_extended_attributes(target: Path) -> None:
    try:
        os.setxattr(target, "user.note", b"kept")
    except OSError:
        pytest.skip("no extended attributes here")
    atomic.replace(target, NEW)
    assert os.getxattr(target, "user.note") == b"kept"


def failing(code: int) -> Callable[..., None]:
    def fail(*_args: object, **_kwargs: object) -> None:
        raise OSError(code, os.strerror(code))

    return fail


FAULTS = [
    ("write", errno.ENOSPC, "the disk is full"),
    ("write", errno.EDQUOT, "quota"),
    ("write", errno.EFBIG, "too large"),
    ("write", errno.EIO, "can't be written: Input/output error"),
    ("fsync", errno.EIO, "Input/output error"),
    ("fsync", errno.ENOSPC, "the disk is full"),
    ("replace", errno.EACCES, "no permission"),
    ("replace", errno.EBUSY, "mount point"),
    ("fchmod", errno.EIO, "Input/output error"),
    ("replace", errno.ENOTSUP, "not supported"),
    ("open", errno.EROFS, "read-only"),
    ("open", errno.EACCES, "allows no new file"),
    ("open", errno.ENAMETOOLONG, "name is too long"),
]


@pytest.mark.parametrize(("function", "code", "message"), FAULTS)
def test_a_fault_leaves_the_file_as_it_was(
    target: Path, monkeypatch: pytest.MonkeyPatch, function: str, code: int, message: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, function, failing(code))
        with pytest.raises(NotebookSaveError, match=message) as caught:
            atomic.replace(target, NEW)
    assert str(target) in str(caught.value)
    assert caught.value.hint
    assert untouched(target)


def test_a_disk_that_fills_up_in_the_middle(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    calls: list[int] = []

    def partly(number: int, data: memoryview) -> int:
        if calls:
            raise OSError(errno.ENOSPC, "full")
        calls.append(number)
        return write(number, data[:3])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", partly)
        with pytest.raises(NotebookSaveError, match="the disk is full; the file is unchanged"):
            atomic.replace(target, NEW)
    assert untouched(target)


def test_short_writes_are_continued(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda number, data: write(number, data[:2]))
        atomic.replace(target, NEW)
    assert target.read_bytes() == NEW


def test_an_interrupt_leaves_nothing(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_number: int) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", interrupted)
        with pytest.raises(KeyboardInterrupt):
            atomic.replace(target, NEW)
    assert untouched(target)


def test_the_check_comes_last_and_prevents(target: Path) -> None:
    seen: list[int] = []

    def check() -> None:
        seen.append(len(list(target.parent.iterdir())))
        raise NotebookSaveError("no")

    with pytest.raises(NotebookSaveError, match="no"):
        atomic.replace(target, NEW, check=check)
    assert seen == [2]
    assert untouched(target)


def test_a_folder_that_cannot_be_synced_is_a_notice(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fsync = os.fsync

    def only_files(number: int) -> None:
        if stat.S_ISDIR(os.fstat(number).st_mode):
            raise OSError(errno.EIO, "broken")
        fsync(number)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", only_files)
        _, notices = atomic.replace(target, NEW)
    assert notices == ("saved, but the disk did not confirm it: broken",)
    assert target.read_bytes() == NEW


def test_a_folder_that_does_not_exist(tmp_path: Path) -> None:
    with pytest.raises(NotebookSaveError, match="folder does not exist"):
        atomic.replace(tmp_path / "gone" / "a.ipynb", NEW)
    assert not (tmp_path / "gone").exists()


def test_what_is_not_a_file_is_not_replaced(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(NotebookSaveError, match="that is a folder"):
        atomic.replace(tmp_path / "folder", NEW)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(NotebookSaveError, match="not a regular file"):
        atomic.replace(tmp_path / "pipe", NEW)


def test_the_longest_name_that_a_folder_takes(tmp_path: Path) -> None:
    path = tmp_path / ("ü" * 124 + ".ipynb")
    atomic.replace(path, OLD)
    atomic.replace(path, NEW)
    assert path.read_bytes() == NEW


def test_a_name_that_is_too_long(tmp_path: Path) -> None:
    with pytest.raises(NotebookSaveError, match="too long"):
        atomic.replace(tmp_path / ("a" * 300), NEW)


def test_a_write_protected_file(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target.chmod(0o444)
    if AS_ROOT:
        monkeypatch.setattr(os, "access", lambda *_args: False)
    with pytest.raises(NotebookSaveError, match="write-protected"):
        atomic.replace(target, NEW)
    with pytest.raises(NotebookSaveError, match="write-protected"):
        atomic.require_writable(target)
    assert untouched(target)


def test_what_may_be_written(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    atomic.require_writable(target)
    atomic.require_writable(target.with_name("new"))
    (target.parent / "a").symlink_to("a")
    with pytest.raises(NotebookSaveError, match="symbolic links form a loop"):
        atomic.require_writable(target.parent / "a")
    monkeypatch.setattr(os, "access", lambda name, _mode: name == target)
    with pytest.raises(NotebookSaveError, match="allows no new file"):
        atomic.require_writable(target)


@pytest.mark.skipif(AS_ROOT, reason="root may write everywhere")
def test_a_folder_without_permission(target: Path) -> None:
    target.parent.chmod(0o555)
    try:
        with pytest.raises(NotebookSaveError, match="allows no new file"):
            atomic.replace(target, NEW)
    finally:
        target.parent.chmod(0o755)
    assert untouched(target)


@pytest.mark.skipif(not AS_ROOT, reason="only root may give files away")
def test_keeps_the_owner_or_says_that_it_could_not(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chown(target, 12345, 12345)
    atomic.replace(target, NEW)
    assert (target.stat().st_uid, target.stat().st_gid) == (12345, 12345)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fchown", failing(errno.EPERM))
        _, notices = atomic.replace(target, OLD)
    assert "now belongs to you" in notices[0]
    assert target.read_bytes() == OLD


# ---- what a replacement keeps


def access_list(*entries: tuple[int, int, int]) -> bytes:
    """A POSIX access list as the kernel stores it: tags, rights and ids."""
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


USER_OBJ, USER, GROUP_OBJ, MASK, OTHER = 1, 2, 4, 16, 32
NO_ID = 0xFFFFFFFF
ACL, DEFAULT_ACL = "system.posix_acl_access", "system.posix_acl_default"
FOR_ONE = access_list((USER_OBJ, 6, NO_ID), (USER, 6, 4242), (GROUP_OBJ, 0, NO_ID), (MASK, 6, NO_ID), (OTHER, 0, NO_ID))


def set_or_skip(path: Path, name: str, value: bytes) -> None:
    if not hasattr(os, "setxattr"):
        pytest.skip("no extended attributes on this system")
    try:
        os.setxattr(path, name, value)
    except OSError:
        pytest.skip(f"this file system has no {name}")


def test_keeps_access_lists(target: Path) -> None:
    set_or_skip(target, ACL, FOR_ONE)
    _, notices = atomic.replace(target, NEW)
    assert notices == ()
    assert os.getxattr(target, ACL) == FOR_ONE


def test_an_access_list_of_the_folder_does_not_open_a_file_that_had_none(target: Path) -> None:
    target.chmod(0o640)
    set_or_skip(target.parent, DEFAULT_ACL, FOR_ONE)
    atomic.replace(target, NEW)
    assert ACL not in os.listxattr(target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_without_its_access_list_the_group_gets_no_more_than_others(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_or_skip(target, ACL, FOR_ONE)
    with monkeypatch.context() as patch:
        patch.setattr(os, "setxattr", failing(errno.EPERM))
        _, notices = atomic.replace(target, NEW)
    assert notices == ("its access list could not be kept",)
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


def test_says_which_attributes_are_lost(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    set_or_skip(target, "user.note", b"kept")
    with monkeypatch.context() as patch:
        patch.setattr(os, "setxattr", failing(errno.ENOTSUP))
        _, notices = atomic.replace(target, NEW)
    assert notices == ("extended attributes could not be kept: user.note",)
    assert target.read_bytes() == NEW


def test_a_mode_that_cannot_be_set_is_a_notice(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target.chmod(0o644)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fchmod", failing(errno.EPERM))
        _, notices = atomic.replace(target, NEW)
    assert notices == ("its permissions could not be kept",)
    assert target.read_bytes() == NEW
    assert stat.S_IMODE(target.stat().st_mode) == 0o600


@pytest.mark.skipif(not AS_ROOT, reason="only root may give files away")
def test_another_group_gets_no_more_than_others(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.chown(target, 12345, 12345)
    target.chmod(0o4664)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fchown", failing(errno.EINVAL))
        atomic.replace(target, NEW)
    assert stat.S_IMODE(target.stat().st_mode) == 0o644
