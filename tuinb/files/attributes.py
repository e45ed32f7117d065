"""What the file that replaces another one takes over: owner, group, mode, access lists and extended attributes.

A new file never gives more rights than the old one: where the group or an access list can't be kept, the group gets the rights
of all others.
"""

from __future__ import annotations

import errno
import os
import stat
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_ACL: Final = "system.posix_acl_access"
_ACCESS_LISTS: Final = (_ACL, "system.nfs4_acl")
_REFUSED: Final = frozenset((errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EINVAL, errno.ENOSYS, errno.ENODATA, errno.ERANGE))
"""What a file system answers that does not permit or know an attribute."""
_SPECIAL: Final = stat.S_ISUID | stat.S_ISGID


def take_over(number: int, target: Path, old: os.stat_result) -> tuple[str, ...]:
    """Gives the open file the attributes of the file `target`, as far as permitted. Returns notices about those that are lost.

    Raises OSError if the disk fails.
    """
    notices: list[str] = []
    mode = stat.S_IMODE(old.st_mode)
    if not _take_owner(number, old):
        notices.append("the file had another owner or group; it now belongs to you")
        mode &= ~_SPECIAL
        if os.fstat(number).st_gid != old.st_gid:
            mode = _without_group(mode)
    attributes = _attributes(target)
    if _ACL not in attributes:
        _remove_inherited_list(number)
    if not _take_mode(number, mode):
        notices.append("its permissions could not be kept")
    lost = [name for name, value in attributes.items() if not _set(number, name, value)]
    if any(name in _ACCESS_LISTS for name in lost):
        _take_mode(number, _without_group(mode))
        notices.append("its access list could not be kept")
    if names := [name for name in lost if name not in _ACCESS_LISTS]:
        notices.append(f"extended attributes could not be kept: {', '.join(names)}")
    return tuple(notices)


def _take_owner(number: int, old: os.stat_result) -> bool:
    """Returns whether the file has the owner and the group of the old one."""
    new = os.fstat(number)
    if (new.st_uid, new.st_gid) == (old.st_uid, old.st_gid):
        return True
    if _is_permitted(lambda: os.fchown(number, old.st_uid, old.st_gid)):
        return True
    _is_permitted(lambda: os.fchown(number, -1, old.st_gid))
    return False


def _take_mode(number: int, mode: int) -> bool:
    return stat.S_IMODE(os.fstat(number).st_mode) == mode or _is_permitted(lambda: os.fchmod(number, mode))


def _without_group(mode: int) -> int:
    """Returns the mode with the rights of all others for the group."""
    return mode & ~stat.S_IRWXG & ~stat.S_ISGID | (mode & stat.S_IRWXO) << 3


def _attributes(target: Path) -> dict[str, bytes]:
    """Returns the access lists of a file, and the attributes that its users gave it."""
    found: dict[str, bytes] = {}

    def read() -> None:
        for name in os.listxattr(target):
            if name.startswith("user.") or name in _ACCESS_LISTS:
                found[name] = os.getxattr(target, name)

    if hasattr(os, "listxattr"):
        _is_permitted(read)
    return found


def _set(number: int, name: str, value: bytes) -> bool:
    """Returns whether the open file has the attribute."""
    present: list[bytes] = []
    if _is_permitted(lambda: present.append(os.getxattr(number, name))) and present == [value]:
        return True
    return _is_permitted(lambda: os.setxattr(number, name, value))


def _remove_inherited_list(number: int) -> None:
    """Removes the access list that the folder gives to new files, if the old file had none."""
    if hasattr(os, "removexattr"):
        _is_permitted(lambda: os.removexattr(number, _ACL))


def _is_permitted(call: Callable[[], object]) -> bool:
    """Makes a call. Returns False if the file system refuses it. Raises other errors."""
    try:
        call()
    except OSError as error:
        if error.errno not in _REFUSED:
            raise
        return False
    return True
