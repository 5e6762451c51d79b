"""Where numba keeps its compiled kernels.

numba looks for a place beside the source, then in the user's cache folder, and fails if neither can be written to; so
with packages that are read-only and without a home it has to be told of another. This module must run before numba is
imported, and imports nothing that does.
"""

import os
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

VARIABLE: Final = "NUMBA_CACHE_DIR"

_ROOT: Final = Path(__file__).resolve().parent.parent
_COMPILED: Final = ("firmware/metrology", "sim/devices")
"""Folders of modules with compiled kernels."""


_told: "dict[str, Place]" = {}
"""What this process has told numba, by folder, so that it isn't taken for the user's word."""


@dataclass(frozen=True, slots=True)
class Place:
    """A folder, and why it is the one. `folder` is None where nothing can be written; `ours` if numba must be told."""

    folder: Path | None
    reason: str
    ours: bool


def prepare() -> Place:
    """Find the place, and tell numba of it if it would not find it by itself."""
    place = find()
    if place.ours and place.folder is not None:
        os.environ[VARIABLE] = str(place.folder)
        _told[str(place.folder)] = place
    return place


def find() -> Place:
    """Where numba will keep its kernels once `prepare` has been called."""
    given = os.environ.get(VARIABLE)
    if given and given in _told:
        return _told[given]
    if given:
        return Place(Path(given), f"{VARIABLE} is set", ours=False)
    if all(_writable(_ROOT / folder / "__pycache__") for folder in _COMPILED):
        return Place(_ROOT, "beside the source", ours=False)
    user = _user_cache()
    if user is not None and _writable(user):
        return Place(user, "the user's cache folder", ours=False)
    return _temporary()


def _writable(folder: Path) -> bool:
    """Whether a folder can be written to, or made."""
    while not folder.exists():
        if folder.parent == folder:
            return False
        folder = folder.parent
    try:
        # As numba does: permissions alone don't tell of file systems that are read-only.
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _user_cache() -> Path | None:
    """numba's own choice below the user's cache folder; None without a home."""
    base = os.environ.get("XDG_CACHE_HOME")
    if base is None:
        base = os.path.expanduser("~/Library/Caches" if sys.platform == "darwin" else "~/.cache")
    # Without a home "~" stays as it is, and would become a folder of this name.
    return Path(base) / "numba" if os.path.isabs(base) else None


def _temporary() -> Place:
    """A folder of this user's own: what is loaded from it runs, so nobody else may write there."""
    reason = "neither the packages nor the user's cache folder can be written to"
    try:
        folder = Path(tempfile.gettempdir()) / f"meterbench-numba-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o022:
            folder = Path(tempfile.mkdtemp(prefix="meterbench-numba-"))
    except OSError:
        return Place(None, f"{reason}, nor any temporary folder", ours=True)
    return Place(folder, reason, ours=True)
